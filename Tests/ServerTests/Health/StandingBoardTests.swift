import Platform
import Proxy
import Telemetry
import Testing

@testable import Server

struct StandingBoardTests {
    @Test("A change is told to every worker, and kept for those to come")
    func change() throws {
        let board = StandingBoard()
        let workers = [try Mailbox<WorkerMessage>(), try Mailbox<WorkerMessage>()]
        board.connect(workers)
        let subject = HealthBookTests.subject("board")
        #expect(board.standing(of: subject.label) == ServerStanding())
        board.change(subject.label) { $0.isDrained = true }
        var found = ServerStanding()
        found.isCheckedDown = true
        board.take([subject.label: found])
        for worker in workers {
            let told = worker.drain().compactMap { message -> ServerStanding? in
                guard case .standings(let standings) = message else { return nil }
                return standings[subject.label]
            }
            #expect(told.map(\.isCheckedDown) == [false, true])
            #expect(told.map(\.isDrained) == [true, true])
        }
        #expect(board.standing(of: subject.label).isDrained)
        board.keep([])
        #expect(board.standing(of: subject.label) == ServerStanding())
    }

    @Test("What operators are told is kept by backend and server")
    func status() {
        let board = StandingBoard()
        let subject = HealthBookTests.subject("board")
        let status = HealthStatus(
            state: .down, since: WallTime(seconds: 1), isChecked: true, lastCheck: nil,
            lastError: "no")
        board.note(status, of: subject)
        #expect(board.status(backend: "b", server: "board") == status)
        #expect(board.status(backend: "c", server: "board") == nil)
        board.keep([HealthBookTests.subject("other")])
        #expect(board.status(backend: "b", server: "board") == nil)
    }
}
