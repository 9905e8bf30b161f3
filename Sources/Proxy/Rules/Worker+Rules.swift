internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Holds a request to the rules of its route from now on.
    mutating func take(
        _ rules: RouteRules?, for exchange: Exchange, on connection: DownstreamConnection
    ) {
        exchange.rules = rules
        guard let rules, rules.needsID else { return }
        let isTrusted =
            exchange.installed?.snapshot.settings.forwarding.trusts(connection.client) == true
        exchange.identify(rules, isTrusted: isTrusted, &identifiers)
    }

    /// Does what the route's rules say before the request goes on; true exactly when it goes on to
    /// its backend now. The order is: addresses, passwords, answers of our own, and what becomes of
    /// the request.
    mutating func passes(
        _ exchange: Exchange, _ rules: RouteRules, on connection: DownstreamConnection
    ) -> Bool {
        if let addresses = rules.addresses, !addresses.admits(connection.client) {
            exchange.rule = "address"
            answer(exchange, ProxyError(.addressDenied))
            return false
        }
        if let accounts = rules.accounts, !isAdmitted(exchange, accounts) { return false }
        return goesOn(exchange, rules, on: connection)
    }

    /// Does the same for a request whose client may ask.
    mutating func goesOn(
        _ exchange: Exchange, _ rules: RouteRules, on connection: DownstreamConnection
    ) -> Bool {
        switch rules.action {
        case .redirect(let target, let status):
            exchange.rule = "redirect"
            exchange.ruleText.removeAll()
            target.append(for: exchange, on: connection, path: rules.path, to: &exchange.ruleText)
            if Worker.leadsAway(exchange.ruleText.bytes) {
                answer(exchange, ProxyError(.badRequest(.badTarget)))
            } else {
                answerByRule(exchange, status: status, field: Worker.location, body: [])
            }
            return false
        case .respond(let status, let type, let body):
            exchange.rule = "respond"
            exchange.ruleText.removeAll()
            if !body.isEmpty { exchange.ruleText.append(type.span) }
            answerByRule(exchange, status: status, field: Worker.contentType, body: body)
            return false
        case nil:
            guard let fault = exchange.applyRequestRules(rules, connection, &identifiers) else {
                return true
            }
            answer(exchange, ProxyError(.badRequest(fault)))
            return false
        }
    }

    /// A reference that begins with two slashes, or with what browsers take for them, names another
    /// host: a client must not choose where others are sent (RFC 3986 §4.2).
    private static func leadsAway(_ location: Span<UInt8>) -> Bool {
        guard location.count > 1, location[0] == UInt8(ascii: "/") else { return false }
        return location[1] == UInt8(ascii: "/") || location[1] == UInt8(ascii: "\\")
    }

    /// Gives the client what a rule says in the place of a backend.
    ///
    /// - Parameter field: the name of the field whose value stands in `ruleText`; left out where
    ///   that is empty.
    private mutating func answerByRule(
        _ exchange: Exchange, status: Int, field: [UInt8], body: [UInt8]
    ) {
        guard let connection = exchange.downstream else { return }
        exchange.status = status
        exchange.response.reset()
        if !exchange.ruleText.isEmpty {
            exchange.response.addRuled(field, exchange.ruleText)
        }
        exchange.applyResponseRules(connection)
        if let link = exchange.link {
            answerStreamByRule(exchange, link, body: body)
            return
        }
        if !exchange.isBodyTaken || drainDeadline != nil { exchange.keepsAlive = false }
        MessageWriter.appendStatusLine(status: status, reason: exchange.response.reason, to: &stage)
        LocalAnswer.appendDate(unless: exchange.response.fields, to: &stage)
        exchange.siteFields.appendFields(
            of: exchange.response.fields, skipping: Forwarding.none, isTLS: connection.isTLS,
            to: &stage)
        if Worker.hasLength(status) {
            stage.append("Content-Length: ")
            stage.append(decimal: body.count)
            stage.append("\r\n")
        }
        exchange.persistence.append(to: &stage)
        stage.append("\r\n")
        if exchange.form.method != .head {
            stage.append(body.span)
            exchange.bytesOut += body.count
        }
        sealStage(connection)
        finish(exchange)
    }

    private mutating func answerStreamByRule(
        _ exchange: Exchange, _ link: HTTP2Link, body: [UInt8]
    ) {
        guard let connection = exchange.downstream else { return }
        message.begin()
        message.add(":status", decimal: exchange.status)
        addDate(exchange)
        exchange.siteFields.appendFields(
            of: exchange.response.fields, skipping: Forwarding.none, isTLS: connection.isTLS,
            to: &message)
        if Worker.hasLength(exchange.status) {
            message.add("content-length", decimal: body.count)
        }
        if exchange.form.method != .head { exchange.localBody.append(body.span) }
        sendOwnStream(exchange, link, because: ProxyError(.internalError))
    }

    /// A 204 has no length, nor has a 304 of ours: it would be that of what is not here (RFC 9110
    /// §8.6).
    private static func hasLength(_ status: Int) -> Bool { status != 204 && status != 304 }

    private static let location = Array("Location".utf8)
    private static let contentType = Array("Content-Type".utf8)
}
