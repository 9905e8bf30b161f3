import Testing

@testable import TLS

struct OfferedVersionsTests {
    @Test(
        "A head without the extension offers all versions up to its own",
        arguments: [
            (UInt16(0x0300), ["SSLv3"]), (0x0301, ["TLSv1", "SSLv3"]),
            (0x0303, ["TLSv1.2", "TLSv1.1", "TLSv1", "SSLv3"]), (0x0304, []), (0x0200, []),
        ] as [(UInt16, [String])])
    func legacy(version: UInt16, names: [String]) {
        #expect(OfferedVersions(legacy: version).names == names)
    }

    @Test(
        "The extension lists them; values that are no version (RFC 8701) are passed over",
        arguments: [
            ([4, 3, 4, 3, 3], ["TLSv1.3", "TLSv1.2"]), ([2, 3, 1], ["TLSv1"]),
            ([6, 0x7a, 0x7a, 3, 4, 3, 3], ["TLSv1.3", "TLSv1.2"]),
            ([4, 3, 4], []), ([0], []), ([], []), ([3, 3, 4, 3], ["TLSv1.3"]),
        ] as [([UInt8], [String])])
    func list(bytes: [UInt8], names: [String]) {
        #expect(OfferedVersions(extension: bytes.span).names == names)
    }
}
