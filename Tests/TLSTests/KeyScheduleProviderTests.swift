import COpenSSL
import Testing

@testable import TLS

/// The provider against OpenSSL's own, which it stands in for.
struct KeyScheduleProviderTests {
    /// What a derivation is given.
    private struct Request {
        var mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY
        var digest = "SHA2-256"
        var key: [UInt8]?
        var salt: [UInt8]?
        var prefix: [UInt8]? = Array("tls13 ".utf8)
        var label: [UInt8]? = Array("c hs traffic".utf8)
        var data: [UInt8]?
        var count = 32
    }

    /// What a provider derives; nil where it refuses.
    private func derive(_ request: Request, by provider: String) throws -> [UInt8]? {
        try #require(KeyScheduleProvider.isLoaded)
        let fetched = unsafe EVP_KDF_fetch(nil, "TLS13-KDF", "provider=\(provider)")
        let function = unsafe try #require(fetched)
        // SAFETY: all of this is ours, and lives until the derivation has ended.
        defer { unsafe EVP_KDF_free(function) }
        let made = unsafe EVP_KDF_CTX_new(function)
        let context = unsafe try #require(made)
        defer { unsafe EVP_KDF_CTX_free(context) }
        var copies: [UnsafeMutableRawBufferPointer] = unsafe []
        defer { for index in unsafe copies.indices { unsafe copies[index].deallocate() } }
        func copy(_ bytes: [UInt8]) -> UnsafeMutableRawPointer? {
            // At least one byte, so that what is empty has an address, too.
            let room = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(bytes.count, 1), alignment: 8)
            unsafe room.copyBytes(from: bytes)
            unsafe copies.append(room)
            return room.baseAddress
        }
        let mode = unsafe withUnsafeBytes(of: request.mode) { unsafe copy(Array($0)) }
        let digest = unsafe copy(Array(request.digest.utf8) + [0])
        var parameters = unsafe [
            OSSL_PARAM_construct_int(text("mode"), mode?.assumingMemoryBound(to: Int32.self)),
            OSSL_PARAM_construct_utf8_string(
                text("digest"), digest?.assumingMemoryBound(to: CChar.self),
                request.digest.utf8.count),
        ]
        let parts: [(StaticString, [UInt8]?)] = [
            ("key", request.key), ("salt", request.salt), ("prefix", request.prefix),
            ("label", request.label), ("data", request.data),
        ]
        for case (let name, let bytes?) in parts {
            unsafe parameters.append(
                OSSL_PARAM_construct_octet_string(text(name), copy(bytes), bytes.count))
        }
        unsafe parameters.append(OSSL_PARAM_construct_end())
        var output = [UInt8](repeating: 0, count: request.count)
        let isDone = unsafe EVP_KDF_derive(context, &output, output.count, parameters) == 1
        ERR_clear_error()
        return isDone ? output : nil
    }

    private func text(_ constant: StaticString) -> UnsafePointer<CChar> {
        // SAFETY: lifetime: a constant of the program; bound: it ends in NUL.
        unsafe UnsafeRawPointer(constant.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    private func expectSame(_ request: Request) throws {
        let ours = try derive(request, by: "martlet")
        let theirs = try derive(request, by: "default")
        let lengths = [request.key, request.salt, request.label, request.data].map { $0?.count }
        #expect(ours != nil && ours == theirs, "\(request.digest) \(lengths) \(request.count)")
    }

    private func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 0...255) } }

    /// Without it everything works as well, and costs more.
    @Test("It is loaded, and what contexts prefer is from it")
    func loaded() throws {
        try #require(KeyScheduleProvider.isLoaded)
        let fetched = unsafe EVP_KDF_fetch(nil, "TLS13-KDF", KeyScheduleProvider.preference)
        let function = unsafe try #require(fetched)
        // SAFETY: the function is ours, and its provider lives as long as it.
        defer { unsafe EVP_KDF_free(function) }
        let provider = unsafe EVP_KDF_get0_provider(function)
        let name = unsafe OSSL_PROVIDER_get0_name(provider).map { unsafe String(cString: $0) }
        #expect(name == "martlet")
    }

    /// What a machine's settings ask for stands beside what a context prefers.
    @Test(
        "Who asks for another provider, or for FIPS, does not get it",
        arguments: [
            "provider=default", "fips=yes",
        ])
    func settings(property: String) throws {
        try #require(KeyScheduleProvider.isLoaded)
        let function = unsafe EVP_KDF_fetch(
            nil, "TLS13-KDF", "\(property),\(KeyScheduleProvider.preference)")
        defer { unsafe EVP_KDF_free(function) }
        ERR_clear_error()
        let provider = unsafe function.flatMap { unsafe EVP_KDF_get0_provider($0) }
        guard let provider = unsafe provider else { return }
        let name = unsafe OSSL_PROVIDER_get0_name(provider).map { unsafe String(cString: $0) }
        #expect(name == "default")
    }

    /// RFC 8448 §3: the early secret, and what the handshake secret is extracted with.
    @Test("The secrets of RFC 8448 come out")
    func vectors() throws {
        var request = Request(mode: EVP_KDF_HKDF_MODE_EXTRACT_ONLY)
        request.label = Array("derived".utf8)
        let early = try #require(try derive(request, by: "martlet"))
        #expect(
            hex(early) == "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a")
        request = Request(key: early, label: Array("derived".utf8))
        request.data = Digest.sha256([])
        let derived = try #require(try derive(request, by: "martlet"))
        #expect(
            hex(derived) == "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba")
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test(
        "What is expanded is what OpenSSL expands",
        arguments: ["SHA2-256", "SHA256", "SHA2-384", "SHA384"])
    func expand(digest: String) throws {
        let size = digest.hasSuffix("256") ? 32 : 48
        for count in [1, 12, 16, 31, 32, 33, 47, 48, 49, 64, 96, 97, 255, 255 * size] {
            for context in [nil, 0, 1, size, 64] as [Int?] {
                var request = Request(digest: digest, key: random(size))
                request.data = context.map { random($0) }
                request.count = count
                try expectSame(request)
            }
        }
        for labelCount in 0...249 {
            var request = Request(digest: digest, key: random(size), data: random(size))
            request.label = random(labelCount)
            request.count = size
            try expectSame(request)
        }
    }

    @Test(
        "What is extracted is what OpenSSL extracts",
        arguments: ["SHA2-256", "sha256", "SHA-256", "SHA2-384", "sha384", "SHA-384"])
    func extract(digest: String) throws {
        let size = digest.hasSuffix("256") ? 32 : 48
        // Shared secrets: none, X25519, P-384, the hybrid's, P-521, and ffdhe2048 to ffdhe8192.
        for input in [nil, 32, 48, 64, 66, 256, 384, 512, 768, 1024] as [Int?] {
            for salt in [nil, size] as [Int?] {
                var request = Request(mode: EVP_KDF_HKDF_MODE_EXTRACT_ONLY, digest: digest)
                request.key = input.map { random($0) }
                request.salt = salt.map { random($0) }
                request.label = Array("derived".utf8)
                request.count = size
                try expectSame(request)
            }
        }
    }

    @Test("What fits no field is refused")
    func refusals() throws {
        var request = Request(key: random(32), label: random(250))
        #expect(try derive(request, by: "martlet") == nil)
        request = Request(key: random(32), data: random(256))
        #expect(try derive(request, by: "martlet") == nil)
        request = Request(key: random(32), count: 255 * 32 + 1)
        #expect(try derive(request, by: "martlet") == nil)
        request = Request(mode: EVP_KDF_HKDF_MODE_EXTRACT_ONLY, key: random(32), count: 31)
        #expect(try derive(request, by: "martlet") == nil)
        request = Request(mode: EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND, key: random(32))
        #expect(try derive(request, by: "martlet") == nil)
        for digest in ["MD5", "SHA1", "SHA2-512", "SHA2-25", ""] {
            request = Request(digest: digest, key: random(32))
            #expect(try derive(request, by: "martlet") == nil)
        }
        #expect(try derive(Request(), by: "martlet") == nil)
        request = Request(key: random(65))
        #expect(try derive(request, by: "martlet") == nil)
        request = Request(mode: EVP_KDF_HKDF_MODE_EXTRACT_ONLY, salt: random(65))
        #expect(try derive(request, by: "martlet") == nil)
    }
}
