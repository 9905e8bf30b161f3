internal import Platform

/// Gives each address of a name a number, which it keeps for as long as the name has it.
///
/// Metrics and logs name a server by that number, not by its address: names may stand for millions
/// of addresses over the months, and metrics are kept for ever.
struct ServerSlots {
    private var places: [SocketAddress?] = []

    /// Takes in the present addresses, and returns each with its number from 1, in their order.
    mutating func place(_ addresses: [SocketAddress]) -> [(number: Int, address: SocketAddress)] {
        let present = Set(addresses)
        for index in places.indices {
            if let address = places[index], !present.contains(address) { places[index] = nil }
        }
        var numbers: [SocketAddress: Int] = [:]
        for (index, address) in places.enumerated() {
            if let address { numbers[address] = index + 1 }
        }
        for address in addresses where numbers[address] == nil {
            let free = places.firstIndex { $0 == nil } ?? places.count
            if free == places.count { places.append(address) } else { places[free] = address }
            numbers[address] = free + 1
        }
        return places.enumerated().compactMap { index, address in
            address.map { (index + 1, $0) }
        }
    }
}
