public import Config
internal import Platform

/// Where the configuration comes from: a file, or the embedded default.
public struct ConfigSource: Sendable {
    /// The file's name as given, for diagnostics.
    public let name: String
    /// Told the bound addresses once the instance serves.
    let announce: (@Sendable ([String]) -> Void)?
    private let read: @Sendable () throws(StartError) -> [UInt8]

    /// A configuration file, read anew by each load.
    public static func file(_ path: String) -> ConfigSource {
        ConfigSource(name: path, announce: nil) { () throws(StartError) -> [UInt8] in
            do throws(SystemError) {
                return try Files.read(path, atMost: sizeLimit)
            } catch {
                throw .configuration("\(path):1:1: error: cannot read the configuration: \(error)")
            }
        }
    }

    /// A text that is part of the program.
    static func text(
        _ text: String, name: String, announce: (@Sendable ([String]) -> Void)?
    ) -> ConfigSource {
        ConfigSource(name: name, announce: announce) { () throws(StartError) -> [UInt8] in
            Array(text.utf8)
        }
    }

    /// Reads and loads: the configuration, or all that is wrong with it.
    ///
    /// - Throws: `StartError` if the file cannot be read.
    public func load() throws(StartError) -> LoadResult {
        ConfigLoader.load(text: try read(), file: name) { Environment.value($0) }
    }

    /// A configuration of 10,000 sites takes about 2 MiB.
    private static let sizeLimit = 256 << 20
}
