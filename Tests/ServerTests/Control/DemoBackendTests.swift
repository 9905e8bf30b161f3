import Testing

@testable import Server

struct DemoBackendTests {
    @Test("The demo backend echoes the request line, every field and the body")
    func echo() {
        let fields = [
            ControlField(name: "Host", value: "localhost"), ControlField(name: "X-A", value: "1"),
            ControlField(name: "X-A", value: "2"),
        ]
        let request = Samples.request("POST", "/a?b", fields: fields, body: Array("hello".utf8))
        let response = DemoBackend.respond(to: request)
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(response.status == 200)
        #expect(response.contentType.hasPrefix("text/plain"))
        #expect(text.contains("POST /a?b HTTP/1.1\nHost: localhost\nX-A: 1\nX-A: 2\n\nhello\n"))
    }
}
