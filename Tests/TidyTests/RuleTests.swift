import Testing

/// The rules find what they are for, and nothing else.
struct RuleTests {
    private func lines(_ text: String, _ rule: (SourceFile) -> [Finding]) -> [Int] {
        rule(SourceFile(path: "Sources/Bytes/Example.swift", text: text)).map(\.line)
    }

    @Test("Comments and strings are told from code")
    func masks() {
        let text = ###"""
            let a = "x \(f("y")) // z" // try!
            /* as! /* try! */ */ let b = ##"\#(c) \##(d)"##
            let e = "\""; g()
            """###
        let file = SourceFile(path: "A.swift", text: text)
        #expect(file.lines[0].code.filter { $0 != " " } == #"leta="\(f(""))""#)
        #expect(file.lines[1].code.filter { $0 != " " } == ###"letb=##"\##(d)"##"###)
        #expect(file.lines[2].code.filter { $0 != " " } == #"lete="";g()"#)
        #expect(file.lines[0].prose.contains("// try!"))
    }

    @Test("A function of 60 lines is fine, one of 61 is not", arguments: [59, 60, 61])
    func functionLength(count: Int) {
        let body = String(repeating: "    a.map { $0 }\n", count: count - 2)
        let text = "struct A {\nfunc f(\(body.prefix(0))) {\n\(body)}\n}\n"
        #expect(lines(text, SizeRules.longFunctions) == (count > 60 ? [2] : []))
    }

    @Test("A file of 400 lines is fine, one of 401 is not", arguments: [399, 400, 401])
    func fileLength(count: Int) {
        let text = String(repeating: "\n", count: count)
        #expect(lines(text, SizeRules.longFiles) == (count > 400 ? [401] : []))
    }

    @Test("A line of 100 columns is fine, one of 101 is not", arguments: [99, 100, 101])
    func lineLength(count: Int) {
        let text = String(repeating: "§", count: count)
        let found = lines(text) { SizeRules.longLines($0, columns: 100) }
        #expect(found == (count > 100 ? [1] : []))
    }

    @Test("The length of a line is read from the formatter's settings")
    func columns() {
        #expect(SizeRules.columns(settings: #"{ "version": 1, "lineLength": 90, "x": 7 }"#) == 90)
        #expect(SizeRules.columns(settings: "{}") == nil)
    }

    @Test(
        "Marks of unfinished work are found",
        arguments: [
            ("// TODO: x", 1), ("# FIXME", 1), ("XXX", 1), ("/* HACK */", 1),
            ("// a Placeholder", 1),
            ("placeholders", 1), ("HACKED", 0), ("mastodon", 0), ("// to do", 0),
        ])
    func unfinished(text: String, count: Int) {
        #expect(lines(text, WordRules.unfinished).count == count)
    }

    @Test(
        "Forced unwraps are found",
        arguments: [
            ("let a = b!", 1), ("f()!.g()", 1), ("a[0]!", 1), ("var a: B!", 1), ("a?.b!", 1),
            ("a != b", 0), ("a! = b", 1), ("if !a, !(b) {", 0), ("a!==b", 0), ("// so!", 0),
            ("\"so!\"", 0), ("return !a", 0),
        ])
    func unwraps(text: String, count: Int) {
        #expect(lines(text, WordRules.unwraps).count == count)
    }

    @Test("'unsafe' is found outside the places for it")
    func fence() {
        func count(_ path: String) -> Int {
            UnsafeRules.fence(SourceFile(path: path, text: "unsafe f()\n// unsafe\n")).count
        }
        #expect(count("Sources/Proxy/A.swift") == 1)
        #expect(count("Sources/HTTP/HTTP1/A.swift") == 1)
        #expect(count("Sources/Config/A.swift") == 1)
        #expect(count("Sources/HTTP/HTTP2/A.swift") == 0)
        #expect(count("Sources/Config/YAML/A.swift") == 0)
    }

    @Test("C modules are imported internally")
    func shims() {
        #expect(lines("public import COpenSSL", ImportRules.shimsStayInside) == [1])
        #expect(lines("internal import COpenSSL", ImportRules.shimsStayInside) == [])
    }

    @Test("Keys of the schema that the reference leaves out are found")
    func keys() {
        let schema = ##"""
            { "properties": { "a": { "properties": { "b": {}, "d": {} } } },
              "$defs": { "x": { "properties": { "c": {} } } }, "title": "t" }
            """##
        #expect(KeyRules.keys(ofSchema: schema) == ["a", "b", "c", "d"])
        let reference = "# d: text\na: 1\n  - b: 2\n#c: { d: 1 }\n"
        #expect(KeyRules.keys(ofYAML: reference) == ["a", "b", "c", "d"])
        #expect(KeyRules.keys(ofYAML: "# e is not: a key\n") == [])
    }

    @Test(
        "Words are found as words",
        arguments: [
            ("try! f()", 1), ("a as! B", 1), ("fatalError()", 1), ("// try! as! fatalError", 0),
            ("try f() != g", 0), ("\"fatalError\"", 0),
        ])
    func traps(text: String, count: Int) {
        #expect(lines(text, WordRules.traps).count == count)
    }

    @Test(
        "Printing is found",
        arguments: [("print(a)", 1), ("fingerprint(a)", 0), ("a.print(b)", 0), ("func print(", 0)])
    func prints(text: String, count: Int) {
        #expect(lines(text, WordRules.prints).count == count)
    }

    @Test(
        "Empty names are found",
        arguments: [
            ("struct KeyInfo {", 1), ("final class FooManager: A {", 1), ("enum Database {", 0),
            ("class func infoData()", 0), ("let aInfo = 1", 0),
        ])
    func names(text: String, count: Int) {
        #expect(lines(text, WordRules.names).count == count)
    }

    @Test(
        "Paths of one machine are found",
        arguments: [
            ("open(\"/home/me/a\")", 1), ("// see /work/x", 1), ("GET /api/work/x", 0),
            ("\"$HOME/home/a\"", 0), ("network/work", 0),
        ])
    func origins(text: String, count: Int) {
        #expect(lines(text, WordRules.origins).count == count)
    }

    @Test(
        "Citations have one spelling",
        arguments: [
            ("RFC 9112 §6.3: x", true), ("RFC 9112", true), ("(RFC 5789).", true), ("RFCs", true),
            ("RFC 9110 §9.3, RFC 5789", true), ("RFC 9112 §A.1", true), ("/rfc9112.html", true),
            ("RFC9112", false), ("rfc 9112", false), ("RFC 9112 section 6.3", false),
            ("RFC 9112, 6.3", false), ("RFC 9112§6", false), ("RFC 9112, §6.3", false),
            ("RFC 9112 § 6.3", false), ("RFC-9112", false), ("RFC 9112 6.3", false),
            ("Section 6.3 of RFC 9112", false), ("RFC 9112, Section 6", false),
        ])
    func citations(text: String, isWell: Bool) {
        #expect((CitationRules.mistake(in: "// " + text) == nil) == isWell)
    }

    @Test("A SAFETY comment reaches its function, the next declaration or its type")
    func signatures() {
        #expect(lines("func f() {\n    unsafe g()\n}\n", UnsafeRules.signature) == [2])
        #expect(
            lines("func f() {\n    // SAFETY: x\n    unsafe g()\n}\n", UnsafeRules.signature) == [])
        let branch = """
            func f() {
                unsafe g()
                if a {
                    let b = c {
                        // SAFETY: x
                        unsafe g()
                    }
                }
            }
            """
        #expect(lines(branch, UnsafeRules.signature) == [])
        let twoFunctions = """
            struct A {
                // SAFETY: x
                func f() {

                    unsafe g()
                }
                func h() {
                    unsafe g()
                }
            }
            """
        #expect(lines(twoFunctions, UnsafeRules.signature) == [8])
        let property = """
            struct A {
                // SAFETY: x
                private var a = unsafe b
                func h() {
                    unsafe g()
                }
            }
            """
        #expect(lines(property, UnsafeRules.signature) == [])
    }

    @Test(
        "Imports follow the table",
        arguments: [
            ("internal import Synchronization", 0), ("internal import Platform", 1),
            ("import struct Foundation.URL", 1), ("// import Foundation", 0),
            ("let import1 = 2", 0),
        ])
    func arrows(text: String, count: Int) {
        #expect(lines(text, ImportRules.arrows).count == count)
    }

    @Test("A test without a subject, and a module without a page, are found")
    func layout() {
        let paths = [
            "Sources/A/B/X.swift", "Tests/ATests/XTests.swift", "Tests/ATests/YTests.swift",
            "Tests/TidyTests/ZTests.swift", "Tests/ATests/Support.swift", "Sources/A/A.docc/A.md",
        ]
        let files = paths.map { SourceFile(path: $0, text: "") }
        #expect(
            LayoutRules.mirrors(files, modules: ["A"]).map(\.file) == ["Tests/ATests/YTests.swift"])
        let pages = LayoutRules.pages(Set(paths), modules: ["A", "B"])
        #expect(pages.map(\.file) == ["Sources/B/B.docc/B.md"])
        #expect(LayoutRules.pages([], modules: ["martlet"]) == [])
    }
}
