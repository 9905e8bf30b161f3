public import Bytes

/// The fields of one message in their order, copied once out of the input.
///
/// Used again from message to message: after the first few, nothing is allocated.
public struct FieldBlock: ~Copyable {
    /// Where a field stands in `text`: as the line that it is sent as, until its value changes.
    private struct Entry {
        var nameStart: UInt32
        var valueStart: UInt32
        var valueEnd: UInt32
        var nameCount: UInt16
        var id: FieldName
        var isHopByHop: Bool
    }

    private var text = ByteQueue()
    private var entries: [Entry] = []
    private var present = FieldNameSet([])
    /// True exactly when a name has an underscore.
    private(set) var hasUnderscore = false
    /// The names that an operator's rules have decided about.
    var ruled = FieldNameSet([])

    /// Makes an empty block.
    public init() {}

    /// How many fields there are.
    public var count: Int { entries.count }

    /// Which of the known names the field has.
    public func id(_ index: Int) -> FieldName { entries[index].id }

    /// True exactly when the field is for the next hop only (RFC 9110 §7.6.1).
    public func isHopByHop(_ index: Int) -> Bool { entries[index].isHopByHop }

    /// The field's name as it was sent.
    @_lifetime(borrow self)
    public borrowing func name(_ index: Int) -> Span<UInt8> {
        let entry = entries[index]
        return text.bytes.extracting(
            Int(entry.nameStart)..<Int(entry.nameStart) + Int(entry.nameCount))
    }

    /// The field's value without the white space around it.
    @_lifetime(borrow self)
    public borrowing func value(_ index: Int) -> Span<UInt8> {
        let entry = entries[index]
        return text.bytes.extracting(Int(entry.valueStart)..<Int(entry.valueEnd))
    }

    /// The index of the first field of this name, or nil.
    public func first(_ name: FieldName) -> Int? {
        guard present.contains(name) else { return nil }
        return entries.firstIndex { $0.id == name }
    }

    /// True exactly when there is a field of this name.
    public func contains(_ name: FieldName) -> Bool { present.contains(name) }

    /// How many fields of this name there are.
    public func count(of name: FieldName) -> Int {
        guard present.contains(name) else { return 0 }
        return entries.reduce(0) { $0 + ($1.id == name ? 1 : 0) }
    }

    /// How many bytes the fields take.
    var byteCount: Int { text.count + entries.count * MemoryLayout<Entry>.stride }

    /// How much memory the text has.
    var capacity: Int { text.capacity }

    /// Forgets all fields; keeps the memory.
    public mutating func removeAll() {
        text.removeAll()
        entries.removeAll(keepingCapacity: true)
        present = FieldNameSet([])
        ruled = FieldNameSet([])
        hasUnderscore = false
    }

    /// Parses one line without its line end and appends it (RFC 9112 §5); returns what is wrong
    /// with it.
    mutating func appendLine(_ line: Span<UInt8>) -> HTTPFault? {
        if let first = line.isEmpty ? nil : line[0], first == 0x20 || first == 0x09 {
            return .foldedField
        }
        guard let colon = FieldBlock.colon(line) else { return .badFieldName }
        // What is left is `field-vchar`, space and tab (RFC 9110 §5.5).
        if line.firstControl(from: colon + 1) != nil { return .badFieldValue }
        append(line, colon: colon)
        return nil
    }

    /// Parses and appends the line at the begin of `bytes`, which looks at each byte once; returns
    /// how many bytes it took, or nil, and nothing is appended, where it is not a good one with its
    /// line end.
    mutating func appendFirstLine(_ bytes: Span<UInt8>) -> Int? {
        guard let colon = FieldBlock.colon(bytes),
            let end = bytes.firstControl(from: colon + 1), end + 1 < bytes.count,
            bytes[end] == 0x0d, bytes[end + 1] == 0x0a
        else { return nil }
        append(bytes.extracting(0..<end), colon: colon)
        return end + FieldBlock.lineEndCount
    }

    /// Where the name ends that a line begins with; nil where it is none.
    private static func colon(_ line: Span<UInt8>) -> Int? {
        let count = line.prefixCount(in: .tokenCharacters)
        let isName = count > 0 && count < line.count && count <= 0xffff
        return isName && line[count] == UInt8(ascii: ":") ? count : nil
    }

    /// Appends the field of a good line, without the white space around its value.
    private mutating func append(_ line: Span<UInt8>, colon: Int) {
        var start = colon + 1
        var end = line.count
        while start < end, line[start] == 0x20 || line[start] == 0x09 { start += 1 }
        while end > start, line[end - 1] == 0x20 || line[end - 1] == 0x09 { end -= 1 }
        append(name: line.extracting(0..<colon), value: line.extracting(start..<end))
    }

    /// Appends a field whose bytes are known to be good.
    public mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
        append(FieldName(name), name: name, value: value)
    }

    /// Appends a field whose name was recognised.
    mutating func append(_ id: FieldName, name: Span<UInt8>, value: Span<UInt8>) {
        present.insert(id)
        // No known name has an underscore.
        let isUnderscored = id == .other && name.firstIndex(of: UInt8(ascii: "_")) != nil
        if isUnderscored { hasUnderscore = true }
        let isHopByHop =
            isUnderscored ? FieldBlock.isDisguised(name) : id.isHopByHop
        store(id, name, value, isHopByHop: isHopByHop)
    }

    private mutating func store(
        _ id: FieldName, _ name: Span<UInt8>, _ value: Span<UInt8>, isHopByHop: Bool
    ) {
        let nameStart = text.count
        let valueStart = nameStart + name.count + FieldBlock.separatorCount
        text.appendLine(name: name, value: value)
        entries.append(
            Entry(
                nameStart: UInt32(nameStart), valueStart: UInt32(valueStart),
                valueEnd: UInt32(valueStart + value.count), nameCount: UInt16(name.count), id: id,
                isHopByHop: isHopByHop))
    }

    /// True exactly when a field goes on to the next hop, by what is known of it and by name.
    public borrowing func isPassedOn(_ index: Int, skipping: FieldNameSet) -> Bool {
        FieldBlock.isPassedOn(entries[index], skipping)
    }

    private static func isPassedOn(_ entry: Entry, _ skipping: FieldNameSet) -> Bool {
        !entry.isHopByHop && !skipping.contains(entry.id)
    }

    /// Writes a field's line, with its end.
    public borrowing func writeLine(_ index: Int, to queue: inout ByteQueue) {
        let entry = entries[index]
        if FieldBlock.isWhole(entry) {
            queue.append(text.bytes.extracting(FieldBlock.line(of: entry)))
        } else {
            queue.appendLine(name: name(index), value: value(index))
        }
    }

    /// Writes the lines of all fields that go on to the next hop; those that stand one behind the
    /// other are copied at once.
    borrowing func writeLines(skipping: FieldNameSet, to queue: inout ByteQueue) {
        var run = 0..<0
        for index in entries.indices {
            let entry = entries[index]
            guard FieldBlock.isPassedOn(entry, skipping) else { continue }
            guard FieldBlock.isWhole(entry) else {
                queue.append(text.bytes.extracting(run))
                queue.appendLine(name: name(index), value: value(index))
                run = 0..<0
                continue
            }
            let line = FieldBlock.line(of: entry)
            if line.lowerBound == run.upperBound {
                run = run.lowerBound..<line.upperBound
            } else {
                queue.append(text.bytes.extracting(run))
                run = line
            }
        }
        queue.append(text.bytes.extracting(run))
    }

    /// True exactly when the field stands as the line that it is sent as: a value that was changed
    /// stands elsewhere.
    private static func isWhole(_ entry: Entry) -> Bool {
        Int(entry.valueStart) == Int(entry.nameStart) + Int(entry.nameCount) + separatorCount
    }

    /// Where the line of a field is that is whole, with its end.
    private static func line(of entry: Entry) -> Range<Int> {
        Int(entry.nameStart)..<(Int(entry.valueEnd) + lineEndCount)
    }

    /// True exactly when the name becomes one that is ours to say once underscores count as
    /// hyphens, as they do for backends that put fields into variables (RFC 3875 §4.1.18):
    /// `X_Forwarded_For` would be believed there.
    private static func isDisguised(_ name: Span<UInt8>) -> Bool {
        let meant = FieldName(disguised: name)
        return protected.contains(meant) || meant.isHopByHop
    }

    /// Appends a field that is taken for none of the known names.
    mutating func appendPlain(name: Span<UInt8>, value: Span<UInt8>) {
        store(.other, name, value, isHopByHop: false)
    }

    /// Marks a field as meant for nobody behind us.
    mutating func leaveOut(_ index: Int) { entries[index].isHopByHop = true }

    /// Marks the fields of this name as meant for nobody behind us.
    mutating func drop(_ name: FieldName) {
        guard present.contains(name) else { return }
        for index in entries.indices where entries[index].id == name {
            entries[index].isHopByHop = true
        }
    }

    /// Marks the fields whose names have an underscore as meant for nobody behind us.
    mutating func dropUnderscored() {
        for index in entries.indices where name(index).firstIndex(of: UInt8(ascii: "_")) != nil {
            entries[index].isHopByHop = true
        }
    }

    /// Takes the leading zeros from a decimal value; one digit stays.
    mutating func dropLeadingZeros(_ index: Int) {
        let entry = entries[index]
        var start = entry.valueStart
        while start + 1 < entry.valueEnd, text.bytes[Int(start)] == 0x30 { start += 1 }
        entries[index].valueStart = start
    }

    /// Appends to a field's value.
    mutating func extendValue(_ index: Int, by more: Span<UInt8>) {
        let entry = entries[index]
        let count = Int(entry.valueEnd - entry.valueStart)
        let start = text.count
        text.reserve(count + more.count)
        for offset in 0..<count {
            let byte = text.bytes[Int(entry.valueStart) + offset]
            text.append(byte)
        }
        text.append(more)
        entries[index].valueStart = UInt32(start)
        entries[index].valueEnd = UInt32(text.count)
    }

    /// Marks fields that `Connection` names as meant for the next hop only, but never those that
    /// say where the message goes, where it ends or who sent it: a client could strip them from
    /// under the backend otherwise.
    ///
    /// - Parameters:
    ///   - field: the `Connection` field.
    ///   - token: where in its value the name stands.
    mutating func markHopByHop(namedIn field: Int, _ token: Range<Int>) {
        let id = FieldName(value(field).extracting(token))
        if FieldBlock.protected.contains(id) { return }
        for index in entries.indices where entries[index].id == id {
            let isNamed =
                id != .other || name(index).equalsIgnoringCase(value(field).extracting(token))
            if isNamed { entries[index].isHopByHop = true }
        }
    }

    /// A colon and a space.
    private static let separatorCount = 2
    /// CR and LF.
    private static let lineEndCount = 2

    private static let protected = FieldNameSet([
        .host, .contentLength, .transferEncoding, .forwarded, .xForwardedFor, .xForwardedProto,
        .xForwardedHost, .xRealIP, .via, .earlyData, .connection, .clientCert, .clientCertChain,
        .xForwardedClientCert,
    ])
}
