/// A value and where it stands, for what can only be judged beside other values.
struct Located<Value: Sendable>: Sendable {
    /// The value.
    var value: Value

    /// Where it stands in the file.
    var mark: SourceMark
}

extension Located: Equatable where Value: Equatable {}
