internal import COpenSSL

/// SHA-256 over some bytes, as a value to compare and to look up by.
public struct SHA256Digest: Hashable, Sendable {
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// Digests bytes.
    public init(_ bytes: Span<UInt8>) {
        var words = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        // SAFETY: bound: the span's count; SHA-256 writes 32 bytes, which the words have.
        unsafe bytes.withUnsafeBufferPointer { input in
            unsafe withUnsafeMutableBytes(of: &words) { output in
                _ = unsafe EVP_Digest(
                    input.baseAddress, input.count,
                    output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, EVP_sha256(), nil)
            }
        }
        (first, second, third, fourth) = words
    }
}
