internal import Bytes
internal import HTTP

/// The field `traceparent` (W3C Trace Context §3.2).
enum TraceContext {
    /// True exactly when there is one trace that can be gone on with.
    static func isGiven(in fields: borrowing FieldBlock) -> Bool {
        var count = 0
        var isGood = false
        for index in 0..<fields.count
        where !fields.isHopByHop(index) && fields.name(index).equalsIgnoringCase("traceparent") {
            count += 1
            isGood = isValid(fields.value(index))
        }
        return count == 1 && isGood
    }

    /// True exactly when the value can be passed on: a known form, and ids that are not all zero.
    static func isValid(_ value: Span<UInt8>) -> Bool {
        guard value.count >= length, isHexadecimal(value, 0..<2), value[2] == dash,
            isHexadecimal(value, 3..<35), value[35] == dash,
            isHexadecimal(value, 36..<52), value[52] == dash, isHexadecimal(value, 53..<55)
        else { return false }
        // Version ff is none; what later ones add stands behind a dash.
        let isFirst = value[0] == zero && value[1] == zero
        if value[0] == UInt8(ascii: "f"), value[1] == UInt8(ascii: "f") { return false }
        guard value.count == length || (!isFirst && value[length] == dash) else { return false }
        return hasDigit(value, 3..<35) && hasDigit(value, 36..<52)
    }

    /// Writes the first word of a trace: version 00, ids that chance has chosen, and the flag that
    /// says that it is recorded, without which no backend would record what nobody has asked for.
    static func begin(_ ids: inout IdentifierSource, to queue: inout ByteQueue) {
        queue.append("00-")
        ids.append(words: 2, to: &queue)
        queue.append("-")
        ids.append(words: 1, to: &queue)
        queue.append("-01")
    }

    private static func isHexadecimal(_ value: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range {
            switch value[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"):
                continue
            default: return false
            }
        }
        return true
    }

    private static func hasDigit(_ value: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range where value[index] != zero { return true }
        return false
    }

    private static let length = 55
    private static let zero = UInt8(ascii: "0")
    private static let dash = UInt8(ascii: "-")
}
