import Foundation
public import TLS

/// An authority that tells about its certificates, by `openssl ocsp`.
public final class OCSPAuthority: Sendable {
    /// What it says of a certificate.
    public enum Status: Sendable {
        case good
        case revoked
        case unknown
    }

    /// Who signs.
    public let authority: TestAuthority
    let folder: TemporaryFolder

    /// Makes an authority.
    public init(_ authority: TestAuthority? = nil) throws {
        self.authority = try authority ?? TestAuthority()
        folder = try TemporaryFolder()
        try TestAuthority.write(self.authority.pair, as: "ca", in: folder)
    }

    /// Makes a certificate for names, behind which the authority's stands.
    public func issue(
        _ names: String..., url: String? = nil, mustStaple: Bool = false,
        validity: Duration = .seconds(86_400)
    ) throws -> PEMPair {
        let pair = try CertificateMaker.makeLeaf(
            names: names, authority: authority.pair, validity: validity, ocspURL: url,
            mustStaple: mustStaple)
        return PEMPair(
            certificate: pair.certificate + authority.pair.certificate, key: pair.key)
    }

    /// Makes a certificate for a name as a credential.
    public func credential(
        _ name: String = "a.test", url: String? = nil, mustStaple: Bool = false
    ) throws -> Credential {
        let pair = try issue(name, url: url, mustStaple: mustStaple)
        return try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
    }

    /// A response about a certificate, signed by the authority or by who is given.
    public func answer(
        _ credential: Credential, _ status: Status = .good, minutes: Int? = 60,
        signer: PEMPair? = nil
    ) throws -> [UInt8] {
        let index = try write(credential, status)
        let number = UUID().uuidString
        let request = folder.path("\(number).req")
        let response = folder.path("\(number).resp")
        try Data(try credential.makeOCSPRequest()).write(to: URL(fileURLWithPath: request))
        var name = "ca"
        if let signer {
            name = number
            try TestAuthority.write(signer, as: name, in: folder)
        }
        let validity = minutes.map { ["-nmin", "\($0)"] } ?? []
        let run = try RunningProcess.run(
            "openssl",
            [
                "ocsp", "-index", index, "-CA", folder.path("ca.pem"), "-rsigner",
                folder.path("\(name).pem"), "-rkey", folder.path("\(name).key"), "-reqin", request,
                "-respout", response, "-noverify",
            ] + validity)
        guard let bytes = FileManager.default.contents(atPath: response), run.code == 0 else {
            throw TestFailure("openssl ocsp: \(run)")
        }
        return Array(bytes)
    }

    /// Writes the database in which the responder looks the certificate up; returns its path.
    func write(_ credential: Credential, _ status: Status) throws -> String {
        let serial = credential.serial.uppercased()
        let line =
            switch status {
            case .good: "V\t361231235959Z\t\t\(serial)\tunknown\t/CN=x\n"
            case .revoked:
                "R\t361231235959Z\t260101000000Z,keyCompromise\t\(serial)\tunknown\t/CN=x\n"
            case .unknown: ""
            }
        return try folder.write(line, to: "index-\(UUID().uuidString).txt")
    }

    /// A certificate that may sign responses in the authority's name, or only looks like it.
    public func makeSigner(mayAnswer: Bool) throws -> PEMPair {
        guard mayAnswer else { return try authority.issue("signer.test") }
        let name = "signer-\(UUID().uuidString)"
        let key = folder.path("\(name).key")
        let request = folder.path("\(name).csr")
        let certificate = folder.path("\(name).pem")
        let extensions = try folder.write("extendedKeyUsage=OCSPSigning\n", to: "\(name).ext")
        let commands = [
            [
                "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", "/CN=Responder", "-keyout", key, "-out", request,
            ],
            [
                "x509", "-req", "-in", request, "-CA", folder.path("ca.pem"), "-CAkey",
                folder.path("ca.key"), "-set_serial", "77", "-days", "1", "-extfile", extensions,
                "-out", certificate,
            ],
        ]
        for command in commands {
            let run = try RunningProcess.run("openssl", command)
            guard run.code == 0 else { throw TestFailure("openssl: \(run)") }
        }
        return PEMPair(
            certificate: Array(try folder.read("\(name).pem").utf8),
            key: Array(try folder.read("\(name).key").utf8))
    }
}
