internal import Config
internal import Platform
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

    /// When the present key began to seal.
    var ticketKeysSince: WallTime {
        let age = Supervisor.seconds(.now()) - ticketKeys.sealingSince
        return WallTime(seconds: WallTime.now().seconds - age, nanoseconds: 0)
    }

    /// Serves by other ticket keys from now on. Everything else stays, so a file that does not load
    /// at this moment only puts it off until the next installation.
    func rotateTicketKeys() {
        do throws(TLSError) {
            guard try ticketKeys.advance(to: Supervisor.seconds(.now())) else { return }
        } catch {
            events.emit(.error, .internalError, ("text", .text("\(error)")))
            return
        }
        let outcome = build(config, .renewal)
        guard let snapshot = outcome.snapshot else {
            report(outcome.diagnostics)
            return
        }
        commit(config, snapshot, outcome)
        events.emit(
            .info, .ticketKeysRotated, ("rotations", .int(Int(clamping: ticketKeys.rotations))))
    }

    /// Keys count whole seconds.
    static func seconds(_ time: MonotonicTime) -> Int64 { time.nanoseconds / 1_000_000_000 }
}
