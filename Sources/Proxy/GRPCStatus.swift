internal import Bytes
internal import HTTP

/// The codes of gRPC that Martlet has use for when it answers in a server's place.
enum GRPCStatus: Int, Sendable {
    /// DEADLINE_EXCEEDED
    case deadlineExceeded = 4
    /// PERMISSION_DENIED
    case permissionDenied = 7
    /// UNIMPLEMENTED
    case unimplemented = 12
    /// INTERNAL
    case internalError = 13
    /// UNAVAILABLE
    case unavailable = 14
    /// UNAUTHENTICATED
    case unauthenticated = 16

    /// What the status of an answer means to a client of gRPC.
    init(httpStatus: Int) {
        self =
            switch httpStatus {
            case 401: .unauthenticated
            case 403: .permissionDenied
            case 404: .unimplemented
            case 429, 502, 503: .unavailable
            case 504: .deadlineExceeded
            default: .internalError
            }
    }

    /// True exactly when the content type of a request is gRPC's.
    static func isAskedFor(_ fields: borrowing FieldBlock) -> Bool {
        guard let index = fields.first(.contentType) else { return false }
        return isType(fields.value(index))
    }

    /// True exactly when a content type is gRPC's, of any encoding, or that of gRPC-Web.
    static func isType(_ type: Span<UInt8>) -> Bool {
        let count = 16
        guard type.count >= count,
            type.extracting(0..<count).equalsIgnoringCase("application/grpc")
        else { return false }
        return type.count == count
            || type[count] == UInt8(ascii: "+") || type[count] == UInt8(ascii: "-")
            || type[count] == UInt8(ascii: ";")
    }
}

extension Exchange {
    /// True exactly when the client is told of an error by a status of gRPC, since it awaits that
    /// and not the one of HTTP. Its requests are POST; what breaks a rule of HTTP is refused as
    /// anybody's is, whatever it says that it is.
    func tellsByGRPC(_ error: ProxyError) -> Bool {
        if case .badRequest = error.kind { return false }
        return form.method == .post && GRPCStatus.isAskedFor(request.fields)
    }
}
