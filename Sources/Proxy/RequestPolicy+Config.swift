public import Config
public import HTTP

extension RequestPolicy {
    /// Takes over the rules of the configuration.
    public init(_ config: HTTPConfig) {
        self.init()
        passesDotSegments = config.dotSegments == .pass
        passesEncodedSlashes = config.encodedSlashes == .pass
        passesGetBodies = config.getBody == .pass
        underscoreFields =
            switch config.underscoreFields {
            case .pass: .pass
            case .drop: .drop
            case .reject: .reject
            }
    }
}
