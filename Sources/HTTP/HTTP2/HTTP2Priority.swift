internal import Bytes

/// How urgent a stream is (RFC 9218 §4).
struct HTTP2Priority: Equatable {
    /// 0 to 7, the most urgent first.
    var urgency = 3
    /// True exactly when the stream shares its turn with others as urgent.
    var isIncremental = false

    /// What a stream gets about which nobody says anything: a share, so that a large answer does
    /// not hold up small ones.
    static let unsaid = HTTP2Priority(urgency: 3, isIncremental: true)

    /// Takes the values.
    init(urgency: Int = 3, isIncremental: Bool = false) {
        self.urgency = urgency
        self.isIncremental = isIncremental
    }

    /// Reads a `priority` field; members that are unknown or malformed say nothing (RFC 9218 §4).
    init(_ field: Span<UInt8>) {
        var list = ListCursor()
        while let range = list.next(in: field) {
            let member = field.extracting(range)
            if member.count == 3, member[0] == UInt8(ascii: "u"), member[1] == UInt8(ascii: "="),
                (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(member[2])
            {
                urgency = Int(member[2] - UInt8(ascii: "0"))
            } else if member.equals("i") || member.equals("i=?1") {
                isIncremental = true
            } else if member.equals("i=?0") {
                isIncremental = false
            }
        }
    }
}
