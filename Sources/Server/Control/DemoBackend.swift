/// The backend of the embedded default configuration: it answers with what it received, as readable
/// text.
enum DemoBackend {
    /// Echoes the request line, every field and the body.
    static func respond(to request: ControlRequest) -> ControlResponse {
        var text = "This is Martlet's demo backend. It received:\n\n\(request.requestLine)\n"
        for field in request.fields { text += "\(field.name): \(field.value)\n" }
        text += "\n"
        var body = Array(text.utf8)
        body += request.body
        if let last = request.body.last, last != UInt8(ascii: "\n") {
            body.append(UInt8(ascii: "\n"))
        }
        return ControlResponse(
            status: 200, contentType: "text/plain; charset=utf-8", body: body,
            fields: [ControlField(name: "Cache-Control", value: "no-store")])
    }
}
