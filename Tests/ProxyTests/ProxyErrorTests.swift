import HTTP
import Telemetry
import Testing

@testable import Proxy

@Suite("ProxyError")
struct ProxyErrorTests {
    /// One row for each kind: status, origin and name.
    struct Row: Sendable, CustomTestStringConvertible {
        let kind: ProxyError.Kind
        let status: Int
        let origin: Fault
        let label: String

        init(_ kind: ProxyError.Kind, _ status: Int, _ origin: Fault, _ label: String) {
            self.kind = kind
            self.status = status
            self.origin = origin
            self.label = label
        }

        var testDescription: String { label }
    }

    static let rows = [
        Row(.badRequest(.badTarget), 400, .client, "bad_target"),
        Row(.slowRequest, 408, .client, "slow_request"),
        Row(.bodyTooLarge, 413, .client, "body_too_large"),
        Row(.unknownHost, 404, .client, "unknown_host"),
        Row(.misdirected, 421, .client, "misdirected"),
        Row(.misdirectedClient, 421, .client, "misdirected_client_certificate"),
        Row(.clientCertificateMissing, 403, .client, "client_certificate_missing"),
        Row(.clientNotAllowed, 403, .client, "client_certificate_not_allowed"),
        Row(.noRoute, 404, .client, "no_route"),
        Row(.clientClosed, 499, .client, "client_closed"),
        Row(.slowReader, 499, .client, "slow_reader"),
        Row(.upstreamUnavailable, 503, .upstream, "upstream_unavailable"),
        Row(.upstreamConnectTimeout, 504, .upstream, "upstream_connect_timeout"),
        Row(.upstreamFirstByteTimeout, 504, .upstream, "upstream_first_byte_timeout"),
        Row(.upstreamStalled, 504, .upstream, "upstream_stalled"),
        Row(.upstreamClosed, 502, .upstream, "upstream_closed"),
        Row(.upstreamMalformed(.badStatus), 502, .upstream, "upstream_malformed"),
        Row(.upstreamTruncated, 502, .upstream, "upstream_truncated"),
        Row(.drained, 503, .internal, "drained"),
        Row(.internalError, 500, .internal, "internal_error"),
        Row(.brokenStream, 499, .client, "broken_stream"),
        Row(.idleTunnel, 499, .client, "idle_tunnel"),
        Row(.tooManyRequests(wait: .seconds(1)), 429, .client, "too_many_requests"),
        Row(.memoryShort, 503, .internal, "memory_short"),
        Row(.misdirectedScheme, 421, .client, "misdirected_scheme"),
        Row(.upstreamRefused, 503, .upstream, "upstream_refused"),
        Row(.upstreamReset(.cancel), 502, .upstream, "upstream_reset"),
        Row(.upstreamProtocol, 502, .upstream, "upstream_protocol"),
        Row(.upstreamWithoutTunnels, 502, .upstream, "upstream_without_tunnels"),
        Row(.upstreamFull(.requests), 503, .upstream, "upstream_requests_limit"),
        Row(.upstreamHandshake, 502, .upstream, "upstream_handshake"),
        Row(.addressDenied, 403, .client, "address_denied"),
        Row(.unauthenticated, 401, .client, "unauthenticated"),
        Row(.passwordsBusy, 503, .internal, "passwords_busy"),
        Row(.headBeyondServer, 431, .client, "head_beyond_server"),
    ]

    /// The row of a kind; a new kind does not compile until it has one.
    static func row(of kind: ProxyError.Kind) -> Int {
        switch kind {
        case .badRequest: 0
        case .slowRequest: 1
        case .bodyTooLarge: 2
        case .unknownHost: 3
        case .misdirected: 4
        case .misdirectedClient: 5
        case .clientCertificateMissing: 6
        case .clientNotAllowed: 7
        case .noRoute: 8
        case .clientClosed: 9
        case .slowReader: 10
        case .upstreamUnavailable: 11
        case .upstreamConnectTimeout: 12
        case .upstreamFirstByteTimeout: 13
        case .upstreamStalled: 14
        case .upstreamClosed: 15
        case .upstreamMalformed: 16
        case .upstreamTruncated: 17
        case .drained: 18
        case .internalError: 19
        case .brokenStream: 20
        case .idleTunnel: 21
        case .tooManyRequests: 22
        case .memoryShort: 23
        case .misdirectedScheme: 24
        case .upstreamRefused: 25
        case .upstreamReset: 26
        case .upstreamProtocol: 27
        case .upstreamWithoutTunnels: 28
        case .upstreamFull: 29
        case .upstreamHandshake: 30
        case .addressDenied: 31
        case .unauthenticated: 32
        case .passwordsBusy: 33
        case .headBeyondServer: 34
        }
    }

    @Test("Each kind has its status, its origin and its name", arguments: rows)
    func mapping(row: Row) {
        let error = ProxyError(row.kind)
        #expect(error.status == row.status)
        #expect(error.origin == row.origin)
        #expect("\(error.label)" == row.label)
    }

    @Test("Each limit of a backend has a name of its own")
    func backendLimits() {
        let names = BackendLimitLabel.allCases.map { "\(ProxyError(.upstreamFull($0)).label)" }
        #expect(
            names == [
                "upstream_connections_limit", "upstream_requests_limit", "upstream_pending_limit",
                "upstream_queue_full", "upstream_queue_timeout", "upstream_retry_budget",
            ])
    }

    @Test("An answer reaches every client but one that has gone or does not read", arguments: rows)
    func reachesClient(row: Row) {
        #expect(ProxyError(row.kind).reachesClient == (row.status != 499))
    }

    @Test("The table has every kind once, and no name twice")
    func isComplete() {
        #expect(ProxyErrorTests.rows.map { ProxyErrorTests.row(of: $0.kind) } == Array(0...34))
        #expect(Set(ProxyErrorTests.rows.map(\.label)).count == ProxyErrorTests.rows.count)
    }

    @Test("Each kind has a sentence of its own", arguments: rows)
    func sentence(row: Row) {
        let text = "\(ProxyError(row.kind).text)"
        #expect(text.hasSuffix("."))
        #expect(text.first?.isUppercase == true)
        let others = ProxyErrorTests.rows.filter { "\(ProxyError($0.kind).text)" == text }
        #expect(others.count == 1)
    }

    @Test(
        "A fault of the client keeps the status that it has as such", arguments: HTTPFault.allCases)
    func clientFault(fault: HTTPFault) {
        let error = ProxyError(.badRequest(fault))
        #expect(error.status == fault.status)
        #expect(error.origin == .client)
        #expect("\(error.label)" == "\(fault.label)")
        #expect("\(error.text)" == "\(fault.reason)")
    }

    @Test("A fault of the backend is 502, whatever it is", arguments: HTTPFault.allCases)
    func upstreamFault(fault: HTTPFault) {
        let error = ProxyError(.upstreamMalformed(fault))
        #expect(error.status == 502)
        #expect(error.origin == .upstream)
    }
}
