public import Config
internal import Platform

/// Where the configuration comes from: a file, or the embedded default.
public struct ConfigSource: Sendable {
    /// The file's name as given, for diagnostics.
    public let name: String
    /// Told the bound addresses once the instance serves.
    let announce: (@Sendable ([String]) -> Void)?
    private let read: @Sendable (_ again: Bool) throws(StartError) -> [UInt8]

    /// A configuration file, read anew by each load.
    public static func file(_ path: String) -> ConfigSource {
        ConfigSource(name: path, announce: nil) { again throws(StartError) -> [UInt8] in
            do throws(SystemError) {
                let status = try Files.status(path)
                // To open a pipe anew would wait for a writer, and with it everything else.
                guard !again || status.size > 0 else {
                    throw SystemError(
                        code: 0, operation: "read", subject: "\(path): it is empty, or no file")
                }
                guard status.size <= Int64(ConfigLoader.maximumBytes) else {
                    throw SystemError(
                        code: 0, operation: "read",
                        subject: "\(path): it has more than \(ConfigLoader.maximumBytes >> 20) MiB")
                }
                return try Files.read(
                    path, atMost: ConfigLoader.maximumBytes, mayWait: !again)
            } catch {
                throw .configuration(
                    "\(path):1:1: error: cannot read the configuration: \(error); "
                        + "name a readable file with --config")
            }
        }
    }

    /// A text that is part of the program.
    static func text(
        _ text: String, name: String, announce: (@Sendable ([String]) -> Void)?
    ) -> ConfigSource {
        ConfigSource(name: name, announce: announce) { _ throws(StartError) -> [UInt8] in
            Array(text.utf8)
        }
    }

    /// Reads and loads: the configuration, or all that is wrong with it.
    ///
    /// - Parameter again: true for a file that was read before, which must not be a pipe.
    /// - Throws: `StartError` if the file cannot be read.
    public func load(again: Bool = false) throws(StartError) -> LoadResult {
        ConfigLoader.load(text: try read(again), file: name) { Environment.value($0) }
    }
}
