/// A piece of the operator's text for a message: in quotes, on one line, and not endless.
func quoted(_ text: String) -> String {
    let maximumCharacters = 64
    var result = "'"
    for scalar in text.unicodeScalars.prefix(maximumCharacters) {
        let isControl = scalar.properties.generalCategory == .control
        result += isControl ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return result + (text.unicodeScalars.count > maximumCharacters ? "…'" : "'")
}
