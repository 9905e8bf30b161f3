import Testing

@testable import Config

struct StatusSetTests {
    @Test(
        "A status is a code or a class",
        arguments: [
            ("200", 200...200), ("100", 100...100), ("599", 599...599), ("2xx", 200...299),
            ("5xx", 500...599), ("099", nil), ("600", nil), ("6xx", nil), ("0xx", nil),
            ("2XX", nil), ("20x", nil), ("2000", nil), ("", nil), ("２00", nil), ("-10", nil),
            ("2x", nil),
        ] as [(String, ClosedRange<Int>?)])
    func range(text: String, range: ClosedRange<Int>?) {
        #expect(StatusSet.range(text) == range)
    }

    @Test("A set contains its codes and classes, and nothing beside them")
    func contains() {
        let set = StatusSet([204...204, 300...399])
        let inside = [204, 300, 399]
        for status in inside { #expect(set.contains(status)) }
        for status in [203, 205, 299, 400] { #expect(!set.contains(status)) }
        #expect("\(set)" == "204 or 3xx")
        #expect("\(StatusSet([200...200, 204...204, 500...599]))" == "200, 204 or 5xx")
        #expect("\(StatusSet([200...200]))" == "200")
    }
}
