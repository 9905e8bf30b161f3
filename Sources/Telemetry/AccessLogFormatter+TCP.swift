internal import Bytes
internal import Platform

extension AccessLogFormatter {
    /// One connection of a TCP site: what requests have and bytes have not is left out.
    static func appendTCP(_ record: AccessRecord, to line: inout ByteQueue) {
        appendClient(record, to: &line)
        line.append(",\"host\":")
        appendText(record.host.bytes, to: &line)
        line.append(",\"protocol\":\"")
        line.append(record.version.label)
        line.append("\"")
        appendVolume(record, to: &line)
        line.append(",\"ended_by\":\"")
        line.append(record.endedBy)
        line.append("\"}\n")
    }
}
