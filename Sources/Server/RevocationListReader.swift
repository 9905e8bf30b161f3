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
    /// The time of the build.
    let now: WallTime
    private let files: ServedFiles
    /// What is to be said of them.
    private(set) var diagnostics: [Diagnostic] = []
    private var read: [String: RevocationLists?] = [:]

    /// - Parameters:
    ///   - file: the configuration, for what is to be said.
    ///   - files: what is being served of files.
    init(file: String, now: WallTime, files: ServedFiles = ServedFiles()) {
        self.file = file
        self.now = now
        self.files = files
    }

    /// What is gone by, by the paths of the files; of two lists from one path, which ends first.
    private(set) var lists: [String: RevocationLists] = [:]

    /// Takes note of lists that are gone by: those that were read, or that stand in for them.
    mutating func take(_ taken: [RevocationLists], of references: [FileReference]) {
        for (list, reference) in zip(taken, references) {
            let known = lists[reference.path]
            if let known, known.nextUpdate <= list.nextUpdate { continue }
            lists[reference.path] = list
        }
    }

    /// The lists of one file; nil with the reason among the diagnostics. Where files are salvaged
    /// the reason was told before, and it is up to the caller what stands in.
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
        let reason: String
        do throws(SystemError) {
            let bytes = try Files.read(reference.path, atMost: RevocationListReader.fileLimit)
            do throws(TLSError) {
                return try RevocationLists(bytes)
            } catch {
                reason = "'\(reference.path)': \(error)"
            }
        } catch {
            reason = "cannot read the revocation lists: \(error)"
        }
        if !files.salvages { report(.error, reference, reason) }
        return nil
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
