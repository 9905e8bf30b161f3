internal import Config
internal import Platform

/// How the command line speaks to the running instance.
public struct InstanceClient {
    private let address: String

    /// Finds the admin address.
    ///
    /// - Parameters:
    ///   - admin: an address, used unless a configuration file is given.
    ///   - config: a configuration file that names the address.
    /// - Throws: exit code 1 with the diagnostics, or if the file turns the admin endpoint off.
    public init(admin: String, config: String?) throws(StartError) {
        guard let config else {
            address = admin
            return
        }
        let result = try ConfigSource.file(config).load()
        guard let loaded = result.config else {
            throw .configuration(result.diagnostics.map { "\($0)" }.joined(separator: "\n"))
        }
        guard let endpoint = loaded.admin else {
            throw .configuration(
                "martlet: '\(config)' turns the admin endpoint off; nobody can be asked")
        }
        address = "\(endpoint.address)"
    }

    /// Asks, and returns the status and the text of the answer.
    ///
    /// - Throws: exit code 3 if no instance answers.
    public func ask(_ method: String, _ path: String) throws(StartError) -> (
        status: Int, text: String
    ) {
        do throws(AdminClientError) {
            let answer = try AdminClient.request(method, path, at: address)
            return (answer.status, String(decoding: answer.body, as: UTF8.self))
        } catch {
            throw .environment("\(error)")
        }
    }
}
