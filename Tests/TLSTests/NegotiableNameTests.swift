import Testing

@testable import TLS

struct NegotiableNameTests {
    @Test("No two entries of a table share a name")
    func unique() {
        for table in [NegotiableName.groups, NegotiableName.signatureAlgorithms] {
            let names = table.flatMap { [$0.name] + $0.aliases }.map { $0.lowercased() }
            #expect(Set(names).count == names.count)
        }
    }
}
