import Config
import Foundation
import Platform
import TLS
import TestSupport
import Testing

@testable import Server

struct CredentialLoaderTests {
    private let folder: TemporaryFolder
    private let authority: TestAuthority

    init() throws {
        folder = try TemporaryFolder()
        authority = try TestAuthority()
        try TestAuthority.write(try authority.issue("localhost"), as: "cert", in: folder)
    }

    private func pair(_ chain: String = "cert.pem", _ key: String = "cert.key") -> CertificatePair {
        CertificatePair(
            chain: folder.path(chain), key: folder.path(key),
            chainMark: SourceMark(line: 1, column: 2), keyMark: SourceMark(line: 3, column: 4))
    }

    private func load(
        _ loader: inout CredentialLoader, _ pair: CertificatePair
    ) -> (credential: Credential?, diagnostics: [Diagnostic]) {
        loader.load(pair, file: "m.yaml")
    }

    @Test("Files that have not changed are not read again; files that have are")
    func remembers() throws {
        var loader = CredentialLoader()
        let first = load(&loader, pair())
        #expect(first.diagnostics.isEmpty)
        let again = try #require(load(&loader, pair()).credential)
        #expect(again === first.credential)
        try TestAuthority.write(try authority.issue("localhost"), as: "cert", in: folder)
        let fresh = try #require(load(&loader, pair()).credential)
        #expect(fresh !== again)
        #expect(fresh.serial != again.serial)
    }

    @Test("What no configuration uses any more is read anew")
    func forgets() throws {
        var loader = CredentialLoader()
        let first = load(&loader, pair()).credential
        loader.begin()
        loader.keep()
        #expect(load(&loader, pair()).credential !== first)
    }

    @Test("What is being served stands in for what does not load, whatever was built since")
    func standsIn() throws {
        var loader = CredentialLoader()
        loader.begin()
        let served = try #require(load(&loader, pair()).credential)
        loader.keep()
        loader.commit()
        // A build that comes to nothing: it has other files, or has read these anew.
        loader.begin()
        loader.keep()
        loader.begin()
        #expect(load(&loader, pair()).credential === served)
        try TestAuthority.write(try authority.issue("localhost"), as: "cert", in: folder)
        #expect(load(&loader, pair()).credential !== served)
        try folder.write("", to: "cert.key")
        let broken = load(&loader, pair())
        #expect(broken.credential == nil && broken.diagnostics.count == 1)
        let salvaged = loader.load(pair(), file: "m.yaml", salvages: true)
        #expect(salvaged.credential === served && salvaged.diagnostics.isEmpty)
        loader.commit()
        #expect(loader.standIn(for: pair()) === served)
        #expect(loader.standIn(for: pair("other.pem")) == nil)
    }

    @Test(
        "What is no file of PEM is refused at its place, before it is opened",
        arguments: ["empty", "folder", "pipe", "large", "missing"], [true, false])
    func noFile(kind: String, isKey: Bool) throws {
        try folder.write("", to: "empty")
        try folder.write(String(repeating: "x", count: CredentialLoader.fileLimit + 1), to: "large")
        try Files.createDirectories(folder.path("folder"), mode: 0o700)
        try NamedPipe.make(folder.path("pipe"))
        var loader = CredentialLoader()
        let (credential, found) = load(
            &loader, isKey ? pair("cert.pem", kind) : pair(kind, "cert.key"))
        #expect(credential == nil)
        #expect(found.count == 1, "\(found)")
        #expect(found[0].line == (isKey ? 3 : 1))
        #expect(found[0].message.contains(folder.path(kind)))
        #expect(found[0].message.contains(isKey ? "the key" : "the chain"))
    }

    @Test("A file of the largest size is read")
    func largest() throws {
        let chain = try folder.read("cert.pem")
        let filling = String(repeating: "#", count: CredentialLoader.fileLimit - chain.utf8.count)
        try folder.write(chain + filling, to: "cert.pem")
        var loader = CredentialLoader()
        #expect(load(&loader, pair()).credential != nil)
    }

    @Test("A mistake of the key is told at the key, any other at the chain")
    func marks() throws {
        try folder.write("no key", to: "none.key")
        let other = try authority.issue("localhost")
        try TestAuthority.write(other, as: "other", in: folder)
        var loader = CredentialLoader()
        #expect(load(&loader, pair("cert.pem", "none.key")).diagnostics.last?.line == 3)
        #expect(load(&loader, pair("none.key", "cert.key")).diagnostics.last?.line == 1)
        #expect(load(&loader, pair("cert.pem", "other.key")).diagnostics.last?.line == 1)
    }

    @Test("A key that others can read is a warning each time", arguments: [0o600, 0o640, 0o604])
    func openKey(mode: Int) throws {
        try FileManager.default.setAttributes(
            [.posixPermissions: mode], ofItemAtPath: folder.path("cert.key"))
        var loader = CredentialLoader()
        for _ in 0..<2 {
            let found = load(&loader, pair())
            #expect(found.credential != nil)
            #expect(found.diagnostics.map(\.severity) == (mode == 0o600 ? [] : [.warning]))
        }
    }
}
