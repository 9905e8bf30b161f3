internal import Config
internal import Platform
internal import TLS

/// Reads files of revocation lists, each once for a configuration. Control thread only.
struct RevocationListReader {
    /// Who is judged by a list, as diagnostics call them.
    enum Peers: String {
        case clients
        case servers
    }

    private let file: String
    private let now: WallTime
    /// What is to be said of them.
    private(set) var diagnostics: [Diagnostic] = []
    private var read: [String: RevocationLists?] = [:]

    /// - Parameter file: the configuration, for what is to be said.
    init(file: String, now: WallTime) {
        self.file = file
        self.now = now
    }

    /// The lists by the paths of their files.
    var lists: [String: RevocationLists] { read.compactMapValues(\.self) }

    /// The lists of one file; nil with the reason among the diagnostics.
    mutating func lists(of reference: FileReference, for peers: Peers) -> RevocationLists? {
        if let known = read[reference.path] { return known }
        let result = load(reference)
        if let result, result.nextUpdate <= now.seconds {
            report(
                .warning, reference,
                "a revocation list in '\(reference.path)' has expired: \(peers) of its authority"
                    + " are refused until it is renewed")
        }
        if let result, result.lastUpdate > now.seconds {
            report(
                .warning, reference,
                "a revocation list in '\(reference.path)' is not valid yet; check this machine's"
                    + " clock")
        }
        read[reference.path] = .some(result)
        return result
    }

    private mutating func load(_ reference: FileReference) -> RevocationLists? {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Files.read(reference.path, atMost: RevocationListReader.fileLimit)
        } catch {
            report(.error, reference, "cannot read the revocation lists: \(error)")
            return nil
        }
        do throws(TLSError) {
            return try RevocationLists(bytes)
        } catch {
            report(.error, reference, "'\(reference.path)': \(error)")
            return nil
        }
    }

    private mutating func report(
        _ severity: Diagnostic.Severity, _ reference: FileReference, _ message: String
    ) {
        diagnostics.append(
            Diagnostic(severity, file: file, mark: reference.mark, message: message))
    }

    /// A list of half a million certificates.
    private static let fileLimit = 1 << 24
}
