internal import Config
internal import Platform
internal import Proxy
internal import TLS
internal import Telemetry

extension Supervisor {
    /// Makes the keys of this run's session tickets.
    static func makeTicketKeys(_ config: ProxyConfig) throws(StartError) -> TicketKeyRing {
        do throws(TLSError) {
            return try TicketKeyRing(
                rotation: config.tls.ticketRotation.components.seconds,
                lifetime: config.tls.ticketLifetime.components.seconds, now: seconds(.now()))
        } catch {
            throw .environment("martlet: \(error)")
        }
    }

    /// Makes what admits early data for as long as this process runs.
    static func makeEarlyDataGate() throws(StartError) -> EarlyDataGate {
        do throws(TLSError) {
            return try EarlyDataGate { seconds(.now()) }
        } catch {
            throw .environment("martlet: \(error)")
        }
    }

    /// When another key seals, or an old one dies; nil where the keys come from a file.
    var ticketChangeAt: MonotonicTime? {
        guard config.tls.ticketKeys == nil, !isStopping else { return nil }
        let (nanoseconds, overflow) = ticketKeys.nextChange.multipliedReportingOverflow(
            by: 1_000_000_000)
        return overflow ? nil : MonotonicTime(nanoseconds: nanoseconds)
    }

    /// Takes note of the key that seals from now on, of a file or of this process.
    func noteSealingKey(_ snapshot: RuntimeSnapshot) {
        let served = snapshot.listeners.lazy.compactMap(\.tls).first?.ticketKeys
        sealingKey.adopt((served ?? ticketKeys.keys).sealing, now: .now())
        registry.setTicketKeys(rotations: sealingKey.changes, since: sealingKey.since)
    }

    /// Serves by other ticket keys from now on. Everything else stays as it was read, whatever has
    /// become of its files.
    func rotateTicketKeys() {
        do throws(TLSError) {
            guard try ticketKeys.advance(to: Supervisor.seconds(.now())) else { return }
        } catch {
            events.emit(.error, .internalError, ("text", .text("\(error)")))
            return
        }
        guard let snapshot else { return }
        var diagnostics: [Diagnostic] = []
        let plans = builder.listeners(
            config, hosts: snapshot.hosts, ticketKeys.keys, earlyData, &diagnostics)
        let errors = diagnostics.filter { $0.severity == .error }
        guard errors.isEmpty else {
            report(errors)
            return
        }
        let next = snapshot.replacing(
            listeners: plans, generation: generation + 1, released: snapshotReleased)
        serve(next)
        noteSealingKey(next)
        events.emit(
            .info, .ticketKeysRotated, ("rotations", .int(Int(clamping: sealingKey.changes))))
    }

    /// Keys count whole seconds.
    static func seconds(_ time: MonotonicTime) -> Int64 { time.nanoseconds / 1_000_000_000 }
}
