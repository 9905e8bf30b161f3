/// What an exchange remembers of the server that was chosen for it.
struct ServerChoice {
    /// The server's index in its group; -1 before the first choice.
    var index = -1
    /// True exactly when the client's cookie names the server.
    var isHeld = false
    /// How often the server that the cookie names was tried.
    var heldTries = 0
}

/// What a request says about which server it wants.
struct ServerWish {
    /// The hash of what belongs together; nil where the request has nothing of it, or nobody asks.
    var key: UInt64?
    /// The server that the client's cookie names.
    var held: Int?
    /// The servers that were tried, one bit for each of the first 64.
    var tried: UInt64 = 0

    /// True exactly when the server was tried; beyond the 64th nothing is remembered.
    func hasTried(_ index: Int) -> Bool { index < 64 && tried >> UInt64(index) & 1 == 1 }
}
