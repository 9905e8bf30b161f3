internal import Bytes
internal import Config
internal import HTTP

/// What becomes of the fields of a message on its way.
struct FieldEdits: Sendable {
    private struct Line: Sendable {
        let name: [UInt8]
        let value: RuleLine
    }

    /// The names of which nothing that came passes.
    private let removed: [[UInt8]]
    /// What is said in addition.
    private let lines: [Line]

    /// Takes over the operator's edits.
    init(_ config: FieldEditConfig) {
        var removed: [[UInt8]] = []
        var lines: [Line] = []
        for edit in config.edits {
            let name = Array(edit.name.utf8)
            switch edit.change {
            case .remove: removed.append(name)
            case .set(let values):
                removed.append(name)
                lines += values.map { Line(name: name, value: RuleLine($0)) }
            case .add(let values):
                lines += values.map { Line(name: name, value: RuleLine($0)) }
            }
        }
        self.removed = removed
        self.lines = lines
    }

    /// True exactly when fields pass as they are.
    var isEmpty: Bool { removed.isEmpty && lines.isEmpty }

    /// Edits the fields of the request.
    func applyToRequest(_ exchange: Exchange, _ connection: DownstreamConnection) {
        for name in removed { exchange.request.remove(fieldsNamed: name) }
        for line in lines {
            exchange.ruleText.removeAll()
            line.value.append(for: exchange, on: connection, to: &exchange.ruleText)
            exchange.request.addRuled(line.name, exchange.ruleText)
        }
    }

    /// Edits the fields of the response, whose status is known.
    func applyToResponse(_ exchange: Exchange, _ connection: DownstreamConnection) {
        for name in removed { exchange.response.remove(fieldsNamed: name) }
        for line in lines {
            exchange.ruleText.removeAll()
            line.value.append(for: exchange, on: connection, to: &exchange.ruleText)
            exchange.response.addRuled(line.name, exchange.ruleText)
        }
    }

    /// Leaves out of a trailer section what does not pass in a head either: some recipients put
    /// the two together (RFC 9110 §6.5.1).
    func applyToTrailers(_ trailers: inout FieldBlock) {
        for name in removed { trailers.remove(named: name.span) }
    }
}
