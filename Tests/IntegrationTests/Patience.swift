import Foundation
import Platform
import TestSupport

/// Waiting for something that no event tells.
enum Patience {
    /// Looks again and again, until `condition` holds.
    static func until(_ text: String, _ condition: () throws -> Bool) throws {
        let deadline = Date().addingTimeInterval(60)
        while try !condition() {
            guard Date() < deadline else { throw TestFailure("not in time: \(text)") }
            _ = Poll.wait([], timeout: .milliseconds(5))
        }
    }
}
