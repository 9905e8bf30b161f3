/// Why bytes are no header of the PROXY protocol: a closed list, each the detail in logs.
public enum ProxyFault: String, Error, CaseIterable, Sendable {
    /// The first bytes are those of neither version: the peer speaks TLS or HTTP at once.
    case missing = "no_proxy_header"
    /// The line of version 1 does not end where it must at the latest, or the header of version 2
    /// announces more than is taken.
    case tooLong = "proxy_header_too_long"
    /// An address, a port or the form of the line is wrong.
    case malformedLine = "malformed_proxy_line"
    /// The version or the command is unknown.
    case unknownCommand = "unknown_proxy_command"
    /// The family is unknown, or the transport is none for a stream.
    case unknownFamily = "unknown_proxy_family"
    /// The length does not leave room for the family's addresses.
    case tooShort = "proxy_header_too_short"
    /// A value reaches beyond the header, has a wrong length, or stands there twice.
    case malformedValue = "malformed_proxy_value"
    /// The checksum is not that of the header.
    case wrongChecksum = "wrong_proxy_checksum"
}
