import Testing

@testable import TLS

struct HostNamesTests {
    @Test(
        "A host has the value of its name before that of a wildcard, or the lower one of the two",
        arguments: [
            ("a.test", 2, 1), ("A.Test.", 2, 1), ("b.test", 1, 1), ("c.other", 3, 3),
            ("a.b.test", nil, nil), ("test", nil, nil), (".test", nil, nil), ("other.", nil, nil),
            ("", nil, nil), (".", nil, nil),
        ] as [(String, Int?, Int?)])
    func finds(host: String, found: Int?, lowest: Int?) {
        var names = HostNames(capacity: 4)
        for (value, name) in ["*.test", "a.test", "c.other", "*.other"].enumerated() {
            names.insert(name, value: value + 1)
        }
        #expect(names.find(host.utf8.span) == found)
        #expect(names.findLowest(host.utf8.span) == lowest)
    }
}
