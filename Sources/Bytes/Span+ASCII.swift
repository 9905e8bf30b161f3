extension Span where Element == UInt8 {
    /// True exactly when these bytes equal `literal`, ASCII letters compared without case.
    ///
    /// - Parameter literal: lower-case ASCII.
    public func equalsIgnoringCase(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        // SAFETY: owner: the program's constant data; lifetime: static; bound: `utf8CodeUnitCount`,
        // equal to `count`.
        return literal.withUTF8Buffer { expected in
            for index in indices where unsafe self[index].asciiLowercased != expected[index] {
                return false
            }
            return true
        }
    }

    /// True exactly when these bytes, with each `byte` read as `other`, equal `literal`, ASCII
    /// letters compared without case.
    ///
    /// - Parameter literal: lower-case ASCII.
    public func equalsIgnoringCase(
        _ literal: StaticString, reading byte: UInt8, as other: UInt8
    ) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        // SAFETY: as above.
        return literal.withUTF8Buffer { expected in
            for index in indices {
                let given = self[index] == byte ? other : self[index].asciiLowercased
                if unsafe given != expected[index] { return false }
            }
            return true
        }
    }

    /// True exactly when these bytes equal `literal`.
    public func equals(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        // SAFETY: as above.
        return literal.withUTF8Buffer { expected in
            for index in indices where unsafe self[index] != expected[index] { return false }
            return true
        }
    }

    /// True exactly when these bytes equal `other`.
    public func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }

    /// True exactly when these bytes equal `other`, ASCII letters compared without case.
    public func equalsIgnoringCase(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index].asciiLowercased != other[index].asciiLowercased {
            return false
        }
        return true
    }

    /// The index of the first `byte` at or after `start`, or nil.
    public func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        var index = start
        while index < count {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }
}

extension String {
    /// Copies `bytes` as UTF-8; what is not UTF-8 becomes U+FFFD.
    public init(copying bytes: Span<UInt8>) {
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        for index in bytes.indices { copy.append(bytes[index]) }
        self = String(decoding: copy, as: UTF8.self)
    }
}

extension Array where Element == UInt8 {
    /// Copies `bytes`.
    public init(copying bytes: Span<UInt8>) {
        self = []
        reserveCapacity(bytes.count)
        for index in bytes.indices { append(bytes[index]) }
    }
}
