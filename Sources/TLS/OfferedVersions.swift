/// Which versions of TLS a ClientHello offers.
struct OfferedVersions: Equatable {
    /// A bit for each version from SSL 3.0 to TLS 1.3.
    private var bits: UInt8 = 0

    /// None.
    init() {}

    /// All versions up to that of the ClientHello's head, as clients before TLS 1.3 mean it (RFC
    /// 5246 §E.1).
    init(legacy version: UInt16) {
        guard (0x0300...0x0303).contains(version) else { return }
        bits = UInt8(truncatingIfNeeded: (1 << (version - 0x0300 + 1)) - 1)
    }

    /// The list of the supported_versions extension (RFC 8446 §4.2.1): its length in one byte, then
    /// two bytes each. What is malformed offers nothing.
    init(extension data: Span<UInt8>) {
        guard data.count > 2, Int(data[0]) == data.count - 1 else { return }
        var position = 1
        while position + 1 < data.count {
            let version = UInt16(data[position]) << 8 | UInt16(data[position + 1])
            if (0x0300...0x0304).contains(version) { bits |= 1 << UInt8(version - 0x0300) }
            position += 2
        }
    }

    /// Their names, the newest first.
    var names: [String] {
        OfferedVersions.allNames.enumerated().reversed()
            .filter { bits & 1 << UInt8($0.offset) != 0 }
            .map(\.element)
    }

    private static let allNames = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
}
