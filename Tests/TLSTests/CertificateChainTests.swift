import TestSupport
import Testing

@testable import TLS

struct CertificateChainTests {
    private let root: PEMPair
    private let middle: PEMPair
    private let leaf: PEMPair

    init() throws {
        root = try TestAuthority().pair
        middle = try CertificateChainTests.authority("Middle", signedBy: root)
        leaf = try CertificateMaker.makeLeaf(
            names: ["a.test"], authority: middle, validity: .seconds(60))
    }

    private static func authority(_ name: String, signedBy signer: PEMPair) throws -> PEMPair {
        let key = try SigningKey()
        let issuer = try CertificateDraft(pem: signer.certificate)
        let draft = try CertificateDraft(commonName: name, key: key, validity: .seconds(60))
        try draft.setIssuer(issuer)
        // 82 is OpenSSL's number of the subject key identifier.
        try draft.add("hash", 82, issuer: issuer)
        try draft.sign(with: SigningKey(pem: signer.key))
        return PEMPair(certificate: try draft.pem(), key: try key.pem())
    }

    private static func subjects(_ chain: borrowing CertificateChain) -> [String] {
        var subjects: [String] = []
        unsafe chain.certificates.forEach { certificate in
            unsafe subjects.append(CertificateFacts(certificate).subject)
        }
        return subjects
    }

    @Test(
        "Leaf, issuer, issuer's issuer: in that order, whatever the file's",
        arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    func order(_ order: [Int]) throws {
        let parts = [leaf.certificate, middle.certificate, root.certificate]
        var chain = try CertificateChain(pem: order.flatMap { parts[$0] })
        let key = try SigningKey(pem: leaf.key)
        try unsafe chain.order(for: key.handle)
        let subjects = CertificateChainTests.subjects(chain)
        #expect(subjects == ["CN=a.test", "CN=Middle", "CN=Test CA"])
    }

    @Test("What has no place in the chain stands at its end")
    func strangers() throws {
        let other = try TestAuthority().issue("other.test")
        var chain = try CertificateChain(
            pem: other.certificate + root.certificate + leaf.certificate + middle.certificate)
        let key = try SigningKey(pem: leaf.key)
        try unsafe chain.order(for: key.handle)
        let subjects = CertificateChainTests.subjects(chain)
        #expect(subjects == ["CN=a.test", "CN=Middle", "CN=Test CA", "CN=other.test"])
    }

    @Test("The key may be that of any certificate, and must be that of one")
    func keys() throws {
        var chain = try CertificateChain(pem: leaf.certificate + middle.certificate)
        let key = try SigningKey(pem: middle.key)
        try unsafe chain.order(for: key.handle)
        let subjects = CertificateChainTests.subjects(chain)
        #expect(subjects == ["CN=Middle", "CN=a.test"])
        let foreign = try SigningKey()
        #expect(throws: CredentialError.keyMismatch) {
            var other = try CertificateChain(pem: leaf.certificate)
            try unsafe other.order(for: foreign.handle)
        }
        #expect(ErrorQueue.take() == nil)
    }

    @Test("A chain has 32 certificates at most", arguments: [31, 32, 33])
    func limit(_ count: Int) throws {
        let pem = (0..<count).flatMap { _ in leaf.certificate }
        let chain = try CertificateChain(pem: pem)
        let read = unsafe chain.certificates.count
        #expect(read == min(count, 32))
        #expect(ErrorQueue.take() == nil)
    }

    @Test("Text without a certificate is no chain", arguments: ["", "\n", "-----BEGIN", "text"])
    func none(_ text: String) {
        #expect(throws: CredentialError.noCertificate) {
            _ = try CertificateChain(pem: Array(text.utf8))
        }
        #expect(ErrorQueue.take() == nil)
    }

    /// OpenSSL asked the terminal for the passphrase, and start or reload waited for an answer.
    @Test("An encrypted certificate is refused without a question")
    func encrypted() throws {
        let text = String(decoding: leaf.certificate, as: UTF8.self)
        let header =
            "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF"
        let lines = text.split(separator: "\n", maxSplits: 1)
        let encrypted = "\(lines[0])\n\(header)\n\n\(lines[1])"
        #expect(throws: CredentialError.unreadableCertificate("bad password read")) {
            _ = try CertificateChain(pem: Array(encrypted.utf8))
        }
        #expect(ErrorQueue.take() == nil)
    }
}
