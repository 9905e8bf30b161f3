import Foundation

/// A folder for one test, removed with everything in it when the last reference goes.
public final class TemporaryFolder: Sendable {
    /// Where it is.
    public let path: String

    /// Makes an empty folder.
    public init() throws {
        path = NSTemporaryDirectory() + "martlet-test-" + UUID().uuidString.prefix(13)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a name in it.
    public func path(_ name: String) -> String { path + "/" + name }

    /// Writes a file and returns its path; whoever reads it meanwhile finds all of the former or of
    /// the new.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        let former = try? FileManager.default.attributesOfItem(atPath: path(name))
        guard let former, former[.type] as? FileAttributeType == .typeRegular else {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
            return path(name)
        }
        // Beside the folder, which somebody may be watching.
        let part = path + "-" + UUID().uuidString
        try Data(text.utf8).write(to: URL(fileURLWithPath: part))
        if let mode = former[.posixPermissions] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: part)
        }
        // SAFETY: lifetime: both strings live as long as the call.
        guard unsafe rename(part, path(name)) == 0 else { throw CocoaError(.fileWriteUnknown) }
        return path(name)
    }

    /// Reads a file.
    public func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path(name))), as: UTF8.self)
    }
}
