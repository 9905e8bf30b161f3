/// What an exchange is where it is a connection of a TCP site: bytes both ways, from the connect to
/// the end of both ends.
struct TCPLeg {
    /// Who ended a connection first.
    enum Ender {
        case nobody
        case client
        case server
    }

    /// Where the bytes go.
    let plan: TCPPlan
    /// The host that the ClientHello asked for; nil where it named none, and without TLS.
    let host: String?
    /// Who ended it first.
    var ender = Ender.nobody
}
