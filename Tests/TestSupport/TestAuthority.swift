import Foundation
public import TLS

/// An authority of one test, and certificates that it signs.
public struct TestAuthority: Sendable {
    /// The authority's certificate and key.
    public let pair: PEMPair

    /// Makes an authority.
    public init() throws {
        pair = try CertificateMaker.makeAuthority(commonName: "Test CA", validity: .seconds(86_400))
    }

    /// Makes a certificate for these names.
    public func issue(
        _ names: String..., validity: Duration = .seconds(3_600), algorithm: KeyAlgorithm = .ecdsa
    ) throws -> PEMPair {
        try CertificateMaker.makeLeaf(
            names: names, authority: pair, validity: validity, algorithm: algorithm)
    }

    /// A pair with the authority's own certificate behind it, so that the chain lacks nothing.
    public func completed(_ pair: PEMPair) -> PEMPair {
        PEMPair(certificate: pair.certificate + self.pair.certificate, key: pair.key)
    }

    /// Writes a pair as `NAME.pem` and `NAME.key`, the key readable by its owner alone.
    public static func write(_ pair: PEMPair, as name: String, in folder: TemporaryFolder) throws {
        try folder.write(String(decoding: pair.certificate, as: UTF8.self), to: "\(name).pem")
        try folder.write(String(decoding: pair.key, as: UTF8.self), to: "\(name).key")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: folder.path("\(name).key"))
    }
}
