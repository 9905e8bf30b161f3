internal import Bytes
internal import Telemetry

/// Looks for a text in the begin of a body.
struct SoughtText {
    private let text: [UInt8]
    /// What the text is called where it is not found.
    private let name: String
    /// The body so far, as far as it is looked at.
    private var body: [UInt8] = []
    /// Where the search goes on.
    private var searched = 0

    init(_ text: String) {
        name = text
        self.text = Array(text.utf8)
    }

    /// Takes more of the body.
    ///
    /// - Returns: the verdict; nil while more is needed.
    mutating func take(_ bytes: Span<UInt8>) -> CheckVerdict? {
        let room = SoughtText.limit - body.count
        for index in 0..<min(room, bytes.count) { body.append(bytes[index]) }
        while searched + text.count <= body.count {
            if body[searched..<(searched + text.count)].elementsEqual(text) { return .passed }
            searched += 1
        }
        return body.count < SoughtText.limit ? nil : missing()
    }

    /// The verdict where nothing more comes.
    func missing() -> CheckVerdict {
        let part = body.count < SoughtText.limit ? "its answer" : "the begin of its answer"
        return .failed(.body, "\(part) does not contain '\(name)'")
    }

    /// How much of a body is looked at.
    static let limit = 65_536
}
