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
    /// - Throws: exit code 2 for what is no address; exit code 1 with the diagnostics, or if the
    ///   file turns the admin endpoint off.
    public init(admin: String, config: String?) throws(StartError) {
        guard let config else {
            guard SocketAddress(admin) != nil else {
                throw StartError(exitCode: 2, "\(AdminClientError.badAddress(admin))")
            }
            address = admin
            return
        }
        let result = try ConfigSource.file(config).load()
        guard let loaded = result.config else {
            throw .configuration(result.diagnostics.map { "\($0)" }.joined(separator: "\n"))
        }
        guard let endpoint = loaded.admin else {
            throw .configuration(
                "martlet: '\(config)' turns the admin endpoint off; "
                    + "use signals (SIGHUP to reload), or give it an 'admin: address'")
        }
        address = "\(endpoint.address)"
    }

    /// Asks for a page, and returns its text.
    ///
    /// - Throws: exit code 3 if no instance answers.
    public func page(_ path: String) throws(StartError) -> String {
        try ask("GET", path, expecting: [200]).text
    }

    /// Asks for a reload, and returns whether it succeeded and what the instance says of it.
    ///
    /// - Throws: exit code 3 if no instance answers.
    public func reload() throws(StartError) -> (succeeded: Bool, text: String) {
        let answer = try ask("POST", "/reload", expecting: [200, 422])
        return (answer.status == 200, answer.text)
    }

    /// Drains a server or ends that, and returns whether there is such a server and what the
    /// instance says of it.
    ///
    /// - Throws: exit code 3 if no instance answers.
    public func setServer(
        _ server: String, of backend: String, draining: Bool
    ) throws(StartError) -> (succeeded: Bool, text: String) {
        let query =
            "backend=\(ControlQuery.encoded(backend))&server=\(ControlQuery.encoded(server))"
        let answer = try ask(
            "POST", "/servers/\(draining ? "drain" : "ready")?\(query)", expecting: [200, 422])
        return (answer.status == 200, answer.text)
    }

    private func ask(
        _ method: String, _ path: String, expecting statuses: Set<Int>
    ) throws(StartError) -> (status: Int, text: String) {
        let answer: (status: Int, body: [UInt8])
        do throws(AdminClientError) {
            answer = try AdminClient.request(method, path, at: address)
        } catch {
            throw .environment("\(error)")
        }
        guard statuses.contains(answer.status) else {
            throw .environment(
                "martlet: what answers at \(address) is not the admin endpoint (it says "
                    + "\(answer.status)); name the right address with --admin or --config")
        }
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }
}
