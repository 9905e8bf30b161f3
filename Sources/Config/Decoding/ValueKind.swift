/// What the value of a key has to be, and how it is read.
struct ValueKind<Value: Sendable>: Sendable {
    /// The paths of keys within the value, beginning with `.`, `[].` or `.*.`.
    let nestedPaths: [String]

    /// Reads the value; nil exactly when that was impossible, which has then been reported.
    let decode: @Sendable (YAMLNode, inout DecodingContext) -> Value?

    /// Declares a kind.
    init(
        nestedPaths: [String] = [],
        _ decode: @escaping @Sendable (YAMLNode, inout DecodingContext) -> Value?
    ) {
        self.nestedPaths = nestedPaths
        self.decode = decode
    }

    /// The same kind with what it reads made into something else.
    func map<Other>(_ transform: @escaping @Sendable (Value) -> Other) -> ValueKind<Other> {
        ValueKind<Other>(nestedPaths: nestedPaths) { node, context in
            decode(node, &context).map(transform)
        }
    }

    /// The same kind where one plain word stands for something else, such as `auto`.
    func or(_ word: String, _ value: Value) -> ValueKind<Value> {
        ValueKind(nestedPaths: nestedPaths) { node, context in
            if case .scalar(word, _) = node.content { return value }
            return decode(node, &context)
        }
    }

    /// The same kind with what it reads judged and made into something else.
    func refined<Other>(
        _ refine: @escaping @Sendable (Value, inout DecodingContext) throws(Refusal) -> Other
    ) -> ValueKind<Other> {
        ValueKind<Other>(nestedPaths: nestedPaths) { node, context in
            guard let value = decode(node, &context) else { return nil }
            do throws(Refusal) {
                return try refine(value, &context)
            } catch {
                context.error(error.reason, at: node.mark)
                return nil
            }
        }
    }

    /// The same kind for a property that is nil where the key is absent.
    static func optional<Wrapped>(
        _ kind: ValueKind<Wrapped>
    ) -> ValueKind where Value == Wrapped? {
        kind.map { $0 }
    }

    /// A kind together with where the value stands.
    static func located<Wrapped>(
        _ kind: ValueKind<Wrapped>
    ) -> ValueKind where Value == Located<Wrapped> {
        ValueKind(nestedPaths: kind.nestedPaths) { node, context in
            kind.decode(node, &context).map { Located(value: $0, mark: node.mark) }
        }
    }
}
