internal import Bytes
internal import Config
internal import HTTP
internal import Platform

/// Answers of our own to clients of gRPC: 200 with a status of gRPC, which those clients look at.
extension Worker {
    /// Gives a client of HTTP/1.1 the status in place of a response.
    mutating func answerGRPC(
        _ exchange: Exchange, _ error: ProxyError, _ connection: DownstreamConnection
    ) {
        exchange.status = 200
        exchange.response.reset()
        exchange.applyResponseRules(connection)
        stage.append("HTTP/1.1 200 OK\r\n")
        LocalAnswer.appendDate(unless: exchange.response.fields, to: &stage)
        if !exchange.response.fields.isRuled(.contentType),
            let index = exchange.request.fields.first(.contentType)
        {
            stage.add("Content-Type", exchange.request.fields.value(index))
        }
        stage.append("Content-Length: 0\r\ngrpc-status: ")
        stage.append(decimal: GRPCStatus(httpStatus: error.status).rawValue)
        stage.append("\r\n")
        stage.add("grpc-message", error.text)
        exchange.siteFields.appendFields(
            of: exchange.response.fields, skipping: Forwarding.none, isTLS: connection.isTLS,
            to: &stage)
        exchange.persistence.append(to: &stage)
        stage.append("\r\n")
        sealStage(connection)
        finish(exchange)
    }

    /// Gives a client of HTTP/2 the status in place of a response: trailers alone.
    mutating func answerGRPCStream(_ exchange: Exchange, _ link: HTTP2Link, _ error: ProxyError) {
        guard let connection = exchange.downstream else { return }
        exchange.status = 200
        exchange.bodyDeadline = .distantFuture
        exchange.response.reset()
        exchange.applyResponseRules(connection)
        message.begin()
        message.add(":status", decimal: 200)
        addDate(exchange)
        if !exchange.response.fields.isRuled(.contentType),
            let index = exchange.request.fields.first(.contentType)
        {
            message.add("content-type", exchange.request.fields.value(index))
        }
        message.add("grpc-status", decimal: GRPCStatus(httpStatus: error.status).rawValue)
        message.add("grpc-message", error.text)
        exchange.siteFields.appendFields(
            of: exchange.response.fields, skipping: Forwarding.none, isTLS: connection.isTLS,
            to: &message)
        guard link.session.submitResponse(message, exchange.stream, endsStream: true) else {
            dropStream(exchange, because: error)
            return
        }
        _ = exchange.handle(.answered)
        markDirty(connection)
        finish(exchange)
    }

    /// Ends a response of HTTP/2 that has begun by trailers that say why it is not whole, behind
    /// what has come of it; false where a reset must say it.
    mutating func cutShort(_ exchange: Exchange, _ error: ProxyError) -> Bool {
        guard exchange.isShared, let link = exchange.link, !exchange.hasResponseEnded,
            exchange.bodyEnd == .none, error.reachesClient
        else { return false }
        switch error.kind {
        case .upstreamReset: return false
        default: break
        }
        leaveShared(exchange)
        exchange.isCutShort = true
        exchange.hasResponseEnded = true
        exchange.responseTrailers.removeAll()
        stage.append(decimal: GRPCStatus(httpStatus: error.status).rawValue)
        exchange.responseTrailers.append(name: "grpc-status".utf8.span, value: stage.bytes)
        stage.removeAll()
        stage.append(error.text)
        exchange.responseTrailers.append(name: "grpc-message".utf8.span, value: stage.bytes)
        stage.removeAll()
        link.session.resume(exchange.stream)
        if let connection = exchange.downstream { markDirty(connection) }
        if let snapshot = exchange.installed?.snapshot { awaitTaking(exchange, snapshot) }
        return true
    }
}
