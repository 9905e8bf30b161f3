/// A whole answer of the control plane.
struct ControlResponse: Sendable {
    /// The status code.
    var status: Int

    /// The value of `Content-Type`.
    var contentType: String

    /// The body; for HEAD only its length is sent.
    var body: [UInt8]

    /// Fields beside `Content-Type`, `Content-Length` and `Connection`, which the server writes.
    var fields: [ControlField] = []

    /// Makes an answer of plain text; the text should end with a line break.
    static func text(_ status: Int, _ text: String) -> ControlResponse {
        ControlResponse(
            status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// Makes an answer of JSON.
    static func json(_ status: Int, _ body: [UInt8]) -> ControlResponse {
        ControlResponse(status: status, contentType: "application/json", body: body)
    }
}
