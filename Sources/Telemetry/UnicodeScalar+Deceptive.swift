extension Unicode.Scalar {
    /// True exactly for what commands a terminal, ends a line, or makes text look like other text:
    /// controls, separators and marks of direction.
    public var isDeceptive: Bool {
        switch value {
        case 0..<0x20, 0x7f..<0xa0, 0x61c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f,
            0xfeff:
            true
        default: false
        }
    }
}
