public import Platform
public import Telemetry

/// A listening socket that a worker owns from the moment it is installed; closed when nobody refers
/// to it any more.
public final class ListenerSocket: Sendable {
    let socket: Socket
    /// The address that the socket is bound to, with the port that the kernel chose where 0 was
    /// asked for.
    public let address: SocketAddress

    /// Takes over a socket that is bound to `address` and listens.
    public init(_ socket: consuming Socket, address: SocketAddress) {
        self.socket = socket
        self.address = address
    }
}

/// What the control thread tells a worker.
public enum WorkerMessage: Sendable {
    /// Serve by this snapshot from the next tick on.
    ///
    /// `sockets` are this worker's, one for each of the snapshot's listeners and in their order; a
    /// socket that the worker has already keeps its queue of connections. `accessLog` is nil where
    /// none is written.
    case install(RuntimeSnapshot, sockets: [ListenerSocket], accessLog: LogSink?)
    /// Accept nothing more, let exchanges end until `deadline`, then stop.
    case drain(deadline: MonotonicTime)
    /// Memory is short, or no more; while it is short, this comes again and again.
    case pressure(MemoryPressure)
    /// What is known of these servers has changed.
    case standings([ServerLabel: ServerStanding])
    /// Stop now.
    case stop
}

/// What a worker tells the control thread.
public enum WorkerReport: Sendable, Equatable {
    /// The snapshot of this generation is being served.
    case installed(worker: Int, generation: UInt64)
    /// The worker has left its loop; `aborted` connections were still open.
    case stopped(worker: Int, aborted: Int)
}
