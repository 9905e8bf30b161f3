/// The exchanges of one connection of HTTP/2, each of which has a token there: its place and one
/// more, so that 0 is nobody's.
struct ExchangeSeats {
    private var places: [Exchange?] = []
    private var free: [Int] = []

    /// The highest token that was given.
    var highest: Int { places.count }

    /// The exchange with this token; nil if it has ended.
    subscript(token: Int) -> Exchange? {
        token > 0 && token <= places.count ? places[token - 1] : nil
    }

    /// The first exchange that `isMeant` is true of.
    func first(where isMeant: (Exchange) -> Bool) -> Exchange? {
        for place in places {
            if let place, isMeant(place) { return place }
        }
        return nil
    }

    /// Gives an exchange a place; returns its token.
    mutating func insert(_ exchange: Exchange) -> Int {
        if let place = free.popLast() {
            places[place] = exchange
            return place + 1
        }
        places.append(exchange)
        return places.count
    }

    /// Frees the place of the exchange with this token.
    mutating func remove(_ token: Int) {
        places[token - 1] = nil
        free.append(token - 1)
    }
}
