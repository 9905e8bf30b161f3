import Bytes
import Platform
import Testing

@testable import Telemetry

struct AccessLogFormatterTCPTests {
    @Test("The line of a TCP site's connection has no facts of requests")
    func json() {
        let record = AccessRecord()
        record.version = .tcp
        record.time = WallTime(seconds: 0)
        record.site.append("db.example")
        record.host.append("db.\"example")
        record.server.append("h:1")
        record.backend.append("db")
        (record.bytesIn, record.bytesOut) = (3, 4)
        record.duration = .milliseconds(5)
        record.endedBy = "server"
        var line = ByteQueue()
        AccessLogFormatter.append(record, format: .json, to: &line)
        #expect(
            String(copying: line.bytes) == """
                {"time":"1970-01-01T00:00:00.000Z","client":"unix:","site":"db.example",\
                "host":"db.\\"example","protocol":"TCP","bytes_in":3,"bytes_out":4,\
                "duration_ms":5.000,"backend":"db","server":"h:1","ended_by":"server"}

                """)
    }
}
