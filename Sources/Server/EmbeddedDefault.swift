internal import Certificates
internal import Platform
internal import TLS

/// `martlet run` without a configuration: HTTPS on localhost with a certificate of a development
/// authority, in front of a backend that echoes what it received.
public enum EmbeddedDefault {
    /// What diagnostics call it.
    static let name = "embedded default"

    /// Prepares certificates and the demo backend; the returned owner keeps the backend alive.
    ///
    /// - Throws: what the machine refuses, with the path.
    public static func prepare() throws(StartError) -> (source: ConfigSource, demo: DemoOwner) {
        // The certificate is made with it, before anything else is begun.
        OpenSSLFacts.start()
        guard let directory = StateDirectory.path() else {
            throw .environment(
                "martlet: cannot tell where to keep the development certificate; "
                    + "set HOME or XDG_STATE_HOME to an absolute path")
        }
        let certificate: DevelopmentCertificate
        do throws(DevelopmentAuthorityError) {
            certificate = try DevelopmentAuthority.prepare(in: directory, now: WallTime.now())
        } catch {
            throw .environment("martlet: \(error)")
        }
        let demo: ControlServer
        do throws(SystemError) {
            demo = try ControlServer(
                address: .ipv4(0x7f00_0001, port: 0), handler: { DemoBackend.respond(to: $0) })
        } catch {
            throw .environment("martlet: cannot start the demo backend: \(error)")
        }
        let text = """
            # What `martlet run` serves without a configuration.
            listeners:
              - address: [\(addresses(port: 8443))]
              - address: [\(addresses(port: 8080))]
                tls: false
                redirect_to_https: true
            sites:
              - hosts: ["localhost"]
                certificates:
                  - chain: \(quoted(certificate.chainPath))
                    key: \(quoted(certificate.keyPath))
                backend: "http://\(demo.address)"
            """
        let authority = certificate.authorityPath
        let source = ConfigSource.text(text, name: name) { _ in
            greet(authority: authority, isNew: certificate.wasCreated)
        }
        return (source, DemoOwner(server: demo))
    }

    /// A text as a value in YAML, whatever stands in it.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\0"..."\u{1f}", "\u{7f}":
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result.split(separator: "${", omittingEmptySubsequences: false)
            .joined(separator: "$${") + "\""
    }

    /// The loopback addresses of this machine, some of which have no IPv6.
    private static func addresses(port: UInt16) -> String {
        let all = "\"127.0.0.1:\(port)\", \"[::1]:\(port)\""
        guard let probe = SocketAddress("[::1]:0") else { return all }
        do throws(SystemError) {
            _ = try Socket.listen(on: probe, reusePort: false, backlog: 1)
            return all
        } catch {
            return "\"127.0.0.1:\(port)\""
        }
    }

    private static func greet(authority: String, isNew: Bool) {
        let created = "\nA development authority was created; only this machine should trust it."
        let text = """
            Martlet serves https://localhost:8443 (and http://localhost:8080, which redirects there)
            in front of a demo backend that echoes what it received.\
            \(isNew ? created : "")
            Try it:

                curl --cacert \(authority) https://localhost:8443/hello

            Metrics: http://127.0.0.1:9180/metrics   Status: http://127.0.0.1:9180/   Stop: Ctrl-C

            """
        _ = AppendFile.standardOutput().write(text.utf8.span)
    }
}

/// Keeps the demo backend of the embedded default alive.
public final class DemoOwner: Sendable {
    private let server: ControlServer

    init(server: ControlServer) { self.server = server }

    /// Stops the backend.
    public func stop() { server.stop() }
}
