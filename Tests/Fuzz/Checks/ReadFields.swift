import Bytes
import HTTP

/// A copy of a block of fields that can be compared and written.
struct ReadFields: Equatable {
    var names: [[UInt8]] = []
    var values: [[UInt8]] = []
    var passed: [Bool] = []

    init(_ block: borrowing FieldBlock) {
        for index in 0..<block.count {
            names.append(copy(block.name(index)))
            values.append(copy(block.value(index)))
            passed.append(!block.isHopByHop(index))
        }
    }

    /// All fields as lines of a message.
    var lines: [UInt8] {
        var text: [UInt8] = []
        for (name, value) in zip(names, values) {
            text += name + Array(": ".utf8) + value + Array("\r\n".utf8)
        }
        return text
    }

    /// What no field may have.
    func requireClean() throws(Broken) {
        try FuzzChecks.requireClean(names + values, "a field")
        for name in names { try require(!name.isEmpty, "a name is empty") }
        let isSpace: (UInt8?) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        for value in values {
            try require(
                !isSpace(value.first) && !isSpace(value.last), "a value has space around it")
        }
    }
}

/// The bytes of a span as an array.
func copy(_ bytes: Span<UInt8>) -> [UInt8] {
    var copied: [UInt8] = []
    copied.reserveCapacity(bytes.count)
    for index in bytes.indices { copied.append(bytes[index]) }
    return copied
}
