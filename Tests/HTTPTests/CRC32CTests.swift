import Testing

@testable import HTTP

struct CRC32CTests {
    @Test(
        "The checksum is Castagnoli's",
        arguments: [
            ([], 0), (Array("123456789".utf8), 0xe306_9283),
            (Array(repeating: 0, count: 32), 0x8a91_36aa),
            (Array(repeating: 0xff, count: 32), 0x62a8_ab43),
        ] as [([UInt8], UInt32)])
    func known(_ bytes: [UInt8], _ value: UInt32) {
        var sum = CRC32C()
        sum.update(bytes.span)
        #expect(sum.value == value)
    }
}
