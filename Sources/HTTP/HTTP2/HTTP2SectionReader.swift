internal import Bytes

/// Reads the field sections of HTTP/2 by the rules of HTTP/1.1 and those of RFC 9113 §8.
///
/// One section at a time, field by field. What is wrong is remembered, and told at the end.
struct HTTP2SectionReader: ~Copyable {
    /// What a section is the head or the end of.
    enum Kind { case request, response, trailers, ignored }

    /// Which pseudo-fields have stood there.
    struct Pseudo: OptionSet {
        let rawValue: UInt8
        static let method = Pseudo(rawValue: 1)
        static let scheme = Pseudo(rawValue: 2)
        static let authority = Pseudo(rawValue: 4)
        static let path = Pseudo(rawValue: 8)
        static let tunnel = Pseudo(rawValue: 16)
        static let status = Pseudo(rawValue: 32)
    }

    let limits: MessageLimits
    let listLimit: Int
    let allowsExtendedConnect: Bool

    private(set) var kind = Kind.ignored
    /// What has come of the section.
    var content = HTTP2SectionContent()
    /// The first thing that is wrong.
    private(set) var fault: HTTPFault?
    /// How large the section is, as RFC 9113 §6.5.2 counts.
    private(set) var listBytes = 0
    private(set) var fieldCount = 0
    var pseudo: Pseudo = []
    private var hasRegular = false
    private var pathBytes = 0
    /// The parts of a cookie (RFC 9113 §8.2.3), and the index of the field that gets them.
    private(set) var cookies = ByteQueue()
    private var cookieIndex = -1
    /// True exactly when one of the parts has said something.
    private var hasCookie = false

    /// Makes a reader; it must be begun.
    init(limits: MessageLimits, listBytes: Int, allowsExtendedConnect: Bool) {
        self.limits = limits
        listLimit = listBytes
        self.allowsExtendedConnect = allowsExtendedConnect
    }

    /// Begins a section.
    mutating func begin(_ kind: Kind) {
        // Empty, unless the last one had no end.
        if self.kind != .ignored { content.reset() }
        self.kind = kind
        fault = nil
        listBytes = 0
        fieldCount = 0
        pseudo = []
        hasRegular = false
        pathBytes = 0
        forgetCookies()
        cookieIndex = -1
        hasCookie = false
    }

    /// Takes a field; false exactly when the section is so far beyond its limits that the
    /// connection must end.
    mutating func take(name: Span<UInt8>, value: Span<UInt8>) -> Bool {
        listBytes += name.count + value.count + 32
        let isPseudo = !name.isEmpty && name[0] == UInt8(ascii: ":")
        if !isPseudo { fieldCount += 1 }
        let isTrailer = kind == .trailers
        if listBytes > 4 * listLimit { return false }
        guard fault == nil, kind != .ignored else { return true }
        if isTrailer ? listBytes > limits.trailerBytes : listBytes > listLimit {
            if name.equals(":path") { pathBytes = value.count }
            let isPath = pathBytes + 64 > listLimit
            fault = isTrailer ? .trailerTooLarge : isPath ? .targetTooLong : .headTooLarge
        } else if fieldCount > limits.fieldCount {
            fault = isTrailer ? .trailerTooLarge : .tooManyFields
        } else if isPseudo {
            fault = takePseudo(name, value)
        } else {
            fault = takeField(name, value)
        }
        return true
    }

    /// RFC 9113 §8.3: pseudo-fields stand in front, each once, in heads only.
    private mutating func takePseudo(
        _ name: Span<UInt8>, _ value: Span<UInt8>
    ) -> HTTPFault? {
        if hasRegular { return .badStartLine }
        guard let which = HTTP2SectionReader.which(name, kind), !pseudo.contains(which) else {
            return .badStartLine
        }
        pseudo.insert(which)
        return which == .status
            ? HTTP2SectionReader.takeStatus(value, &content.response)
            : HTTP2SectionReader.store(which, value, &content.request)
    }

    private static func which(_ name: Span<UInt8>, _ kind: Kind) -> Pseudo? {
        if kind == .response { return name.equals(":status") ? .status : nil }
        guard kind == .request else { return nil }
        switch name.count {
        case 5 where name.equals(":path"): return .path
        case 7 where name.equals(":method"): return .method
        case 7 where name.equals(":scheme"): return .scheme
        case 9 where name.equals(":protocol"): return .tunnel
        case 10 where name.equals(":authority"): return .authority
        default: return nil
        }
    }

    private static func store(
        _ which: Pseudo, _ value: Span<UInt8>, _ head: inout RequestHead
    ) -> HTTPFault? {
        if which == .method {
            if !value.isToken { return .badMethod }
            head.method = Method(value)
            head.methodPart = head.store(value)
        } else if which == .scheme {
            guard value.equals("https") || value.equals("http") else { return .badTarget }
        } else if which == .authority {
            head.authorityPart = head.store(value)
        } else if which == .path {
            head.targetPart = head.store(value)
        } else {
            if !value.isToken { return .badTarget }
            head.tunnelProtocolPart = head.store(value)
            head.hasTunnelProtocol = true
        }
        return nil
    }

    private static func takeStatus(_ value: Span<UInt8>, _ head: inout ResponseHead) -> HTTPFault? {
        guard value.count == 3, let status = FieldRules.decimal(value),
            (100...599).contains(status)
        else { return .badStatus }
        // RFC 9113 §8.6
        if status == 101 { return .unexpectedUpgrade }
        head.status = Int(status)
        return nil
    }

    private mutating func takeField(
        _ name: Span<UInt8>, _ value: Span<UInt8>
    ) -> HTTPFault? {
        hasRegular = true
        if let fault = HTTP2SectionReader.check(name, value) { return fault }
        let id = FieldName(name)
        // RFC 9113 §8.2.2
        if HTTP2SectionReader.ofConnection.contains(id) { return .badFieldName }
        if id == .te, !value.equalsIgnoringCase("trailers") { return .badFieldValue }
        switch kind {
        case .request:
            if id == .cookie {
                takeCookie(value)
            } else {
                content.request.fields.append(id, name: name, value: value)
            }
        case .response: content.response.fields.append(id, name: name, value: value)
        case .trailers:
            if BodyDecoder.forbiddenTrailers.contains(id) { return .badTrailer }
            content.trailers.append(id, name: name, value: value)
        case .ignored: break
        }
        return nil
    }

    /// RFC 9113 §8.2.1, and no more than HTTP/1.1 lets through.
    private static func check(_ name: Span<UInt8>, _ value: Span<UInt8>) -> HTTPFault? {
        guard !name.isEmpty, name.count <= 0xffff else { return .badFieldName }
        guard name.prefixCount(in: .lowercaseTokenCharacters) == name.count else {
            return .badFieldName
        }
        if value.hasControl { return .badFieldValue }
        guard !value.isEmpty else { return nil }
        let (first, last) = (value[0], value[value.count - 1])
        let hasSpace = first == 0x20 || first == 0x09 || last == 0x20 || last == 0x09
        return hasSpace ? .badFieldValue : nil
    }

    /// RFC 9113 §8.2.3: the parts become one field again, at the place of the first; an empty part
    /// adds nothing, since a value neither begins nor ends with what stands between two.
    private mutating func takeCookie(_ value: Span<UInt8>) {
        if cookieIndex < 0 {
            cookieIndex = content.request.fields.count
            content.request.fields.append(name: "cookie".utf8.span, value: value)
        } else if !value.isEmpty {
            if hasCookie { cookies.append("; ") }
            cookies.append(value)
        }
        if !value.isEmpty { hasCookie = true }
    }

    /// Tells of the section; what it says goes with the event.
    mutating func tell(_ event: HTTP2Event, to events: inout HTTP2EventQueue) {
        events.append(event, taking: &content)
        kind = .ignored
    }

    /// Forgets the section, of which nobody is told.
    mutating func drop() {
        content.reset()
        forgetCookies()
        kind = .ignored
    }

    /// Joins what `takeCookie` has gathered.
    mutating func joinCookies() {
        guard cookieIndex >= 0, !cookies.isEmpty else { return }
        HTTP2SectionReader.extend(&content.request.fields, cookieIndex, by: cookies)
        forgetCookies()
    }

    private mutating func forgetCookies() {
        let isKept = cookies.capacity <= HTTP2Session.keptBytes
        cookies.removeAll()
        if !isKept { cookies.releaseStorageIfEmpty() }
    }

    private static func extend(
        _ fields: inout FieldBlock, _ index: Int, by more: borrowing ByteQueue
    ) {
        fields.extendValue(index, by: more.bytes)
    }

    /// Notes what is wrong with the section as a whole.
    mutating func note(_ problem: HTTPFault?) {
        if fault == nil { fault = problem }
    }

    private static let ofConnection = FieldNameSet([
        .connection, .keepAlive, .proxyConnection, .transferEncoding, .upgrade,
    ])
}
