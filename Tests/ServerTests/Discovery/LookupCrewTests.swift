import Foundation
import Platform
import Testing

@testable import Server

struct LookupCrewTests {
    @Test("Seven silent name servers do not keep an eighth from answering")
    func silence() throws {
        let crew = try LookupCrew()
        let release = DispatchSemaphore(value: 0)
        for index in 0..<7 {
            crew.ask(.host("silent\(index)")) {
                release.wait()
                return LookupResult(question: $0, outcome: .failure(.timeout))
            }
        }
        for index in 0..<3 {
            crew.ask(.host("good\(index)")) {
                LookupResult(question: $0, outcome: .success(.addresses([])))
            }
        }
        #expect(collect(3, crew) == ["good0", "good1", "good2"])
        for _ in 0..<7 { release.signal() }
        #expect(collect(7, crew).count == 7)
    }

    @Test("Questions beyond the threads wait for their turn, and all are answered")
    func queue() throws {
        let crew = try LookupCrew()
        for index in 0..<500 {
            crew.ask(.host("\(index)")) { LookupResult(question: $0, outcome: .failure(.failed)) }
        }
        #expect(collect(500, crew).count == 500)
    }

    private func collect(_ count: Int, _ crew: LookupCrew) -> Set<String> {
        var names: Set<String> = []
        while names.count < count {
            guard Poll.wait([crew.answers.rawDescriptor], timeout: .seconds(60))[0] else { break }
            for result in crew.answers.drain() { names.insert(result.question.name) }
        }
        return names
    }
}
