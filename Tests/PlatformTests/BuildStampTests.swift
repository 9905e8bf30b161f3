import Platform
import Testing

@Suite("Build stamp")
struct BuildStampTests {
    @Test("The commit is its number, perhaps with a plus sign, or unknown")
    func commit() {
        let form = #/[0-9a-f]{7,40}\+?|unknown/#
        #expect(BuildStamp.commit.wholeMatch(of: form) != nil)
    }
}
