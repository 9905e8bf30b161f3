extension CertificatePair {
    /// The keys of an entry of `certificates`.
    static let shape = Shape(
        CertificatePair(chain: "", key: ""),
        keys: [
            Key("chain", \.locatedChain, .located(.path), required: true),
            Key("key", \.locatedKey, .located(.path), required: true),
            Key("ocsp_response", \.locatedResponse, .optional(.located(.path))),
            Key("must_staple", \.mustStaple, .choice),
            Key("passphrase_file", \.locatedPassphrase, .optional(.located(.path))),
        ])

    private var locatedChain: Located<String> {
        get { Located(value: chain, mark: chainMark) }
        set { (chain, chainMark) = (newValue.value, newValue.mark) }
    }

    private var locatedKey: Located<String> {
        get { Located(value: key, mark: keyMark) }
        set { (key, keyMark) = (newValue.value, newValue.mark) }
    }

    private var locatedResponse: Located<String>? {
        get { ocspResponse.map { Located(value: $0, mark: ocspResponseMark) } }
        set {
            ocspResponse = newValue?.value
            ocspResponseMark = newValue?.mark ?? SourceMark()
        }
    }

    private var locatedPassphrase: Located<String>? {
        get { passphraseFile.map { Located(value: $0, mark: passphraseMark) } }
        set {
            passphraseFile = newValue?.value
            passphraseMark = newValue?.mark ?? SourceMark()
        }
    }
}
