internal import COpenSSL

/// Makes keys and certificates for local development, signed with SHA-256 (RFC 5280).
public enum CertificateMaker {
    /// Makes an authority that signs itself.
    ///
    /// - Throws: `TLSError` where OpenSSL fails.
    public static func makeAuthority(commonName: String, validity: Duration) throws(TLSError)
        -> PEMPair
    {
        let key = try SigningKey()
        let draft = try CertificateDraft(commonName: commonName, key: key, validity: validity)
        try draft.setIssuer(draft)
        try draft.add("critical,CA:TRUE,pathlen:0", NID_basic_constraints, issuer: draft)
        try draft.add("critical,keyCertSign,cRLSign", NID_key_usage, issuer: draft)
        try draft.add("hash", NID_subject_key_identifier, issuer: draft)
        try draft.sign(with: key)
        return PEMPair(certificate: try draft.pem(), key: try key.pem())
    }

    /// Makes a server's certificate for DNS names and IP addresses; the chain ends before the
    /// authority.
    ///
    /// - Throws: `TLSError` where OpenSSL fails or a name is none.
    public static func makeLeaf(
        names: [String], authority: PEMPair, validity: Duration, algorithm: KeyAlgorithm = .ecdsa,
        ocspURL: String? = nil, mustStaple: Bool = false
    ) throws(TLSError) -> PEMPair {
        try check(names)
        let signer = try SigningKey(pem: authority.key)
        let issuer = try CertificateDraft(pem: authority.certificate)
        let key = try SigningKey(algorithm)
        // Clients look at the alternative names alone; without a subject those are critical
        // (RFC 5280 §4.2.1.6).
        let commonName = names.first { $0.utf8.count <= longestCommonName }
        let draft = try CertificateDraft(commonName: commonName, key: key, validity: validity)
        try draft.setIssuer(issuer)
        let alternatives = names.map { isAddress($0) ? "IP:\($0)" : "DNS:\($0)" }
        let weight = commonName == nil ? ["critical"] : []
        try draft.add(
            (weight + alternatives).joined(separator: ","), NID_subject_alt_name, issuer: issuer)
        try draft.add("critical,CA:FALSE", NID_basic_constraints, issuer: issuer)
        try draft.add("critical,digitalSignature", NID_key_usage, issuer: issuer)
        try draft.add("serverAuth", NID_ext_key_usage, issuer: issuer)
        try draft.add("hash", NID_subject_key_identifier, issuer: issuer)
        try draft.add("keyid", NID_authority_key_identifier, issuer: issuer)
        if let ocspURL { try draft.add("OCSP;URI:\(ocspURL)", NID_info_access, issuer: issuer) }
        if mustStaple { try draft.add("status_request", NID_tlsfeature, issuer: issuer) }
        try draft.sign(with: signer)
        return PEMPair(certificate: try draft.pem(), key: try key.pem())
    }

    /// OpenSSL's notation would take a comma for the end of a name, and what follows for another.
    private static func check(_ names: [String]) throws(TLSError) {
        guard !names.isEmpty else {
            throw TLSError(operation: "make a certificate", reason: "it has no name")
        }
        for name in names {
            let isName = name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                    UInt8(ascii: "_"), UInt8(ascii: "*"), UInt8(ascii: ":"):
                    return true
                default: return false
                }
            }
            guard isName, !name.isEmpty else {
                throw TLSError(
                    operation: "make a certificate for '\(name)'", reason: "it is no host")
            }
        }
    }

    private static func isAddress(_ name: String) -> Bool {
        // SAFETY: the result is ours and freed; the string lives during the call.
        guard let address = unsafe a2i_IPADDRESS(name) else {
            ERR_clear_error()
            return false
        }
        unsafe ASN1_STRING_free(address)
        return true
    }

    /// In characters (RFC 5280 §A.1, `ub-common-name`).
    private static let longestCommonName = 64
}
