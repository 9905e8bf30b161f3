/// The closed list of what can be wrong with a message; the sender's fault in every case.
public enum HTTPFault: Error, Equatable, Sendable, CaseIterable {
    /// The start line is not one (RFC 9112 §3, RFC 9112 §4).
    case badStartLine
    /// The method is no token (RFC 9110 §9.1).
    case badMethod
    /// The target has a form or a byte that it must not have (RFC 9112 §3.2).
    case badTarget
    /// The request line alone fills the head.
    case targetTooLong
    /// CONNECT is not offered (RFC 9110 §9.3.6).
    case connectRefused
    /// Neither HTTP/1.0 nor HTTP/1.1 (RFC 9112 §2.3).
    case unsupportedVersion
    /// A line ends with LF alone, or CR stands alone (RFC 9112 §2.2).
    case bareLineEnd
    /// A field name is empty or no token, or space stands before the colon (RFC 9112 §5.1).
    case badFieldName
    /// A field value has a control character (RFC 9110 §5.5).
    case badFieldValue
    /// A field goes on in the next line (RFC 9112 §5.2).
    case foldedField
    /// Too many fields, or `Connection` names more than a message may have.
    case tooManyFields
    /// The head is too large.
    case headTooLarge
    /// Host is missing (RFC 9112 §3.2).
    case missingHost
    /// Host stands more than once (RFC 9112 §3.2).
    case repeatedHost
    /// Host, or the target's authority, is malformed (RFC 9112 §3.2).
    case badHost
    /// Content-Length is no single decimal number (RFC 9112 §6.3).
    case badContentLength
    /// Content-Length stands more than once (RFC 9112 §6.3).
    case repeatedContentLength
    /// Content-Length and Transfer-Encoding stand together (RFC 9112 §6.3).
    case conflictingFraming
    /// Transfer-Encoding is not exactly one `chunked` (RFC 9112 §6.1).
    case badTransferEncoding
    /// Transfer-Encoding in HTTP/1.0 (RFC 9112 §6.1).
    case transferEncodingInHTTP10
    /// `Connection` is no list of tokens (RFC 9110 §7.6.1).
    case badConnection
    /// `Upgrade` is no list of protocols (RFC 9110 §7.8).
    case badUpgrade
    /// A segment of the path is `.` or `..`, however it is spelt (RFC 3986 §5.2.4).
    case dotSegment
    /// A slash of the path is percent-encoded, or a backslash.
    case encodedSlash
    /// A backend that decodes the path may take it for one of another route.
    case ambiguousPath
    /// A field name has an underscore, where the configuration refuses them.
    case underscoreField
    /// A body where none is expected (RFC 9110 §9.3).
    case unexpectedBody
    /// A response that has no body says how long it is (RFC 9112 §6.1, RFC 9110 §8.6).
    case framedEmptyResponse
    /// An expectation other than `100-continue` (RFC 9110 §10.1.1).
    case badExpectation
    /// The status is not three digits from 100 to 599 (RFC 9112 §4).
    case badStatus
    /// The size of a chunk is malformed or beyond 16 digits (RFC 9112 §7.1).
    case badChunkSize
    /// A chunk does not end where its size says (RFC 9112 §7.1).
    case badChunkEnd
    /// The extensions of a chunk are malformed or endless (RFC 9112 §7.1.1).
    case badChunkExtension
    /// The trailer section is malformed (RFC 9112 §7.1.2).
    case badTrailer
    /// The trailer section is too large.
    case trailerTooLarge
    /// The message ended early (RFC 9112 §8).
    case truncated
    /// 101 without having been asked (RFC 9110 §15.2.2).
    case unexpectedUpgrade
    /// Success in place of the change of protocol that was asked for.
    case missingUpgrade
    /// Interim responses without end.
    case tooManyInterimResponses

    /// The status that a client gets for it.
    public var status: Int {
        switch self {
        case .targetTooLong: 414
        case .tooManyFields, .headTooLarge, .trailerTooLarge: 431
        case .connectRefused: 501
        case .unsupportedVersion: 505
        case .badExpectation: 417
        default: 400
        }
    }

    /// A sentence for people.
    public var reason: StaticString {
        switch self {
        case .badStartLine: "The first line of the message is malformed."
        case .badMethod: "The method is malformed."
        case .badTarget: "The request's target is malformed."
        case .targetTooLong: "The request's target is longer than this server accepts."
        case .connectRefused: "CONNECT is not offered here."
        case .unsupportedVersion: "This version of HTTP is not spoken here."
        case .bareLineEnd: "A line does not end with CR and LF."
        case .badFieldName: "A field name is malformed."
        case .badFieldValue: "A field value contains a forbidden character."
        case .foldedField: "A field must not go on in the next line."
        case .tooManyFields: "The message has more fields than this server accepts."
        case .headTooLarge: "The message's head is larger than this server accepts."
        case .missingHost: "The Host field is missing."
        case .repeatedHost: "The Host field stands more than once."
        case .badHost: "The host is malformed."
        case .badContentLength: "Content-Length is not a decimal number."
        case .repeatedContentLength: "Content-Length stands more than once."
        case .conflictingFraming: "Content-Length and Transfer-Encoding exclude each other."
        case .badTransferEncoding: "Transfer-Encoding must be exactly one 'chunked'."
        case .transferEncodingInHTTP10: "HTTP/1.0 has no Transfer-Encoding."
        case .badConnection: "Connection is malformed."
        case .badUpgrade: "Upgrade is malformed."
        case .dotSegment: "The path must not have the segments '.' and '..'."
        case .encodedSlash: "The path must not have encoded slashes or backslashes."
        case .ambiguousPath: "The path can be read in two ways that lead to different places."
        case .underscoreField: "A field name must not have an underscore here."
        case .unexpectedBody: "A request with this method must not have a body here."
        case .framedEmptyResponse: "A response that must not have a body says its length."
        case .badExpectation: "Only the expectation '100-continue' is understood."
        case .badStatus: "The status is malformed."
        case .badChunkSize: "The size of a chunk is malformed."
        case .badChunkEnd: "A chunk does not end where its size says."
        case .badChunkExtension: "A chunk extension is malformed."
        case .badTrailer: "The trailer section is malformed."
        case .trailerTooLarge: "The trailer section is larger than this server accepts."
        case .truncated: "The message ended early."
        case .unexpectedUpgrade: "The protocol was changed without having been asked."
        case .missingUpgrade: "The protocol was to be changed, and was not."
        case .tooManyInterimResponses: "There are too many interim responses."
        }
    }

    /// The stable name in logs.
    public var label: StaticString {
        switch self {
        case .badStartLine: "bad_start_line"
        case .badMethod: "bad_method"
        case .badTarget: "bad_target"
        case .targetTooLong: "target_too_long"
        case .connectRefused: "connect_refused"
        case .unsupportedVersion: "unsupported_version"
        case .bareLineEnd: "bare_line_end"
        case .badFieldName: "bad_field_name"
        case .badFieldValue: "bad_field_value"
        case .foldedField: "folded_field"
        case .tooManyFields: "too_many_fields"
        case .headTooLarge: "head_too_large"
        case .missingHost: "missing_host"
        case .repeatedHost: "repeated_host"
        case .badHost: "bad_host"
        case .badContentLength: "bad_content_length"
        case .repeatedContentLength: "repeated_content_length"
        case .conflictingFraming: "conflicting_framing"
        case .badTransferEncoding: "bad_transfer_encoding"
        case .transferEncodingInHTTP10: "transfer_encoding_in_http10"
        case .badConnection: "bad_connection"
        case .badUpgrade: "bad_upgrade"
        case .dotSegment: "dot_segment"
        case .encodedSlash: "encoded_slash"
        case .ambiguousPath: "ambiguous_path"
        case .underscoreField: "underscore_field"
        case .unexpectedBody: "unexpected_body"
        case .framedEmptyResponse: "framed_empty_response"
        case .badExpectation: "bad_expectation"
        case .badStatus: "bad_status"
        case .badChunkSize: "bad_chunk_size"
        case .badChunkEnd: "bad_chunk_end"
        case .badChunkExtension: "bad_chunk_extension"
        case .badTrailer: "bad_trailer"
        case .trailerTooLarge: "trailer_too_large"
        case .truncated: "truncated"
        case .unexpectedUpgrade: "unexpected_upgrade"
        case .missingUpgrade: "missing_upgrade"
        case .tooManyInterimResponses: "too_many_interim_responses"
        }
    }
}
