internal import Bytes

/// What follows from field sections that have come whole.
extension HTTP2Session {
    /// A field section is complete.
    func endSection(_ id: Int32, endsStream: Bool) {
        guard id == assemblingStream, let section = assembling, let slot = streams.find(id) else {
            return
        }
        assembling = nil
        switch reader.kind {
        case .request: endRequest(slot, section, endsStream: endsStream)
        case .response: endResponse(slot, section, endsStream: endsStream)
        case .trailers: endTrailers(slot, section, endsStream: endsStream)
        case .ignored: recycle(section)
        }
    }

    private func endRequest(_ slot: Int, _ section: HTTP2Section, endsStream: Bool) {
        let id = streams[slot].id
        if let problem = reader.finishRequest(&section.request, endsStream: endsStream) {
            recycle(section)
            guard HTTP2Session.deservesStatus(problem) else { return fail(slot, .protocolError) }
            streams[slot].isDeaf = true
            streams[slot].stopsBehindEnd = true
            streams[slot].isTold = true
            events.append(.refused(stream: id, problem))
            return
        }
        streams[slot].isTold = true
        streams.hold(reader.listBytes, in: slot)
        if case .length(let length) = section.request.framing { streams[slot].promised = length }
        prioritise(id, section.request)
        sections.append(section)
        events.append(.request(stream: id, endsStream: endsStream))
    }

    /// What HTTP/1.1 answers with 400 is a stream error here, but for what even a browser's user
    /// may bring about.
    private static func deservesStatus(_ fault: HTTPFault) -> Bool {
        fault.status != 400 || fault == .missingHost || fault == .badHost
    }

    private func endResponse(_ slot: Int, _ section: HTTP2Section, endsStream: Bool) {
        let stream = streams[slot]
        let problem = reader.finishResponse(
            &section.response, endsStream: endsStream, asksHead: stream.asksHead)
        if problem != nil {
            recycle(section)
            return fail(slot, .protocolError)
        }
        let status = section.response.status
        if status >= 200 {
            streams[slot].hasFinalHead = true
            let hasContent = !stream.asksHead && status != 204 && status != 304
            streams[slot].promised = hasContent ? section.response.contentLength ?? -1 : 0
        }
        sections.append(section)
        events.append(.response(stream: stream.id, token: stream.token, endsStream: endsStream))
    }

    private func endTrailers(_ slot: Int, _ section: HTTP2Section, endsStream: Bool) {
        // RFC 9113 §8.1: the trailer section ends the stream.
        let isGood = endsStream && reader.fault == nil && streams[slot].promised <= 0
        guard isGood else {
            recycle(section)
            return fail(slot, .protocolError)
        }
        streams.hold(reader.listBytes, in: slot)
        sections.append(section)
        events.append(
            .end(stream: streams[slot].id, token: streams[slot].token, hasTrailers: true))
    }

    /// Takes a section back whose content nobody wants, unless it holds the memory of a large one:
    /// connections that do nothing would keep megabytes.
    func recycle(_ section: HTTP2Section) {
        let isSmall = section.byteCount <= HTTP2Session.keptBytes
        section.reset()
        if isSmall, pool.count < 16 { pool.append(section) }
    }

    /// How much of what was in use once is kept for the next time.
    static let keptBytes = 4_096
}
