import Foundation
public import Platform

/// nginx as a backend: serves `www`, and keeps there what is put under `/upload/`.
public final class Nginx: Sendable {
    /// Where it listens.
    public let address: SocketAddress
    private let process: RunningProcess

    /// Starts nginx on ports that the kernel chooses, with everything that it writes in `folder`.
    ///
    /// - Parameter isHTTP2: speaks HTTP/2 in cleartext in place of HTTP/1.1.
    public convenience init(in folder: TemporaryFolder, isHTTP2: Bool = false) throws {
        try self.init(in: folder, listen: isHTTP2 ? " http2" : "")
    }

    /// Starts nginx; `/client` answers with the client that a header of the PROXY protocol names.
    ///
    /// - Parameters:
    ///   - listen: what stands behind the address.
    ///   - tls: the certificate `NAME.pem` and its key `NAME.key` in the folder; nil for none.
    ///   - more: further directives of the server.
    ///   - address: where one listened that has ended; nil for a port that the kernel chooses.
    public init(
        in folder: TemporaryFolder, listen: String, tls: String? = nil, more: String = "",
        at address: SocketAddress? = nil
    ) throws {
        self.address = try address ?? SocketAddress.vacant()
        try FileManager.default.createDirectory(
            atPath: folder.path("www"), withIntermediateDirectories: true)
        try folder.write(
            Nginx.configuration(folder.path, "\(self.address)\(listen)", tls, more),
            to: "nginx.conf")
        process = try RunningProcess("nginx", ["-p", folder.path, "-c", folder.path("nginx.conf")])
        let deadline = Date().addingTimeInterval(20)
        while (try? Peer(self.address)) == nil {
            guard Date() < deadline else { throw TestFailure("nginx: \(process.errors.text)") }
        }
    }

    // Killed at once, the master would leave its worker behind, which goes on serving.
    deinit {
        process.signal(SIGTERM)
        _ = try? process.wait(atMost: 10)
    }

    private static func configuration(
        _ folder: String, _ listen: String, _ tls: String?, _ more: String
    ) -> String {
        let keys = tls.map { name in
            "ssl_certificate \(folder)/\(name).pem; ssl_certificate_key \(folder)/\(name).key;"
        }
        return """
            daemon off; user root; worker_processes 1; pid \(folder)/nginx.pid; error_log stderr;
            events { worker_connections 1024; }
            http {
                access_log off; client_max_body_size 0;
                client_body_temp_path \(folder)/t1; proxy_temp_path \(folder)/t2;
                fastcgi_temp_path \(folder)/t3;
                uwsgi_temp_path \(folder)/t4; scgi_temp_path \(folder)/t5;
                server {
                    listen \(listen); root \(folder)/www; \(keys ?? "") \(more)
                    location = /client { return 200 "$proxy_protocol_addr"; }
                    location /upload/ { dav_methods PUT DELETE; create_full_put_path on; }
                }
            }
            """
    }
}
