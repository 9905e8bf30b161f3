import Testing

@testable import TLS

struct OpenSSLFactsTests {
    @Test("The library is OpenSSL 3, and may be started more than once")
    func version() {
        OpenSSLFacts.start()
        OpenSSLFacts.start()
        #expect(OpenSSLFacts.runtimeVersion.hasPrefix("OpenSSL 3."))
        #expect(ErrorQueue.take() == nil)
    }
}
