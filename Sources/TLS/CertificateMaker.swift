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

    /// Makes a server's certificate for DNS names and IP addresses; the chain ends before the authority.
    ///
    /// - Throws: `TLSError` where OpenSSL fails or a name is none.
    public static func makeLeaf(
        names: [String], authority: PEMPair, validity: Duration, algorithm: KeyAlgorithm = .ecdsa
    ) throws(TLSError) -> PEMPair {
        let signer = try SigningKey(pem: authority.key)
        let issuer = try CertificateDraft(pem: authority.certificate)
        let key = try SigningKey(algorithm)
        let draft = try CertificateDraft(
            commonName: names.first ?? "localhost", key: key, validity: validity)
        try draft.setIssuer(issuer)
        let alternatives = names.map { isAddress($0) ? "IP:\($0)" : "DNS:\($0)" }.joined(
            separator: ",")
        try draft.add(alternatives, NID_subject_alt_name, issuer: issuer)
        try draft.add("critical,CA:FALSE", NID_basic_constraints, issuer: issuer)
        try draft.add("critical,digitalSignature", NID_key_usage, issuer: issuer)
        try draft.add("serverAuth", NID_ext_key_usage, issuer: issuer)
        try draft.add("hash", NID_subject_key_identifier, issuer: issuer)
        try draft.add("keyid", NID_authority_key_identifier, issuer: issuer)
        try draft.sign(with: signer)
        return PEMPair(certificate: try draft.pem(), key: try key.pem())
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
}
