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
    private let transport: CheckTransport
    private var isConnected = false
    /// What is left to ask.
    private var request = ByteQueue()
    private var inbound = ByteQueue()
    /// Nil where connecting is all.
    private var answer: CheckAnswer?

    /// Begins to connect.
    init(
        _ subject: HealthSubject, _ check: HealthConfig, token: UInt64, now: MonotonicTime
    ) throws(SystemError) {
        self.token = token
        startedAt = now
        transport = try CheckTransport(check.port.map { subject.plain(port: $0) } ?? subject)
        if check.kind == .http {
            answer = CheckAnswer(check)
            CheckProbe.appendRequest(check, to: subject, &request)
        }
    }

    var rawDescriptor: CInt { transport.rawDescriptor }

    /// Goes on after an event.
    ///
    /// - Returns: the verdict; nil while the check goes on.
    func advance(_ event: Poller.Event) -> CheckVerdict? {
        if !isConnected {
            guard event.isWritable || event.isHangup else { return nil }
            let code = transport.connectError()
            guard code == 0 else {
                return .failed(.connect, "it cannot be connected to: \(SystemError.explain(code))")
            }
            isConnected = true
            if let verdict = transport.begin() { return verdict }
        }
        while true {
            if transport.isReady, !request.isEmpty {
                transport.send(request)
                request.removeAll()
            }
            transport.flush()
            if transport.isReady, answer == nil { return .passed }
            switch transport.receive(into: &inbound) {
            case .some:
                if let verdict = answer?.take(&inbound, isEnd: false) { return verdict }
            case .none: return nil
            case .end: return answer?.take(&inbound, isEnd: true)
            case .failed(let verdict): return verdict
            }
        }
    }

    /// What to say where the time is over.
    func timeOut(_ timeout: Duration) -> CheckVerdict {
        if !isConnected {
            return .failed(.timeout, "it did not take the connection within \(timeout)")
        }
        return transport.isReady
            ? .failed(.timeout, "it did not answer within \(timeout)")
            : .failed(.timeout, "the TLS handshake did not end within \(timeout)")
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
