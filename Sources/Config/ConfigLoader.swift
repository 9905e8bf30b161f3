/// Makes a configuration of a text, or says everything that is wrong with it.
///
/// Pure: no file but the text is looked at, so that a test, `martlet check`, start and reload all
/// mean the same by a text.
public struct ConfigLoader {
    /// The longest text that is read; ten thousand sites need about a fifth of it.
    public static let maximumBytes = 16 << 20

    /// Reads `text`, which came from `file`; relative paths in it are relative to that file.
    public static func load(
        text: [UInt8], file: String, environment: (String) -> String?
    ) -> LoadResult {
        var context = DecodingContext(file: file)
        guard text.count <= maximumBytes else {
            context.error("the file has more than \(maximumBytes >> 20) MiB", at: SourceMark())
            return LoadResult(config: nil, diagnostics: context.diagnostics)
        }
        do throws(YAMLError) {
            var tree = YAMLTree(try YAMLReader.read(text))
            let root = try tree.root(environment: environment)
            for problem in tree.problems { context.error(problem.message, at: problem.mark) }
            guard let root else {
                throw YAMLError(mark: SourceMark(), message: "the file is empty")
            }
            return decode(root, &context)
        } catch {
            context.error(error.message, at: error.mark)
            return LoadResult(config: nil, diagnostics: context.diagnostics)
        }
    }

    private static func decode(
        _ root: YAMLNode, _ context: inout DecodingContext
    ) -> LoadResult {
        guard let draft = ConfigDraft.shape.decode(root, &context) else {
            return LoadResult(config: nil, diagnostics: context.diagnostics)
        }
        var assembly = Assembly(draft: draft, context: context)
        let config = assembly.assemble()
        return LoadResult(
            config: assembly.context.hasErrors ? nil : config,
            diagnostics: assembly.context.diagnostics)
    }
}
