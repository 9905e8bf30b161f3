import Testing

@testable import Server

struct StartErrorTests {
    @Test("The exit code tells the kind: 1 the configuration, 3 the machine")
    func codes() {
        #expect(StartError.configuration("a").exitCode == 1)
        #expect(StartError.environment("a").exitCode == 3)
        #expect("\(StartError.environment("a"))" == "a")
    }
}
