internal import Bytes
internal import COpenSSL

/// OpenSSL's provider of TLS 1.3's key schedule by `KeySchedule`.
///
/// A provider is how OpenSSL takes an implementation of an algorithm from elsewhere (provider(7)).
/// This one offers `TLS13-KDF` and nothing else; contexts that are made with `preference` prefer it
/// to OpenSSL's own, and have OpenSSL's own where it could not be loaded, or where the machine's
/// settings ask for something that it has not: a property of FIPS, or a provider by name.
enum KeyScheduleProvider {
    /// A context of TLS with the key schedule from here; nil where OpenSSL makes none.
    ///
    /// The caller owns it.
    static func makeContext(_ method: OpaquePointer?) -> OpaquePointer? {
        _ = isLoaded
        return unsafe SSL_CTX_new_ex(nil, preference, method)
    }

    /// True exactly when OpenSSL has taken it; loads it when it is first asked for.
    static let isLoaded: Bool = {
        defer { ERR_clear_error() }
        guard unsafe sha256 != nil, unsafe sha384 != nil,
            unsafe OSSL_PROVIDER_add_builtin(nil, "martlet", offer) == 1
        else { return false }
        // With the last argument, what OpenSSL has by default stays loaded.
        return unsafe OSSL_PROVIDER_try_load(nil, "martlet", 1) != nil
    }()

    /// Prefers what has this property of ours, and takes what has not (property(7)). It is not that
    /// of the provider's name, which would stand in for what the machine's settings say of it.
    static let preference = "?martlet.schedule=yes"

    // SAFETY: owner: the process, which never frees them; not changed after they are made.
    nonisolated(unsafe) fileprivate static let functions = unsafe table(
        martlet_dispatch_query(listAlgorithms))
    nonisolated(unsafe) fileprivate static let algorithms = unsafe makeAlgorithms()
    nonisolated(unsafe) fileprivate static let sha256 = unsafe EVP_MD_fetch(nil, "SHA2-256", nil)
    nonisolated(unsafe) fileprivate static let sha384 = unsafe EVP_MD_fetch(nil, "SHA2-384", nil)

    private static func makeAlgorithms() -> UnsafePointer<OSSL_ALGORITHM> {
        let steps = unsafe table(
            martlet_dispatch_kdf_newctx(makeWork), martlet_dispatch_kdf_freectx(freeWork),
            martlet_dispatch_kdf_derive(derive))
        let list = UnsafeMutablePointer<OSSL_ALGORITHM>.allocate(capacity: 2)
        let names: StaticString = "TLS13-KDF"
        let properties: StaticString = "provider=martlet,martlet.schedule=yes"
        unsafe list.initialize(
            to: OSSL_ALGORITHM(
                algorithm_names: text(names), property_definition: text(properties),
                implementation: steps, algorithm_description: nil))
        // An entry of zeros ends the list.
        unsafe (list + 1).initialize(to: OSSL_ALGORITHM())
        return unsafe UnsafePointer(list)
    }

    private static func text(_ constant: StaticString) -> UnsafePointer<CChar> {
        // SAFETY: lifetime: a constant of the program; bound: it ends in NUL.
        unsafe UnsafeRawPointer(constant.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    private static func table(_ entries: OSSL_DISPATCH...) -> UnsafePointer<OSSL_DISPATCH> {
        let list = UnsafeMutablePointer<OSSL_DISPATCH>.allocate(capacity: entries.count + 1)
        for (index, entry) in entries.enumerated() {
            unsafe (list + index).initialize(to: entry)
        }
        unsafe (list + entries.count).initialize(to: OSSL_DISPATCH())
        return unsafe UnsafePointer(list)
    }
}

/// What OpenSSL calls first.
private func offer(
    _ core: OpaquePointer?, _ coreFunctions: UnsafePointer<OSSL_DISPATCH>?,
    _ functions: UnsafeMutablePointer<UnsafePointer<OSSL_DISPATCH>?>?,
    _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    // SAFETY: owner: OpenSSL, of the place; the process, of the table; lifetime: both outlive the
    // call.
    unsafe functions?.pointee = KeyScheduleProvider.functions
    return 1
}

private func listAlgorithms(
    _ context: UnsafeMutableRawPointer?, _ operation: Int32,
    _ isNotToBeKept: UnsafeMutablePointer<Int32>?
) -> UnsafePointer<OSSL_ALGORITHM>? {
    // SAFETY: as above.
    unsafe isNotToBeKept?.pointee = 0
    return operation == OSSL_OP_KDF ? unsafe KeyScheduleProvider.algorithms : nil
}

private func makeWork(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    // SAFETY: owner: OpenSSL, which gives it back to `freeWork`.
    unsafe EVP_MD_CTX_new().map { unsafe UnsafeMutableRawPointer($0) }
}

private func freeWork(_ work: UnsafeMutableRawPointer?) {
    // SAFETY: owner: OpenSSL, which gives up what `makeWork` made.
    unsafe EVP_MD_CTX_free(OpaquePointer(work))
}

/// Derives one secret, as OpenSSL's `TLS13-KDF` does (EVP_KDF-TLS13_KDF(7)); all parameters come
/// with the call, as OpenSSL's TLS hands them over.
private func derive(
    _ work: UnsafeMutableRawPointer?, _ key: UnsafeMutablePointer<UInt8>?, _ count: Int,
    _ parameters: UnsafePointer<OSSL_PARAM>?
) -> Int32 {
    guard let work = OpaquePointer(work), let key = unsafe key, count > 0 else { return 0 }
    // SAFETY: lifetime: all that OpenSSL hands over lives during the call; bound: an entry without
    // a name ends the parameters, and counts stand beside the bytes.
    let found = unsafe martlet_find_kdf_parameters(parameters)
    guard let digest = digest(named: unsafe bytes(of: found.digest)) else { return 0 }
    // SAFETY: as above.
    var output = unsafe MutableSpan<UInt8>(
        _unsafeElements: UnsafeMutableBufferPointer(start: key, count: count))
    let schedule = unsafe KeySchedule(work: work, digest: digest)
    var mode: Int32 = 0
    guard unsafe OSSL_PARAM_get_int(found.mode, &mode) == 1 else { return 0 }
    let isDone =
        switch mode {
        case EVP_KDF_HKDF_MODE_EXPAND_ONLY where unsafe isGiven(found.key):
            unsafe schedule.expand(
                bytes(of: found.key), prefix: bytes(of: found.prefix),
                label: bytes(of: found.label), context: bytes(of: found.data), to: count,
                into: &output)
        case EVP_KDF_HKDF_MODE_EXTRACT_ONLY:
            unsafe extract(found, by: schedule, into: &output)
        default: false
        }
    return isDone ? 1 : 0
}

/// One of the three secrets of RFC 8446 §7.1 that others are derived from: what is new of it and
/// what comes from the one before may be missing, and are zeros then.
private func extract(
    _ found: martlet_kdf_parameters, by schedule: KeySchedule,
    into output: inout MutableSpan<UInt8>
) -> Bool {
    // SAFETY: lifetime: the parameters are OpenSSL's and live during its call; bound: their counts.
    let zeros = KeySchedule.Block(repeating: 0)
    let none = zeros.span.extracting(0..<schedule.digest.count)
    let input = unsafe isGiven(found.key) ? bytes(of: found.key) : none
    guard unsafe isGiven(found.salt) else {
        return schedule.extract(input, salt: none, into: &output)
    }
    var nothing = KeySchedule.Block(repeating: 0)
    var derived = KeySchedule.Block(repeating: 0)
    defer { KeySchedule.wipe(&derived) }
    guard schedule.hashNothing(into: &nothing) else { return false }
    let count = schedule.digest.count
    var room = derived.mutableSpan
    let isDerived = unsafe schedule.expand(
        bytes(of: found.salt), prefix: bytes(of: found.prefix), label: bytes(of: found.label),
        context: nothing.span.extracting(0..<count), to: count, into: &room)
    return isDerived
        && schedule.extract(input, salt: derived.span.extracting(0..<count), into: &output)
}

/// The digest by any of the names that OpenSSL has for it; nil for one that no suite has.
private func digest(named name: Span<UInt8>) -> KeySchedule.Digest? {
    // SAFETY: owner: the process, which never frees them.
    if name.equalsIgnoringCase("SHA2-256") || name.equalsIgnoringCase("SHA256")
        || name.equalsIgnoringCase("SHA-256")
    {
        return unsafe KeyScheduleProvider.sha256.map {
            unsafe KeySchedule.Digest(handle: $0, count: 32, blockCount: 64)
        }
    }
    guard
        name.equalsIgnoringCase("SHA2-384") || name.equalsIgnoringCase("SHA384")
            || name.equalsIgnoringCase("SHA-384")
    else { return nil }
    return unsafe KeyScheduleProvider.sha384.map {
        unsafe KeySchedule.Digest(handle: $0, count: 48, blockCount: 128)
    }
}

/// True exactly when there is such a parameter, be it empty.
private func isGiven(_ parameter: UnsafePointer<OSSL_PARAM>?) -> Bool {
    // SAFETY: lifetime: the parameter is OpenSSL's and lives during its call.
    unsafe parameter?.pointee.data != nil
}

/// The bytes of a parameter; none where it is missing, or no string.
@_lifetime(immortal)
private func bytes(of parameter: UnsafePointer<OSSL_PARAM>?) -> Span<UInt8> {
    // SAFETY: lifetime: the caller has the parameter from OpenSSL, for as long as OpenSSL's call
    // lasts, and hands the span to nobody beyond it; bound: the count that stands beside it.
    guard let parameter = unsafe parameter, let data = unsafe parameter.pointee.data,
        unsafe parameter.pointee.data_type == OSSL_PARAM_OCTET_STRING
            || parameter.pointee.data_type == OSSL_PARAM_UTF8_STRING
    else { return Span() }
    let bytes = unsafe UnsafeRawBufferPointer(start: data, count: parameter.pointee.data_size)
    return unsafe _overrideLifetime(Span<UInt8>(_unsafeBytes: bytes), copying: ())
}
