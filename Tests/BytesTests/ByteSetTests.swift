import Bytes
import Testing

struct ByteSetTests {
    @Test("A set has exactly the bytes that it was made of")
    func membership() {
        for member in UInt8.min...UInt8.max {
            let set = ByteSet([member])
            let found = (UInt8.min...UInt8.max).filter { set.contains($0) }
            #expect(found == [member])
        }
        #expect((UInt8.min...UInt8.max).allSatisfy { !ByteSet([]).contains($0) })
    }

    @Test("The sets of the grammar have the sizes that the RFCs give them")
    func grammar() {
        func size(_ set: ByteSet) -> Int {
            (UInt8.min...UInt8.max).filter { set.contains($0) }.count
        }
        #expect(size(.digits) == 10)
        #expect(size(.alphanumerics) == 62)
        #expect(size(.tokenCharacters) == 77)
        #expect(size(.fieldValueCharacters) == 256 - 32 - 1 + 1)
        for byte in Array("\"(),/:;<=>?@[\\]{} \t\r\n\0".utf8) {
            #expect(!ByteSet.tokenCharacters.contains(byte))
        }
        for byte in Array("\0\r\n\u{7f}\u{1b}".utf8) {
            #expect(!ByteSet.fieldValueCharacters.contains(byte))
        }
    }

    @Test("Only ASCII capitals become small")
    func lowercase() {
        for byte in UInt8.min...UInt8.max {
            let isCapital = (0x41...0x5a).contains(byte)
            #expect(byte.asciiLowercased == (isCapital ? byte + 32 : byte))
        }
    }

    @Test("Hexadecimal digits have their value, other bytes have none")
    func hexadecimal() {
        for byte in UInt8.min...UInt8.max {
            let digit = byte < 0x80 ? Character(UnicodeScalar(byte)).hexDigitValue : nil
            #expect(byte.hexadecimalValue.map(Int.init) == digit)
        }
    }
}
