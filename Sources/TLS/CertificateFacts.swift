internal import COpenSSL

/// What operators want to know of a certificate, read once.
@safe struct CertificateFacts {
    // SAFETY: owner: the caller; lifetime: longer than this value, which only reads.
    let certificate: OpaquePointer

    init(_ certificate: OpaquePointer) { unsafe self.certificate = certificate }

    /// The names of the certificate in lower case: its dNSNames, or its common name where it has
    /// none.
    var names: [String] {
        // SAFETY: the list is ours and freed below; its texts are copied before.
        let list = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil)
        guard let list = unsafe list.map({ OpaquePointer($0) }) else {
            return commonName.map { [$0] } ?? []
        }
        defer { unsafe martlet_GENERAL_NAMES_free(list) }
        var found: [String] = []
        for index in 0..<(unsafe martlet_sk_GENERAL_NAME_num(list)) {
            guard let name = unsafe martlet_dns_name(list, index) else { continue }
            unsafe found.append(text(of: name).lowercased())
        }
        return found
    }

    private var commonName: String? {
        // SAFETY: all of it belongs to the certificate and is copied before it changes.
        let subject = unsafe X509_get_subject_name(certificate)
        let index = unsafe X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
        guard index >= 0, let entry = unsafe X509_NAME_get_entry(subject, index),
            let value = unsafe X509_NAME_ENTRY_get_data(entry)
        else { return nil }
        return unsafe text(of: value).lowercased()
    }

    private func text(of string: UnsafePointer<ASN1_STRING>) -> String {
        // SAFETY: lifetime: the bytes belong to `string` and are copied here; bound: its length.
        let count = unsafe Int(ASN1_STRING_length(string))
        return unsafe String(
            decoding: UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: count),
            as: UTF8.self)
    }

    /// The serial number in lower-case hexadecimal.
    var serial: String {
        // SAFETY: the number is ours and freed here; the text as well.
        guard let number = unsafe ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nil)
        else { return "" }
        defer { unsafe BN_free(number) }
        guard let text = unsafe BN_bn2hex(number) else { return "" }
        defer { unsafe CRYPTO_free(text, nil, 0) }
        return unsafe String(cString: text).lowercased()
    }

    /// The first second of validity, in seconds since 1970.
    var notBefore: Int64 { unsafe CertificateFacts.seconds(X509_get0_notBefore(certificate)) }

    /// The last second of validity, in seconds since 1970.
    var notAfter: Int64 { unsafe CertificateFacts.seconds(X509_get0_notAfter(certificate)) }

    /// A time in seconds since 1970.
    static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        // SAFETY: the epoch is ours and freed here; `time` belongs to the caller.
        guard let epoch = unsafe ASN1_TIME_set(nil, 0) else { return 0 }
        defer { unsafe ASN1_STRING_free(epoch) }
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard unsafe ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return 0 }
        return Int64(days) * 86_400 + Int64(seconds)
    }

    /// Who signed it, as in RFC 4514.
    var issuer: String { unsafe CertificateFacts.name(X509_get_issuer_name(certificate)) }

    /// Whom it names, as in RFC 4514.
    var subject: String { unsafe CertificateFacts.name(X509_get_subject_name(certificate)) }

    /// Whom it names, as in RFC 2253, with letters beyond ASCII escaped, as tools print it.
    var asciiSubject: String {
        unsafe CertificateFacts.name(X509_get_subject_name(certificate), omitting: 0)
    }

    /// A name as in RFC 2253.
    static func name(
        _ name: OpaquePointer?, omitting: Int32 = ASN1_STRFLGS_ESC_MSB
    ) -> String {
        guard let target = MemoryBIO() else { return "" }
        let flags = UInt(martlet_XN_FLAG_RFC2253) & ~UInt(omitting)
        // SAFETY: `name` belongs to the caller; the BIO is ours.
        _ = unsafe X509_NAME_print_ex(target.handle, name, 0, flags)
        return target.text
    }

    /// SHA-256 over the certificate, in lower-case hexadecimal.
    var sha256Fingerprint: String {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        // SAFETY: bound: SHA-256 is 32 bytes, as the array.
        let status = unsafe digest.withUnsafeMutableBufferPointer {
            unsafe X509_digest(certificate, EVP_sha256(), $0.baseAddress, &count)
        }
        guard status == 1 else { return "" }
        return digest.map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }

    /// The kind and size of the key, as "ECDSA P-256", "RSA 2048" or "Ed25519".
    var keyKind: String {
        // SAFETY: the key belongs to the certificate.
        guard let key = unsafe X509_get0_pubkey(certificate) else { return "unknown" }
        switch unsafe EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA, EVP_PKEY_RSA_PSS: return "RSA \(unsafe EVP_PKEY_get_bits(key))"
        case EVP_PKEY_EC: return "ECDSA P-\(unsafe EVP_PKEY_get_bits(key))"
        case EVP_PKEY_ED25519: return "Ed25519"
        case EVP_PKEY_ED448: return "Ed448"
        default: return "unknown"
        }
    }

    /// OpenSSL's short name of what the certificate was signed with, as "ecdsa-with-SHA256".
    var signatureAlgorithm: String {
        var identifier: OpaquePointer?
        // SAFETY: lifetime: the algorithm belongs to the certificate, its name to the library;
        // bound: NUL.
        unsafe X509_ALGOR_get0(&identifier, nil, nil, X509_get0_tbs_sigalg(certificate))
        guard let name = unsafe OBJ_nid2sn(OBJ_obj2nid(identifier)) else { return "" }
        return unsafe String(cString: name)
    }

    /// The kind and size of the key as proxies tell servers, as "RSA2048" and "EC256"; empty for
    /// kinds that have no name there.
    var keyAlgorithm: String {
        // SAFETY: the key belongs to the certificate.
        guard let key = unsafe X509_get0_pubkey(certificate) else { return "" }
        switch unsafe EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA: return "RSA\(unsafe EVP_PKEY_get_bits(key))"
        case EVP_PKEY_EC: return "EC\(unsafe EVP_PKEY_get_bits(key))"
        default: return ""
        }
    }

    /// What its key signs with.
    var keyForm: KeyForm {
        // SAFETY: the key belongs to the certificate.
        guard let key = unsafe X509_get0_pubkey(certificate) else { return .other }
        switch unsafe EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA: return .rsa
        case EVP_PKEY_RSA_PSS: return .rsaPSS
        case EVP_PKEY_EC: return unsafe .ecdsa(curve: curve(of: key))
        case EVP_PKEY_ED25519: return .ed25519
        case EVP_PKEY_ED448: return .ed448
        default: return .other
        }
    }

    private func curve(of key: OpaquePointer) -> String {
        var name = [CChar](repeating: 0, count: 64)
        var count = 0
        // SAFETY: bound: the array's count; OpenSSL says how much it has written.
        let status = unsafe name.withUnsafeMutableBufferPointer {
            unsafe EVP_PKEY_get_group_name(key, $0.baseAddress, $0.count, &count)
        }
        guard status == 1 else { return "" }
        return String(decoding: name.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
