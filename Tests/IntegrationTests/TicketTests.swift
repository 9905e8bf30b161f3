import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// Session tickets over time, over reloads and over hosts.
@Suite struct TicketTests {
    private let origin: Origin

    init() throws { origin = try Origin { $0.echo() } }

    private func start(
        _ tls: String, prepare: (TemporaryFolder, TestAuthority) throws -> Void = { _, _ in }
    ) throws -> MartletInstance {
        try MartletInstance(
            sites: MartletInstance.site(origin.address), more: "tls: { \(tls) }", prepare: prepare)
    }

    /// The ticket of a session that was used.
    private func ticket(_ martlet: MartletInstance, _ old: TLSClientTicket? = nil) throws
        -> TLSClientTicket
    {
        let peer = try martlet.connect(ticket: old)
        #expect(peer.isResumed == (old != nil))
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try peer.reply().status == 200)
        return try #require(peer.ticket)
    }

    @Test("Keys change by the clock, and what they sealed before is still resumed")
    func rotation() throws {
        let martlet = try start("ticket_rotation: 1s")
        var ticket = try ticket(martlet)
        let idle = try martlet.connect()
        for count in 1...3 {
            try martlet.process.errors.wait(for: "tls.ticket_keys.rotated", count: count)
            ticket = try self.ticket(martlet, ticket)
        }
        #expect(try martlet.metric("martlet_tls_ticket_key_rotations_total") >= 3)
        let since = try martlet.metric("martlet_tls_ticket_key_since_timestamp_seconds")
        #expect(abs(since - Date().timeIntervalSince1970) < 30)
        try idle.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try idle.reply().status == 200)
    }

    /// Each change read all files anew, and did not come about where one was broken.
    @Test("Keys change by the clock, whatever has become of the files of certificates")
    func rotationWithoutFiles() throws {
        let martlet = try start("ticket_rotation: 1s")
        let ticket = try ticket(martlet)
        Files.remove(martlet.folder.path("cert.key"))
        try martlet.process.errors.wait(for: "config.rejected")
        let count = martlet.process.errors.all.count { $0.contains("tls.ticket_keys.rotated") }
        try martlet.process.errors.wait(for: "tls.ticket_keys.rotated", count: count + 2)
        #expect(try martlet.metric("martlet_tls_ticket_key_rotations_total") >= Double(count + 2))
        _ = try self.ticket(martlet, ticket)
    }

    @Test("A ticket is worth nothing once its lifetime is over")
    func lifetime() throws {
        let martlet = try start("ticket_rotation: 1s, ticket_lifetime: 1s")
        let ticket = try ticket(martlet)
        try martlet.process.errors.wait(for: "tls.ticket_keys.rotated", count: 3)
        #expect(!(try martlet.connect(ticket: ticket).isResumed))
    }

    @Test("Hosts that share a file of keys resume each other's sessions; it is watched")
    func sharedFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(TicketTests.line("A") + TicketTests.line("B"), to: "keys")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let first = try start("ticket_keys: \"\(path)\"")
        let ticket = try ticket(first)
        let second = try start("ticket_keys: \"\(path)\"")
        #expect(try resumes(ticket, second))
        // Of the file's key, not of one that this process would make: that told of no change.
        let changes = "martlet_tls_ticket_key_rotations_total"
        #expect(try second.metric(changes) == 0)
        // The file of the next period: another key seals, the present one only opens.
        try folder.write(TicketTests.line("B") + TicketTests.line("A"), to: "keys")
        try second.process.errors.wait(for: "config.reloaded")
        #expect(try resumes(ticket, second))
        #expect(try second.metric(changes) == 1)
        let since = try second.metric("martlet_tls_ticket_key_since_timestamp_seconds")
        #expect(abs(since - Date().timeIntervalSince1970) < 30)
        try folder.write(TicketTests.line("C"), to: "keys")
        try second.process.errors.wait(for: "config.reloaded", count: 2)
        #expect(!(try resumes(ticket, second)))
        #expect(try second.metric(changes) == 2)
        try folder.write("nonsense\n", to: "keys")
        let line = try second.process.errors.wait(for: "config.rejected text=")
        #expect(line.contains("ticket keys") && line.contains("base64"), "\(line)")
    }

    /// A session of one instance, offered to another that has certificates of its own.
    private func resumes(
        _ ticket: TLSClientTicket, _ martlet: MartletInstance
    ) throws -> Bool {
        let context = try TLSClientContext(trusted: nil)
        return try Peer(martlet.address, tls: context, serverName: "localhost", ticket: ticket)
            .isResumed
    }

    /// A key of 80 equal bytes in base64.
    private static func line(_ letter: Character) -> String {
        Data(String(repeating: letter, count: 80).utf8).base64EncodedString() + "\n"
    }
}
