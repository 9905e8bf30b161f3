internal import CYAML

/// Reads one YAML document with libyaml and copies it into Swift values at once.
///
/// This is the only file of the module that touches memory which is not Swift's.
@safe struct YAMLReader: ~Copyable {
    // SAFETY: owner: this reader; lifetime: until `deinit`. libyaml keeps a pointer to the parser
    // within the parser, so it must not move: it lives on the heap.
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// Reads the nodes of the only document in `text`, the root first; none for an empty text.
    ///
    /// - Throws: what is wrong with the text as YAML.
    static func read(_ text: [UInt8]) throws(YAMLError) -> [FlatNode] {
        // libyaml takes a byte order mark only where it may guess the encoding from it.
        let text = text.starts(with: byteOrderMark) ? Array(text.dropFirst(3)) : text
        // SAFETY: the text outlives the reader, which is gone when the closure returns.
        let result = unsafe text.withUnsafeBufferPointer { bytes -> Result<[FlatNode], YAMLError> in
            do throws(YAMLError) {
                let reader = try YAMLReader()
                // SAFETY: bound: `bytes.count`.
                unsafe yaml_parser_set_input_string(
                    reader.parser, bytes.baseAddress, bytes.count)
                return .success(try reader.onlyDocument(text))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private init() throws(YAMLError) {
        // SAFETY: one value, given back in `deinit`; libyaml initialises all of it.
        let memory = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(memory) == 1 else {
            unsafe memory.deallocate()
            throw YAMLError(mark: SourceMark(), message: "out of memory")
        }
        unsafe parser = memory
        // SAFETY: no other encoding is guessed from the first bytes.
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        // SAFETY: owner: this reader; nothing refers to the parser any more.
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
    }

    private borrowing func onlyDocument(_ text: [UInt8]) throws(YAMLError) -> [FlatNode] {
        let first = try nextDocument(text)
        guard !first.nodes.isEmpty else { return [] }
        let second = try nextDocument(text)
        guard second.nodes.isEmpty else {
            throw YAMLError(
                mark: second.mark, message: "a second document begins here; only one is read")
        }
        return first.nodes
    }

    /// Copies the next document; one without nodes is the end of the text.
    private borrowing func nextDocument(
        _ text: [UInt8]
    ) throws(YAMLError) -> (mark: SourceMark, nodes: [FlatNode]) {
        // SAFETY: libyaml fills the document and frees it if it fails; after success it is freed
        // here, when all of it has been copied.
        var document = unsafe yaml_document_t()
        guard unsafe yaml_parser_load(parser, &document) == 1 else { throw failure(text) }
        defer { unsafe yaml_document_delete(&document) }
        var nodes: [FlatNode] = []
        // SAFETY: bound: the stack of nodes runs from `start` up to `top`.
        guard var node = unsafe document.nodes.start, let top = unsafe document.nodes.top else {
            return (SourceMark(), [])
        }
        unsafe nodes.reserveCapacity(top - node)
        while unsafe node < top {
            unsafe nodes.append(YAMLReader.copy(node.pointee))
            unsafe node += 1
        }
        return unsafe (YAMLReader.mark(document.start_mark), nodes)
    }

    private static func copy(_ node: yaml_node_t) -> FlatNode {
        // SAFETY: the type says which member of the union is set; bounds: `length` for a text,
        // `start` up to `top` for items and pairs. Indices count from 1 in libyaml.
        let mark = unsafe mark(node.start_mark)
        switch unsafe node.type {
        case YAML_SCALAR_NODE:
            let scalar = unsafe node.data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
            return unsafe FlatNode(
                mark: mark,
                content: .scalar(String(decoding: bytes, as: UTF8.self), isPlain: isPlain))
        case YAML_SEQUENCE_NODE:
            let items = unsafe node.data.sequence.items
            let count = unsafe items.start.distance(to: items.top)
            let stack = unsafe UnsafeBufferPointer(start: items.start, count: count)
            return unsafe FlatNode(mark: mark, content: .sequence(stack.map { Int($0) - 1 }))
        case YAML_MAPPING_NODE:
            let pairs = unsafe node.data.mapping.pairs
            let count = unsafe pairs.start.distance(to: pairs.top)
            let stack = unsafe UnsafeBufferPointer(start: pairs.start, count: count)
            return unsafe FlatNode(
                mark: mark,
                content: .mapping(stack.map { (key: Int($0.key) - 1, value: Int($0.value) - 1) }))
        default:
            return FlatNode(mark: mark, content: .scalar("", isPlain: true))
        }
    }

    private static func mark(_ mark: yaml_mark_t) -> SourceMark {
        SourceMark(line: mark.line + 1, column: mark.column + 1)
    }

    /// What libyaml says about the failure of the last call.
    private borrowing func failure(_ text: [UInt8]) -> YAMLError {
        // SAFETY: after a failure `problem` and `context` are nil or literals of libyaml.
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) }
        let message = problem ?? "out of memory"
        if unsafe parser.pointee.error == YAML_READER_ERROR {
            let offset = unsafe parser.pointee.problem_offset
            return YAMLError(mark: YAMLReader.mark(of: offset, in: text), message: message)
        }
        let mark = unsafe YAMLReader.mark(parser.pointee.problem_mark)
        guard let context = unsafe parser.pointee.context.map({ unsafe String(cString: $0) }) else {
            return YAMLError(mark: mark, message: message)
        }
        let line = unsafe parser.pointee.context_mark.line + 1
        return YAMLError(mark: mark, message: "\(message) (\(context) from line \(line))")
    }

    /// The line and column of a byte; columns count characters, so no continuation bytes.
    private static func mark(of offset: Int, in text: [UInt8]) -> SourceMark {
        var line = 1
        var column = 1
        for byte in text.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xc0 != 0x80 {
                column += 1
            }
        }
        return SourceMark(line: line, column: column)
    }

    /// U+FEFF in UTF-8, which some editors put before the text.
    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
}
