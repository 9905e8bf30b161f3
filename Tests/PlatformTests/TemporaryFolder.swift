import Foundation
import Platform

/// A folder that goes away with this object.
final class TemporaryFolder: Sendable {
    /// Where it is.
    let path: String

    /// Makes an empty folder.
    init() throws {
        path = "/tmp/martlet-platform-\(UUID().uuidString)"
        try Files.createDirectories(path, mode: 0o700)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a name in it.
    func path(_ name: String) -> String { path + "/" + name }

    /// Writes a file and returns its path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let path = path(name)
        Files.remove(path)
        try Files.createExclusively(Array(text.utf8), at: path, mode: 0o600)
        return path
    }

    /// Reads a file.
    func read(_ name: String) throws -> String {
        String(decoding: try Files.read(path(name), atMost: 1 << 24), as: UTF8.self)
    }
}
