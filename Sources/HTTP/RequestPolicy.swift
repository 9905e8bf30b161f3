internal import Bytes

/// What the operator decides about requests that the RFCs allow and that backends take in different
/// ways; the same for every version of HTTP.
public struct RequestPolicy: Sendable, Equatable {
    /// What happens to fields whose names have an underscore.
    public enum UnderscoreRule: Sendable, Equatable {
        /// They are passed on, but for those that would be taken for a field of ours.
        case pass
        /// They are left out.
        case drop
        /// The request is refused.
        case reject
    }

    /// True exactly when paths may have the segments `.` and `..` (RFC 3986 §5.2.4).
    public var passesDotSegments = false
    /// True exactly when paths may have `%2F`, `%5C` and backslashes.
    public var passesEncodedSlashes = true
    /// What happens to fields whose names have an underscore.
    public var underscoreFields = UnderscoreRule.pass
    /// True exactly when GET, HEAD, DELETE and OPTIONS may have a body (RFC 9110 §9.3.1).
    public var passesGetBodies = true

    /// Makes the policy that is the default.
    public init() {}

    /// Says what is wrong with a request; marks the fields that are not passed on.
    public func apply(to head: inout RequestHead) -> HTTPFault? {
        if let fault = bodyFault(head) ?? pathFault(head.path) { return fault }
        return apply(to: &head.fields)
    }

    /// Says what is wrong with a path.
    public func judge(path: Span<UInt8>) -> HTTPFault? { pathFault(path) }

    /// Says what is wrong with a trailer section; marks the fields that are not passed on.
    public func apply(to fields: inout FieldBlock) -> HTTPFault? {
        guard fields.hasUnderscore else { return nil }
        switch underscoreFields {
        case .pass: break
        case .drop: fields.dropUnderscored()
        case .reject: return .underscoreField
        }
        return nil
    }

    private func bodyFault(_ head: borrowing RequestHead) -> HTTPFault? {
        if head.framing == .none || head.framing == .length(0) { return nil }
        switch head.method {
        // RFC 9110 §9.3.8: never, whoever is asked.
        case .trace: return .unexpectedBody
        case .get, .head, .delete, .options: return passesGetBodies ? nil : .unexpectedBody
        case .post, .put, .patch, .connect, .other: return nil
        }
    }

    /// Walks the path once, as a recipient would that decodes it first and cuts it then: an encoded
    /// slash ends a segment, and so does `;`, since some recipients take parameters off before they
    /// resolve `..` (`/..;/`).
    private func pathFault(_ path: Span<UInt8>) -> HTTPFault? {
        var segment = Segment()
        var index = 0
        while index < path.count {
            var byte = path[index]
            index += 1
            if byte == UInt8(ascii: "%") {
                // RFC 3986 §2.1, and RFC 3986 §7.3 on NUL, where some would cut the path off.
                guard let decoded = RequestPolicy.decode(path, at: index), decoded != 0 else {
                    return .badTarget
                }
                byte = decoded
                index += 2
                if byte == UInt8(ascii: "/"), !passesEncodedSlashes { return .encodedSlash }
            }
            if byte == UInt8(ascii: "\\"), !passesEncodedSlashes { return .encodedSlash }
            if segment.take(byte), !passesDotSegments { return .dotSegment }
        }
        return segment.isDots && !passesDotSegments ? .dotSegment : nil
    }

    /// The byte that two hexadecimal digits stand for.
    private static func decode(_ path: Span<UInt8>, at index: Int) -> UInt8? {
        guard index + 1 < path.count, let high = path[index].hexadecimalValue,
            let low = path[index + 1].hexadecimalValue
        else { return nil }
        return high << 4 | low
    }

    /// What has been seen of one segment of a path.
    private struct Segment {
        private var count = 0
        private var hasOther = false

        /// True exactly when the segment is `.` or `..` so far.
        var isDots: Bool { !hasOther && (count == 1 || count == 2) }

        /// Takes one decoded byte; true exactly when it ends a segment of dots.
        mutating func take(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "/"), UInt8(ascii: "\\"):
                defer { self = Segment() }
                return isDots
            case UInt8(ascii: ";"):
                defer { hasOther = true }
                return isDots
            case UInt8(ascii: "."):
                count += 1
                return false
            default:
                hasOther = true
                return false
            }
        }
    }
}
