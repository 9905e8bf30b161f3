/// What becomes of requests that the standards allow and that backends take in different ways.
public struct HTTPConfig: Sendable, Equatable {
    /// What becomes of a request that has the thing in question.
    public enum Verdict: String, Sendable, CaseIterable {
        /// It is passed on as it is.
        case pass
        /// It is refused with 400.
        case reject
    }

    /// What becomes of a request with a field whose name has an underscore.
    public enum FieldVerdict: String, Sendable, CaseIterable {
        /// The field is passed on, unless it would be taken for one of Martlet's own.
        case pass
        /// The field is left out.
        case drop
        /// The request is refused with 400.
        case reject
    }

    /// Paths with the segments `.` and `..`, in any spelling.
    public var dotSegments: Verdict

    /// Paths with `%2F`, `%5C` or a backslash.
    public var encodedSlashes: Verdict

    /// Fields whose names have an underscore.
    public var underscoreFields: FieldVerdict

    /// Bodies of GET, HEAD, DELETE and OPTIONS.
    public var getBody: Verdict

    /// Makes the value; what is left out has its default.
    public init(
        dotSegments: Verdict = .reject,
        encodedSlashes: Verdict = .pass,
        underscoreFields: FieldVerdict = .pass,
        getBody: Verdict = .pass
    ) {
        self.dotSegments = dotSegments
        self.encodedSlashes = encodedSlashes
        self.underscoreFields = underscoreFields
        self.getBody = getBody
    }
}
