import Foundation
import Platform
import TestSupport
import Testing

/// Bodies larger than memory, and peers slower than the other side.
@Suite(.serialized) struct StreamingTests {
    /// The bound on resident memory while 1 GiB passes.
    static let memoryLimit = (64 << 20) + RunningProcess.sanitizerMemory

    @Test("1 GiB passes down and up through nginx with flat memory")
    func gibibyte() throws {
        let folder = try TemporaryFolder()
        let nginx = try Nginx(in: folder)
        let martlet = try MartletInstance(sites: MartletInstance.site(nginx.address))
        try RunningProcess.run("truncate", ["-s", "1G", folder.path("www/1g")]).code.expectZero()
        let down = try martlet.curl(
            "-o", "/dev/null", "-w", "%{http_code} %{size_download}", "%/1g")
        #expect(down.output == "200 1073741824", "\(down.errors)")
        for framing in ["Content-Length: \(1 << 30)", "Transfer-Encoding: chunked"] {
            let up = try martlet.curl(
                "-T", folder.path("www/1g"), "-H", framing, "-o", "/dev/null", "-w",
                "%{http_code}", "%/upload/1g")
            #expect(up.output == "201" || up.output == "204", "\(up.output) \(up.errors)")
            let stored = try FileManager.default.attributesOfItem(
                atPath: folder.path("www/upload/1g"))
            #expect(stored[.size] as? Int == 1 << 30)
            try FileManager.default.removeItem(atPath: folder.path("www/upload/1g"))
        }
        #expect(try martlet.process.memory().peak < StreamingTests.memoryLimit)
    }

    @Test("Bodies arrive as they were sent", arguments: ["--http1.1", "--http2"])
    func content(_ version: String) throws {
        let folder = try TemporaryFolder()
        let nginx = try Nginx(in: folder)
        let martlet = try MartletInstance(sites: MartletInstance.site(nginx.address))
        let random = try #require(FileHandle(forReadingAtPath: "/dev/urandom"))
        let bytes = try #require(try random.read(upToCount: 16 << 20))
        try bytes.write(to: URL(fileURLWithPath: folder.path("www/random")))
        let down = try martlet.curl(
            version, "-o", folder.path("down"), "-w", "%{http_code}", "%/random")
        #expect(down.output == "200", "\(down.errors)")
        let up = try martlet.curl(
            version, "-T", folder.path("www/random"), "-w", "%{http_code}", "%/upload/random")
        #expect(up.output == "201", "\(up.output) \(up.errors)")
        for place in ["down", "www/upload/random"] {
            let copy = try Data(contentsOf: URL(fileURLWithPath: folder.path(place)))
            #expect(copy == bytes, "\(place) differs, of \(copy.count) bytes")
        }
    }

    @Test("A slow reader stops the backend, not the memory; then gets everything")
    func slowReader() throws {
        let size = 64 << 20
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
            let block = [UInt8](repeating: 97, count: 1 << 16)
            for _ in 0..<(size >> 16) { connection.send(block) }
        }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let peer = try martlet.connect()
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _ = try peer.until("\r\n\r\n")
        var count = peer.receivedCount
        peer.dropReceived()
        // A few reads, small ones, then nothing until both sides stand still.
        for _ in 0..<20 {
            try peer.receive(atMost: 1_000)
            count += peer.receivedCount
            peer.dropReceived()
        }
        try martlet.waitUntilIdle()
        #expect(try martlet.process.memory().peak < StreamingTests.memoryLimit)
        while count < size, try peer.receive() {
            count += peer.receivedCount
            peer.dropReceived()
        }
        #expect(count == size)
    }

    @Test("A slow backend stops the client, not the memory; then gets everything")
    func slowOrigin() throws {
        let size = 64 << 20
        let gate = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            gate.wait()
            var count = 0
            while count < size {
                let part = connection.read(min(1 << 16, size - count))
                if part.isEmpty { return }
                count += part.utf8.count
            }
            connection.send(
                "HTTP/1.1 200 OK\r\nContent-Length: \("\(count)".utf8.count)\r\n\r\n\(count)")
        }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let curl = try RunningProcess(
            "sh",
            [
                "-c",
                "head -c \(size) /dev/zero | curl -sS --noproxy '*' -T - "
                    + "--cacert \(martlet.folder.path("ca.pem")) -H 'Content-Length: \(size)' "
                    + "-H 'Transfer-Encoding:' https://localhost:\(martlet.port)/",
            ])
        try martlet.waitUntilIdle()
        #expect(try martlet.process.memory().peak < StreamingTests.memoryLimit)
        gate.signal()
        #expect(try curl.wait(atMost: 60) == 0)
        #expect(curl.output.text == "\(size)", "\(curl.errors.text)")
    }

    @Test("An answer that comes before the whole request ends the upload in good order")
    func earlyAnswer() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send(
                "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
            connection.finish()
            _ = connection.readToEnd()
        }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let peer = try martlet.connect()
        try peer.send(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\nsome")
        let reply = try peer.reply()
        #expect(reply.status == 413)
        #expect(reply.body == "no")
        _ = try peer.receiveAll()
        #expect(peer.isCleanlyClosed)
    }
}

extension Int32 {
    fileprivate func expectZero() { #expect(self == 0) }
}
