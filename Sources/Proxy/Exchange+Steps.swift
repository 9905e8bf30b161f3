internal import Bytes
internal import HTTP

/// The small values of an exchange that go on with its bytes: each is taken out, moved on and put
/// back, so that whoever reads it meets no access that lasts, for which the runtime would have to
/// look at every one.
extension Exchange {
    /// Tells the machine what has happened; gives what is to be done.
    func handle(_ event: ExchangeMachine.Event) -> ExchangeMachine.Action {
        var next = machine
        let action = next.handle(event)
        machine = next
        return action
    }

    /// Tells the machine that the next servers are others.
    func expectServers(_ count: Int) {
        var next = machine
        next.moved(servers: count)
        machine = next
    }

    /// Looks for the request's head at the begin of `bytes`.
    func parseRequest(_ bytes: Span<UInt8>) -> HeadOutcome {
        var parser = requestParser
        let outcome = parser.parse(bytes, into: &request)
        requestParser = parser
        return outcome
    }

    /// Looks for the head of a response at the begin of `bytes`.
    func parseResponse(_ bytes: Span<UInt8>) -> HeadOutcome {
        var parser = responseParser
        let outcome = parser.parse(bytes, requestMethod: form.method, into: &response)
        responseParser = parser
        return outcome
    }

    /// Looks for the head of another response.
    func expectResponse() {
        var parser = responseParser
        parser.reset()
        responseParser = parser
    }

    /// Says what of the request's body stands at the begin of `bytes`.
    func stepRequestBody(_ bytes: Span<UInt8>) -> BodyDecoder.Step {
        var body = requestBody
        let step = body.step(bytes, trailers: &requestTrailers)
        requestBody = body
        return step
    }

    /// Says what of the response's body stands at the begin of `bytes`.
    func stepResponseBody(_ bytes: Span<UInt8>) -> BodyDecoder.Step {
        var body = responseBody
        let step = body.step(bytes, trailers: &responseTrailers)
        responseBody = body
        return step
    }

    /// The server's side has ended; true exactly when the response's body is whole then.
    func endResponseBody() -> Bool {
        var body = responseBody
        let isWhole = body.endOfStream()
        responseBody = body
        return isWhole
    }
}
