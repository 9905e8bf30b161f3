import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// Staples, and files, of certificates that are read anew.
extension StaplingTests {
    /// It was taken for the one that had been read, and the old one went on for half a day.
    @Test("A certificate that is replaced while a reload waits is served all the same")
    func replacedMeanwhile() throws {
        let martlet = try start(try pair(hasURL: false))
        let strict = try authority.issue("strict.test", url: gate.url, mustStaple: true)
        try TestAuthority.write(strict, as: "strict", in: martlet.folder)
        let go = DispatchSemaphore(value: 0)
        gate.set(.held(go, try authority.answer(try credential(strict))))
        try martlet.folder.write(
            MartletInstance.text(sites: sites("") + "\n" + strictSite), to: "martlet.yaml")
        martlet.process.signal(SIGHUP)
        try Patience.until("the question") { gate.count > 0 }
        let new = try pair(hasURL: false)
        try TestAuthority.write(new, as: "cert", in: martlet.folder)
        go.signal()
        try martlet.process.errors.wait(for: "config.reloaded", atMost: 60)
        try martlet.process.errors.wait(for: "certificate.replaced", atMost: 60)
        let serial = try credential(new).serial
        #expect(try martlet.ask("/metrics").body.contains("serial=\"\(serial)\""))
    }

    /// What is read anew had no staple until the next question, days later.
    @Test("The same certificate in files that were written anew keeps its staple")
    func writtenAnew() throws {
        let pair = try pair()
        gate.set(.answer(try authority.answer(try credential(pair))))
        let martlet = try start(pair)
        try martlet.process.errors.wait(for: "tls.ocsp.refreshed")
        gate.set(.reset)
        let kept = state.path("ocsp")
        try Patience.until("the response is kept") {
            let names = try? FileManager.default.contentsOfDirectory(atPath: kept)
            return names?.contains { $0.hasSuffix(".der") } ?? false
        }
        // As where nothing can be kept on disk.
        try FileManager.default.removeItem(atPath: kept)
        try TestAuthority.write(pair, as: "cert", in: martlet.folder)
        try martlet.process.errors.wait(for: "certificate.replaced", atMost: 60)
        #expect(try staple(martlet) == "good")
    }

    @Test("A renewed certificate that waits for its staple keeps no other from being renewed")
    func waitingNeighbour() throws {
        let strict = try authority.issue("strict.test", url: gate.url, mustStaple: true)
        gate.set(.answer(try authority.answer(try credential(strict))))
        let plain = try pair(hasURL: false)
        let martlet = try MartletInstance(
            sites: sites("") + "\n" + strictSite, environment: environment
        ) { folder, _ in
            try TestAuthority.write(plain, as: "cert", in: folder)
            try TestAuthority.write(strict, as: "strict", in: folder)
        }
        gate.set(.reset)
        let next = try authority.issue("strict.test", url: gate.url, mustStaple: true)
        try TestAuthority.write(next, as: "strict", in: martlet.folder)
        try martlet.process.errors.wait(for: "promises a staple", atMost: 60)
        let new = try pair(hasURL: false)
        try TestAuthority.write(new, as: "cert", in: martlet.folder)
        try martlet.process.errors.wait(for: "certificate.replaced", atMost: 60)
        let metrics = try martlet.ask("/metrics").body
        for served in [new, strict] {
            let serial = try credential(served).serial
            #expect(metrics.contains("serial=\"\(serial)\""))
        }
    }

    /// The response was looked at behind the question whether there is one.
    @Test("A Must-Staple certificate is renewed with its file although another does not load")
    func brokenNeighbour() throws {
        let old = try pair(mustStaple: true)
        let martlet = try MartletInstance(
            sites: sites(", ocsp_response: cert.ocsp") + "\n" + strictSite,
            environment: environment
        ) { folder, _ in
            try TestAuthority.write(old, as: "cert", in: folder)
            let other = try authority.issue("strict.test", url: nil, mustStaple: false)
            try TestAuthority.write(other, as: "strict", in: folder)
            try write(try authority.answer(try credential(old)), folder.path("cert.ocsp"))
        }
        try martlet.folder.write("", to: "strict.key")
        try martlet.process.errors.wait(for: "config.rejected", atMost: 60)
        let new = try pair(mustStaple: true)
        try write(
            try authority.answer(try credential(new)), martlet.folder.path("cert.ocsp"))
        try TestAuthority.write(new, as: "cert", in: martlet.folder)
        try martlet.process.errors.wait(for: "certificate.replaced", atMost: 60)
        #expect(try staple(martlet) == "good")
        let serial = try credential(new).serial
        #expect(try martlet.ask("/metrics").body.contains("serial=\"\(serial)\""))
    }

    @Test("The end of the process does not wait for a reload that waits for a staple")
    func endWhileAwaited() throws {
        let martlet = try start(try pair(hasURL: false))
        gate.set(.silence)
        let strict = try authority.issue("strict.test", url: gate.url, mustStaple: true)
        try TestAuthority.write(strict, as: "strict", in: martlet.folder)
        try martlet.folder.write(
            MartletInstance.text(sites: sites("") + "\n" + strictSite), to: "martlet.yaml")
        martlet.process.signal(SIGHUP)
        try Patience.until("the question") { gate.count > 0 }
        martlet.process.signal(SIGTERM)
        #expect(try martlet.process.wait() == 0)
        let rejected = " config.rejected text=\"the instance is stopping\""
        let events = martlet.process.errors.text
        #expect(events.contains(rejected), "\(events)")
    }

    @Test("Nor does it wait for a start that waits for a staple, which is no error then")
    func endWhileStarting() throws {
        gate.set(.silence)
        let folder = try TemporaryFolder()
        try TestAuthority.write(try pair(mustStaple: true), as: "cert", in: folder)
        try folder.write(MartletInstance.text(sites: sites("")), to: "martlet.yaml")
        for _ in 0..<5 {
            let (before, begun) = (gate.count, MonotonicTime.now())
            let process = try RunningProcess(
                MartletInstance.binary, ["run", "--config", folder.path("martlet.yaml")],
                environment: environment)
            try Patience.until("the question") { gate.count > before }
            process.signal(SIGTERM)
            let time = MonotonicTime.now() - begun
            let (code, events) = (try process.wait(), process.errors.text)
            // On a machine that is as slow as that the wait may have ended by itself, after 5 s.
            guard time < .seconds(4) else { continue }
            #expect(code == 0)
            #expect(events.contains(" server.stopped "), "\(time): \(events)")
            #expect(!events.contains("promises a staple"), "\(time): \(events)")
            return
        }
        Issue.record("the signal never came in time")
    }

    @Test("Nor does it wait for a renewal that waits for a staple")
    func endWhileRenewing() throws {
        let old = try pair(mustStaple: true)
        gate.set(.answer(try authority.answer(try credential(old))))
        let martlet = try start(old)
        let asked = gate.count
        gate.set(.silence)
        try TestAuthority.write(try pair(mustStaple: true), as: "cert", in: martlet.folder)
        try Patience.until("the question") { gate.count > asked }
        martlet.process.signal(SIGTERM)
        #expect(try martlet.process.wait() == 0)
        let events = martlet.process.errors.text
        #expect(events.contains(" config.rejected text=\"the instance is stopping\""), "\(events)")
        #expect(!events.contains("promises a staple"), "\(events)")
    }

    @Test("What a response says that only a rejected configuration names does not count")
    func rejected() throws {
        let pair = try pair()
        let credential = try credential(pair)
        gate.set(.answer(try authority.answer(credential)))
        let martlet = try start(pair)
        try martlet.process.errors.wait(for: "tls.ocsp.refreshed")
        try write(try authority.answer(credential, .revoked), martlet.folder.path("cert.ocsp"))
        let site = sites(", ocsp_response: cert.ocsp")
        try martlet.folder.write(
            MartletInstance.text(sites: site + "\n" + strictSite), to: "martlet.yaml")
        try martlet.reload(expecting: "config.rejected")
        #expect(try staple(martlet) == "good")
        #expect(!martlet.process.errors.text.contains("tls.ocsp.revoked"))
        try martlet.folder.write(MartletInstance.text(sites: site), to: "martlet.yaml")
        try martlet.reload()
        #expect(try staple(martlet) == nil)
        #expect(martlet.process.errors.text.contains("tls.ocsp.revoked"))
    }

    /// A further site, of which there may be no files.
    private var strictSite: String {
        """
          - hosts: ["strict.test"]
            certificates: [{ chain: "strict.pem", key: "strict.key" }]
            backend: "http://\(origin.address)"
        """
    }
}
