import Testing

@testable import Server

struct RiseAndFallTests {
    /// `+` for a check that passed and `-` for one that failed; the state after each as `u` or `d`.
    @Test(
        "The state follows after so many in a row; the first check decides alone",
        arguments: [
            (true, 2, 3, "+--+---", "uuuuuud"), (true, 2, 3, "-", "d"), (true, 2, 3, "-++", "ddu"),
            (true, 2, 3, "-+-++", "ddddu"), (true, 1, 1, "+-+-", "udud"), (false, 2, 3, "+", "u"),
            (false, 3, 1, "-+++-", "dddud"), (true, 3, 2, "+-+--", "uuuud"),
        ])
    func states(isUp: Bool, rise: Int, fall: Int, checks: String, states: String) {
        var counter = RiseAndFall(isUp: isUp)
        var found = ""
        for check in checks {
            let before = counter.isUp
            let count = counter.record(passed: check == "+", rise: rise, fall: fall)
            #expect((count != nil) == (counter.isUp != before))
            found += counter.isUp ? "u" : "d"
        }
        #expect(found == states)
    }

    @Test("A change says how many checks led to it")
    func count() {
        var counter = RiseAndFall()
        #expect(counter.record(passed: false, rise: 2, fall: 3) == 1)
        #expect(counter.record(passed: true, rise: 2, fall: 3) == nil)
        #expect(counter.record(passed: true, rise: 2, fall: 3) == 2)
    }
}
