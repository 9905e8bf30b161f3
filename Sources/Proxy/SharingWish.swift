/// Which shared connections are welcome to a request.
enum SharingWish: Sendable {
    /// Those that are open, and those that are being opened.
    case any
    /// Only those that are being opened, and have carried no request.
    case opening
    /// Only those that are open, so that nothing is waited for.
    case open
}
