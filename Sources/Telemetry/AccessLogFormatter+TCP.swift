internal import Bytes
internal import Platform

extension AccessLogFormatter {
    /// One connection of a TCP site: what requests have and bytes have not is left out.
    static func appendTCP(_ record: AccessRecord, to line: inout ByteQueue) {
        line.append("{\"time\":\"")
        record.time.appendISO8601(to: &line)
        line.append("\",\"client\":\"")
        record.client.appendHost(to: &line)
        line.append("\",\"site\":")
        appendText(record.site.bytes, to: &line)
        line.append(",\"host\":")
        appendText(record.host.bytes, to: &line)
        line.append(",\"protocol\":\"")
        line.append(record.version.label)
        line.append("\",\"bytes_in\":")
        line.append(decimal: record.bytesIn)
        line.append(",\"bytes_out\":")
        line.append(decimal: record.bytesOut)
        line.append(",\"duration_ms\":")
        appendMilliseconds(record.duration, to: &line)
        appendOrigin(record, to: &line)
        line.append(",\"ended_by\":\"")
        line.append(record.endedBy)
        line.append("\"}\n")
    }
}
