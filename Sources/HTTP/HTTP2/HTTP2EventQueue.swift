/// What a session has to tell, in its order, and the field sections that belong to it.
struct HTTP2EventQueue {
    private var events: [HTTP2Event] = []
    private var nextEvent = 0
    /// The sections of the events that have one, in their order.
    private var sections: [HTTP2Section] = []
    private var nextSection = 0
    /// The section of the event that was told last, if it has one.
    private(set) var current: HTTP2Section?
    /// Empty sections for the next ones.
    private var pool: [HTTP2Section] = []

    /// Makes an empty queue.
    init() {}

    /// For how many events there is room.
    var capacity: Int { events.capacity }

    /// Notes an event.
    mutating func append(_ event: HTTP2Event) { events.append(event) }

    /// Notes an event that has a section, and takes its content.
    mutating func append(_ event: HTTP2Event, taking content: inout HTTP2SectionContent) {
        let section = pool.popLast() ?? HTTP2Section()
        swap(&section.content, &content)
        sections.append(section)
        events.append(event)
    }

    /// Gives a stream's events that are yet to be told another token.
    mutating func setToken(_ token: Int, of stream: Int32) {
        for index in nextEvent..<events.count where events[index].tokenStream == stream {
            events[index] = events[index].replacing(token: token)
        }
    }

    /// Takes the next event, whose section is `current` then; nil where there is none.
    mutating func next() -> HTTP2Event? {
        if let section = current {
            current = nil
            section.content.reset()
            if pool.count < HTTP2EventQueue.keptSections { pool.append(section) }
        }
        guard nextEvent < events.count else {
            // One read may bring thousands; a connection that rests keeps no room for them.
            let isKept = events.count <= HTTP2EventQueue.keptEvents
            events.removeAll(keepingCapacity: isKept)
            sections.removeAll(keepingCapacity: isKept)
            nextEvent = 0
            nextSection = 0
            return nil
        }
        let event = events[nextEvent]
        nextEvent += 1
        switch event {
        case .request, .response, .end(_, _, hasTrailers: true):
            current = sections[nextSection]
            nextSection += 1
        default: break
        }
        return event
    }

    /// For how many events room is kept.
    static let keptEvents = 128
    private static let keptSections = 16
}
