import Testing

@testable import HTTP

/// Where frames begin.
struct HTTP2FrameWalkerTests {
    @Test("Frames are found wherever the input is cut", arguments: [HTTP2Role.server, .client])
    func cuts(_ role: HTTP2Role) {
        let preface = role == .server ? Wire.preface : []
        let bytes =
            preface + Wire.settings() + Wire.data(0x8000_0003, [1, 2, 3]) + Wire.headers(5)
            + Wire.ping()
        for ends in arrivals(bytes.count) {
            var walker = HTTP2FrameWalker(role: role)
            var found: [HTTP2FrameHeader] = []
            var start = 0
            for end in ends {
                var position = 0
                let part = Array(bytes[start..<end])
                while let frame = walker.next(part.span, &position) { found.append(frame) }
                #expect(position == part.count)
                start = end
            }
            #expect(found.map(\.kind) == [.settings, .data, .headers, .ping])
            #expect(found.map(\.stream) == [0, 3, 5, 0])
            #expect(found.map(\.length).prefix(2) == [0, 3])
        }
    }

    @Test("A field section's frame is awaited until it has come whole")
    func awaited() {
        var walker = HTTP2FrameWalker(role: .client)
        let bytes = Wire.headers(1)
        for count in 1...bytes.count {
            var position = 0
            _ = walker.next([bytes[count - 1]].span, &position)
            #expect(walker.awaitsSection == (count >= 9 && count < bytes.count))
        }
    }
}
