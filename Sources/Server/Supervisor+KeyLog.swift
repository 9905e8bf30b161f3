internal import Platform
internal import TLS

extension Supervisor {
    /// Opens the file of TLS secrets, readable by its owner alone where it is new.
    static func openKeyLog(_ path: String) throws(StartError) {
        do throws(SystemError) {
            try Files.createExclusively([], at: path, mode: 0o600)
        } catch {
            // One that is there is appended to.
            guard error.isAlreadyThere else {
                throw .environment("martlet: cannot write the TLS key log: \(error)")
            }
        }
        do throws(TLSError) {
            try KeyLog.open(path)
        } catch {
            throw .environment("martlet: cannot write the TLS key log: \(error)")
        }
    }
}
