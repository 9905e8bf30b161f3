/// What an exchange remembers of the server that was chosen for it.
struct ServerChoice {
    /// The server's index in its group; -1 before the first choice.
    var index = -1
    /// True exactly when the client's cookie names the server.
    var isHeld = false
    /// True exactly when a server was chosen and clients of its group are to stay with theirs.
    var hasAffinity = false
    /// How often the server that the client is held to was tried.
    var heldTries = 0
    /// The server that was tried last and has had the request; -1 where there is none.
    var tried = -1

    /// True exactly when that server may be tried: one that has closed an idle connection is not
    /// gone, and is asked once more.
    var mayBeHeld: Bool { heldTries < 2 }
}

/// What a request says about which server it wants.
struct ServerWish {
    /// The hash of what belongs together; nil where the request has nothing of it, or nobody asks.
    var key: UInt64?
    /// The server that the client's cookie names, or that knows the client by its connection.
    var held: Int?
    /// The servers that were tried, one bit for each of the first 64.
    var tried: UInt64 = 0

    /// The server that was tried last; -1 where there is none.
    var last = -1

    /// True exactly when any server was tried.
    var hasTriedAny: Bool { tried != 0 || last >= 0 }

    /// True exactly when the server was tried; beyond the 64th only the last is remembered.
    func hasTried(_ index: Int) -> Bool {
        index == last || index < 64 && tried >> UInt64(index) & 1 == 1
    }
}
