import TestSupport
import Testing

/// HTTP/2 in front of a backend of HTTP/1.1, as clients see it that others have written.
@Suite struct HTTP2Tests {
    @Test("curl gets over HTTP/2 what the backend answers, and the backend sees HTTP/1.1")
    func get() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let result = try martlet.curl(
            "--http2", "-i", "-H", "X-Public: yes", "-b", "a=1; b=2", "%/a/b?c=d%20e")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.hasPrefix("HTTP/2 200"))
        let body = result.output.lowercased()
        for line in [
            "get /a/b?c=d%20e http/1.1\r\n", "host: localhost:\(martlet.port)\r\n",
            "x-public: yes\r\n", "cookie: a=1; b=2\r\n", "x-forwarded-proto: https\r\n",
            "x-forwarded-for: 127.0.0.1\r\n",
        ] { #expect(body.contains(line), "\(line)") }
        #expect(
            try martlet.metric(
                #"martlet_http_requests_total{site="localhost",protocol="HTTP/2","#
                    + #"method="GET",code="200"}"#) == 1)
    }

    @Test(
        "A body goes up with its length, or in chunks where it has none", arguments: [true, false])
    func post(hasLength: Bool) throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let body = String(repeating: "0123456789", count: 1_000)
        let source = hasLength ? ["--data-binary", body] : ["-T", "-"]
        let result = try RunningProcess.run(
            "curl",
            ["-sS", "--http2", "--cacert", martlet.folder.path("ca.pem"), "--max-time", "20"]
                + source + ["-X", "POST", "https://localhost:\(martlet.port)/up"],
            input: hasLength ? nil : body)
        #expect(result.code == 0, "\(result.errors)")
        let length = hasLength ? "content-length: 10000" : "transfer-encoding: chunked"
        #expect(result.output.lowercased().contains(length), "\(result.output.prefix(400))")
        #expect(result.output.contains("0123456789"))
    }

    @Test("Answers of our own are HTTP/2 too", arguments: [("/nowhere", 404), ("/down/", 503)])
    func ownAnswers(path: String, status: Int) throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: """
                  - hosts: [localhost]
                    certificates: [{ chain: cert.pem, key: cert.key }]
                    routes:
                      - { path: /up/, backend: "http://\(origin.address)" }
                      - { path: /down/, backend: "http://127.0.0.1:1" }

                """)
        let result = try martlet.curl("--http2", "-i", "%\(path)")
        #expect(result.output.hasPrefix("HTTP/2 \(status)"), "\(result.output) \(result.errors)")
        #expect(result.output.contains("content-type: text/plain"))
    }

    @Test("What `http` says holds for both versions", arguments: ["--http1.1", "--http2"])
    func policy(version: String) throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address),
            more: "http: { encoded_slashes: reject, underscore_fields: drop, get_body: reject }")
        for arguments in [
            ["--path-as-is", "%/a/../b"], ["%/a/%2e%2E/b"], ["%/a%2fb"], ["%/a%00"], ["%/%zz"],
            ["-X", "GET", "-d", "x", "%/"],
        ] {
            let result = try martlet.curl([version, "-i"] + arguments)
            #expect(result.output.contains(" 400"), "\(arguments) \(result.output)")
        }
        #expect(origin.heads.isEmpty)
        let passed = try martlet.curl([version, "-H", "X_A: 1", "-H", "X-B: 2", "%/?a=/../b"])
        #expect(passed.output.lowercased().contains("x-b: 2"))
        #expect(!passed.output.lowercased().contains("x_a"))
    }

    @Test("h2load's streams are all answered")
    func load() throws {
        let folder = try TemporaryFolder()
        let nginx = try Nginx(in: folder)
        let martlet = try MartletInstance(sites: MartletInstance.site(nginx.address))
        _ = try RunningProcess.run("truncate", ["-s", "1K", folder.path("www/1k")])
        let result = try RunningProcess.run(
            "h2load",
            ["-n", "3000", "-c", "10", "-m", "20", "https://localhost:\(martlet.port)/1k"])
        #expect(
            result.output.contains("3000 succeeded, 0 failed, 0 errored, 0 timeout"),
            "\(result.output) \(result.errors)")
        #expect(result.output.contains("status codes: 3000 2xx"), "\(result.output)")
    }

    @Test("A response that ends early is a stream error, never complete")
    func truncated() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let result = try martlet.curl("--http2", "%/")
        #expect(result.code == 92, "\(result.code) \(result.errors)")
    }

    @Test("256 MiB pass down and up with flat memory")
    func bulk() throws {
        let folder = try TemporaryFolder()
        let nginx = try Nginx(in: folder)
        let martlet = try MartletInstance(sites: MartletInstance.site(nginx.address))
        _ = try RunningProcess.run("truncate", ["-s", "256M", folder.path("www/big")])
        let down = try martlet.curl(
            "--http2", "-o", "/dev/null", "-w", "%{http_version} %{http_code} %{size_download}",
            "%/big")
        #expect(down.output == "2 200 \(256 << 20)", "\(down.errors)")
        let up = try martlet.curl(
            "--http2", "-T", folder.path("www/big"), "-o", "/dev/null", "-w",
            "%{http_version} %{http_code}", "%/upload/big")
        #expect(up.output == "2 201", "\(up.output) \(up.errors)")
        #expect(try martlet.process.memory().peak < StreamingTests.memoryLimit)
    }

    @Test("Bytes arrive as they were on four streams at once")
    func bytes() throws {
        let folder = try TemporaryFolder()
        let nginx = try Nginx(in: folder)
        let martlet = try MartletInstance(sites: MartletInstance.site(nginx.address))
        // Neither the pieces that are read nor the frames that are sent fit it.
        let made = try RunningProcess.run(
            "sh", ["-c", "head -c 5000011 /dev/urandom > www/all"], folder: folder.path)
        #expect(made.code == 0, "\(made.errors)")
        var arguments = ["--http2", "--parallel"]
        for number in 0..<4 { arguments += ["-o", folder.path("got\(number)"), "%/all"] }
        let result = try martlet.curl(arguments)
        #expect(result.code == 0, "\(result.errors)")
        for number in 0..<4 {
            let same = try RunningProcess.run(
                "cmp", [folder.path("www/all"), folder.path("got\(number)")])
            #expect(same.code == 0, "\(same.output) \(same.errors)")
        }
    }
}
