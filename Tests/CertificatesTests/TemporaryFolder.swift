import Foundation
import Platform

/// A folder that goes away with this object.
final class TemporaryFolder: Sendable {
    /// Where it is.
    let path: String

    /// Makes an empty folder.
    init() throws {
        path = "/tmp/martlet-certificates-\(UUID().uuidString)"
        try Files.createDirectories(path, mode: 0o700)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
