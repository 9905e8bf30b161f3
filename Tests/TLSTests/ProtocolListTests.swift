import Testing

@testable import TLS

struct ProtocolListTests {
    @Test(
        "A name is found where it stands whole",
        arguments: [
            ([1, 97], 0), ([2, 104, 50], 2), ([1, 98], nil), ([2, 97, 2], nil), ([], nil),
        ] as [([UInt8], Int?)])
    func find(_ name: [UInt8], _ place: Int?) {
        let list: [UInt8] = [1, 97, 2, 104, 50, 9, 1]
        #expect(ProtocolList.find(name.span, in: list.span) == place)
    }

    @Test(
        "The list of an extension is what its length says, and nothing where that is wrong",
        arguments: [
            ([0, 2, 1, 97], 2), ([0, 3, 1, 97], 0), ([0, 1, 1, 97], 0), ([0, 0], 0), ([], 0),
        ] as [([UInt8], Int)])
    func list(_ data: [UInt8], _ count: Int) {
        #expect(ProtocolList.list(in: data.span).count == count)
    }
}
