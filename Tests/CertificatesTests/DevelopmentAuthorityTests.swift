import Platform
import Synchronization
import TLS
import Testing

@testable import Certificates

struct DevelopmentAuthorityTests {
    private let now = WallTime.now()
    private static let day: Int64 = 86_400

    private func prepare(
        in directory: String, days: Int64 = 0, seconds: Int64 = 0
    ) throws -> DevelopmentCertificate {
        let shift = days * DevelopmentAuthorityTests.day + seconds
        return try DevelopmentAuthority.prepare(
            in: directory, now: WallTime(seconds: now.seconds + shift, nanoseconds: 0))
    }

    /// Prepares on that many threads at once; returns who made the certificate.
    private func prepareAtOnce(_ count: Int, in directory: String) throws -> [Bool] {
        let results = Mutex<[Bool]>([])
        let now = self.now
        let threads = try (0..<count).map { number in
            try Thread.start(name: "racer-\(number)", cpu: nil) {
                let result = try? DevelopmentAuthority.prepare(in: directory, now: now)
                if let result { results.withLock { $0.append(result.wasCreated) } }
            }
        }
        for thread in threads { thread.join() }
        let all = results.withLock { $0 }
        #expect(all.count == count)
        return all
    }

    private func read(_ path: String) throws -> [UInt8] { try Files.read(path, atMost: 1 << 20) }

    private func credential(_ certificate: DevelopmentCertificate) throws -> Credential {
        try Credential(
            chainPEM: read(certificate.chainPath), keyPEM: read(certificate.keyPath))
    }

    @Test("An empty directory gets an authority and a certificate that it signed")
    func first() throws {
        let folder = try TemporaryFolder()
        let directory = folder.path + "/state/martlet"
        let certificate = try prepare(in: directory)
        #expect(certificate.wasCreated)
        #expect(certificate.authorityPath == directory + "/ca.pem")
        #expect(certificate.chainPath == directory + "/localhost.pem")
        #expect(certificate.keyPath == directory + "/localhost.key")
        let leaf = try credential(certificate)
        let authority = try Credential(
            chainPEM: read(certificate.authorityPath), keyPEM: read(directory + "/ca.key"))
        #expect(leaf.covers(host: "localhost"))
        #expect(leaf.issuer == authority.subject)
        #expect(try Files.status(directory).mode == 0o700)
        for name in ["ca.pem", "ca.key", "localhost.pem", "localhost.key"] {
            #expect(try Files.status("\(directory)/\(name)").mode == 0o600)
        }
    }

    @Test("What is there already is used, not overwritten")
    func second() throws {
        let folder = try TemporaryFolder()
        let first = try prepare(in: folder.path)
        let files = ["ca.pem", "ca.key", "localhost.pem", "localhost.key"]
        let before = try files.map { try read("\(folder.path)/\($0)") }
        let second = try prepare(in: folder.path, days: 1)
        #expect(!second.wasCreated)
        #expect(second.chainPath == first.chainPath)
        #expect(try files.map { try read("\(folder.path)/\($0)") } == before)
    }

    @Test(
        "A leaf is made anew a day before it expires, and the old one kept", arguments: [-1, 0, 1])
    func renewal(seconds: Int64) throws {
        let folder = try TemporaryFolder()
        let first = try prepare(in: folder.path)
        let old = try credential(first)
        let oldPEM = try read(first.chainPath)
        let untilLimit = old.notAfter - DevelopmentAuthorityTests.day - now.seconds
        let second = try prepare(in: folder.path, seconds: untilLimit + seconds)
        #expect(second.wasCreated == (seconds >= 0))
        let aside = "\(first.chainPath).old-\(old.notAfter)"
        #expect(Files.exists(aside) == second.wasCreated)
        guard second.wasCreated else { return }
        #expect(try read(aside) == oldPEM)
        #expect(try credential(second).serial != old.serial)
    }

    @Test("A leaf of an earlier authority is made anew")
    func foreignLeaf() throws {
        let folder = try TemporaryFolder()
        let first = try prepare(in: folder.path)
        Files.remove(first.authorityPath)
        Files.remove(folder.path + "/ca.key")
        let second = try prepare(in: folder.path, seconds: 1)
        #expect(second.wasCreated)
        #expect(try prepare(in: folder.path).wasCreated == false)
    }

    @Test("Many that start at once end with one certificate")
    func race() throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        #expect(try prepareAtOnce(8, in: path).filter { $0 }.count == 1)
        #expect(try prepare(in: path).wasCreated == false)
    }

    @Test("Many that find an expiring certificate at once end with one new one")
    func renewalRace() throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        let authority = try CertificateMaker.makeAuthority(
            commonName: "Race", validity: .seconds(3_600_000))
        let leaf = try CertificateMaker.makeLeaf(
            names: ["localhost"], authority: authority, validity: .seconds(43_200))
        let files = [
            ("ca.pem", authority.certificate), ("ca.key", authority.key),
            ("localhost.pem", leaf.certificate), ("localhost.key", leaf.key),
        ]
        for (name, bytes) in files {
            try Files.createExclusively(bytes, at: "\(path)/\(name)", mode: 0o600)
        }
        #expect(try prepareAtOnce(8, in: path).filter { $0 }.count == 1)
        #expect(try prepare(in: path).wasCreated == false)
    }

    @Test("A key without its certificate is an error that says what to remove")
    func halfMade() throws {
        let folder = try TemporaryFolder()
        try Files.createExclusively([], at: folder.path + "/ca.key", mode: 0o600)
        #expect {
            try prepare(in: folder.path)
        } throws: { error in
            (error as? DevelopmentAuthorityError)?.kind == .unusable
                && "\(error)".contains("\(folder.path)/ca.pem: the certificate is missing; remove")
        }
    }

    @Test("A directory that cannot be made is an error that names it")
    func inaccessible() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/file"
        try Files.createExclusively([], at: file, mode: 0o600)
        #expect {
            try prepare(in: file)
        } throws: { error in
            (error as? DevelopmentAuthorityError)?.kind == .inaccessible
                && "\(error)".contains(file)
        }
    }
}
