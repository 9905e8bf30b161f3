public import Platform

/// A client that sends whichever frames of HTTP/2 it is told to, and gathers what comes back on
/// each stream.
public final class StreamPeer {
    /// What came on one stream.
    public struct Stream: Sendable {
        /// The status; nil before there is a response.
        public var status: Int?
        /// The content.
        public var body: [UInt8] = []
        /// True exactly when the server has ended its side in good order.
        public var isComplete = false
        /// The code of the RST_STREAM.
        public var reset: UInt32?

        /// True exactly when nothing more will come.
        public var isOver: Bool { isComplete || reset != nil }
    }

    /// The connection.
    public let peer: Peer
    /// What came on each stream.
    public private(set) var streams: [UInt32: Stream] = [:]
    /// The code of the GOAWAY.
    public private(set) var goAway: UInt32?
    /// How many bytes of frames came.
    public private(set) var byteCount = 0
    /// How many answers to PING came.
    public private(set) var pings = 0
    private var acknowledges: Bool

    /// Connects, and sends the preface and SETTINGS: among them that the server's encoder has no
    /// table, so that a status can be read without one.
    ///
    /// - Parameter acknowledges: answers the server's SETTINGS.
    public convenience init(
        _ martlet: MartletInstance, settings: [(UInt16, UInt32)] = [],
        from source: SocketAddress? = nil, acknowledges: Bool = true
    ) throws {
        try self.init(
            over: martlet.connect(alpn: ["h2"], from: source), settings: settings,
            acknowledges: acknowledges)
    }

    /// Says the same on a connection that has agreed on HTTP/2.
    public init(
        over peer: Peer, settings: [(UInt16, UInt32)] = [], acknowledges: Bool = true
    ) throws {
        self.peer = peer
        self.acknowledges = acknowledges
        try peer.send(Frame.preface + Frame.settings([(1, 0)] + settings))
    }

    /// Sends frames.
    public func send(_ bytes: [UInt8]) throws { try peer.send(bytes) }

    /// Takes the frames that came; reads once before, and again until a frame is whole. False at
    /// the end of the connection.
    @discardableResult
    public func receive() throws -> Bool {
        if takeFrames() { return true }
        while try peer.receive() {
            if takeFrames() { return true }
        }
        return takeFrames()
    }

    private func takeFrames() -> Bool {
        var hasTaken = false
        while let frame = peer.takeFrame() {
            take(frame)
            hasTaken = true
        }
        return hasTaken
    }

    private func take(_ frame: Frame) {
        byteCount += 9 + frame.payload.count
        switch frame.type {
        case 0:
            streams[frame.stream, default: Stream()].body += frame.payload
            if frame.flags & 1 != 0 { streams[frame.stream]?.isComplete = true }
        case 1:
            if let status = frame.status {
                streams[frame.stream, default: Stream()].status = status
            }
            if frame.flags & 1 != 0 { streams[frame.stream, default: Stream()].isComplete = true }
        case 3: streams[frame.stream, default: Stream()].reset = frame.number(at: 0)
        case 4:
            if frame.flags & 1 == 0, acknowledges { try? peer.send(Frame.settingsAck) }
        case 6 where frame.flags & 1 != 0: pings += 1
        // The last one counts: the first may announce a goodbye that is not one yet.
        case 7: goAway = frame.number(at: 4)
        default: break
        }
    }

    /// Reads until a stream is over, or the connection.
    public func stream(_ number: UInt32) throws -> Stream {
        while streams[number]?.isOver != true, try receive() {}
        return streams[number] ?? Stream()
    }

    /// Sends a request and reads what comes back; nil where the connection is over.
    public func get(_ path: String, on number: UInt32) throws -> Stream {
        try send(
            Frame.headers(
                number,
                [
                    (":method", "GET"), (":scheme", "https"), (":authority", "localhost"),
                    (":path", path),
                ]))
        return try stream(number)
    }

    /// Reads until the connection is over.
    public func drain() throws { while try receive() {} }
}

extension Peer {
    /// The next whole frame of what was read.
    func takeFrame() -> Frame? {
        guard receivedCount >= 9 else { return nil }
        let head = Array(peek(9))
        let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
        guard receivedCount >= 9 + count else { return nil }
        let stream = head[5...8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let payload = Array(take(9 + count).dropFirst(9))
        return Frame(type: head[3], flags: head[4], stream: stream, payload: payload)
    }
}
