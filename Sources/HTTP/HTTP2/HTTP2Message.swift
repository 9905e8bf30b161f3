internal import Bytes
internal import CNGHTTP2

/// The fields of a message that is about to be submitted, one behind the other in reused memory.
@safe struct HTTP2Message: ~Copyable {
    private struct Field {
        var nameStart: Int
        var valueStart: Int
        var valueEnd: Int
    }

    private var text = ByteQueue()
    private var fields: [Field] = []
    // SAFETY: the pointers in it are set anew before each use, and used before `text` changes.
    private var pairs: [nghttp2_nv] = unsafe []
    /// True exactly when the message is a request with the method HEAD.
    private(set) var asksHead = false
    /// What the message's `priority` field says, if it has one.
    private(set) var priority: HTTP2Priority?

    /// Makes an empty message.
    init() {}

    /// Forgets all fields; keeps the memory.
    mutating func begin() {
        let isKept = text.count <= HTTP2Session.keptBytes
        text.removeAll()
        if !isKept { text.releaseStorageIfEmpty() }
        fields.removeAll(keepingCapacity: true)
        asksHead = false
        priority = nil
    }

    /// Appends a field; its name becomes lower case (RFC 9113 §8.2.1).
    mutating func add(name: Span<UInt8>, value: Span<UInt8>) {
        let nameStart = text.count
        text.append(capacity: name.count) { output in
            for index in name.indices { output.append(HTTP2Message.lowered(name[index])) }
        }
        finish(nameStart, value)
    }

    /// Appends a field of a fixed name; it becomes lower case.
    mutating func add(_ name: StaticString, _ value: Span<UInt8>) {
        let nameStart = text.count
        appendName(name)
        finish(nameStart, value)
    }

    /// Appends a field of a fixed name and value; the name becomes lower case.
    mutating func add(_ name: StaticString, _ value: StaticString) {
        let nameStart = text.count
        appendName(name)
        let valueStart = text.count
        text.append(value)
        fields.append(Field(nameStart: nameStart, valueStart: valueStart, valueEnd: text.count))
    }

    private mutating func appendName(_ name: StaticString) {
        text.append(capacity: name.utf8CodeUnitCount) { output in
            // SAFETY: owner: the literal; lifetime: static; bound: the buffer's own.
            name.withUTF8Buffer { bytes in
                unsafe bytes.forEach { output.append(HTTP2Message.lowered($0)) }
            }
        }
    }

    private mutating func finish(_ nameStart: Int, _ value: Span<UInt8>) {
        let valueStart = text.count
        let isPriority = text.bytes.extracting(nameStart..<valueStart).equals("priority")
        if isPriority { priority = HTTP2Priority(value) }
        let isMethod = text.bytes.extracting(nameStart..<valueStart).equals(":method")
        if isMethod { asksHead = value.equals("HEAD") }
        text.append(value)
        fields.append(Field(nameStart: nameStart, valueStart: valueStart, valueEnd: text.count))
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    /// Calls `body` with the fields as the library takes them; it copies what it keeps.
    mutating func withPairs<Result>(
        _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
    ) -> Result {
        var list: [nghttp2_nv] = unsafe []
        unsafe swap(&list, &pairs)
        defer { unsafe swap(&list, &pairs) }
        unsafe list.removeAll(keepingCapacity: true)
        // SAFETY: owner: `text`, which is not changed before `body` returns; bound: each field
        // ends in front of `text.count`; the library does not write through these pointers.
        return unsafe text.bytes.withUnsafeBufferPointer { bytes in
            if let start = bytes.baseAddress {
                let base = unsafe UnsafeMutablePointer(mutating: start)
                for field in fields {
                    unsafe list.append(
                        nghttp2_nv(
                            name: base + field.nameStart, value: base + field.valueStart,
                            namelen: field.valueStart - field.nameStart,
                            valuelen: field.valueEnd - field.valueStart,
                            flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
                }
            }
            return unsafe list.withUnsafeBufferPointer { list in
                unsafe body(list.baseAddress, list.count)
            }
        }
    }
}
