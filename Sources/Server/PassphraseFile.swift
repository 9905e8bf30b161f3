internal import Config
internal import Platform

/// The file of a key's passphrase.
enum PassphraseFile {
    /// The passphrase of a pair, nil where it has none, and what is to be said about its file.
    ///
    /// - Parameter key: the text of the key, which may not need one.
    static func read(
        _ pair: CertificatePair, key: [UInt8], file: String
    ) -> (passphrase: [UInt8]?, remark: Diagnostic?) {
        guard let path = pair.passphraseFile else { return (nil, nil) }
        func remark(_ severity: Diagnostic.Severity, _ message: String) -> Diagnostic {
            Diagnostic(severity, file: file, mark: pair.passphraseMark, message: message)
        }
        guard String(decoding: key, as: UTF8.self).contains("ENCRYPTED") else {
            return (nil, remark(.warning, "the key '\(pair.key)' needs no passphrase"))
        }
        do throws(SystemError) {
            let text = try Files.read(path, atMost: fileLimit)
            let passphrase = firstLine(of: text)
            guard !passphrase.isEmpty else {
                return (nil, remark(.error, "the first line of '\(path)' is empty"))
            }
            guard passphrase.count <= passphraseLimit else {
                return (
                    nil,
                    remark(
                        .error,
                        "the first line of '\(path)' has more than \(passphraseLimit) bytes")
                )
            }
            return (passphrase, nil)
        } catch {
            return (nil, remark(.error, "cannot read the passphrase: \(error)"))
        }
    }

    /// What stands before the first line end, LF or CR LF.
    static func firstLine(of text: [UInt8]) -> [UInt8] {
        var line = Array(text.prefix { $0 != UInt8(ascii: "\n") })
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line
    }

    /// OpenSSL asks for a passphrase with a buffer of this size.
    private static let passphraseLimit = 1024

    /// More is no file of a passphrase.
    private static let fileLimit = 64 << 10
}
