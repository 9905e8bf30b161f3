/// The types of what may follow the addresses in version 2 (§2.2.1 to §2.2.8), as far as they are
/// known here; others are passed over.
enum ProxyValue: UInt8 {
    case applicationProtocol = 0x01
    case authority = 0x02
    case checksum = 0x03
    case tls = 0x20
    case tlsVersion = 0x21
    case commonName = 0x22
    case cipher = 0x23
    case signatureAlgorithm = 0x24
    case keyAlgorithm = 0x25
}
