import TestSupport
import Testing

@testable import TLS

struct PublicKeyPinTests {
    @Test("A pin is read and written")
    func text() {
        let text = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        #expect(PublicKeyPin(text)?.text == text)
        #expect(PublicKeyPin(text)?.digest == Digest.sha256([]))
    }

    @Test(
        "Anything else is none",
        arguments: [
            "", "sha256/", "sha1/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF==",
            "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUA",
            "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU==",
        ])
    func wrong(_ text: String) {
        #expect(PublicKeyPin(text) == nil)
        #expect(ErrorQueue.take() == nil)
    }

    @Test("The pin of a certificate is that of its key, as openssl prints it")
    func certificate() throws {
        let folder = try TemporaryFolder()
        let pair = try TestAuthority().issue("a.test")
        try TestAuthority.write(pair, as: "a", in: folder)
        let printed = try RunningProcess.run(
            "sh",
            [
                "-c",
                "openssl pkey -in a.key -pubout -outform der | openssl dgst -sha256 -binary"
                    + " | base64",
            ], folder: folder.path)
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        let pin = unsafe PublicKeyPin(certificate: credential.leaf)
        #expect(pin?.text == "sha256/" + printed.output.filter { $0 != "\n" })
    }
}
