import Bytes
import Testing

@testable import Proxy

@Suite("GRPCStatus")
struct GRPCStatusTests {
    @Test(
        "Each status of HTTP has one of gRPC",
        arguments: [
            (400, 13), (401, 16), (403, 7), (404, 12), (408, 13), (413, 13), (429, 14), (500, 13),
            (502, 14), (503, 14), (504, 4),
        ])
    func mapping(http: Int, status: Int) {
        #expect(GRPCStatus(httpStatus: http).rawValue == status)
    }

    @Test(
        "A type is gRPC's with any encoding, and nothing else is",
        arguments: [
            ("application/grpc", true), ("application/grpc+proto", true),
            ("Application/GRPC;x=y", true), ("application/grpc-web", true),
            ("application/grpcx", false), ("application/grp", false), ("text/plain", false),
            ("", false),
        ])
    func type(text: String, isGRPC: Bool) {
        #expect(GRPCStatus.isType(text.utf8.span) == isGRPC)
    }
}
