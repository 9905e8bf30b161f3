import Foundation
import TestSupport

extension Peer {
    /// Reads all that comes, and forgets it; nobody else may read meanwhile.
    func readInBackground() {
        let client = Handover(self)
        Foundation.Thread {
            while (try? client.value.receive()) == true { client.value.dropReceived() }
        }.start()
    }

    /// Sends while others read.
    func sendInBackground(_ bytes: [UInt8]) {
        let client = Handover(self)
        Foundation.Thread { try? client.value.send(bytes) }.start()
    }
}
