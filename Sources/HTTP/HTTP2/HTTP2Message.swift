internal import Bytes
internal import CNGHTTP2

/// The fields of a message that is about to be submitted, one behind the other in memory that is
/// used again from message to message.
public struct HTTP2Message: ~Copyable {
    private struct Field {
        var nameStart: Int
        var valueStart: Int
        var valueEnd: Int
    }

    private var text = ByteQueue()
    private var fields: [Field] = []
    /// True exactly when the message is a request with the method HEAD.
    private(set) var asksHead = false
    /// What the message's `priority` field says, if it has one.
    private(set) var priority: HTTP2Priority?

    /// Makes an empty message.
    public init() {}

    /// How large the message is as a list of fields: for each its name, its value, and 32 (RFC 9113
    /// §6.5.2).
    var listBytes: Int { text.count + fields.count * 32 }

    /// Forgets all fields; keeps the memory, unless it is that of a large message.
    public mutating func begin() {
        let isKept = text.count <= HTTP2Session.keptBytes
        text.removeAll()
        if !isKept { text.releaseStorageIfEmpty() }
        fields.removeAll(keepingCapacity: true)
        asksHead = false
        priority = nil
    }

    /// Adds a field; its name becomes lower case (RFC 9113 §8.2.1).
    public mutating func add(name: Span<UInt8>, value: Span<UInt8>) {
        switch name.count {
        case 7 where name.equals(":method"): asksHead = value.equals("HEAD")
        case 8 where name.equalsIgnoringCase("priority"): priority = HTTP2Priority(value)
        default: break
        }
        let nameStart = text.count
        text.append(lowercasing: name)
        let valueStart = text.count
        text.append(value)
        fields.append(Field(nameStart: nameStart, valueStart: valueStart, valueEnd: text.count))
    }

    /// Adds a field of a fixed name, which becomes lower case, or a pseudo-field.
    public mutating func add(_ name: StaticString, _ value: Span<UInt8>) {
        // SAFETY: owner: the literal; lifetime: static; bound: the buffer's own.
        name.withUTF8Buffer { unsafe add(name: $0.span, value: value) }
    }

    /// Adds a field of a fixed name, which becomes lower case, and a fixed value.
    public mutating func add(_ name: StaticString, _ value: StaticString) {
        // SAFETY: as above.
        value.withUTF8Buffer { unsafe add(name, $0.span) }
    }

    /// Adds a field of a fixed name, which becomes lower case, and a number, or a pseudo-field.
    public mutating func add(_ name: StaticString, decimal number: Int) {
        let nameStart = text.count
        // SAFETY: as above.
        name.withUTF8Buffer { unsafe text.append(lowercasing: $0.span) }
        let valueStart = text.count
        text.append(decimal: number)
        fields.append(Field(nameStart: nameStart, valueStart: valueStart, valueEnd: text.count))
    }

    /// Calls `body` with the fields as the library takes them; it copies what it keeps.
    func withPairs<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
        // SAFETY: owner: `text`, which is not changed before `body` returns; bound: each field
        // ends in front of `text.count`, and there are as many pairs as fields; the library does
        // not write through these pointers.
        unsafe text.bytes.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return body(nil, 0) }
            let base = unsafe UnsafeMutablePointer(mutating: start)
            return unsafe withUnsafeTemporaryAllocation(
                of: nghttp2_nv.self, capacity: fields.count
            ) { pairs in
                for (index, field) in fields.enumerated() {
                    unsafe pairs.initializeElement(
                        at: index,
                        to: nghttp2_nv(
                            name: base + field.nameStart, value: base + field.valueStart,
                            namelen: field.valueStart - field.nameStart,
                            valuelen: field.valueEnd - field.valueStart,
                            flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
                }
                return unsafe body(pairs.baseAddress, fields.count)
            }
        }
    }
}
