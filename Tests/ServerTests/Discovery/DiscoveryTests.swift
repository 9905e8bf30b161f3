import Config
import Platform
import Telemetry
import TestSupport
import Testing

@testable import Server

struct DiscoveryTests {
    private let names = FakeNames()
    private let discovery: Discovery
    private let long = Duration.seconds(60)

    init() throws { discovery = try names.discovery() }

    private func server(_ text: String) -> ServerConfig {
        let parts = text.split(separator: ":")
        let (host, port) = (String(parts[0]), UInt16(parts[1]) ?? 1)
        let isAddress = host.allSatisfy { $0.isNumber || $0 == "." }
        return ServerConfig(
            address: isAddress ? .ip(host: host, port: port) : .name(host: host, port: port),
            text: text)
    }

    private func config(_ servers: String...) -> ProxyConfig {
        var config = ProxyConfig()
        config.backends = [BackendConfig(name: "b", servers: servers.map(server))]
        return config
    }

    private func config(_ discovery: DiscoveryConfig) -> ProxyConfig {
        var config = ProxyConfig()
        config.backends = [BackendConfig(name: "b", servers: [])]
        config.backends[0].discovery = discovery
        return config
    }

    private func found(_ config: ProxyConfig) -> [String] {
        discovery.servers(of: config.backends[0]).map {
            "\($0.name) \($0.address) \($0.weight)\($0.isBackup ? " backup" : "")"
        }
    }

    @Test("Each address of a name is a server of its own, beside those that are addresses")
    func addresses() {
        names.set("a.example", "10.0.0.1", "[::1]")
        let config = config("a.example:80", "10.0.0.9:81")
        #expect(discovery.prepare(config, .start, patience: long) == [])
        #expect(
            found(config) == [
                "a.example:80 10.0.0.1:80 1", "a.example:80#2 [::1]:80 1",
                "10.0.0.9:81 10.0.0.9:81 1",
            ])
        #expect(discovery.servers(of: config.backends[0]).map(\.kin) == [0, 0, nil])
    }

    @Test("Nobody waits longer than patience lasts, and what comes later is adopted")
    func patience() {
        names.set("a.example", "10.0.0.1")
        names.silence(.host("a.example"))
        let config = config("a.example:80")
        _ = discovery.prepare(config, .start, patience: .milliseconds(20))
        #expect(found(config) == [])
        discovery.follow(config, now: .now())
        names.set("a.example", "10.0.0.1")
        #expect(discovery.turn { !discovery.dirty.isEmpty })
        #expect(discovery.takeDirty() == [0])
        #expect(found(config) == ["a.example:80 10.0.0.1:80 1"])
        #expect(discovery.dirty.isEmpty)
    }

    @Test("A reload waits for names that are new, not for those that are known")
    func reload() {
        names.set("a.example", "10.0.0.1", ttl: 1)
        let first = config("a.example:80")
        _ = discovery.prepare(first, .start, patience: long)
        discovery.follow(first, now: .now())
        names.silence(.host("a.example"))
        // It is being asked about, and nobody answers.
        discovery.turn(now: .now() + .seconds(5))
        names.set("b.example", "10.0.0.2")
        let next = config("a.example:80", "b.example:80")
        let start = MonotonicTime.now()
        _ = discovery.prepare(next, .reload, patience: .seconds(600))
        #expect(MonotonicTime.now() - start < .seconds(300))
        #expect(found(next) == ["a.example:80 10.0.0.1:80 1", "b.example:80 10.0.0.2:80 1"])
        names.set("a.example", "10.0.0.1")
    }

    @Test("With off a name is looked up at a reload only")
    func off() {
        names.set("a.example", "10.0.0.1", ttl: 1)
        var config = config("a.example:80")
        config.backends[0].resolve = .off
        _ = discovery.prepare(config, .start, patience: long)
        discovery.follow(config, now: .now())
        #expect(discovery.wakeAt == .distantFuture)
        names.set("a.example", "10.0.0.2")
        _ = discovery.prepare(config, .renewal, patience: long)
        #expect(found(config) == ["a.example:80 10.0.0.1:80 1"])
        _ = discovery.prepare(config, .reload, patience: long)
        #expect(found(config) == ["a.example:80 10.0.0.2:80 1"])
    }

    @Test("A name that is found no more keeps its addresses")
    func kept() {
        names.set("a.example", "10.0.0.1", ttl: 1)
        let config = config("a.example:80")
        _ = discovery.prepare(config, .start, patience: long)
        discovery.follow(config, now: .now())
        names.set(.host("a.example"), .failure(.notFound))
        let later = MonotonicTime.now() + .seconds(5)
        #expect(
            discovery.turn(now: later) {
                discovery.book[.host("a.example")]?.failure == .notFound
            })
        #expect(found(config) == ["a.example:80 10.0.0.1:80 1"])
    }

    @Test("SRV records give servers, ports, weights and backups")
    func services() {
        let name = "_http._tcp.example"
        names.set(
            .service(name),
            .success(
                .services([
                    DNSService(priority: 20, weight: 0, port: 3, target: "c.example"),
                    DNSService(priority: 10, weight: 0, port: 1, target: "a.example"),
                    DNSService(priority: 10, weight: 65_535, port: 2, target: "b.example"),
                ])))
        names.set("a.example", "10.0.0.1")
        names.set("b.example", "10.0.0.1", "10.0.0.2")
        names.set("c.example", "10.0.0.3")
        let config = config(.service(name))
        _ = discovery.prepare(config, .start, patience: long)
        #expect(
            found(config) == [
                "\(name) 10.0.0.1:1 1", "\(name)#2 10.0.0.1:2 256", "\(name)#3 10.0.0.2:2 256",
                "\(name)#4 10.0.0.3:3 1 backup",
            ])
    }

    @Test("A service that moves is adopted once its new host has an address")
    func serviceMoves() {
        let name = "_http._tcp.example"
        func point(to target: String) {
            names.set(
                .service(name),
                .success(
                    .services([DNSService(priority: 1, weight: 1, port: 1, target: target)])),
                ttl: 1)
        }
        point(to: "a.example")
        names.set("a.example", "10.0.0.1")
        let config = config(.service(name))
        _ = discovery.prepare(config, .start, patience: long)
        discovery.follow(config, now: .now())
        names.set("b.example", "10.0.0.2")
        names.silence(.target("b.example"))
        point(to: "b.example")
        let later = MonotonicTime.now() + .seconds(5)
        #expect(discovery.turn(now: later) { names.asked.contains(.target("b.example")) })
        #expect(discovery.takeDirty() == [])
        names.set("b.example", "10.0.0.2")
        #expect(
            discovery.turn(now: later) { discovery.book[.target("b.example")]?.isSettled == true })
        #expect(discovery.takeDirty() == [0])
        #expect(found(config) == ["\(name) 10.0.0.2:1 1"])
    }

    @Test("A weight of 16 bits becomes one of 8")
    func weights() {
        #expect([0, 1, 256].map { Discovery.weight($0, heaviest: 256) } == [1, 1, 256])
        #expect([0, 1, 257].map { Discovery.weight($0, heaviest: 257) } == [1, 1, 256])
        let heavy = [1, 255, 32_768, 65_535].map { Discovery.weight($0, heaviest: 65_535) }
        #expect(heavy == [1, 1, 128, 256])
    }

    @Test("A file gives servers; it is read anew when it changes, unless it has a mistake")
    func file() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("10.0.0.1:80\n10.0.0.2:80 weight=3 backup\n", to: "s.txt")
        let config = config(.file(FileReference(path: path)))
        #expect(discovery.prepare(config, .start, patience: long) == [])
        let first = ["10.0.0.1:80 10.0.0.1:80 1", "10.0.0.2:80 10.0.0.2:80 3 backup"]
        #expect(found(config) == first)
        discovery.follow(config, now: .now())
        try folder.write("10.0.0.1:80\nnonsense here\n", to: "s.txt")
        let later = MonotonicTime.now() + .seconds(60)
        discovery.turn(now: later)
        #expect(discovery.dirty.isEmpty)
        #expect(found(config) == first)
        try folder.write("10.0.0.3:80\n", to: "s.txt")
        discovery.turn(now: later + .seconds(60))
        #expect(discovery.takeDirty() == [0])
        #expect(found(config) == ["10.0.0.3:80 10.0.0.3:80 1"])
    }

    /// `check` exited with 1 where the user's inotify instances were used up.
    @Test("Only who follows files of servers asks for a watcher, and does without one")
    func watcher() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("10.0.0.1:80\n", to: "s.txt")
        var asked = 0
        let discovery = try Discovery(
            DiscoveryJournal(events: nil, registry: MetricsRegistry()),
            makeWatcher: {
                asked += 1
                return nil
            })
        let next = config(.file(FileReference(path: path)))
        discovery.follow(config("10.0.0.9:80"), now: .now())
        #expect(discovery.prepare(next, .check, patience: long) == [])
        #expect(asked == 0)
        discovery.follow(next, now: .now())
        #expect(asked == 1)
        try folder.write("10.0.0.3:80\n", to: "s.txt")
        discovery.turn(now: .now() + .seconds(60))
        #expect(discovery.takeDirty() == [0])
        #expect(discovery.servers(of: next.backends[0]).map(\.name) == ["10.0.0.3:80"])
    }

    @Test("A file that is wrong when somebody looks is said with its places")
    func badFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("10.0.0.1\n", to: "s.txt")
        let missing = config(.file(FileReference(path: folder.path("none.txt"))))
        let faults = discovery.prepare(
            config(.file(FileReference(path: path))), .check, patience: long)
        #expect(faults.count == 1 && faults[0].hasPrefix("\(path):1:1: error: "), "\(faults)")
        let others = discovery.prepare(missing, .check, patience: long)
        #expect(others.count == 1 && others[0].contains("No such file"), "\(others)")
    }

    @Test("Servers of files are called by numbers once there have been very many")
    func labels() {
        for index in 0..<Discovery.maximumLabels {
            #expect(discovery.mayName("10.0.0.1:\(index)", backend: "b"))
        }
        #expect(!discovery.mayName("new", backend: "b"))
        #expect(discovery.mayName("10.0.0.1:7", backend: "b"))
        #expect(discovery.mayName("new", backend: "c"))
    }

    @Test("A file of all the servers that it may list has none left out, whatever they are called")
    func largeFile() throws {
        for index in 0..<Discovery.maximumLabels {
            _ = discovery.mayName("old:\(index)", backend: "b")
        }
        names.set("a.example", "10.1.0.1")
        let folder = try TemporaryFolder()
        let lines = (1..<ServerList.maximumServers).map { "10.0.\($0 / 250).\($0 % 250):80" }
        let text = (lines + ["a.example:81"]).joined(separator: "\n")
        let path = try folder.write(text, to: "s.txt")
        let config = config(.file(FileReference(path: path)))
        #expect(discovery.prepare(config, .start, patience: long) == [])
        let all = found(config)
        #expect(all.count == ServerList.maximumServers)
        #expect(all.last == "file#1000 10.1.0.1:81 1")
    }

    @Test("A socket file in a file of servers is a mistake where certificates are for hosts")
    func hostless() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("unix:/s\n", to: "s.txt")
        var config = config(.file(FileReference(path: path)))
        #expect(discovery.prepare(config, .check, patience: long) == [])
        config.backends[0].tls = BackendTLSConfig()
        #expect(discovery.prepare(config, .check, patience: long).count == 1)
        config.backends[0].tls = BackendTLSConfig(serverName: "a")
        #expect(discovery.prepare(config, .check, patience: long) == [])
    }

    @Test("Of very many services the first are asked about", arguments: [255, 256, 257])
    func manyServices(count: Int) {
        let name = "_http._tcp.example"
        let services = (1...count).map {
            DNSService(priority: 1, weight: 1, port: UInt16($0), target: "a.example")
        }
        names.set(.service(name), .success(.services(services)))
        names.set("a.example", "10.0.0.1", "10.0.0.2")
        let config = config(.service(name))
        _ = discovery.prepare(config, .start, patience: long)
        #expect(discovery.services(name).count == min(count, 256))
        #expect(found(config).count == Discovery.maximumAddresses)
    }
}
