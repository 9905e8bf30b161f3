internal import Platform

/// The file of a Unix socket that this instance listens on; removed when the last reference goes.
final class SocketFile: Sendable {
    private let path: String
    private let status: FileStatus

    /// Takes note of the file that binding has made; nil for an address without one.
    init?(_ address: SocketAddress) {
        guard case .unix(let path) = address,
            let status = try? Files.status(path, followsLinks: false)
        else { return nil }
        self.path = path
        self.status = status
    }

    /// What another instance has put in its place stays.
    deinit {
        guard let present = try? Files.status(path, followsLinks: false),
            present.inode == status.inode,
            present.device == status.device, present.modified == status.modified
        else { return }
        Files.remove(path)
    }
}
