internal import Telemetry

/// Writes one JSON text (RFC 8259), indented by two spaces, into an array of bytes.
struct JSONWriter {
    /// The text so far.
    private(set) var bytes: [UInt8] = []

    /// How many objects and arrays are open.
    private var depth = 0

    /// True exactly when something stands before the next element of the innermost object or array.
    private var needsComma = false

    /// True exactly when a name was written whose value is still to come.
    private var followsName = false

    /// Makes an empty writer.
    init() {}

    /// Writes an object whose members `members` writes.
    mutating func object(_ members: (inout JSONWriter) -> Void) {
        nest(open: "{", close: "}", members)
    }

    /// Writes an array whose elements `elements` writes.
    mutating func array(_ elements: (inout JSONWriter) -> Void) {
        nest(open: "[", close: "]", elements)
    }

    /// Writes an array with one element for each of `elements`.
    mutating func array<Element>(
        _ elements: [Element], _ write: (inout JSONWriter, Element) -> Void
    ) {
        array { writer in
            for element in elements { write(&writer, element) }
        }
    }

    /// Writes the name of a member; its value must be written next.
    mutating func name(_ name: String) {
        beginElement()
        appendQuoted(name)
        bytes.append(contentsOf: ": ".utf8)
        followsName = true
    }

    /// Writes a string.
    mutating func value(_ text: String) {
        beginElement()
        appendQuoted(text)
    }

    /// Writes a whole number.
    mutating func value(_ number: Int64) {
        beginElement()
        bytes.append(contentsOf: "\(number)".utf8)
    }

    /// Writes a number, or null if it is not finite: JSON has no spelling for those (RFC 8259 §6).
    mutating func value(_ number: Double) {
        beginElement()
        bytes.append(contentsOf: (number.isFinite ? "\(number)" : "null").utf8)
    }

    /// Writes `true` or `false`.
    mutating func value(_ truth: Bool) {
        beginElement()
        bytes.append(contentsOf: (truth ? "true" : "false").utf8)
    }

    /// Writes `null`.
    mutating func null() {
        beginElement()
        bytes.append(contentsOf: "null".utf8)
    }

    private mutating func nest(
        open: Unicode.Scalar, close: Unicode.Scalar, _ content: (inout JSONWriter) -> Void
    ) {
        beginElement()
        bytes.append(UInt8(ascii: open))
        depth += 1
        needsComma = false
        content(&self)
        depth -= 1
        if needsComma { appendLineBreak() }
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    private mutating func beginElement() {
        if followsName {
            followsName = false
            return
        }
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        if depth > 0 { appendLineBreak() }
        needsComma = true
    }

    private mutating func appendLineBreak() {
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<depth { bytes.append(contentsOf: "  ".utf8) }
    }

    /// Appends a string as RFC 8259 §7 has it; what commands a terminal or looks like other text is
    /// escaped too, since some of it comes from clients and is read on the operator's terminal.
    ///
    /// A `String` is well-formed Unicode, whatever bytes it was made of.
    private mutating func appendQuoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes.append(contentsOf: "\\\"".utf8)
            case "\\": bytes.append(contentsOf: "\\\\".utf8)
            case "\n": bytes.append(contentsOf: "\\n".utf8)
            case "\r": bytes.append(contentsOf: "\\r".utf8)
            case "\t": bytes.append(contentsOf: "\\t".utf8)
            default:
                if scalar.isDeceptive {
                    for unit in scalar.utf16 { appendEscape(unit) }
                } else {
                    bytes.append(contentsOf: scalar.utf8)
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends one unit of UTF-16: beyond U+FFFF there are two.
    private mutating func appendEscape(_ unit: UInt16) {
        bytes.append(contentsOf: "\\u".utf8)
        for shift: UInt16 in [12, 8, 4, 0] {
            let digit = UInt8(truncatingIfNeeded: unit >> shift & 0xf)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}

extension JSONWriter {
    /// Writes a member with a string, or with null.
    mutating func member(_ name: String, _ text: String?) {
        self.name(name)
        if let text { value(text) } else { null() }
    }

    /// Writes a member with a whole number.
    mutating func member(_ name: String, _ number: Int) {
        self.name(name)
        value(Int64(number))
    }

    /// Writes a member with a number.
    mutating func member(_ name: String, _ number: Double) {
        self.name(name)
        value(number)
    }

    /// Writes a member with `true` or `false`.
    mutating func member(_ name: String, _ truth: Bool) {
        self.name(name)
        value(truth)
    }

    /// Writes a member with an array of strings.
    mutating func member(_ name: String, _ texts: [String]) {
        self.name(name)
        array(texts) { writer, text in writer.value(text) }
    }

    /// Writes a member with an array that has one object for each of `elements`.
    mutating func member<Element>(
        _ name: String, objects elements: [Element],
        _ members: (inout JSONWriter, Element) -> Void
    ) {
        self.name(name)
        array(elements) { writer, element in
            writer.object { members(&$0, element) }
        }
    }
}
