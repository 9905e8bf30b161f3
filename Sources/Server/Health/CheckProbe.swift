internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import Telemetry

/// One check under way: it connects, asks, and reads the answer, never waiting.
///
/// Health thread only.
final class CheckProbe {
    /// What tells its events from those of probes before it.
    let token: UInt64
    let startedAt: MonotonicTime
    /// What follows when the connection is there.
    private enum Talk {
        /// Connecting is all.
        case none
        case http1(CheckAnswer)
        case http2(CheckStream)
    }

    private let transport: CheckTransport
    /// True exactly when it connects to where requests go.
    private let isAtOwnPort: Bool
    private var isConnected = false
    /// What is left to say.
    private var outbound = ByteQueue()
    private var inbound = ByteQueue()
    private var talk = Talk.none

    /// Begins to connect.
    init(
        _ subject: HealthSubject, _ check: HealthConfig, token: UInt64, now: MonotonicTime
    ) throws(SystemError) {
        self.token = token
        startedAt = now
        let plain = check.kind == .grpc ? BackendProtocol.h2c : .http1
        let reached = check.port.map { subject.plain(port: $0, speaks: plain) } ?? subject
        isAtOwnPort = check.port == nil
        transport = try CheckTransport(reached)
        guard check.kind != .tcp else { return }
        let host = CheckProbe.host(check, subject)
        guard reached.speaks.isHTTP2 else {
            talk = .http1(CheckAnswer(check))
            CheckProbe.appendRequest(check, host, &outbound)
            return
        }
        do throws(HTTP2Fault) {
            talk = .http2(try CheckStream(check, host: host, isTLS: reached.tls != nil))
        } catch {
            throw .outOfMemory("begin HTTP/2 with", subject.name)
        }
    }

    var rawDescriptor: CInt { transport.rawDescriptor }

    /// Goes on after an event.
    ///
    /// - Returns: the verdict; nil while the check goes on.
    func advance(_ event: Poller.Event) -> CheckVerdict? {
        if !isConnected {
            guard event.isWritable || event.isHangup else { return nil }
            if let error = transport.connectError() {
                return .unreachable(error, isAtOwnPort: isAtOwnPort)
            }
            isConnected = true
            if let verdict = transport.begin() { return verdict }
        }
        while true {
            speak()
            if transport.isReady, case .none = talk { return .passed }
            switch transport.receive(into: &inbound) {
            case .some:
                if let verdict = listen(isEnd: false) { return verdict }
                guard transport.received <= CheckProbe.limit else {
                    return .failed(.malformed, "it sends without end")
                }
            case .none: return nil
            case .end: return listen(isEnd: true)
            case .failed(let verdict): return verdict
            }
        }
    }

    /// Sends what there is to say.
    private func speak() {
        if transport.isReady {
            if case .http2(let stream) = talk { stream.write(to: &outbound) }
            if !outbound.isEmpty {
                transport.send(outbound)
                outbound.removeAll()
            }
        }
        transport.flush()
    }

    private func listen(isEnd: Bool) -> CheckVerdict? {
        switch talk {
        case .none: return nil
        case .http1(let answer): return answer.take(&inbound, isEnd: isEnd)
        case .http2(let stream):
            guard let verdict = stream.take(&inbound, isEnd: isEnd) else { return nil }
            stream.end()
            speak()
            return verdict
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

    /// How many bytes a server may send before the verdict, those of TLS with them, which alone are
    /// read without end otherwise: whoever sends as fast as is read would hold the thread of all
    /// checks.
    static let limit = 1 << 20

    /// Which host the server is asked as.
    private static func host(_ check: HealthConfig, _ subject: HealthSubject) -> String {
        if let host = check.host { return host }
        if case .unix = subject.address { return "localhost" }
        return subject.host ?? subject.name
    }

    /// `Connection: close`, so that a check says of the listener what a new client would find, and
    /// leaves nothing behind.
    private static func appendRequest(
        _ check: HealthConfig, _ host: String, _ output: inout ByteQueue
    ) {
        output.append("\(check.method.rawValue) \(check.path) HTTP/1.1\r\n")
        output.append("Host: \(host)\r\nUser-Agent: martlet/\(BuildFacts.version)\r\n")
        output.append("Accept: */*\r\nConnection: close\r\n\r\n")
    }
}
