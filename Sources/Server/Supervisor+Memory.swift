internal import Config
internal import Platform
internal import Proxy
internal import Telemetry

extension Supervisor {
    /// Watches over the memory that `config` allows.
    func watchMemory(_ config: ProxyConfig) {
        let next = MemoryWatch(
            config.limits.memory, group: ProcessMemory.groupLimit(), now: MonotonicTime.now())
        guard next?.limit != memory?.limit else { return }
        let before = memory?.pressure ?? .none
        memory = next
        registry.setMemoryLimit(next?.limit ?? 0)
        // A new limit is judged anew.
        if before > .none { crew.tell(MemoryPressure.none) }
    }

    /// Takes a sample where one is due, and tells the workers where memory is short.
    func followMemory() {
        let now = MonotonicTime.now()
        guard var watch = memory, watch.dueAt <= now else { return }
        let before = watch.pressure
        let bytes = watch.sample(
            now: now, bytes: ProcessMemory.ownBytes, releaseFree: ProcessMemory.releaseFree)
        memory = watch
        let pressure = watch.pressure
        if pressure > .none || before > .none { crew.tell(pressure) }
        guard pressure != before else { return }
        events.emit(
            pressure > before ? .warning : .info, .memoryPressure,
            ("level", .text("\(pressure.label)")), ("bytes", .int(bytes)),
            ("limit", .int(watch.limit)))
    }
}
