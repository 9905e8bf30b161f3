import Platform
import TestSupport
import Testing

/// Attacks that last, of HTTP/2, while others are served.
@Suite struct HostileFloodTests {
    private static let get = [
        (":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/"),
    ]
    private static let post = [
        (":method", "POST"), (":scheme", "https"), (":authority", "localhost"), (":path", "/"),
    ]
    private static let endless = [
        (":method", "GET"), (":scheme", "https"), (":authority", "localhost"),
        (":path", "/endless"),
    ]

    /// The number of the stream that a client opens in a round.
    private static func stream(_ round: Int, _ index: Int, of count: Int) -> UInt32 {
        UInt32(1 + 2 * (round * count + index))
    }

    /// Many at once.
    private static func times(_ count: Int, _ frame: [UInt8]) -> [UInt8] {
        Array(repeating: frame, count: count).flatMap { $0 }
    }

    static let attacks: [HostileAttackTests.Attack] = [
        (
            "rapid reset",
            { siege in
                try siege.flood(try siege.streams()) { round in
                    (0..<10).flatMap { index in
                        let number = stream(round, index, of: 10)
                        return Frame.headers(number, get) + Frame.reset(number)
                    }
                }
            }
        ),
        (
            "reset by windows that overflow",
            { siege in
                try siege.flood(try siege.streams()) { round in
                    (0..<10).flatMap { index in
                        let number = stream(round, index, of: 10)
                        return Frame.headers(number, post, end: false)
                            + Frame.windowUpdate(number, 0x7fff_ffff)
                    }
                }
            }
        ),
        (
            "reset by bodies that are too long",
            { siege in
                try siege.flood(try siege.streams()) { round in
                    (0..<10).flatMap { index in
                        let number = stream(round, index, of: 10)
                        return Frame.headers(number, post + [("content-length", "1")], end: false)
                            + Frame.data(number, "ab")
                    }
                }
            }
        ),
        (
            "SETTINGS",
            { siege in
                try siege.flood(try siege.streams()) { _ in times(5, Frame.settings([(3, 100)])) }
            }
        ),
        (
            "PING",
            { siege in
                try siege.flood(try siege.streams()) { _ in times(10, Frame.ping()) }
            }
        ),
        (
            "PRIORITY",
            { siege in
                try siege.flood(try siege.streams()) { round in
                    times(50, Frame.priority(UInt32(1 + 2 * round)))
                }
            }
        ),
        (
            "empty DATA",
            { siege in
                try siege.flood(
                    try siege.streams(), begin: Frame.headers(1, post, end: false)
                ) { _ in times(20, Frame.data(1, end: false)) }
            }
        ),
        (
            "DATA of padding",
            { siege in
                try siege.flood(
                    try siege.streams(), begin: Frame.headers(1, post, end: false)
                ) { _ in times(20, Frame.data(1, end: false, padding: 200)) }
            }
        ),
        (
            "CONTINUATION",
            { siege in
                try siege.flood(
                    try siege.streams(acknowledges: false),
                    begin: Frame.headers(1, get, whole: false)
                ) { _ in Frame.continuation(1, Frame.field("x", "y"), whole: false) }
            }
        ),
        (
            "WINDOW_UPDATE",
            { siege in
                try siege.flood(try siege.streams()) { _ in times(200, Frame.windowUpdate(0, 1)) }
            }
        ),
        (
            "unknown frames",
            { siege in
                try siege.flood(try siege.streams()) { _ in times(20, Frame.bytes(0xbb)) }
            }
        ),
        ("unfinished header block", unfinishedHead),
        ("unfinished header block that drips", drippingHead),
        ("HPACK bomb", bomb),
        ("zero windows", zeroWindows),
        ("WINDOW_UPDATE that drips", drippingWindow),
        ("streams that never end", openStreams),
        ("no preface", noPreface),
        ("bodies that drip", drippingBodies),
        ("heads that are held", heldHeads),
        ("streams of connections that are reset", resetConnection),
        ("readers that read nothing", noReader),
        ("PING in place of requests", idlePings),
    ]

    private static func unfinishedHead(_ siege: HostileSiege) throws -> Bool {
        let client = try siege.streams(acknowledges: false)
        try client.send(Frame.headers(1, get, whole: false))
        try siege.read(client)
        return try siege.expect(client.goAway == 11, client)
    }

    /// Within the budget of CONTINUATION.
    private static func drippingHead(_ siege: HostileSiege) throws -> Bool {
        let client = try siege.streams(acknowledges: false)
        try client.send(Frame.headers(1, get, whole: false))
        for _ in 0..<6 {
            let end = MonotonicTime.now() + .milliseconds(500)
            try siege.read(client) { MonotonicTime.now() >= end || client.goAway != nil }
            if client.goAway != nil { break }
            try client.send(Frame.continuation(1, Frame.field("x", "y"), whole: false))
        }
        try siege.read(client)
        return try siege.expect(client.goAway == 11, client)
    }

    /// A field of the table, named again and again.
    private static func bomb(_ siege: HostileSiege) throws -> Bool {
        let client = try siege.streams()
        let big = Frame.field("x", String(repeating: "y", count: 3_900), first: 0x40)
        let block = Frame.block(get) + big
        try client.send(Frame.headers(1, block: block))
        try client.send(
            Frame.headers(3, block: Frame.block(get) + [UInt8](repeating: 0xbe, count: 50)))
        try siege.read(client) { client.streams[3]?.isOver == true }
        guard client.streams[3]?.status == 431 else { return false }
        try client.send(
            Frame.headers(5, block: Frame.block(get) + [UInt8](repeating: 0xbe, count: 10_000)))
        try siege.read(client) { client.goAway != nil }
        return try siege.expect(client.goAway == 11, client)
    }

    /// Streams whose answers nobody makes room for.
    private static func zeroWindows(_ siege: HostileSiege) throws -> Bool {
        let client = try siege.streams([(4, 0)])
        for index in 0..<30 {
            try client.send(Frame.headers(stream(0, index, of: 30), endless))
        }
        try siege.read(client) {
            client.streams.count == 30 && client.streams.values.allSatisfy { $0.reset != nil }
        }
        return try siege.expect(
            client.streams.count == 30 && client.streams.values.allSatisfy { $0.reset == 8 }, client
        )
    }

    /// A byte at a time.
    private static func drippingWindow(_ siege: HostileSiege) throws -> Bool {
        let client = try siege.streams([(4, 0)])
        try client.send(Frame.headers(1, endless))
        while !siege.isOver, client.streams[1]?.isOver != true, !client.peer.isEnded {
            try client.send(Frame.windowUpdate(1, 1))
            let end = MonotonicTime.now() + .milliseconds(100)
            try siege.read(client) { MonotonicTime.now() >= end }
        }
        return try siege.expect(client.streams[1]?.reset == 8, client)
    }

    private static func openStreams(_ siege: HostileSiege) throws -> Bool {
        let client = try siege.streams()
        for index in 0..<30 {
            try client.send(Frame.headers(stream(0, index, of: 30), post, end: false))
        }
        try siege.read(client) {
            client.streams.count == 30 && client.streams.values.allSatisfy(\.isOver)
        }
        return try siege.expect(
            client.streams.count == 30 && client.streams.values.allSatisfy { $0.status == 408 },
            client)
    }

    /// A byte at a time.
    private static func drippingBodies(_ siege: HostileSiege) throws -> Bool {
        let client = try siege.streams()
        let numbers = (0..<8).map { stream(0, $0, of: 8) }
        for number in numbers { try client.send(Frame.headers(number, post, end: false)) }
        while !siege.isOver, !numbers.allSatisfy({ client.streams[$0]?.isOver == true }) {
            for number in numbers where client.streams[number]?.isOver != true {
                try client.send(Frame.data(number, "a", end: false))
            }
            let end = MonotonicTime.now() + .milliseconds(100)
            try siege.read(client) { MonotonicTime.now() >= end }
            if client.peer.isEnded { break }
        }
        return try siege.expect(
            numbers.allSatisfy { client.streams[$0]?.status == 408 }, client)
    }

    /// A few bytes each, which stand for kilobytes.
    private static func heldHeads(_ siege: HostileSiege) throws -> Bool {
        let client = try siege.streams()
        let big = Frame.field("x", String(repeating: "y", count: 3_900), first: 0x40)
        try client.send(Frame.headers(1, block: Frame.block(post) + big, flags: 4))
        for index in 1..<100 {
            let block = Frame.block(post) + [UInt8](repeating: 0xbe, count: 14)
            try client.send(Frame.headers(stream(0, index, of: 100), block: block, flags: 4))
        }
        try siege.read(client) { client.streams.values.contains { $0.reset == 7 } }
        return try siege.expect(client.streams.values.contains { $0.reset == 7 }, client)
    }

    private static func resetConnection(_ siege: HostileSiege) throws -> Bool {
        let client = try siege.streams()
        for index in 0..<10 {
            try client.send(Frame.headers(stream(0, index, of: 10), endless))
        }
        try siege.read(client) { !client.streams.isEmpty }
        client.peer.reset()
        HostileSiege.rest(200)
        return true
    }

    /// Windows as wide as they can be, and a socket from which nobody reads.
    private static func noReader(_ siege: HostileSiege) throws -> Bool {
        let client = try siege.streams([(4, 0x7fff_ffff)])
        try client.send(Frame.windowUpdate(0, 0x7fff_0000))
        for index in 0..<4 {
            try client.send(Frame.headers(stream(0, index, of: 4), endless))
        }
        let deadline = MonotonicTime.now() + .seconds(6)
        while !siege.isOver, MonotonicTime.now() < deadline { HostileSiege.rest(50) }
        guard !siege.isOver else { return false }
        // What waits in the kernel is all that still comes.
        let end = MonotonicTime.now() + .seconds(3)
        while !client.peer.isEnded, MonotonicTime.now() < end { try client.peer.discard() }
        return try siege.expect(client.peer.isEnded && !client.peer.isCleanlyClosed, client)
    }

    private static func idlePings(_ siege: HostileSiege) throws -> Bool {
        let client = try siege.streams()
        let end = MonotonicTime.now() + .seconds(8)
        while !siege.isOver, !client.peer.isEnded, MonotonicTime.now() < end {
            do { try client.send(Frame.ping()) } catch { break }
            let next = MonotonicTime.now() + .milliseconds(200)
            try siege.read(client) { MonotonicTime.now() >= next }
        }
        return try siege.expect(client.peer.isEnded && client.pings > 2, client)
    }

    private static func noPreface(_ siege: HostileSiege) throws -> Bool {
        let peer = try siege.martlet.connect(alpn: ["h2"], from: HostileSiege.attackers)
        while !siege.isOver, !peer.isEnded {
            if peer.hasInput(within: .milliseconds(100)) { try peer.receive() }
        }
        return peer.isEnded
    }

    @Test("While frames are sent that bring nothing, others are served and memory stays bounded")
    func siege() throws {
        let origin = try HostileAttackTests.backend()
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), more: HostileAttackTests.settings,
            keeping: origin)
        try HostileSiege(martlet).run(HostileFloodTests.attacks)
    }
}
