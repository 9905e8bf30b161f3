internal import Bytes
public import Config
internal import HTTP

/// What happens to the requests of a route, and to their responses, on the way: compiled off the
/// workers, and never changed afterwards.
public final class RouteRules: Sendable {
    /// What is answered in the place of a backend.
    enum Action: Sendable {
        /// Sends the client to another place.
        case redirect(RuleLine, status: Int)
        /// Gives the same answer to everybody.
        case respond(status: Int, type: [UInt8], body: [UInt8])
    }

    /// Who may ask; nil for everybody.
    let addresses: AddressRules?
    /// Who may ask by name and password; nil for everybody.
    let accounts: AccountTable?
    /// True exactly when not everybody may ask.
    var asksWho: Bool { addresses != nil || accounts != nil }
    /// What is answered in the place of a backend; nil where there is one.
    let action: Action?
    /// What is taken off the begin of the path.
    let path: RulePath
    /// What takes the place of the path; nil where it stays.
    let rewrite: RuleLine?
    /// The host and port for the backend; empty for the client's.
    let host: [UInt8]
    /// What becomes of the request's fields.
    let requestFields: FieldEdits
    /// What becomes of the response's fields.
    let responseFields: FieldEdits
    /// What becomes of traces.
    let trace: TraceRule
    /// The field of the request's id; empty where there is none.
    let idField: [UInt8]
    /// True exactly when responses carry the id, too.
    let tellsID: Bool
    /// True exactly when requests need an id.
    let needsID: Bool
    /// The deadlines that differ.
    let timeouts: RouteTimeoutConfig
    /// The bounds that differ.
    let limits: RouteLimitConfig

    /// Compiles the operator's rules.
    ///
    /// - Parameter accounts: those of `basic_auth`, where there is one.
    public init(_ config: RuleConfig, accounts: AccountTable? = nil) {
        addresses =
            config.allow == nil && config.deny.isEmpty
            ? nil : AddressRules(allow: config.allow, deny: config.deny)
        self.accounts = accounts
        action = config.action.map(RouteRules.compiled)
        path = RulePath(prefix: Array((config.stripPrefix ?? "").utf8))
        rewrite = config.rewrite.map { RuleLine($0) }
        host = Array((config.host ?? "").utf8)
        requestFields = FieldEdits(config.requestHeaders)
        responseFields = FieldEdits(config.responseHeaders)
        trace = config.trace
        idField = Array((config.requestID?.header ?? "").utf8)
        tellsID = config.requestID?.response ?? false
        needsID = config.requestID != nil || config.namesID
        timeouts = config.timeouts
        limits = config.limits
    }

    /// Leaves out of a request's trailers what does not pass in its head either.
    func settle(requestTrailers trailers: inout FieldBlock) {
        requestFields.applyToTrailers(&trailers)
        if !idField.isEmpty { RouteRules.leaveOut(idField, of: &trailers) }
        if accounts?.passes == false { RouteRules.leaveOut(Exchange.authorization, of: &trailers) }
        guard trace != .pass else { return }
        RouteRules.leaveOut(Exchange.traceparent, of: &trailers)
        RouteRules.leaveOut(Exchange.tracestate, of: &trailers)
    }

    /// Leaves out of a response's trailers what does not pass in its head either.
    func settle(responseTrailers trailers: inout FieldBlock) {
        responseFields.applyToTrailers(&trailers)
        if tellsID { RouteRules.leaveOut(idField, of: &trailers) }
    }

    private static func leaveOut(_ name: [UInt8], of trailers: inout FieldBlock) {
        trailers.remove(named: name.span)
    }

    private static func compiled(_ action: RouteAction) -> Action {
        switch action {
        case .redirect(let redirect):
            .redirect(RuleLine(redirect.target), status: redirect.status)
        case .respond(let answer):
            .respond(
                status: answer.status, type: Array(answer.contentType.utf8),
                body: Array(answer.body.utf8))
        }
    }
}

extension RuleConfig {
    /// True exactly when a field is made of the request's id.
    fileprivate var namesID: Bool {
        (requestHeaders.edits + responseHeaders.edits).contains { edit in
            switch edit.change {
            case .set(let values), .add(let values):
                values.contains { $0.variables.contains(.requestID) }
            case .remove: false
            }
        }
    }
}
