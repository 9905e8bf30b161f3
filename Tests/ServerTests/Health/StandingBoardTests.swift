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
        board.keep([], backends: [])
        #expect(board.standing(of: subject.label) == ServerStanding())
    }

    @Test("A server that the operator has let in rises when he said so")
    func ready() {
        let board = StandingBoard()
        let subject = HealthBookTests.subject("board")
        let times = (1...3).map { MonotonicTime(nanoseconds: $0) }
        board.change(subject.label) { $0.risenAt = times[1] }
        for (found, expected) in [(times[0], times[1]), (nil, times[1]), (times[2], times[2])] {
            var standing = ServerStanding()
            standing.risenAt = found
            board.take([subject.label: standing])
            #expect(board.standing(of: subject.label).risenAt == expected)
        }
    }

    @Test("A drained server that is missing for a while comes back drained, and nothing else")
    func drained() {
        let board = StandingBoard()
        let subject = HealthBookTests.subject("board")
        board.keep([subject], backends: ["b"])
        board.change(subject.label) {
            $0.isDrained = true
            $0.isCheckedDown = true
        }
        board.keep([], backends: ["b"])
        #expect(board.standing(of: subject.label).isDrained)
        #expect(!board.standing(of: subject.label).isCheckedDown)
        board.keep([subject], backends: ["b"])
        #expect(board.standing(of: subject.label).isDrained)
        board.keep([], backends: ["c"])
        #expect(board.standing(of: subject.label) == ServerStanding())
    }

    /// A pod that took the place of a drained one was born drained.
    @Test(
        "Another address that gets a drained server's number takes clients; a name's only one not",
        arguments: [("pods#2", true), ("pods", true), ("db", false)])
    func anotherAddress(name: String, isAnother: Bool) throws {
        let board = StandingBoard()
        let worker = try Mailbox<WorkerMessage>()
        board.connect([worker])
        let old = HealthBookTests.subject(name, port: 1)
        let new = HealthBookTests.subject(name, port: 2)
        #expect(board.meet([old]).isEmpty)
        board.change(old.label) { $0.isDrained = true }
        // It is missing for a while, and comes back as it was.
        for servers in [[], [old], []] { #expect(board.meet(servers).isEmpty) }
        _ = worker.drain()
        let kin = HealthBookTests.subject("pods#3", port: 3)
        #expect(board.meet([new, kin]) == (isAnother ? [new] : []))
        #expect(board.standing(of: new.label).isDrained != isAnother)
        let told = worker.drain().compactMap { message -> Bool? in
            guard case .standings(let standings) = message else { return nil }
            return standings[new.label]?.isDrained
        }
        #expect(told == (isAnother ? [false] : []))
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
        board.keep([HealthBookTests.subject("other")], backends: ["b"])
        #expect(board.status(backend: "b", server: "board") == nil)
    }
}
