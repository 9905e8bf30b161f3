import Foundation
import Synchronization
import Telemetry
import TestSupport

@testable import Certificates
@testable import TLS

/// The world of a `StapleBook` as a test tells it: a clock that is moved, and responders that
/// answer what they are told.
final class ManualWorld: Sendable {
    private struct State {
        var now = Int64(Date().timeIntervalSince1970)
        var delay: Int64 = 0
        var answers: [String: Result<[UInt8], OCSPError>] = [:]
        var asked: [String] = []
    }

    private let state = Mutex(State())
    let registry = MetricsRegistry()

    /// The time; set to move the clock.
    var now: Int64 {
        get { state.withLock { $0.now } }
        set { state.withLock { $0.now = newValue } }
    }

    /// By how much the clock moves while a responder is asked.
    var delay: Int64 {
        get { state.withLock { $0.delay } }
        set { state.withLock { $0.delay = newValue } }
    }

    /// What has been asked, in order.
    var asked: [String] { state.withLock { $0.asked } }

    /// Tells a responder what to answer from now on.
    func answer(_ url: String, _ result: Result<[UInt8], OCSPError>) {
        state.withLock { $0.answers[url] = result }
    }

    /// A book in this world.
    func book(in folder: String? = nil) -> StapleBook {
        StapleBook(
            world: StapleBook.World(
                now: { self.now }, chance: { 0.5 },
                ask: { (url, _) throws(OCSPError) in try self.ask(url).get() }),
            folder: folder.map { StapleFolder(in: $0) },
            journal: StapleJournal(events: nil, registry: registry))
    }

    private func ask(_ url: String) -> Result<[UInt8], OCSPError> {
        state.withLock { state in
            state.asked.append(url)
            state.now += state.delay
            return state.answers[url] ?? .failure(.unreachable("nobody there"))
        }
    }

    /// The value of one series of the metrics; nil where there is none.
    func metric(_ series: String) -> Int64? {
        let text = String(decoding: registry.render(.prometheus), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Int64($0) }
    }

    /// How many refreshes of a site came to this.
    func refreshes(_ result: String, site: String = "a.test") -> Int64? {
        metric("martlet_tls_ocsp_refreshes_total{site=\"\(site)\",result=\"\(result)\"}")
    }

    /// Until when the metrics say that a site is stapled.
    func expiry(site: String = "a.test") -> Int64? {
        metric("martlet_tls_ocsp_staple_expiry_timestamp_seconds{site=\"\(site)\"}")
    }
}
