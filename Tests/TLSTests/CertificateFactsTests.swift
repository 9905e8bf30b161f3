import Testing

@testable import TLS

/// Compared with what `openssl x509 -noout -text` says of the same certificate.
struct CertificateFactsTests {
    private let credential: Credential

    init() throws {
        credential = try Credential(
            chainPEM: Array(Fixtures.p384Certificate.utf8), keyPEM: Array(Fixtures.p384Key.utf8))
    }

    @Test("Names in letters beyond ASCII are readable, and their commas are told apart")
    func names() {
        #expect(credential.subject == "CN=NAME.Test,O=Müller\\, Söhne,C=DE")
        #expect(credential.issuer == credential.subject)
    }

    @Test("A certificate without alternative names has its common name, in lower case")
    func commonName() { #expect(credential.names == ["name.test"]) }

    @Test("Validity is in seconds since 1970, also after 2050")
    func validity() {
        #expect(credential.notBefore == 1_795_248_994)
        #expect(credential.notAfter == 4_948_848_994)
    }

    @Test("Serial number and fingerprint are in lower-case hexadecimal")
    func numbers() {
        #expect(credential.serial == "52799579ae32afe506a5bb95292cd636dbe2662d")
        #expect(
            credential.sha256Fingerprint
                == "a04c3bd9a9f2a31539e02be75892b2b7a6cf2727a311b0670e35cdd6032760f6")
    }

    @Test("An authority has its common name, though it is no host")
    func authority() throws {
        let pair = try CertificateMaker.makeAuthority(commonName: "Some CA", validity: .seconds(9))
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        #expect(credential.names == ["some ca"])
    }
}
