/// Why a name that an operator chose cannot be negotiated.
public enum TLSNameError: Error, Equatable, Sendable {
    /// Nothing is called that.
    case unknown
    /// It stands for several: a rule in OpenSSL's language of cipher lists.
    case rule
    /// It is not to be served; why.
    case weak(String)
    /// The OpenSSL at run time does not have it; the version that brought it, where that is known.
    case missing(since: String?)

    /// What is wrong with the name, to be put behind it.
    public var description: String {
        switch self {
        case .unknown: return "is not known"
        case .rule: return "is a rule of OpenSSL's; write a list of names"
        case .weak(let reason): return "is refused: \(reason)"
        case .missing(let version):
            let hint = version.map { "; it came with OpenSSL \($0)" } ?? ""
            return "is not in the library at run time, \(OpenSSLFacts.runtimeVersion)\(hint)"
        }
    }
}
