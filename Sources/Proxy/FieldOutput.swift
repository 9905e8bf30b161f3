internal import Bytes
internal import HTTP

/// Where the fields of a message are written: as lines of HTTP/1.1, or into a field section of
/// HTTP/2.
protocol FieldOutput: ~Copyable {
    /// Writes one field.
    mutating func add(name: Span<UInt8>, value: Span<UInt8>)
    /// Writes one field of a message.
    mutating func add(_ index: Int, of block: borrowing FieldBlock)
    /// Writes every field that is not for one hop only and not in `skipping`, in its order.
    mutating func add(_ block: borrowing FieldBlock, skipping: FieldNameSet)
    /// Writes one field of a fixed name and value.
    mutating func add(_ name: StaticString, _ value: StaticString)
    /// Writes one field of a fixed name.
    mutating func add(_ name: StaticString, _ value: Span<UInt8>)
}

extension ByteQueue: FieldOutput {
    mutating func add(name: Span<UInt8>, value: Span<UInt8>) {
        appendLine(name: name, value: value)
    }

    mutating func add(_ index: Int, of block: borrowing FieldBlock) {
        block.writeLine(index, to: &self)
    }

    mutating func add(_ block: borrowing FieldBlock, skipping: FieldNameSet) {
        MessageWriter.appendFields(of: block, skipping: skipping, to: &self)
    }

    mutating func add(_ name: StaticString, _ value: StaticString) {
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    mutating func add(_ name: StaticString, _ value: Span<UInt8>) {
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }
}

extension HTTP2Message: FieldOutput {
    mutating func add(_ index: Int, of block: borrowing FieldBlock) {
        add(name: block.name(index), value: block.value(index))
    }

    mutating func add(_ block: borrowing FieldBlock, skipping: FieldNameSet) {
        for index in 0..<block.count where block.isPassedOn(index, skipping: skipping) {
            add(index, of: block)
        }
    }

    /// Writes one field of a fixed name, whose value is all that a queue holds.
    mutating func add(_ name: StaticString, _ value: borrowing ByteQueue) {
        add(name, value.bytes)
    }

    /// Writes the fields of a 101 without those that only HTTP/1.1 has use for (RFC 8441 §5).
    mutating func addSwitching(_ block: borrowing FieldBlock) {
        for index in 0..<block.count where !block.isHopByHop(index) {
            let name = block.name(index)
            if block.id(index) == .contentLength { continue }
            if block.id(index) == .secWebSocketAccept { continue }
            add(name: name, value: block.value(index))
        }
    }
}
