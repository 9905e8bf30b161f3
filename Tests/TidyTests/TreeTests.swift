import Testing

/// The tree obeys the house rules that a machine can check.
struct TreeTests {
    @Test("The tree is found")
    func found() {
        #expect(SourceTree.exists("Package.swift"))
        #expect(SourceTree.modules.contains("Bytes") && !SourceTree.modules.contains("CLinux"))
    }

    @Test("Files have 400 lines at most") func longFiles() {
        Finding.report(SourceTree.files.flatMap(SizeRules.longFiles))
    }

    @Test("Functions have 60 lines at most") func longFunctions() {
        Finding.report(SourceTree.files.flatMap(SizeRules.longFunctions))
    }

    @Test("Lines have as many columns as the formatter allows")
    func longLines() throws {
        let columns = try #require(SizeRules.columns(settings: SourceTree.text(".swift-format")))
        Finding.report(SourceTree.files.flatMap { SizeRules.longLines($0, columns: columns) })
    }

    @Test("Nothing is marked as unfinished") func unfinished() {
        Finding.report(SourceTree.files.flatMap(WordRules.unfinished))
    }

    @Test("Nothing traps on what can happen") func traps() {
        Finding.report(SourceTree.files.flatMap(WordRules.traps))
    }

    @Test("Only the command line prints") func prints() {
        Finding.report(SourceTree.files.flatMap(WordRules.prints))
    }

    @Test("Type names say something") func names() {
        Finding.report(SourceTree.files.flatMap(WordRules.names))
    }

    @Test("The tree speaks of Martlet alone") func origins() {
        Finding.report(SourceTree.files.flatMap(WordRules.origins))
    }

    @Test("Unsafe code stands only where it is needed") func fence() {
        Finding.report(SourceTree.files.flatMap(UnsafeRules.fence))
    }

    @Test("Unsafe code says why it is safe") func signature() {
        Finding.report(SourceTree.files.flatMap(UnsafeRules.signature))
    }

    @Test("RFCs are cited in one spelling") func citations() {
        Finding.report(SourceTree.files.flatMap(CitationRules.spelling))
    }

    @Test("Nothing is unwrapped by force") func unwraps() {
        Finding.report(SourceTree.files.flatMap(WordRules.unwraps))
    }

    @Test("Each key of the schema stands in the reference configuration")
    func keys() {
        let schema = KeyRules.keys(ofSchema: SourceTree.text("conf/martlet.schema.json"))
        let reference = KeyRules.keys(ofYAML: SourceTree.text("conf/reference.yaml"))
        #expect(!schema.isEmpty)
        #expect(schema.subtracting(reference) == [])
    }

    @Test("Modules import what the design allows") func arrows() {
        Finding.report(SourceTree.files.flatMap(ImportRules.arrows))
    }

    @Test("C stays inside the module that wraps it") func shims() {
        Finding.report(SourceTree.files.flatMap(ImportRules.shimsStayInside))
    }

    @Test("Tests mirror what they test") func mirrors() {
        Finding.report(LayoutRules.mirrors(SourceTree.files, modules: SourceTree.modules))
    }

    @Test("Each module has its page") func pages() {
        let paths = Set(SourceTree.files.map(\.path))
        Finding.report(LayoutRules.pages(paths, modules: SourceTree.modules))
    }
}
