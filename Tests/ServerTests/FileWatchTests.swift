import Foundation
import Platform
import TestSupport
import Testing

@testable import Server

struct FileWatchTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Waits until something moved, and takes note.
    private func follow(_ watch: inout FileWatch) -> Bool {
        _ = Poll.wait([watch.rawDescriptor], timeout: .seconds(60))
        watch.drain()
        return watch.isStirred
    }

    @Test("A file that is written, replaced, removed or made is noticed once")
    func changes() throws {
        let path = try folder.write("1", to: "a.pem")
        var watch = FileWatch(try DirectoryWatcher())
        watch.watch([path])
        let changed = watch.hasChanged()
        #expect(!changed)
        let steps: [() throws -> Void] = [
            { try folder.write("22", to: "a.pem") },
            { try Files.writeAtomically(Array("22".utf8), to: path, mode: 0o600) },
            { Files.remove(path) },
            { try folder.write("22", to: "a.pem") },
        ]
        for step in steps {
            try step()
            let stirred = follow(&watch)
            #expect(stirred)
            let first = watch.hasChanged()
            let second = watch.hasChanged()
            #expect(first && !second && !watch.isStirred)
        }
    }

    /// It was taken for the one that had been read, and the old one went on for half a day.
    @Test("A file that was replaced after it was read, and before it is watched, is noticed")
    func replacedMeanwhile() throws {
        let path = try folder.write("1", to: "a.pem")
        var watch = FileWatch(try DirectoryWatcher())
        let stamps = FileWatch.stamps(of: [path])
        try Files.writeAtomically(Array("2".utf8), to: path, mode: 0o600)
        watch.watch([path], since: stamps)
        #expect(watch.isStirred)
        let first = watch.hasChanged()
        let second = watch.hasChanged()
        #expect(first && !second && !watch.isStirred)
    }

    @Test("Another file in the folder stirs, but is no change")
    func neighbour() throws {
        let path = try folder.write("1", to: "a.pem")
        var watch = FileWatch(try DirectoryWatcher())
        watch.watch([path])
        try folder.write("1", to: "b.pem")
        let stirred = follow(&watch)
        #expect(stirred)
        let changed = watch.hasChanged()
        #expect(!changed)
    }

    @Test("A link on the way that points elsewhere is noticed, as Kubernetes swaps it")
    func swappedLink() throws {
        for name in ["one", "two"] {
            try Files.createDirectories(folder.path(name), mode: 0o700)
            try folder.write(name, to: "\(name)/a.pem")
        }
        let files = FileManager.default
        try files.createSymbolicLink(atPath: folder.path("..data"), withDestinationPath: "one")
        try files.createSymbolicLink(
            atPath: folder.path("a.pem"), withDestinationPath: "..data/a.pem")
        var watch = FileWatch(try DirectoryWatcher())
        watch.watch([folder.path("a.pem")])
        try files.createSymbolicLink(atPath: folder.path("next"), withDestinationPath: "two")
        try Files.move(folder.path("next"), to: folder.path("..data"))
        let stirred = follow(&watch)
        #expect(stirred)
        let changed = watch.hasChanged()
        #expect(changed)
    }

    /// Where the user's inotify instances were used up, nothing started.
    @Test("Without anything that tells of changes, files are compared all the same")
    func unwatched() throws {
        let path = try folder.write("1", to: "a.pem")
        var watch = FileWatch(nil)
        watch.watch([path])
        try folder.write("22", to: "a.pem")
        #expect(Poll.wait([watch.rawDescriptor], timeout: .zero) == [false])
        watch.drain()
        #expect(!watch.isStirred)
        let first = watch.hasChanged()
        let second = watch.hasChanged()
        #expect(first && !second)
    }

    @Test("A folder that is not there is no obstacle, and compared all the same")
    func missingFolder() throws {
        var watch = FileWatch(try DirectoryWatcher())
        watch.watch([folder.path("later/a.pem")])
        let before = watch.hasChanged()
        try Files.createDirectories(folder.path("later"), mode: 0o700)
        try folder.write("1", to: "later/a.pem")
        let after = watch.hasChanged()
        #expect(!before && after)
    }

    @Test("The folders of files, of what they point to and of links on the way are watched")
    func directories() throws {
        try Files.createDirectories(folder.path("real/deep"), mode: 0o700)
        try folder.write("1", to: "real/deep/a.pem")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("way"), withDestinationPath: "real")
        let real = try #require(Files.resolveLinks(folder.path))
        let found = FileWatch.directories(of: [real + "/way/deep/a.pem"])
        #expect(Set(found) == [real, real + "/way/deep", real + "/real/deep"])
        #expect(FileWatch.directories(of: ["a.pem"]).contains("."))
        #expect(FileWatch.directories(of: ["/a.pem"]) == ["/"])
    }
}
