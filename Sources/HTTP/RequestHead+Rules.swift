public import Bytes

/// What an operator's rules do to a request on its way.
extension RequestHead {
    /// The target that the backend gets: the client's, unless a rule has replaced its path.
    public var forwardedTarget: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            text.bytes.extracting(
                rewrittenPart.end > 0 ? rewrittenPart.range : pathAndQueryPart.range)
        }
    }

    /// Host and port that the backend gets: the client's, unless a rule has replaced them.
    public var forwardedAuthority: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            text.bytes.extracting(
                ruledAuthorityPart.end > 0 ? ruledAuthorityPart.range : authorityPart.range)
        }
    }

    /// The query with its question mark; empty where there is none.
    public var query: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { text.bytes.extracting(queryRange) }
    }

    /// Where the query stands in `text`.
    private var queryRange: Range<Int> {
        pathAndQueryPart.start + (pathPart.end - pathPart.start)..<pathAndQueryPart.end
    }

    /// Sends the backend another path; the query stays. Returns what is wrong with the path, and
    /// then leaves the target as it is.
    public mutating func forward(path queue: borrowing ByteQueue) -> HTTPFault? {
        let path = queue.bytes
        guard !path.isEmpty, path[0] == UInt8(ascii: "/") else { return .badTarget }
        for index in path.indices
        where !RequestTarget.isTargetByte(path[index]) || path[index] == UInt8(ascii: "?") {
            return .badTarget
        }
        let query = queryRange
        let start = text.count
        text.reserve(path.count + query.count)
        text.append(path)
        for index in query {
            let byte = text.bytes[index]
            text.append(byte)
        }
        rewrittenPart = .init(start: start, end: text.count)
        return nil
    }

    /// Sends the backend another host and port, whose bytes are known to be good.
    public mutating func forward(authority: [UInt8]) {
        ruledAuthorityPart = store(authority.span)
    }

    /// Leaves out every field of this name; see `FieldBlock.remove(named:)`.
    public mutating func remove(fieldsNamed name: [UInt8]) { fields.remove(named: name.span) }

    /// Adds a field in an operator's name; see `FieldBlock.addRuled(name:value:)`.
    public mutating func addRuled(_ name: [UInt8], _ value: borrowing ByteQueue) {
        fields.addRuled(name: name.span, value: value.bytes)
    }
}

extension ResponseHead {
    /// Leaves out every field of this name; see `FieldBlock.remove(named:)`.
    public mutating func remove(fieldsNamed name: [UInt8]) { fields.remove(named: name.span) }

    /// Adds a field in an operator's name; see `FieldBlock.addRuled(name:value:)`.
    public mutating func addRuled(_ name: [UInt8], _ value: borrowing ByteQueue) {
        fields.addRuled(name: name.span, value: value.bytes)
    }
}
