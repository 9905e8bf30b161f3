import Config
import Testing

@testable import Proxy

@Suite("RetryCauses")
struct RetryCausesTests {
    @Test("A status counts as a failure exactly where it was named")
    func statuses() {
        for cause in RetryCause.allCases {
            let causes = RetryCauses([cause])
            for status in 100...599 {
                #expect(causes.contains(status: status) == (cause.rawValue == "\(status)"))
            }
        }
    }

    @Test("Each cause is one of its own")
    func distinct() {
        #expect(Set(RetryCause.allCases.map { RetryCauses([$0]).rawValue }).count == 10)
        #expect(RetryCauses([.connect, .reset]) == [.connect, .reset])
        #expect(RetryCauses([]) == [])
    }
}
