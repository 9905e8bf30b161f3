internal import COpenSSL

/// How a server's certificate is judged where keys are pinned: as ever, and then by its key.
final class PinnedVerification: Sendable {
    private let pins: Set<PublicKeyPin>
    /// True exactly when the certificate has to be good without pins, too.
    private let verifiesChain: Bool

    init(pins: [PublicKeyPin], verifiesChain: Bool) {
        self.pins = Set(pins)
        self.verifiesChain = verifiesChain
    }

    /// Lets sessions of a context be judged by this, which must outlive them.
    func install(in context: OpaquePointer) {
        // SAFETY: lifetime: whoever holds the context holds this object, and each session holds
        // the context's owner.
        unsafe SSL_CTX_set_cert_verify_callback(
            context, judgePinned, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Judges what a server has shown; 1 exactly when it is good.
    func judge(_ context: OpaquePointer) -> Int32 {
        // SAFETY: lifetime: the store context and its certificates outlive the call.
        if verifiesChain {
            let result = unsafe X509_verify_cert(context)
            guard result == 1 else { return result }
            let chain = unsafe X509_STORE_CTX_get0_chain(context)
            for index in 0..<(unsafe martlet_sk_X509_num(chain)) {
                if let certificate = unsafe martlet_sk_X509_value(chain, index),
                    let pin = unsafe PublicKeyPin(certificate: certificate), pins.contains(pin)
                {
                    return 1
                }
            }
        } else if let leaf = unsafe X509_STORE_CTX_get0_cert(context),
            let pin = unsafe PublicKeyPin(certificate: leaf), pins.contains(pin)
        {
            // Who is not asked for a chain shows its own key, or none that counts.
            unsafe X509_STORE_CTX_set_error(context, X509_V_OK)
            return 1
        }
        unsafe X509_STORE_CTX_set_error(context, X509_V_ERR_APPLICATION_VERIFICATION)
        return 0
    }
}

/// Calls the verification that the context was given.
private func judgePinned(_ context: OpaquePointer?, _ argument: UnsafeMutableRawPointer?) -> Int32 {
    // SAFETY: the argument is the object that `install` was called on, and alive.
    guard let context = unsafe context, let argument = unsafe argument else { return 0 }
    let verification = unsafe Unmanaged<PinnedVerification>.fromOpaque(argument)
    return unsafe verification.takeUnretainedValue().judge(context)
}
