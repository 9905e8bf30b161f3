import Testing

@testable import Telemetry

@Suite("Name table")
struct NameTableTests {
    private let names = NameTable()

    @Test("A name keeps its number, counted from 1, and each kind of name has numbers of its own")
    func numbers() {
        #expect(names.site("a") == 1)
        #expect(names.site("b") == 2)
        #expect(names.site("a") == 1)
        #expect(names.listener("b") == 1)
        #expect(names.reason("c") == 1)
        #expect(names.server("x", "y") == 1)
        #expect(names.siteName(1) == "a")
        #expect(names.siteName(2) == "b")
        #expect(names.listenerName(1) == "b")
        #expect(names.reasonName(1) == "c")
    }

    @Test("A number that nobody has stands for no name", arguments: [-1, 0, 2])
    func unknown(number: Int) {
        _ = names.site("a")
        _ = names.listener("a")
        _ = names.reason("a")
        _ = names.server("a", "b")
        #expect(names.siteName(number) == "")
        #expect(names.listenerName(number) == "")
        #expect(names.reasonName(number) == "")
        #expect(names.serverNames(number) == (backend: "", server: ""))
    }

    @Test(
        "Backend and server are told apart",
        arguments: [("a", "b"), ("", "ab"), ("ab", ""), ("http://h:1", "h:1"), ("", "")])
    func servers(backend: String, server: String) {
        let number = Int(names.server(backend, server))
        #expect(names.serverNames(number) == (backend: backend, server: server))
        #expect(Int(names.server(backend + "x", server)) == number + 1)
    }
}
