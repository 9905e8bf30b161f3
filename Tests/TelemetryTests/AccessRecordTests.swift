import Bytes
import Platform
import Testing

@testable import Telemetry

@Suite("Access record")
struct AccessRecordTests {
    private func lines(_ record: AccessRecord) -> String {
        var lines = ByteQueue()
        AccessLogFormatter.append(record, format: .json, to: &lines)
        AccessLogFormatter.append(record, format: .combined, to: &lines)
        return String(copying: lines.bytes)
    }

    // The status, the counts of bytes and the number on the connection stayed: what the next
    // exchange did not fill in was that of another client.
    @Test("Nothing of an exchange is left after a reset")
    func reset() {
        let record = AccessRecord()
        let empty = lines(record)
        record.time = WallTime(seconds: 1)
        record.client = .ipv4(0x7f00_0001, port: 1)
        record.method.append("GET")
        record.target.append("/")
        record.host.append("h")
        record.referer.append("r")
        record.userAgent.append("u")
        record.site.append("s")
        record.backend.append("b")
        record.server.append("v")
        record.version = .http2
        record.status = 200
        record.bytesIn = 1
        record.bytesOut = 2
        record.duration = .seconds(1)
        record.upstreamConnect = .seconds(1)
        record.upstreamFirstByte = .seconds(1)
        record.tlsVersion = 0x0304
        record.isResumed = true
        record.fault = .client
        record.reason = "why"
        record.requestOnConnection = 9
        #expect(lines(record) != empty)
        record.reset()
        #expect(lines(record) == empty)
    }

    @Test("A record that is used again keeps its memory")
    func memory() {
        let record = AccessRecord()
        for _ in 0..<1000 { record.target.append("a") }
        let capacity = record.target.capacity
        record.reset()
        let count = record.target.count
        #expect(count == 0)
        let kept = record.target.capacity
        #expect(kept == capacity)
    }
}
