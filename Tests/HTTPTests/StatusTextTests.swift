import Testing

@testable import HTTP

struct StatusTextTests {
    @Test(
        "Statuses have the reasons that RFC 9110 §15 gives them",
        arguments: [
            (100, "Continue"), (200, "OK"), (303, "See Other"), (304, "Not Modified"),
            (400, "Bad Request"), (409, "Conflict"), (416, "Range Not Satisfiable"),
            (421, "Misdirected Request"), (431, "Request Header Fields Too Large"),
            (502, "Bad Gateway"), (505, "HTTP Version Not Supported"),
        ])
    func named(_ status: Int, _ reason: String) {
        #expect("\(StatusText.reason(status))" == reason)
    }

    @Test(
        "Other statuses have the reason of their class",
        arguments: [
            (199, "Informational"), (299, "Success"), (399, "Redirection"), (499, "Client Error"),
            (599, "Server Error"),
        ])
    func unnamed(_ status: Int, _ reason: String) {
        #expect("\(StatusText.reason(status))" == reason)
    }

    @Test("Every reason can stand in a status line")
    func characters() {
        for status in 100...599 {
            let reason = "\(StatusText.reason(status))"
            #expect(!reason.isEmpty)
            #expect(reason.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f })
        }
    }
}
