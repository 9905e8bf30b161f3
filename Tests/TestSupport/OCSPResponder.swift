import Foundation
public import TLS

/// `openssl ocsp` as a responder on a port that the kernel chose; ends with the last reference.
public final class OCSPResponder: Sendable {
    private let process: RunningProcess
    /// Where it answers.
    public let port: UInt16
    /// The address of it that certificates carry.
    public var url: String { "http://127.0.0.1:\(port)/" }

    /// Starts one that knows what the authority says of one certificate; `port` 0 is a new one.
    public init(
        _ authority: OCSPAuthority, about credential: Credential,
        _ status: OCSPAuthority.Status = .good, port: UInt16 = 0
    ) throws {
        let folder = authority.folder
        process = try RunningProcess(
            "openssl",
            [
                "ocsp", "-port", "\(port)", "-index", try authority.write(credential, status),
                "-CA", folder.path("ca.pem"), "-rsigner", folder.path("ca.pem"), "-rkey",
                folder.path("ca.key"), "-nmin", "60", "-ignore_err",
            ])
        let line = try process.output.wait(for: "ACCEPT ")
        guard let text = line.split(separator: " ").first(where: { $0.hasPrefix("[") }),
            let number = text.split(separator: ":").last.flatMap({ UInt16($0) })
        else { throw TestFailure("no port in '\(line)'") }
        self.port = number
    }

    /// Ends it, and waits until it has.
    public func stop() throws {
        process.signal(SIGKILL)
        _ = try process.wait()
    }
}
