extension ValueKind<StatusSet> {
    /// A status or a class of them, or a list.
    static let statuses = ValueKind<[ClosedRange<Int>]>.oneOrMore(
        .parsed("a status such as 200 or 2xx", StatusSet.range)
    ).map { StatusSet($0) }
}

extension ValueKind<String> {
    /// What a check asks for: a path, with a query or without.
    static let checkPath = ValueKind.text("a path such as /healthz")
        .refined { text, _ throws(Refusal) in
            guard text.hasPrefix("/") else {
                throw Refusal("\(quoted(text)) does not begin with '/'")
            }
            guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") })
            else {
                throw Refusal(
                    "\(quoted(text)) is not a path: '#', spaces and other than ASCII do not"
                        + " occur in one; write them as %XX")
            }
            return text
        }
}

extension ValueKind<String?> {
    /// What a check says in `Host`, or `auto`.
    static let checkHost = ValueKind.optional(
        ValueKind<String>.text("a host such as api.example, or auto")
            .refined { text, _ throws(Refusal) in
                guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
                    !text.contains(where: { "/?#@\\".contains($0) })
                else { throw Refusal("\(quoted(text)) is not a host such as api.example:8080") }
                return text
            }
    ).or("auto", nil)

    /// The name of a service of gRPC, or `auto`.
    static let service = ValueKind.optional(
        ValueKind<String>.text("a service such as shop.Cart, or auto")
            .refined { text, _ throws(Refusal) in
                guard text.utf8.count <= 255, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
                else { throw Refusal("\(quoted(text)) is not a service such as shop.Cart") }
                return text
            }
    ).or("auto", nil)

    /// A text to look for in an answer's body, or `off`.
    static let bodyText = ValueKind.optional(
        ValueKind<String>.text("a text to look for, or off")
            .refined { text, _ throws(Refusal) in
                guard text.utf8.count <= 1024 else {
                    throw Refusal("a text to look for has at most 1024 bytes")
                }
                return text
            }
    ).or("off", nil)
}

extension ValueKind<OutlierConfig?> {
    /// The section, `on` for its defaults, or `off`.
    static let outliers = ValueKind.sectionOrOff(OutlierConfig.shape).or("on", OutlierConfig())
}
