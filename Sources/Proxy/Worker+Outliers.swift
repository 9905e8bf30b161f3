internal import Config
internal import HTTP
internal import Platform
internal import Telemetry

extension Worker {
    /// Takes in the status that a server has answered with: a gateway's statuses (RFC 9110 §15.6.3
    /// to §15.6.5) say that it cannot serve, whatever was asked; 500 may be one request's fault.
    mutating func judge(_ exchange: Exchange) {
        guard let server = exchange.server, server.plan.outliers != nil else { return }
        judge(server, isFailure: (502...504).contains(exchange.response.status))
    }

    /// Takes in how a server did for a request, and reports it if it has failed too many.
    mutating func judge(_ server: UpstreamPool, isFailure: Bool) {
        guard let rules = server.plan.outliers,
            let finding = server.outliers.record(isFailure: isFailure, rules: rules, now: now)
        else { return }
        plan.outliers?.post(
            OutlierReport(
                server: server.plan.label, cause: finding.cause, failures: finding.failures,
                requests: finding.requests))
    }
}
