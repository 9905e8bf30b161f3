import Foundation
public import TLS

/// An authority of clients, with revocation lists, by `openssl ca`.
public final class ClientAuthority: Sendable {
    private let folder: TemporaryFolder

    /// Makes an authority that signs itself, or one below another.
    public init(_ name: String = "Clients", below parent: ClientAuthority? = nil) throws {
        folder = try TemporaryFolder()
        try folder.write(ClientAuthority.settings, to: "ca.cnf")
        try folder.write("", to: "index.txt")
        // No two authorities give the same serial number.
        let serial = String(UInt64.random(in: 1 << 60..<1 << 62), radix: 16, uppercase: true)
        try folder.write((serial.count % 2 == 0 ? "" : "0") + serial, to: "serial")
        if let parent {
            let pair = try parent.issue("/CN=\(name)", as: "authority")
            try TestAuthority.write(pair, as: "ca", in: folder)
        } else {
            try ClientAuthority.openssl(
                folder,
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-config", "ca.cnf", "-extensions", "authority", "-subj",
                    "/CN=\(name)", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30",
                ])
        }
    }

    /// The certificate in PEM.
    public var certificate: [UInt8] { ClientAuthority.bytes(folder, "ca.pem") }

    /// Makes a certificate.
    ///
    /// - Parameters:
    ///   - subject: in the form `/CN=alice/O=Example`.
    ///   - names: alternative names in OpenSSL's notation.
    ///   - kind: `client`, `server` or `authority`.
    ///   - end: when it expires, as `YYYYMMDDHHMMSSZ`.
    public func issue(
        _ subject: String, names: String? = nil, as kind: String = "client", end: String? = nil
    ) throws -> PEMPair {
        let number = UUID().uuidString
        try ClientAuthority.openssl(
            folder,
            [
                "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-config", "ca.cnf", "-utf8", "-subj", subject, "-keyout", "\(number).key", "-out",
                "\(number).csr",
            ] + (names.map { ["-addext", "subjectAltName=\($0)"] } ?? []))
        let period = end.map { ["-startdate", "20200101000000Z", "-enddate", $0] } ?? []
        try ClientAuthority.openssl(
            folder,
            [
                "ca", "-batch", "-notext", "-utf8", "-config", "ca.cnf", "-extensions", kind, "-in",
                "\(number).csr", "-out", "\(number).pem",
            ] + period)
        return PEMPair(
            certificate: ClientAuthority.bytes(folder, "\(number).pem"),
            key: ClientAuthority.bytes(folder, "\(number).key"))
    }

    /// Takes a certificate back.
    public func revoke(_ pair: PEMPair) throws {
        try folder.write(String(decoding: pair.certificate, as: UTF8.self), to: "revoked.pem")
        try ClientAuthority.openssl(
            folder, ["ca", "-config", "ca.cnf", "-revoke", "revoked.pem"])
    }

    /// The list of what was taken back, in PEM.
    ///
    /// - Parameters:
    ///   - end: when the next one is due, as `YYYYMMDDHHMMSSZ`.
    ///   - namesKey: true where it says which key has signed it.
    public func revocationList(end: String? = nil, namesKey: Bool = false) throws -> [UInt8] {
        let period = end.map { ["-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", $0] }
        try ClientAuthority.openssl(
            folder,
            ["ca", "-config", "ca.cnf", "-gencrl", "-out", "list.pem"]
                + (namesKey ? ["-crlexts", "list"] : []) + (period ?? ["-crldays", "7"]))
        return ClientAuthority.bytes(folder, "list.pem")
    }

    private static func openssl(_ folder: TemporaryFolder, _ arguments: [String]) throws {
        let run = try RunningProcess.run("openssl", arguments, folder: folder.path)
        guard run.code == 0 else { throw TestFailure("openssl \(arguments): \(run.errors)") }
    }

    private static func bytes(_ folder: TemporaryFolder, _ name: String) -> [UInt8] {
        Array(FileManager.default.contents(atPath: folder.path(name)) ?? Data())
    }

    private static let settings = """
        [req]
        distinguished_name = name
        [name]
        [ca]
        default_ca = here
        [here]
        database = index.txt
        serial = serial
        new_certs_dir = .
        certificate = ca.pem
        private_key = ca.key
        default_md = sha256
        default_days = 20
        policy = any
        unique_subject = no
        copy_extensions = copy
        [any]
        organizationName = optional
        commonName = optional
        [list]
        authorityKeyIdentifier = keyid
        [authority]
        basicConstraints = critical,CA:TRUE
        keyUsage = critical,keyCertSign,cRLSign
        subjectKeyIdentifier = hash
        authorityKeyIdentifier = keyid
        [client]
        basicConstraints = critical,CA:FALSE
        keyUsage = critical,digitalSignature
        extendedKeyUsage = clientAuth
        subjectKeyIdentifier = hash
        authorityKeyIdentifier = keyid
        [server]
        basicConstraints = critical,CA:FALSE
        keyUsage = critical,digitalSignature
        extendedKeyUsage = serverAuth
        subjectKeyIdentifier = hash
        authorityKeyIdentifier = keyid

        """
}
