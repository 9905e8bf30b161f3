import Testing

@testable import Platform

@Suite("Build stamp")
struct BuildStampTests {
    @Test("The commit is twelve hexadecimal digits, or not known")
    func commit() {
        let digits = BuildStamp.commit.prefix { $0 != "+" }
        #expect(digits == "unknown" || (digits.count == 12 && digits.allSatisfy(\.isHexDigit)))
    }
}
