import Testing

@testable import HTTP

/// The frame rules of RFC 9113 §4 to §7, in the manner of h2spec.
struct HTTP2FrameGuardTests {
    private static let open = Wire.headers(1, Wire.post, end: false)
    private static let done = Wire.headers(1)

    @Test("Frames are what RFC 9113 §4 says", arguments: formatCases)
    func format(_ conformance: Conformance) throws { try conformance.check() }

    @Test("Streams live as RFC 9113 §5 says", arguments: statesCases)
    func states(_ conformance: Conformance) throws { try conformance.check() }

    @Test("Each frame is checked as RFC 9113 §6 says", arguments: definitionsCases)
    func definitions(_ conformance: Conformance) throws { try conformance.check() }

    @Test("SETTINGS are checked as RFC 9113 §6.5 says", arguments: settingsCases)
    func settings(_ conformance: Conformance) throws { try conformance.check() }

    @Test("Windows are checked as RFC 9113 §6.9 says", arguments: windowsCases)
    func windows(_ conformance: Conformance) throws { try conformance.check() }

    private static let formatCases: [Conformance] = [
        .init("§4.1: an unknown type is ignored", Wire.frame(0xfe, [1, 2, 3]), to: .accepted),
        .init(
            "§4.1: unknown flags are ignored",
            Wire.frame(6, flags: 0x16, [0, 0, 0, 0, 0, 0, 0, 0]),
            to: .accepted),
        .init(
            "§4.1: the reserved bit is ignored",
            Wire.frame(6, stream: 0x8000_0000, [0, 0, 0, 0, 0, 0, 0, 0]), to: .accepted),
        .init(
            "§4.1: unknown flags of DATA are ignored", open,
            Wire.frame(0, flags: 0xf1, stream: 1, [1]), to: .accepted),
        .init(
            "§4.2: DATA of 16384 bytes", open,
            Wire.data(1, [UInt8](repeating: 65, count: 16_384), end: true), to: .accepted),
        .init(
            "§4.2: DATA of 16385 bytes", open, Wire.frame(0, stream: 1, [], length: 16_385),
            to: .connection(.frameSizeError)),
        .init(
            "§4.2: HEADERS of 16385 bytes", Wire.frame(1, stream: 1, [], length: 16_385),
            to: .connection(.frameSizeError)),
        .init(
            "§4.2: an unknown frame of 16385 bytes", Wire.frame(0xfe, [], length: 16_385),
            to: .connection(.frameSizeError)),
        .init(
            "§4.3: a field section that is no HPACK", Wire.headers(1, raw: [0x80]),
            to: .connection(.compressionError)),
        .init(
            "§4.3: a field section that breaks off", Wire.headers(1, raw: [0x00, 0x05, 0x61]),
            to: .connection(.compressionError)),
        .init(
            "§4.3: PRIORITY within a field section",
            Wire.headers(1, whole: false), Wire.priority(1), to: .connection(.protocolError)),
        .init(
            "§4.3: HEADERS of another stream within a field section",
            Wire.headers(1, whole: false), Wire.headers(3), to: .connection(.protocolError)),
    ]

    private static let statesCases: [Conformance] = [
        .init("§5.1: DATA on an idle stream", Wire.data(1, [1]), to: .connection(.protocolError)),
        .init("§5.1: RST_STREAM on an idle stream", Wire.reset(1), to: .connection(.protocolError)),
        .init(
            "§5.1: WINDOW_UPDATE on an idle stream", Wire.windowUpdate(1, 1),
            to: .connection(.protocolError)),
        .init(
            "§5.1: CONTINUATION on an idle stream", Wire.continuation(1, []),
            to: .connection(.protocolError)),
        .init("§5.1: PRIORITY on an idle stream", Wire.priority(1), to: .accepted),
        .init(
            "§5.1: DATA on a stream of the server's", Wire.data(2, [1]),
            to: .connection(.protocolError)),
        .init(
            "§5.1: WINDOW_UPDATE on a stream of the server's", Wire.windowUpdate(2, 1),
            to: .connection(.protocolError)),
        .init(
            "§5.1: half-closed (remote), DATA", done, Wire.data(1, [1]),
            to: .connection(.streamClosed)),
        .init(
            "§5.1: half-closed (remote), empty DATA", done, Wire.data(1),
            to: .connection(.streamClosed)),
        .init(
            "§5.1: half-closed (remote), HEADERS", done, Wire.headers(1),
            to: .connection(.streamClosed)),
        .init(
            "§5.1: half-closed (remote), CONTINUATION", done, Wire.continuation(1, []),
            to: .connection(.protocolError)),
        .init(
            "§5.1: half-closed (remote), WINDOW_UPDATE", done, Wire.windowUpdate(1, 9),
            to: .accepted),
        .init("§5.1: half-closed (remote), PRIORITY", done, Wire.priority(1), to: .accepted),
        .init("§5.1: half-closed (remote), RST_STREAM", done, Wire.reset(1), to: .accepted),
        .init(
            "§5.1: half-closed (remote) by DATA, DATA", open, Wire.data(1, [1], end: true),
            Wire.data(1, [1]), to: .connection(.streamClosed)),
        .init(
            "§5.1: half-closed (remote) by trailers, DATA", open, Wire.headers(1, [("x", "1")]),
            Wire.data(1, [1]), to: .connection(.streamClosed)),
        .init(
            "§5.1: closed by the peer's RST_STREAM, DATA", open, Wire.reset(1),
            Wire.data(1, [1]), to: .connection(.streamClosed)),
        .init(
            "§5.1: closed by RST_STREAM of both, DATA",
            Wire.headers(1, Wire.post + [("X", "")], end: false),
            Wire.reset(1), Wire.data(1, [1]), to: .connection(.streamClosed)),
        .init(
            "§5.1: closed by the peer's RST_STREAM, HEADERS", open, Wire.reset(1),
            Wire.headers(1), to: .connection(.streamClosed)),
        .init(
            "§5.1: closed by the peer's RST_STREAM, CONTINUATION", open, Wire.reset(1),
            Wire.continuation(1, []), to: .connection(.protocolError)),
        .init(
            "§5.1: closed by the peer's RST_STREAM, WINDOW_UPDATE", open, Wire.reset(1),
            Wire.windowUpdate(1, 1), to: .accepted),
        .init(
            "§5.1: closed by the peer's RST_STREAM, RST_STREAM", open, Wire.reset(1),
            Wire.reset(1), to: .accepted),
        .init(
            "§5.1: closed by the peer's RST_STREAM, PRIORITY", open, Wire.reset(1),
            Wire.priority(1), to: .accepted),
        .init(
            "§5.1: closed, DATA", done, Wire.data(1, [1]), to: .connection(.streamClosed),
            answers: true),
        .init(
            "§5.1: closed, HEADERS", done, Wire.headers(1), to: .connection(.streamClosed),
            answers: true),
        .init(
            "§5.1: closed, CONTINUATION", done, Wire.continuation(1, []),
            to: .connection(.protocolError), answers: true),
        .init(
            "§5.1: closed, WINDOW_UPDATE", done, Wire.windowUpdate(1, 1), to: .accepted,
            answers: true),
        .init("§5.1: closed, RST_STREAM", done, Wire.reset(1), to: .accepted, answers: true),
        .init("§5.1: closed, PRIORITY", done, Wire.priority(1), to: .accepted, answers: true),
        .init("§5.1.1: an even number", Wire.headers(2), to: .connection(.protocolError)),
        .init(
            "§5.1.1: a number lower than another that was opened", Wire.headers(5),
            Wire.headers(3), to: .connection(.protocolError)),
        .init(
            "§5.1.1: a number lower than another that is over", Wire.headers(5),
            Wire.headers(3), to: .connection(.protocolError), answers: true),
        .init(
            "§5.1.1: DATA on a number that was skipped", Wire.headers(5), Wire.data(3, [1]),
            to: .connection(.streamClosed)),
        .init(
            "§5.1.1: numbers may be skipped", Wire.headers(1), Wire.headers(101),
            Wire.headers(0x7fff_ffff), to: .accepted),
        .init(
            "§5.3: a stream that depends on itself",
            Wire.frame(
                1, flags: 0x25, stream: 1, Wire.number(1) + [15] + Wire.block(Wire.get)),
            to: .connection(.protocolError)),
        .init(
            "§5.3: PRIORITY on itself says nothing any more", Wire.priority(1, on: 1),
            to: .accepted),
        .init(
            "§5.5: an unknown frame within a field section", Wire.headers(1, whole: false),
            Wire.frame(0xfe), to: .connection(.protocolError)),
        .init("§5.5: an unknown setting", Wire.settings([(0xff, 1)]), to: .accepted),
        .init(
            "§5.5: an unknown frame on a stream", open, Wire.frame(0xfe, stream: 1, [1]),
            to: .accepted),
    ]

    private static let definitionsCases: [Conformance] = [
        .init("§6.1: DATA on stream 0", Wire.data(0, [1]), to: .connection(.protocolError)),
        .init("§6.1: padding", open, Wire.data(1, [1, 2], end: true, padding: 9), to: .accepted),
        .init("§6.1: padding of no bytes", open, Wire.data(1, [1, 2], padding: 0), to: .accepted),
        .init("§6.1: nothing but padding", open, Wire.data(1, [], padding: 255), to: .accepted),
        .init(
            "§6.1: padding as long as the payload", open,
            Wire.frame(0, flags: 8, stream: 1, [3, 0, 0]), to: .connection(.protocolError)),
        .init(
            "§6.1: no room for the padding's length", open, Wire.frame(0, flags: 8, stream: 1),
            to: .connection(.protocolError)),
        .init("§6.2: HEADERS on stream 0", Wire.headers(0), to: .connection(.protocolError)),
        .init(
            "§6.2: padding and priority",
            Wire.frame(
                1, flags: 0x2d, stream: 1,
                [2] + Wire.number(0) + [7] + Wire.block(Wire.get) + [0, 0]), to: .accepted),
        .init(
            "§6.2: padding as long as the payload",
            Wire.frame(1, flags: 0xd, stream: 1, [200] + Wire.block(Wire.get)),
            to: .connection(.protocolError)),
        .init(
            "§6.2: no room for the priority", Wire.frame(1, flags: 0x25, stream: 1, [0, 0]),
            to: .connection(.frameSizeError)),
        .init(
            "§6.2: HEADERS within a field section", Wire.headers(1, whole: false),
            Wire.headers(1), to: .connection(.protocolError)),
        .init("§6.3: PRIORITY on stream 0", Wire.priority(0), to: .connection(.protocolError)),
        .init(
            "§6.3: PRIORITY of 4 bytes", Wire.frame(2, stream: 1, [0, 0, 0, 0]),
            to: .connection(.frameSizeError)),
        .init(
            "§6.3: PRIORITY of 6 bytes", Wire.frame(2, stream: 1, [0, 0, 0, 0, 0, 0]),
            to: .connection(.frameSizeError)),
        .init("§6.4: RST_STREAM on stream 0", Wire.reset(0), to: .connection(.protocolError)),
        .init(
            "§6.4: RST_STREAM of 3 bytes", open, Wire.frame(3, stream: 1, [0, 0, 0]),
            to: .connection(.frameSizeError)),
        .init(
            "§6.4: RST_STREAM of 5 bytes", open, Wire.frame(3, stream: 1, [0, 0, 0, 0, 0]),
            to: .connection(.frameSizeError)),
        .init("§6.4: RST_STREAM", open, Wire.reset(1), to: .accepted),
        .init(
            "§6.6: PUSH_PROMISE from a client", open,
            Wire.frame(5, flags: 4, stream: 1, Wire.number(2) + Wire.block(Wire.get)),
            to: .connection(.protocolError)),
        .init("§6.7: PING", Wire.ping(), to: .accepted),
        .init("§6.7: an answer to no PING", Wire.ping(ack: true), to: .accepted),
        .init(
            "§6.7: PING on a stream", Wire.frame(6, stream: 1, [0, 0, 0, 0, 0, 0, 0, 0]),
            to: .connection(.protocolError)),
        .init(
            "§6.7: PING of 7 bytes", Wire.frame(6, [0, 0, 0, 0, 0, 0, 0]),
            to: .connection(.frameSizeError)),
        .init(
            "§6.7: PING of 9 bytes", Wire.frame(6, [0, 0, 0, 0, 0, 0, 0, 0, 0]),
            to: .connection(.frameSizeError)),
        .init("§6.8: GOAWAY", open, Wire.goAway(), to: .accepted),
        .init(
            "§6.8: GOAWAY on a stream", Wire.goAway(0, 0, stream: 1),
            to: .connection(.protocolError)),
        .init(
            "§6.8: GOAWAY of 7 bytes", Wire.frame(7, [0, 0, 0, 0, 0, 0, 0]),
            to: .connection(.frameSizeError)),
        .init(
            "§6.10: CONTINUATION", Wire.headers(1, Wire.get, whole: false),
            Wire.continuation(1, Wire.field("a", "b"), whole: false),
            Wire.continuation(1, [], whole: false), Wire.continuation(1, Wire.field("c", "d")),
            to: .accepted),
        .init(
            "§6.10: a field cut in the middle",
            Wire.headers(
                1, raw: Wire.block(Wire.get) + [0, 4, 97], flags: 1),
            Wire.continuation(1, Array("bcd".utf8) + [1, 98]), to: .accepted),
        .init(
            "§6.10: CONTINUATION, then DATA", Wire.headers(1, Wire.post, end: false, whole: false),
            Wire.continuation(1, [], whole: false), Wire.data(1, [1]),
            to: .connection(.protocolError)),
        .init(
            "§6.10: CONTINUATION on stream 0", Wire.headers(1, whole: false),
            Wire.continuation(0, []), to: .connection(.protocolError)),
        .init(
            "§6.10: CONTINUATION on another stream", Wire.headers(1, whole: false),
            Wire.continuation(3, []), to: .connection(.protocolError)),
        .init(
            "§6.10: CONTINUATION behind the end of the field section", open,
            Wire.continuation(1, []), to: .connection(.protocolError)),
        .init(
            "§6.10: CONTINUATION behind another that ended the field section",
            Wire.headers(1, whole: false), Wire.continuation(1, []), Wire.continuation(1, []),
            to: .connection(.protocolError)),
        .init(
            "§6.10: CONTINUATION behind DATA", open, Wire.data(1, [1]), Wire.continuation(1, []),
            to: .connection(.protocolError)),
        .init("§7: an unknown code in RST_STREAM", open, Wire.reset(1, 0xff), to: .accepted),
        .init("§7: an unknown code in GOAWAY", Wire.goAway(0, 0xff), to: .accepted),
        .init(
            "RFC 9218 §7.1: PRIORITY_UPDATE", open, Wire.priorityUpdate(1, "u=0, i"),
            to: .accepted),
        .init(
            "RFC 9218 §7.1: PRIORITY_UPDATE before the request", Wire.priorityUpdate(1, "u=0"),
            done, to: .accepted),
        .init(
            "RFC 9218 §7.1: PRIORITY_UPDATE on a stream", open,
            Wire.priorityUpdate(1, "u=0", on: 1), to: .connection(.protocolError)),
        .init(
            "RFC 9218 §7.1: PRIORITY_UPDATE about no stream", Wire.priorityUpdate(0, "u=0"),
            to: .connection(.protocolError)),
        .init(
            "RFC 9218 §7.1: PRIORITY_UPDATE of 3 bytes", Wire.frame(16, [0, 0, 0]),
            to: .connection(.frameSizeError)),
    ]

    private static let settingsCases: [Conformance] = [
        .init(
            "§6.5: SETTINGS", Wire.settings([(1, 0), (3, 7), (4, 9), (5, 16_384), (6, 1)]),
            to: .accepted),
        .init(
            "§6.5: an acknowledgement with a payload", Wire.frame(4, flags: 1, [0]),
            to: .connection(.frameSizeError)),
        .init(
            "§6.5: an acknowledgement with a setting", Wire.frame(4, flags: 1, [0, 3, 0, 0, 0, 1]),
            to: .connection(.frameSizeError)),
        .init(
            "§6.5: an acknowledgement of nothing", Wire.settingsAck,
            to: .connection(.protocolError)),
        .init(
            "§6.5: SETTINGS on a stream", Wire.frame(4, stream: 1),
            to: .connection(.protocolError)),
        .init(
            "§6.5: SETTINGS of 3 bytes", Wire.frame(4, [0, 3, 0]),
            to: .connection(.frameSizeError)),
        .init(
            "§6.5: SETTINGS of 7 bytes", Wire.frame(4, [0, 3, 0, 0, 0, 1, 0]),
            to: .connection(.frameSizeError)),
        .init(
            "§6.5.2: ENABLE_PUSH of 0 and 1", Wire.settings([(2, 0)]), Wire.settings([(2, 1)]),
            to: .accepted),
        .init("§6.5.2: ENABLE_PUSH of 2", Wire.settings([(2, 2)]), to: .connection(.protocolError)),
        .init(
            "§6.5.2: INITIAL_WINDOW_SIZE of 2^31-1", Wire.settings([(4, 0x7fff_ffff)]),
            to: .accepted),
        .init(
            "§6.5.2: INITIAL_WINDOW_SIZE of 2^31", Wire.settings([(4, 0x8000_0000)]),
            to: .connection(.flowControlError)),
        .init(
            "§6.5.2: MAX_FRAME_SIZE of 16383", Wire.settings([(5, 16_383)]),
            to: .connection(.protocolError)),
        .init("§6.5.2: MAX_FRAME_SIZE of 2^24-1", Wire.settings([(5, 0xff_ffff)]), to: .accepted),
        .init(
            "§6.5.2: MAX_FRAME_SIZE of 2^24", Wire.settings([(5, 0x100_0000)]),
            to: .connection(.protocolError)),
        .init("§6.5.3: a setting twice", Wire.settings([(4, 100), (4, 1)]), to: .accepted),
        .init(
            "RFC 8441 §3: ENABLE_CONNECT_PROTOCOL of 2", Wire.settings([(8, 2)]),
            to: .connection(.protocolError)),
        .init(
            "RFC 9218 §2.1: NO_RFC7540_PRIORITIES of 2", Wire.settings([(9, 2)]),
            to: .connection(.protocolError)),
        .init(
            "RFC 9218 §2.1: NO_RFC7540_PRIORITIES changes", Wire.settings([(9, 1)]),
            to: .connection(.protocolError)),
    ]

    private static let windowsCases: [Conformance] = [
        .init(
            "§6.9: WINDOW_UPDATE of 0 on the connection", Wire.windowUpdate(0, 0),
            to: .connection(.protocolError)),
        .init(
            "§6.9: WINDOW_UPDATE of 0 on a stream", open, Wire.windowUpdate(1, 0),
            to: .connection(.protocolError)),
        .init(
            "§6.9: WINDOW_UPDATE of 3 bytes", Wire.frame(8, [0, 0, 1]),
            to: .connection(.frameSizeError)),
        .init(
            "§6.9: WINDOW_UPDATE of 5 bytes", open, Wire.frame(8, stream: 1, [0, 0, 0, 0, 1]),
            to: .connection(.frameSizeError)),
        .init(
            "§6.9: the reserved bit of WINDOW_UPDATE", Wire.windowUpdate(0, 0x8000_0001),
            to: .accepted),
        .init(
            "§6.9.1: the connection's window of 2^31-1",
            Wire.windowUpdate(0, 0x7fff_ffff - 65_535), to: .accepted),
        .init(
            "§6.9.1: the connection's window beyond 2^31-1",
            Wire.windowUpdate(0, 0x7fff_ffff - 65_534), to: .connection(.flowControlError)),
        .init(
            "§6.9.1: a stream's window of 2^31-1", open,
            Wire.windowUpdate(1, 0x7fff_ffff - 65_535), to: .accepted),
        .init(
            "§6.9: WINDOW_UPDATE of 0 on a stream that was reset", Wire.headers(1, raw: []),
            Wire.windowUpdate(1, 0), to: .stream(.protocolError)),
        .init(
            "§6.9.1: a stream's window beyond 2^31-1, then SETTINGS", open,
            Wire.windowUpdate(1, 0x7fff_ffff), Wire.settings([(4, 65_536)]),
            to: .stream(.flowControlError)),
        .init(
            "§6.9.1: a stream's window beyond 2^31-1", open,
            Wire.windowUpdate(1, 0x7fff_ffff - 65_534), to: .stream(.flowControlError)),
        .init(
            "§6.9.2: a setting that lifts a stream's window beyond 2^31-1", open,
            Wire.windowUpdate(1, 0x7fff_ffff - 65_535), Wire.settings([(4, 65_536)]),
            to: .connection(.flowControlError)),
    ]
}
