internal import Bytes
public import Config
internal import HTTP

/// The response fields that a site adds, written once when the snapshot is built: a response costs
/// a copy of bytes.
public struct SiteFields: Sendable {
    /// The value of `Strict-Transport-Security` (RFC 6797 §6.1); empty where there is none.
    private let transportSecurity: [UInt8]
    /// True exactly when the fields of `Protection` are added where they are missing.
    private let protects: Bool

    /// A site that adds nothing.
    public static let none = SiteFields(hsts: nil, securityHeaders: false)

    /// Writes the lines for a site's configuration.
    public init(hsts: HSTSConfig?, securityHeaders: Bool) {
        transportSecurity = hsts.map { Array(SiteFields.value($0).utf8) } ?? []
        protects = securityHeaders
    }

    private static func value(_ hsts: HSTSConfig) -> String {
        "max-age=\(hsts.maxAge.components.seconds)"
            + (hsts.includesSubdomains ? "; includeSubDomains" : "")
            + (hsts.preloads ? "; preload" : "")
    }

    /// True exactly when responses pass as they are.
    var isEmpty: Bool { transportSecurity.isEmpty && !protects }

    /// Writes the fields of a response that has none of its own.
    func append<Output: FieldOutput & ~Copyable>(isTLS: Bool, to output: inout Output) {
        appendTransportSecurity(isTLS: isTLS, to: &output)
        if protects { Protection.append([], to: &output) }
    }

    /// Writes the backend's fields as `MessageWriter.appendFields` does, and those of the site.
    func appendFields<Output: FieldOutput & ~Copyable>(
        of block: borrowing FieldBlock, skipping: FieldNameSet, isTLS: Bool,
        to output: inout Output
    ) {
        guard !isEmpty else {
            output.add(block, skipping: skipping)
            return
        }
        var present: Protection = []
        for index in 0..<block.count
        where !block.isHopByHop(index) && !skipping.contains(block.id(index)) {
            let name = block.name(index)
            if block.id(index) == .other {
                // A second policy is none (RFC 6797 §8.1): the browser takes the first it sees.
                if !transportSecurity.isEmpty, SiteFields.isTransportSecurity(name) { continue }
                if protects { present.formUnion(.field(name)) }
            }
            output.add(index, of: block)
        }
        appendTransportSecurity(isTLS: isTLS, to: &output)
        if protects { Protection.append(present, to: &output) }
    }

    /// Over plain HTTP anybody on the way could have written it, so it is not sent (RFC 6797 §7.2).
    private func appendTransportSecurity<Output: FieldOutput & ~Copyable>(
        isTLS: Bool, to output: inout Output
    ) {
        guard isTLS, !transportSecurity.isEmpty else { return }
        output.add("Strict-Transport-Security", transportSecurity.span)
    }

    private static func isTransportSecurity(_ name: Span<UInt8>) -> Bool {
        name.count == 25 && name.equalsIgnoringCase("strict-transport-security")
    }
}

/// Fields that keep a browser from guessing types, from being framed by strangers and from telling
/// them addresses.
private struct Protection: OptionSet {
    let rawValue: UInt8

    static let contentType = Protection(rawValue: 1)
    static let frame = Protection(rawValue: 2)
    static let referrer = Protection(rawValue: 4)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Which of them the field of this name is; empty for any other.
    static func field(_ name: Span<UInt8>) -> Protection {
        switch name.count {
        case 15 where name.equalsIgnoringCase("x-frame-options"): .frame
        case 15 where name.equalsIgnoringCase("referrer-policy"): .referrer
        case 22 where name.equalsIgnoringCase("x-content-type-options"): .contentType
        default: []
        }
    }

    /// Writes those that are not `present`.
    static func append<Output: FieldOutput & ~Copyable>(
        _ present: Protection, to output: inout Output
    ) {
        if !present.contains(.contentType) { output.add("X-Content-Type-Options", "nosniff") }
        if !present.contains(.frame) { output.add("X-Frame-Options", "SAMEORIGIN") }
        if !present.contains(.referrer) {
            output.add("Referrer-Policy", "strict-origin-when-cross-origin")
        }
    }
}
