internal import COpenSSL

/// Base64 (RFC 4648 §4), by OpenSSL.
public enum Base64 {
    /// The text of some bytes, with padding and without line breaks.
    public static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        // SAFETY: bound: four bytes are written for each three that are begun, and a NUL.
        let count = unsafe text.withUnsafeMutableBufferPointer {
            unsafe EVP_EncodeBlock($0.baseAddress, bytes, Int32(bytes.count))
        }
        text.removeLast(text.count - Int(count))
        return text
    }

    /// The bytes of a text with padding; nil where it is malformed.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard !text.isEmpty, text.count.isMultiple(of: 4) else { return nil }
        let input = Array(text)
        var output = [UInt8](repeating: 0, count: input.count / 4 * 3)
        // SAFETY: bound: three bytes are written for each four that are read.
        let count = unsafe output.withUnsafeMutableBufferPointer {
            unsafe EVP_DecodeBlock($0.baseAddress, input, Int32(input.count))
        }
        guard count >= 0 else {
            ERR_clear_error()
            return nil
        }
        // OpenSSL counts the bytes that padding stands for.
        let padding = input.suffix(2).count { $0 == UInt8(ascii: "=") }
        return Array(output.prefix(Int(count) - padding))
    }
}
