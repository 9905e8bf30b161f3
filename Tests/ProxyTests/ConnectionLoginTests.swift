import Bytes
import HTTP
import Testing

@testable import Proxy

@Suite("ConnectionLogin")
struct ConnectionLoginTests {
    @Test(
        "A login of the connection is found in any case and at any place of a list",
        arguments: [
            ("NTLM", true), ("ntlm TlRMTVNTUAAB", true), ("Negotiate", true),
            ("negotiate YII=", true), ("Nego2 x", true), ("Basic realm=\"a\", NTLM", true),
            ("Basic realm=\"a\" ,\t Negotiate", true), (",NTLM", true),
            ("Basic realm=\"NTLM\"", false), ("Bearer ntlm", false), ("NTL", false), ("", false),
            (" , ", false), ("Digest realm=\"a\", qop=\"auth\"", false),
        ])
    func named(list: String, isNamed: Bool) {
        #expect(ConnectionLogin.isNamed(in: list.utf8.span) == isNamed)
    }

    @Test("It counts in the fields of the name that is asked for", arguments: [true, false])
    func fields(isFirst: Bool) throws {
        let lines = ["WWW-Authenticate: Basic realm=\"a\"", "WWW-Authenticate: NTLM"]
        let order = isFirst ? Array(lines.reversed()) : lines
        let text = head(
            "HTTP/1.1 401 Unauthorized", order[0], "Authorization: Basic YTpi", order[1])
        let named = try withResponse(text) { response in
            [
                ConnectionLogin.isNamed(by: .wwwAuthenticate, of: response.fields),
                ConnectionLogin.isNamed(by: .authorization, of: response.fields),
                ConnectionLogin.isNamed(by: .proxyAuthenticate, of: response.fields),
            ]
        }
        #expect(named == [true, false, false])
    }
}
