internal import CLinux
internal import Glibc

/// A descriptor that becomes readable when it is signalled (eventfd): how one thread wakes another.
public final class EventDescriptor: Sendable {
    private let descriptor: Descriptor

    /// Makes a descriptor that is not signalled.
    public init() throws(SystemError) {
        let raw = martlet_eventfd()
        guard raw >= 0 else { throw .last("create", "an event descriptor") }
        descriptor = Descriptor(owning: raw)
    }

    /// The number to poll for reading.
    public var rawDescriptor: CInt { descriptor.rawValue }

    /// Makes the descriptor readable; any thread.
    public func signal() {
        var one: UInt64 = 1
        // SAFETY: owner: this frame; bound: 8 bytes.
        _ = unsafe write(descriptor.rawValue, &one, 8)
    }

    /// Makes the descriptor unreadable again.
    public func drain() {
        var value: UInt64 = 0
        // SAFETY: owner: this frame; bound: 8 bytes.
        _ = unsafe read(descriptor.rawValue, &value, 8)
    }
}
