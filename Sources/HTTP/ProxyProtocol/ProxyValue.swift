/// The types of what may follow the addresses in version 2 (§2.2.1 to §2.2.8), as far as they are
/// known here.
enum ProxyValue: UInt8 {
    case applicationProtocol = 0x01
    case authority = 0x02
    case checksum = 0x03
    case uniqueID = 0x05
    case tls = 0x20
    case tlsVersion = 0x21
    case commonName = 0x22
    case cipher = 0x23
    case signatureAlgorithm = 0x24
    case keyAlgorithm = 0x25
    case namespace = 0x30

    /// True exactly when a value of that type is told on as it came: what it means is between the
    /// proxy that has sent it and the server. The types of applications are in it (§2.2.7), those
    /// of Amazon's and Google's endpoints among them.
    static func isToldOn(_ code: UInt8) -> Bool {
        code == uniqueID.rawValue || code == namespace.rawValue || (0xe0...0xef).contains(code)
    }
}
