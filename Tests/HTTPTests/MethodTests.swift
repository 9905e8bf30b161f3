import Bytes
import Testing

@testable import HTTP

struct MethodTests {
    private func recognise(_ text: String) -> HTTP.Method {
        let bytes = Array(text.utf8)
        return HTTP.Method(bytes.span)
    }

    @Test(
        "Every method is recognised by its label, in capitals only", arguments: HTTP.Method.allCases
    )
    func known(_ method: HTTP.Method) {
        #expect(recognise("\(method.label)") == method)
        #expect(recognise("\(method.label)".lowercased()) == .other)
    }

    @Test("Any other token is other", arguments: ["", "GE", "GETS", "Get", "PROPFIND", "other"])
    func unknown(_ text: String) {
        #expect(recognise(text) == .other)
    }

    @Test("Safe and idempotent methods are those of RFC 9110 §9.2")
    func properties() {
        let safe = HTTP.Method.allCases.filter { $0.isSafe }
        #expect(safe == [.get, .head, .options, .trace])
        let idempotent = HTTP.Method.allCases.filter { $0.isIdempotent }
        #expect(idempotent == [.get, .head, .put, .delete, .options, .trace])
    }
}
