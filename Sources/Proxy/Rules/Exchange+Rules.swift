internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import TLS

/// What the route of an exchange says of it.
extension Exchange {
    /// Says when a response without a date came, as whoever has a clock is to (RFC 9110 §6.6.1),
    /// unless rules have decided about it.
    func dateResponse() {
        if response.fields.contains(.date) || response.fields.isRuled(.date) { return }
        ruleText.removeAll()
        WallTime.now().appendHTTPDate(to: &ruleText)
        response.add(name: "Date".utf8.span, value: ruleText.bytes)
        ruleText.removeAll()
    }

    /// True exactly when the site asks clients for certificates.
    var asksForCertificate: Bool {
        guard let site, let installed else { return false }
        return installed.snapshot.hosts.clientVerification(of: site) != nil
    }

    /// The largest request body in bytes; nil for no bound.
    var requestBodyLimit: Int64? {
        switch rules?.limits.requestBody {
        case .bytes(let count): Int64(count)
        case .unlimited: nil
        case .inherited, nil: installed?.snapshot.settings.requestBodyLimit
        }
    }

    /// How long the client may pause within its request.
    func requestBodyTimeout(_ snapshot: RuntimeSnapshot) -> Duration {
        rules?.timeouts.requestBody ?? snapshot.settings.timeouts.requestBody
    }

    /// How long both may be silent in a tunnel.
    func tunnelIdleTimeout(_ snapshot: RuntimeSnapshot) -> Duration {
        rules?.timeouts.tunnelIdle ?? snapshot.settings.timeouts.tunnelIdle
    }

    /// All of the request's trailers have come: says what is wrong with them, and leaves out what
    /// does not pass.
    func settleTrailers() -> HTTPFault? {
        let policy = installed?.snapshot.settings.requestPolicy
        if let fault = policy?.apply(to: &requestTrailers) { return fault }
        if requestTrailers.count > 0 { rules?.settle(requestTrailers: &requestTrailers) }
        return nil
    }

    /// Keeps the name of the user, whose password is good.
    func proved(by text: borrowing ByteQueue, _ name: Range<Int>) {
        user.removeAll()
        user.append(text.bytes(in: name))
    }

    /// All of the response's trailers have come: leaves out what does not pass.
    func settleResponseTrailers() {
        if responseTrailers.count > 0 { rules?.settle(responseTrailers: &responseTrailers) }
    }

    /// Sends the request on as the rules say; returns what is wrong with the path that they make.
    func applyRequestRules(
        _ rules: RouteRules, _ connection: DownstreamConnection, _ ids: inout IdentifierSource
    ) -> HTTPFault? {
        if let fault = rewritePath(rules, connection) { return fault }
        if !rules.host.isEmpty { request.forward(authority: rules.host) }
        if let accounts = rules.accounts, !accounts.passes {
            request.remove(fieldsNamed: Exchange.authorization)
        }
        trace(rules.trace, &ids)
        if !rules.idField.isEmpty {
            request.remove(fieldsNamed: rules.idField)
            request.addRuled(rules.idField, requestID)
        }
        rules.requestFields.applyToRequest(self, connection)
        return nil
    }

    private func rewritePath(_ rules: RouteRules, _ connection: DownstreamConnection) -> HTTPFault?
    {
        ruleText.removeAll()
        if let rewrite = rules.rewrite {
            rewrite.append(for: self, on: connection, path: rules.path, to: &ruleText)
        } else {
            guard rules.path.start(in: request.path) > 0 else { return nil }
            RuleLine.appendPath(request, rules.path, to: &ruleText)
        }
        if let fault = installed?.snapshot.settings.requestPolicy.judge(path: ruleText.bytes) {
            return fault
        }
        return request.forward(path: ruleText)
    }

    private func trace(_ rule: TraceRule, _ ids: inout IdentifierSource) {
        guard rule != .pass else { return }
        if rule == .begin {
            if hasTrace { return }
            ruleText.removeAll()
            TraceContext.begin(&ids, to: &ruleText)
        }
        request.remove(fieldsNamed: Exchange.traceparent)
        // What it says belongs to a trace that is not there (W3C Trace Context §3.3).
        request.remove(fieldsNamed: Exchange.tracestate)
        if rule == .begin { request.addRuled(Exchange.traceparent, ruleText) }
    }

    /// True exactly when the client brings one trace that can be gone on with.
    private var hasTrace: Bool {
        TraceContext.isGiven(in: request.fields)
    }

    /// Gives the request its id: the client's where it is trusted and has a good one.
    func identify(
        _ rules: RouteRules, isTrusted: Bool, _ ids: inout IdentifierSource
    ) {
        requestID.removeAll()
        if isTrusted, !rules.idField.isEmpty {
            Exchange.takeID(rules.idField, request.fields, into: &requestID)
        }
        if requestID.isEmpty { ids.append(words: 2, to: &requestID) }
    }

    /// Takes over an id that is one: there is one, and it can stand in a log as it is.
    private static func takeID(
        _ name: [UInt8], _ fields: borrowing FieldBlock, into id: inout ByteQueue
    ) {
        for index in 0..<fields.count
        where !fields.isHopByHop(index) && fields.name(index).equalsIgnoringCase(name.span) {
            let value = fields.value(index)
            guard id.isEmpty, !value.isEmpty, value.count <= longestID else {
                id.removeAll()
                return
            }
            for place in value.indices where !(0x21...0x7e).contains(value[place]) { return }
            id.append(value)
        }
    }

    /// Edits the fields of a response, ours or a server's, whose status is known.
    func applyResponseRules(_ connection: DownstreamConnection) {
        guard let rules else { return }
        if rules.tellsID {
            response.remove(fieldsNamed: rules.idField)
            response.addRuled(rules.idField, requestID)
        }
        if error?.kind == .unauthenticated, let accounts = rules.accounts {
            ruleText.removeAll()
            let challenge = accounts.challenge
            ruleText.append(challenge.span)
            response.addRuled(Exchange.challenge, ruleText)
        }
        rules.responseFields.applyToResponse(self, connection)
    }

    /// The name and the password of a client.
    static let authorization = Array("authorization".utf8)
    private static let challenge = Array("WWW-Authenticate".utf8)
    /// Which trace a request belongs to.
    static let traceparent = Array("traceparent".utf8)
    /// What the systems of a trace say of it.
    static let tracestate = Array("tracestate".utf8)
    /// How long an id of a client may be.
    static let longestID = 128
}
