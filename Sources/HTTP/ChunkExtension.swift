internal import Bytes

/// Reads the extensions of one chunk byte by byte, from behind the first `;` (RFC 9112 §7.1.1):
/// `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )`.
///
/// They are dropped, but somebody else may look for the line's end in them: a byte outside the
/// grammar is refused.
struct ChunkExtension: Equatable, Sendable {
    private enum State: Equatable, Sendable {
        case beforeName
        case name
        case behindName
        case beforeValue
        case token
        case quoted
        case escaped
        case closed
        case behindValue
    }

    private var state = State.beforeName
    private var count = 0

    /// True exactly when the line may end here.
    var isComplete: Bool {
        switch state {
        case .name, .token, .closed: true
        case .beforeName, .behindName, .beforeValue, .quoted, .escaped, .behindValue: false
        }
    }

    /// Takes one byte other than CR; false exactly when it must not stand there.
    mutating func take(_ byte: UInt8) -> Bool {
        guard count < ChunkExtension.limit, let next = next(byte) else { return false }
        count += 1
        state = next
        return true
    }

    private func next(_ byte: UInt8) -> State? {
        let isSpace = byte == 0x20 || byte == 0x09
        switch state {
        case .beforeName:
            return isSpace ? .beforeName : tokenByte(byte, .name)
        case .name, .behindName:
            if isSpace { return .behindName }
            if byte == UInt8(ascii: "=") { return .beforeValue }
            if byte == UInt8(ascii: ";") { return .beforeName }
            return state == .name ? tokenByte(byte, .name) : nil
        case .beforeValue:
            if isSpace { return .beforeValue }
            return byte == UInt8(ascii: "\"") ? .quoted : tokenByte(byte, .token)
        case .token, .closed, .behindValue:
            if isSpace { return .behindValue }
            if byte == UInt8(ascii: ";") { return .beforeName }
            return state == .token ? tokenByte(byte, .token) : nil
        case .quoted:
            if byte == UInt8(ascii: "\"") { return .closed }
            if byte == UInt8(ascii: "\\") { return .escaped }
            return ByteSet.fieldValueCharacters.contains(byte) ? .quoted : nil
        case .escaped:
            return ByteSet.fieldValueCharacters.contains(byte) ? .quoted : nil
        }
    }

    private func tokenByte(_ byte: UInt8, _ state: State) -> State? {
        ByteSet.tokenCharacters.contains(byte) ? state : nil
    }

    /// Bytes of the extensions of one chunk; nobody needs longer ones.
    private static let limit = 1024
}
