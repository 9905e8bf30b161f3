/// What follows from field sections that have come whole.
extension HTTP2Session {
    /// A field section is complete.
    func endSection(_ id: Int32, endsStream: Bool) {
        guard id == assemblingStream else { return }
        switch reader.kind {
        case .request: endRequest(id, endsStream: endsStream)
        case .response: endResponse(id, endsStream: endsStream)
        case .trailers: endTrailers(id, endsStream: endsStream)
        case .ignored: break
        }
    }

    private func endRequest(_ id: Int32, endsStream: Bool) {
        let summary = reader.finishRequest(endsStream: endsStream)
        if let problem = summary.fault {
            reader.drop()
            guard let slot = streams.find(id) else { return }
            guard HTTP2Session.deservesStatus(problem) else { return fail(slot, .protocolError) }
            streams[slot].isDeaf = true
            streams[slot].stopsBehindEnd = true
            streams[slot].isTold = true
            events.append(.refused(stream: id, problem))
            return
        }
        guard streams.tell(id, summary) else { return reader.drop() }
        prioritise(id, summary.priority)
        reader.tell(.request(stream: id, endsStream: endsStream), to: &events)
    }

    /// What HTTP/1.1 answers with 400 is a stream error here, but for what even a browser's user
    /// may bring about.
    private static func deservesStatus(_ fault: HTTPFault) -> Bool {
        fault.status != 400 || fault == .missingHost || fault == .badHost
    }

    private func endResponse(_ id: Int32, endsStream: Bool) {
        guard let slot = streams.find(id) else { return reader.drop() }
        let stream = streams[slot]
        let problem = reader.finishResponse(endsStream: endsStream, asksHead: stream.asksHead)
        if problem != nil {
            reader.drop()
            return fail(slot, .protocolError)
        }
        let status = reader.content.response.status
        if status < 200 {
            // One read may bring thousands, of a few bytes each, which stand for kilobytes.
            streams[slot].interimCount += 1
            interimBytes += reader.listBytes
            guard streams[slot].interimCount <= HTTP2Session.interimLimit else {
                reader.drop()
                return fail(slot, .enhanceYourCalm)
            }
            if interimBytes > HTTP2Session.interimBytesLimit { return reader.drop() }
        } else {
            streams[slot].hasFinalHead = true
            let hasContent = !stream.asksHead && status != 204 && status != 304
            streams[slot].promised = hasContent ? reader.content.response.contentLength ?? -1 : 0
        }
        reader.tell(
            .response(stream: id, token: stream.token, endsStream: endsStream), to: &events)
    }

    private func endTrailers(_ id: Int32, endsStream: Bool) {
        guard let slot = streams.find(id) else { return reader.drop() }
        // RFC 9113 §8.1: the trailer section ends the stream.
        let isGood = endsStream && reader.fault == nil && streams[slot].promised <= 0
        guard isGood else {
            reader.drop()
            return fail(slot, .protocolError)
        }
        streams.hold(reader.listBytes, in: slot)
        let token = streams[slot].token
        reader.tell(.end(stream: id, token: token, hasTrailers: true), to: &events)
    }

    /// How many interim responses a stream may have; whoever serves the streams may be stricter.
    static let interimLimit = 16
    /// How large those of one input may be that are told, as RFC 9113 §6.5.2 counts.
    static let interimBytesLimit = 1 << 20
    /// How much of what was in use once is kept for the next time.
    static let keptBytes = 4_096
}
