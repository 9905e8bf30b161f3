/// A whole number followed by a unit, as durations and sizes are written.
struct Quantity {
    /// The number, which has no sign.
    let number: Int

    /// Everything behind the digits.
    let unit: Substring

    /// Splits `250ms` into 250 and `ms`; nil without digits or where they overflow.
    init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        self.number = number
        unit = text[digits.endIndex...]
    }
}
