internal import Bytes
internal import HTTP
internal import Platform

extension ControlRequest {
    /// Makes a request of a parsed head and its whole body.
    init(_ head: borrowing RequestHead, body: [UInt8], client: SocketAddress) {
        method = String(copying: head.methodBytes)
        path = String(copying: head.path)
        let target = String(copying: head.pathAndQuery)
        query = target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) }
        host = String(copying: head.host)
        let version = head.version == .http10 ? "HTTP/1.0" : "HTTP/1.1"
        requestLine = "\(method) \(String(copying: head.target)) \(version)"
        var fields: [ControlField] = []
        for index in 0..<head.fields.count {
            fields.append(
                ControlField(
                    name: String(copying: head.fields.name(index)),
                    value: String(copying: head.fields.value(index))))
        }
        self.fields = fields
        self.body = body
        self.client = client
    }
}
