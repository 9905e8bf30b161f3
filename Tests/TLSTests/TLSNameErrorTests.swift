import Testing

@testable import TLS

struct TLSNameErrorTests {
    @Test("Each error says what is wrong with the name before it")
    func texts() {
        let version = OpenSSLFacts.runtimeVersion
        #expect(TLSNameError.unknown.description == "is not known")
        #expect(TLSNameError.rule.description == "is a rule of OpenSSL's; write a list of names")
        #expect(TLSNameError.weak("why").description == "is refused: why")
        #expect(
            TLSNameError.missing(since: nil).description
                == "is not in the library at run time, \(version)")
        #expect(
            TLSNameError.missing(since: "3.5").description
                == "is not in the library at run time, \(version); it came with OpenSSL 3.5")
    }
}
