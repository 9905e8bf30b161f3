internal import Config
internal import Platform
internal import TLS

extension SnapshotBuilder {
    /// The keys of the file that the configuration names; nil where it names none, or with the
    /// reason among the diagnostics.
    func loadTicketKeys(_ config: ProxyConfig, _ diagnostics: inout [Diagnostic]) -> TicketKeys? {
        guard let path = config.tls.ticketKeys?.path, let mark = config.tls.ticketKeys?.mark else {
            return nil
        }
        do throws(SystemError) {
            let status = try Files.status(path)
            let bytes = try Files.read(path, atMost: SnapshotBuilder.ticketFileLimit)
            if status.mode & 0o077 != 0 {
                diagnostics.append(
                    Diagnostic(
                        .warning, file: file, mark: mark,
                        message:
                            "the ticket keys '\(path)' can be read by others than their owner; "
                            + "do: chmod 600 \(path)"))
            }
            return parse(bytes, path, mark, &diagnostics)
        } catch {
            if let old = files.ticketKeys.standIn(for: path) { return old }
            diagnostics.append(
                Diagnostic(
                    .error, file: file, mark: mark, message: "cannot read the ticket keys: \(error)"
                ))
            return nil
        }
    }

    private func parse(
        _ bytes: [UInt8], _ path: String, _ mark: SourceMark, _ diagnostics: inout [Diagnostic]
    ) -> TicketKeys? {
        do throws(TLSError) {
            let keys = try TicketKeys(TicketKey.parse(bytes))
            files.ticketKeys.use(keys, of: path)
            return keys
        } catch {
            if let old = files.ticketKeys.standIn(for: path) { return old }
            diagnostics.append(
                Diagnostic(
                    .error, file: file, mark: mark,
                    message: "cannot use the ticket keys '\(path)': \(error.reason)"))
            return nil
        }
    }

    /// Two hundred keys, far more than anyone needs.
    private static let ticketFileLimit = 1 << 14
}
