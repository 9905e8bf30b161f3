/// Who waits, in the order of arrival; whoever leaves early leaves a gap that closes by itself.
struct WaitingLine<Element> {
    private var places: [Element?] = []
    /// How many places at the begin are over.
    private var head = 0
    /// The ticket of the first of `places`.
    private var base = 0
    /// How many wait.
    private(set) var count = 0

    /// True exactly when nobody waits.
    var isEmpty: Bool { count == 0 }

    /// Whoever has waited longest.
    var first: Element? { head < places.count ? places[head] : nil }

    /// The ticket of whoever comes next; all who wait have lower ones, in the order of arrival.
    var end: Int { base + places.count }

    /// All who wait, in the order of arrival.
    var elements: some Sequence<Element> { places[head...].lazy.compactMap(\.self) }

    /// Takes a place behind all others; the ticket is for leaving it.
    mutating func append(_ element: Element) -> Int {
        places.append(element)
        count += 1
        return base + places.count - 1
    }

    /// Gives up a place.
    mutating func remove(_ ticket: Int) {
        let place = ticket - base
        guard places.indices.contains(place), places[place] != nil else { return }
        places[place] = nil
        count -= 1
        while head < places.count, places[head] == nil { head += 1 }
        while places.count > head, case .some(.none) = places.last { places.removeLast() }
        guard head == places.count || head >= 64 && head * 2 >= places.count else { return }
        base += head
        places.removeFirst(head)
        head = 0
    }
}
