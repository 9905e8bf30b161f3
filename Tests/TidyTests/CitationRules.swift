/// One spelling for the sections of RFCs, so that they can be searched for: `RFC 9112 §6.3`.
enum CitationRules {
    static func spelling(_ file: SourceFile) -> [Finding] {
        guard !file.path.hasPrefix("Tests/TidyTests/") else { return [] }
        return file.findings { mistake(in: $0.prose) }
    }

    /// What is wrong with the first misspelt citation of the text; nil if there is none.
    static func mistake(in text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count > 3 else { return nil }
        for start in 0..<(bytes.count - 3) {
            let letters = String(decoding: bytes[start..<(start + 3)], as: UTF8.self)
            guard letters.lowercased() == "rfc" else { continue }
            // Part of a word or of an address: no citation.
            if start > 0, Word.isPart(bytes[start - 1]) || bytes[start - 1] == UInt8(ascii: "/") {
                continue
            }
            let after = String(decoding: bytes[(start + 3)...], as: UTF8.self)
            let before = String(decoding: bytes[..<start], as: UTF8.self)
            if !isWell(letters, after, before: before) {
                return "'\(letters)\(after.prefix(16))': write 'RFC 9112 §6.3'"
            }
        }
        return nil
    }

    private static func isWell(_ letters: String, _ after: String, before: String) -> Bool {
        let gap = after.prefix { $0 == " " || $0 == "-" || $0 == "_" }
        let number = after.dropFirst(gap.count).prefix(while: \.isNumber)
        guard !number.isEmpty else { return true }
        guard letters == "RFC", gap == " ", number.first != "0" else { return false }
        let rest = after.dropFirst(1 + number.count)
        return isSection(rest) && !before.lowercased().contains(/section [a-z0-9.]+ of $/)
    }

    private static func isSection(_ rest: Substring) -> Bool {
        if rest.hasPrefix(" §") {
            return rest.dropFirst(2).first.map { $0.isNumber || $0.isUppercase } ?? false
        }
        let plain = rest.drop { " ,;:(".contains($0) }
        if plain.hasPrefix("§") || plain.lowercased().hasPrefix("sec") { return false }
        return plain.count == rest.count || plain.prefixMatch(of: /[0-9]+\.[0-9]/) == nil
    }
}
