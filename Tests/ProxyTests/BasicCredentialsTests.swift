import Bytes
import Foundation
import HTTP
import Testing

@testable import Proxy

@Suite("BasicCredentials")
struct BasicCredentialsTests {
    /// The name and the rest behind the colon; nil where there is no such thing.
    private func read(_ lines: String...) throws -> [String]? {
        try withRequest(
            "GET / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
        ) {
            request in
            var output = ByteQueue()
            guard let colon = BasicCredentials.read(request.fields, into: &output) else {
                return nil
            }
            return [
                String(copying: output.bytes(in: 0..<colon)),
                String(copying: output.bytes(in: (colon + 1)..<output.count)),
            ]
        }
    }

    private func encode(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    @Test(
        "Name and password of any length are read",
        arguments: ["a:b", "alice:secret", ":", "a:", ":b", "a:b:c", "é:ü", "a:12", "a:123"])
    func whole(_ text: String) throws {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        #expect(try read("Authorization: Basic \(encode(text))") == parts.map(String.init))
        #expect(try read("authorization: bAsIc   \(encode(text))") == parts.map(String.init))
    }

    @Test(
        "Anything else is no credentials",
        arguments: [
            "", "Basic", "Basic ", "Bearer YTpi", "Basic YTpi=", "Basic YTp", "Basic YT pi",
            "Basic Y!pi", "Basic YTpi YTpi", "Basic YWI=", "Basic YTo=YTo=", "Basic YTp=",
            "Basic ====", "Basic YR==",
        ])
    func malformed(_ value: String) throws {
        #expect(try read("Authorization: \(value)") == nil)
    }

    @Test("Two of them are none")
    func twice() throws {
        let line = "Authorization: Basic \(encode("a:b"))"
        #expect(try read(line, line) == nil)
        #expect(try read() == nil)
    }

    @Test("What is far too long is none")
    func long() throws {
        #expect(
            try read("Authorization: Basic \(encode("a:" + String(repeating: "b", count: 2000)))")
                == nil)
    }
}
