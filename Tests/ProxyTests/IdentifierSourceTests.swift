import Bytes
import Testing

@testable import Proxy

@Suite("IdentifierSource")
struct IdentifierSourceTests {
    /// The first numbers that the authors' program gives for the seed 1, 2, 3, 4.
    @Test("The numbers are those of xoshiro256**")
    func known() {
        var source = IdentifierSource(seed: (1, 2, 3, 4))
        let numbers = (0..<4).map { _ in source.next() }
        #expect(numbers == [11520, 0, 1_509_978_240, 1_215_971_899_390_074_240])
    }

    @Test("An id has 16 digits for each word, and two sources differ")
    func ids() {
        var one = IdentifierSource()
        var other = IdentifierSource()
        let first = written { one.append(words: 2, to: &$0) }
        let second = written { other.append(words: 2, to: &$0) }
        #expect(first.count == 32 && second.count == 32 && first != second)
        #expect(first.allSatisfy { $0.isHexDigit && !$0.isUppercase })
    }
}
