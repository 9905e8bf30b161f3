internal import Bytes
internal import Config
internal import Platform
internal import Telemetry

/// One check under way: it connects, asks, and reads the answer, never waiting.
///
/// Health thread only.
final class CheckProbe {
    /// What tells its events from those of probes before it.
    let token: UInt64
    let startedAt: MonotonicTime
    private let socket: Socket
    private var isConnected = false
    private var outbound = ByteQueue()
    private var inbound = ByteQueue()
    /// Nil where connecting is all.
    private var answer: CheckAnswer?

    /// Begins to connect.
    init(
        _ subject: HealthSubject, _ check: HealthConfig, token: UInt64, now: MonotonicTime
    ) throws(SystemError) {
        let port = check.port.map { UInt16($0) }
        let address = port.map { subject.address.with(port: $0) } ?? subject.address
        self.token = token
        startedAt = now
        socket = try Socket.connect(to: address)
        if check.kind == .http {
            answer = CheckAnswer(check)
            CheckProbe.appendRequest(check, to: subject, &outbound)
        }
    }

    var rawDescriptor: CInt { socket.rawDescriptor }

    /// Goes on after an event.
    ///
    /// - Returns: the verdict; nil while the check goes on.
    func advance(_ event: Poller.Event) -> CheckVerdict? {
        if !isConnected {
            guard event.isWritable || event.isHangup else { return nil }
            let code = socket.pendingError()
            guard code == 0 else {
                return .failed(.connect, "it cannot be connected to: \(SystemError.explain(code))")
            }
            isConnected = true
        }
        guard let answer else { return .passed }
        if let verdict = transmit() { return verdict }
        return receive(answer)
    }

    /// What to say where the time is over.
    func timeOut(_ timeout: Duration) -> CheckVerdict {
        isConnected
            ? .failed(.timeout, "it did not answer within \(timeout)")
            : .failed(.timeout, "it did not take the connection within \(timeout)")
    }

    /// Sends what is left of the request.
    ///
    /// A peer that closes early may have answered before: what it sent decides.
    private func transmit() -> CheckVerdict? {
        while !outbound.isEmpty {
            switch socket.send(outbound.bytes) {
            case .bytes(let count): outbound.removeFirst(count)
            case .wouldBlock: return nil
            case .endOfStream, .failed: outbound.removeAll()
            }
        }
        return nil
    }

    private func receive(_ answer: CheckAnswer) -> CheckVerdict? {
        while true {
            switch socket.receive(into: &inbound, atMost: 16_384) {
            case .bytes:
                if let verdict = answer.take(&inbound, isEnd: false) { return verdict }
            case .wouldBlock: return nil
            case .endOfStream: return answer.take(&inbound, isEnd: true)
            case .failed(let code):
                return .failed(.closed, "the connection broke: \(SystemError.explain(code))")
            }
        }
    }

    /// `Connection: close`, so that a check says of the listener what a new client would find, and
    /// leaves nothing behind.
    private static func appendRequest(
        _ check: HealthConfig, to subject: HealthSubject, _ output: inout ByteQueue
    ) {
        var host = check.host ?? subject.host ?? subject.name
        if check.host == nil, case .unix = subject.address { host = "localhost" }
        output.append("\(check.method.rawValue) \(check.path) HTTP/1.1\r\n")
        output.append("Host: \(host)\r\nUser-Agent: martlet/\(BuildFacts.version)\r\n")
        output.append("Accept: */*\r\nConnection: close\r\n\r\n")
    }
}
