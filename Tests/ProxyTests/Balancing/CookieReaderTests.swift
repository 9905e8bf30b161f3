import Bytes
import Testing

@testable import Proxy

@Suite("CookieReader")
struct CookieReaderTests {
    @Test(
        "A cookie is found by its whole name",
        arguments: [
            ("sid=1", "1"), ("a=2; sid=1", "1"), ("a=2;sid=1;b=3", "1"), ("sid=", ""),
            ("sid=1; sid=2", "1"), (" sid=1 ", "1"), ("sid=a=b", "a=b"), (";;sid=1", "1"),
            ("xsid=1", nil), ("sidx=1", nil), ("sid", nil), ("SID=1", nil), ("", nil),
            ("a=sid=1", nil), ("si", nil), ("=1", nil), ("a; b; c", nil),
        ] as [(String, String?)])
    func find(text: String, value: String?) {
        let bytes = Array(text.utf8)
        let name = Array("sid".utf8)
        let found = CookieReader.find(name.span, in: bytes.span)
        #expect(found.map { String(decoding: bytes[$0], as: UTF8.self) } == value)
    }
}
