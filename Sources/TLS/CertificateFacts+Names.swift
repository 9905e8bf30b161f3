internal import COpenSSL

extension CertificateFacts {
    /// The alternative names of a type of OpenSSL's whose value is a text, byte for byte.
    func alternativeNames(_ type: Int32) -> [[UInt8]] {
        // SAFETY: the list is ours and freed below; its texts are copied before.
        let list = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil)
        guard let list = unsafe list.map({ OpaquePointer($0) }) else { return [] }
        defer { unsafe martlet_GENERAL_NAMES_free(list) }
        var found: [[UInt8]] = []
        for index in 0..<(unsafe martlet_sk_GENERAL_NAME_num(list)) {
            guard let text = unsafe martlet_text_name(list, index, type) else { continue }
            // SAFETY: bound: the text's own length.
            let count = unsafe Int(ASN1_STRING_length(text))
            unsafe found.append(
                Array(UnsafeBufferPointer(start: ASN1_STRING_get0_data(text), count: count)))
        }
        return found
    }
}
