public import Config

/// What an attempt may have failed by for its request to be sent again.
public struct RetryCauses: OptionSet, Sendable {
    /// One bit for each cause.
    public let rawValue: UInt16

    /// Takes the bits as they are.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Takes over what was configured.
    public init(_ causes: [RetryCause]) {
        var bits: UInt16 = 0
        for (place, cause) in RetryCause.allCases.enumerated() where causes.contains(cause) {
            bits |= 1 << UInt16(place)
        }
        rawValue = bits
    }

    /// No connection could be made.
    public static let connect = RetryCauses([RetryCause.connect])
    /// The connection ended before a byte of the response.
    public static let reset = RetryCauses([RetryCause.reset])
    /// No byte of the response came in time.
    public static let firstByteTimeout = RetryCauses([RetryCause.firstByteTimeout])

    private static let notFound = RetryCauses([RetryCause.notFound])
    private static let requestTimeout = RetryCauses([RetryCause.requestTimeout])
    private static let tooManyRequests = RetryCauses([RetryCause.tooManyRequests])
    private static let serverError = RetryCauses([RetryCause.serverError])
    private static let badGateway = RetryCauses([RetryCause.badGateway])
    private static let unavailable = RetryCauses([RetryCause.unavailable])
    private static let gatewayTimeout = RetryCauses([RetryCause.gatewayTimeout])

    /// True exactly when a response with this status counts as a failure.
    func contains(status: Int) -> Bool {
        guard status >= 400 else { return false }
        return switch status {
        case 404: contains(.notFound)
        case 408: contains(.requestTimeout)
        case 429: contains(.tooManyRequests)
        case 500: contains(.serverError)
        case 502: contains(.badGateway)
        case 503: contains(.unavailable)
        case 504: contains(.gatewayTimeout)
        default: false
        }
    }
}
