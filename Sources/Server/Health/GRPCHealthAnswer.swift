internal import Bytes
internal import HTTP
internal import Telemetry

/// What a server says to `Check` of `grpc.health.v1.Health`, and what is thought of it.
struct GRPCHealthAnswer {
    private let service: String
    /// The message so far, behind its five bytes.
    private var bytes: [UInt8] = []

    /// - Parameter service: what is asked about; empty for the server as a whole.
    init(service: String) { self.service = service }

    /// The method as a path.
    static let path: StaticString = "/grpc.health.v1.Health/Check"

    /// The message that asks: its field 1 names the service.
    var request: [UInt8] {
        var message: [UInt8] = []
        if !service.isEmpty {
            message.append(0x0a)
            var rest = service.utf8.count
            while rest >= 0x80 {
                message.append(UInt8(rest & 0x7f) | 0x80)
                rest >>= 7
            }
            message.append(UInt8(rest))
            message += service.utf8
        }
        let length = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: message.count >> $0) }
        return [0] + length + message
    }

    /// Judges the head of an answer; nil where more is to come.
    func judge(_ head: borrowing ResponseHead, endsStream: Bool) -> CheckVerdict? {
        guard head.status == 200 else {
            return .failed(.status, "it answered \(head.status), expected 200")
        }
        let type = head.fields.first(.contentType).map { String(copying: head.fields.value($0)) }
        guard type?.hasPrefix("application/grpc") == true else {
            return .failed(.malformed, "its answer is not gRPC")
        }
        return endsStream ? judge(head.fields) : nil
    }

    /// Takes more of the message.
    ///
    /// - Returns: the verdict; nil while more is needed.
    mutating func take(_ piece: Span<UInt8>) -> CheckVerdict? {
        guard bytes.count + piece.count <= GRPCHealthAnswer.limit else {
            return GRPCHealthAnswer.unreadable
        }
        for index in piece.indices { bytes.append(piece[index]) }
        return nil
    }

    /// Judges the whole by the fields at its end.
    func judge(_ trailers: borrowing FieldBlock) -> CheckVerdict {
        var code: Int?
        for index in 0..<trailers.count where trailers.name(index).equals("grpc-status") {
            code = Int(String(copying: trailers.value(index)))
        }
        guard let code else { return .failed(.malformed, "its answer has no grpc-status") }
        guard code == 0 else { return .failed(.status, refusal(code)) }
        switch state() {
        case nil: return GRPCHealthAnswer.unreadable
        case 1: return .passed
        case 0: return .failed(.status, "it says UNKNOWN, expected SERVING")
        case 2: return .failed(.status, "it says NOT_SERVING, expected SERVING")
        case 3: return .failed(.status, "it says SERVICE_UNKNOWN, expected SERVING")
        case .some(let other): return .failed(.status, "it says \(other), expected SERVING")
        }
    }

    private func refusal(_ code: Int) -> String {
        switch code {
        case 5: "it knows no service '\(service)'"
        case 12: "it has no health service"
        default: "it answered with grpc-status \(code)"
        }
    }

    /// Field 1 of the message, where fields that nobody knows are passed over; 0 where it is left
    /// out; nil where the message cannot be read.
    private func state() -> UInt64? {
        let length = bytes.prefix(5).dropFirst().reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count >= 5, bytes[0] == 0, bytes.count == length + 5 else { return nil }
        var rest = bytes.dropFirst(5)
        var state: UInt64 = 0
        while !rest.isEmpty {
            guard let key = GRPCHealthAnswer.number(&rest) else { return nil }
            switch key & 7 {
            case 0:
                guard let value = GRPCHealthAnswer.number(&rest) else { return nil }
                if key >> 3 == 1 { state = value }
            case 1, 5:
                let count = key & 7 == 1 ? 8 : 4
                guard rest.count >= count else { return nil }
                rest = rest.dropFirst(count)
            case 2:
                guard let count = GRPCHealthAnswer.number(&rest), count <= rest.count else {
                    return nil
                }
                rest = rest.dropFirst(Int(count))
            default: return nil
            }
        }
        return state
    }

    /// A number in groups of seven bits, the lowest first.
    private static func number(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0, through: 63, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            value |= UInt64(byte & 0x7f) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        return nil
    }

    private static let unreadable = CheckVerdict.failed(
        .malformed, "its answer is no message of the health service")
    /// How large a message may be, which is a number of two bytes.
    static let limit = 4096
}
