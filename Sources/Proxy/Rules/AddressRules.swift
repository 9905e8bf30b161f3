internal import Config
internal import Platform

/// Which client addresses may ask: the most specific block that holds an address decides.
///
/// Blocks are cut into ranges that do not meet, in the order of their addresses, so that a look-up
/// is one binary search whatever the number of blocks.
struct AddressRules: Sendable {
    /// An address as a number, IPv4 in its mapped form (RFC 4291 §2.5.5.2): a listener for both
    /// families gets IPv4 clients so.
    private struct Position: Comparable {
        let upper: UInt64
        let lower: UInt64

        static func < (left: Position, right: Position) -> Bool {
            (left.upper, left.lower) < (right.upper, right.lower)
        }

        /// The next address; nil behind the last.
        var next: Position? {
            if lower < .max { return Position(upper: upper, lower: lower + 1) }
            return upper < .max ? Position(upper: upper + 1, lower: 0) : nil
        }
    }

    private struct Block {
        let first: Position
        let last: Position
        let isAllowed: Bool
    }

    /// Where each range begins, and whether its addresses are let in; ends where the next begins.
    private var starts: [Position] = []
    private var verdicts: [Bool] = []
    /// What holds outside all blocks.
    private let standard: Bool

    /// Takes over two lists; without `allow` everybody else may ask.
    init(allow: [AddressBlock]?, deny: [AddressBlock]) {
        standard = allow == nil
        let blocks =
            (allow ?? []).map { AddressRules.block($0, isAllowed: true) }
            + deny.map { AddressRules.block($0, isAllowed: false) }
        // Of blocks that begin at one address the larger comes first, and the smaller within it.
        let ordered = blocks.sorted { left, right in
            left.first != right.first ? left.first < right.first : left.last > right.last
        }
        cut(ordered)
    }

    /// True exactly when the address may ask. Who comes by a socket file has no address: the lists
    /// do not name him.
    func admits(_ client: SocketAddress) -> Bool {
        let position: Position
        switch client {
        case .ipv4(let bits, _): position = AddressRules.mapped(bits)
        case .ipv6(let upper, let lower, _): position = Position(upper: upper, lower: lower)
        case .unix: return standard
        }
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= position { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? standard : verdicts[low - 1]
    }

    /// Walks the blocks in order; those that the present address is in stand on a stack, the
    /// smallest on top.
    private mutating func cut(_ ordered: [Block]) {
        var open: [Block] = []
        for block in ordered {
            while let top = open.last, top.last < block.first { close(&open) }
            begin(at: block.first, block.isAllowed)
            open.append(block)
        }
        while !open.isEmpty { close(&open) }
    }

    private mutating func close(_ open: inout [Block]) {
        let ended = open.removeLast()
        guard let next = ended.last.next else { return }
        begin(at: next, open.last?.isAllowed ?? standard)
    }

    private mutating func begin(at start: Position, _ verdict: Bool) {
        if starts.last == start {
            verdicts[verdicts.count - 1] = verdict
            return
        }
        starts.append(start)
        verdicts.append(verdict)
    }

    private static func mapped(_ bits: UInt32) -> Position {
        Position(upper: 0, lower: 0xffff_0000_0000 | UInt64(bits))
    }

    private static func block(_ block: AddressBlock, isAllowed: Bool) -> Block {
        switch block.address {
        case .ipv4(let bits):
            let rest =
                block.prefixLength == 0 ? UInt32.max : ~(UInt32.max << (32 - block.prefixLength))
            return Block(first: mapped(bits), last: mapped(bits | rest), isAllowed: isAllowed)
        case .ipv6(let upper, let lower):
            let length = block.prefixLength
            let upperRest = length >= 64 ? 0 : UInt64.max >> UInt64(length)
            let lowerRest =
                length <= 64 ? UInt64.max : length == 128 ? 0 : UInt64.max >> UInt64(length - 64)
            return Block(
                first: Position(upper: upper, lower: lower),
                last: Position(upper: upper | upperRest, lower: lower | lowerRest),
                isAllowed: isAllowed)
        }
    }
}
