internal import COpenSSL

/// Asks an OCSP responder (RFC 5019 §5), by OpenSSL's HTTP client; blocks, so it is for a thread
/// that has nothing else to do.
///
/// The environment's `http_proxy` and `no_proxy` are heeded, and redirects are followed. A name is
/// resolved by the system, whose patience is not bounded by `timeout`.
public enum OCSPClient {
    /// Sends a request and returns the responder's answer, which nobody has judged yet.
    ///
    /// - Parameters:
    ///   - url: begins with `http://`.
    ///   - timeout: for connecting and the answer, each; whole seconds, at least one.
    /// - Throws: `OCSPError.unreachable` with OpenSSL's reason.
    public static func ask(_ url: String, request: [UInt8], timeout: Duration) throws(OCSPError)
        -> [UInt8]
    {
        let seconds = Int32(clamping: max(1, timeout.components.seconds))
        let long = url + (url.hasSuffix("/") ? "" : "/") + escaped(base64(request))
        defer { ERR_clear_error() }
        // SAFETY: OpenSSL reads the strings during the call; the answer is ours.
        let answer =
            long.utf8.count <= longestGet
            ? unsafe OSSL_HTTP_get(
                long, nil, nil, nil, nil, nil, nil, 0, nil, nil, 1, sizeLimit, seconds)
            : try unsafe post(url, request, seconds)
        guard let answer = unsafe answer else { throw .unreachable(reason()) }
        defer { unsafe BIO_free_all(answer) }
        return try unsafe read(answer)
    }

    /// A request that makes a longer address is sent as a body (RFC 5019 §5).
    private static func post(_ url: String, _ request: [UInt8], _ seconds: Int32) throws(OCSPError)
        -> OpaquePointer?
    {
        var host: UnsafeMutablePointer<CChar>?
        var port: UnsafeMutablePointer<CChar>?
        var path: UnsafeMutablePointer<CChar>?
        var isTLS: Int32 = 0
        // SAFETY: the parts are ours and freed below; the body is ours, OpenSSL reads it.
        guard
            unsafe OSSL_HTTP_parse_url(url, &isTLS, nil, &host, &port, nil, &path, nil, nil) == 1,
            let body = MemoryBIO(request)
        else { throw .unreachable(reason()) }
        defer {
            unsafe CRYPTO_free(host, nil, 0)
            unsafe CRYPTO_free(port, nil, 0)
            unsafe CRYPTO_free(path, nil, 0)
        }
        return unsafe OSSL_HTTP_transfer(
            nil, host, port, path, 0, nil, nil, nil, nil, nil, nil, 0, nil,
            "application/ocsp-request", body.handle, nil, 1, sizeLimit, seconds, 0)
    }

    private static func read(_ answer: OpaquePointer) throws(OCSPError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            // SAFETY: bound: the array's count.
            let count = unsafe BIO_read(answer, &chunk, Int32(chunk.count))
            guard count > 0 else { return bytes }
            bytes += chunk[..<Int(count)]
            guard bytes.count <= sizeLimit else { throw .unreachable("the answer is too long") }
        }
    }

    /// The first error in words, with what OpenSSL noted beside it: a status, or an address.
    private static func reason() -> String {
        var note: UnsafePointer<CChar>?
        var flags: Int32 = 0
        // SAFETY: lifetime: the texts belong to OpenSSL's queue and are copied before it changes;
        // bound: they end in NUL.
        let code = unsafe ERR_peek_error_all(nil, nil, nil, &note, &flags)
        var text = ""
        if code != 0, flags & ERR_TXT_STRING != 0, let note = unsafe note {
            text = unsafe String(cString: note)
        }
        return ErrorQueue.takeText() + (text.isEmpty ? "" : " (\(text))")
    }

    /// Base64 with padding (RFC 4648 §4).
    static func base64(_ bytes: [UInt8]) -> String {
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        // SAFETY: bound: four characters for three bytes begun, and NUL.
        let count = unsafe EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        return String(decoding: text[..<Int(count)], as: UTF8.self)
    }

    /// The three characters of Base64 that mean something in an address, escaped.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "+": result += "%2B"
            case "/": result += "%2F"
            case "=": result += "%3D"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// In bytes (RFC 5019 §5).
    private static let longestGet = 255
    /// In bytes; answers have some hundreds, with a chain of certificates some thousands.
    private static let sizeLimit = 65_536
}
