import Testing

@testable import HTTP

struct HTTPFaultTests {
    @Test("Every fault has a status of its own right, and 400 is the rule")
    func statuses() {
        let exceptions: [HTTPFault: Int] = [
            .targetTooLong: 414, .tooManyFields: 431, .headTooLarge: 431, .trailerTooLarge: 431,
            .connectRefused: 501, .unsupportedVersion: 505, .badExpectation: 417,
        ]
        for fault in HTTPFault.allCases {
            #expect(fault.status == exceptions[fault] ?? 400)
        }
    }

    @Test("Labels are unique, and names that fit a log and a metric")
    func labels() {
        let labels = HTTPFault.allCases.map { "\($0.label)" }
        #expect(Set(labels).count == labels.count)
        for label in labels {
            let isPlain = label.allSatisfy { $0 == "_" || $0.isLowercase || $0.isNumber }
            #expect(isPlain)
        }
    }

    @Test("Reasons are sentences", arguments: HTTPFault.allCases)
    func reasons(_ fault: HTTPFault) {
        let reason = "\(fault.reason)"
        #expect(reason.first?.isUppercase == true)
        #expect(reason.last == ".")
        #expect(!reason.contains("\n"))
    }
}
