/// A place in a `SlotTable`, and the generation of what stood there when the name was given.
///
/// Packs into 64 bits, so that it travels in epoll's user data: an event for a connection that has
/// since been closed names an older generation and is recognised as stale.
public struct SlotID: Hashable, Sendable {
    /// The place in the table.
    public let index: UInt32
    /// How often the place had been emptied before.
    public let generation: UInt32

    /// Names a place and a generation.
    public init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// Unpacks what `packed` packed.
    public init(packed: UInt64) {
        index = UInt32(truncatingIfNeeded: packed)
        generation = UInt32(truncatingIfNeeded: packed >> 32)
    }

    /// Generation in the upper, index in the lower 32 bits.
    public var packed: UInt64 { UInt64(generation) << 32 | UInt64(index) }
}

/// A flat table of objects in which a place is used again, under a new generation, after its object
/// was removed.
public struct SlotTable<Element: AnyObject> {
    @usableFromInline var elements: [Element?] = []
    @usableFromInline var generations: [UInt32] = []
    @usableFromInline var free: [UInt32] = []

    /// How many places are taken.
    @inlinable
    public var count: Int { elements.count - free.count }

    /// Makes an empty table.
    @inlinable
    public init() {}

    /// How many places there are, taken or not.
    @inlinable
    public var capacity: Int { elements.count }

    /// The name that the next object gets; the same until `insert(_:at:)`.
    @inlinable
    public var nextID: SlotID {
        guard let index = free.last else {
            return SlotID(index: UInt32(elements.count), generation: 0)
        }
        return SlotID(index: index, generation: generations[Int(index)])
    }

    /// Puts an object into the place that `nextID` named.
    @inlinable
    public mutating func insert(_ element: Element, at id: SlotID) {
        precondition(id == nextID, "a place is taken under the name that was given for it")
        if free.popLast() == nil {
            elements.append(element)
            generations.append(0)
        } else {
            elements[Int(id.index)] = element
        }
    }

    /// The object that `id` names, or nil if it was removed.
    @inlinable
    public subscript(id: SlotID) -> Element? {
        let index = Int(id.index)
        guard index < elements.count, generations[index] == id.generation else { return nil }
        return elements[index]
    }

    /// The object in place `index`, whatever its generation.
    @inlinable
    public func element(at index: Int) -> Element? {
        index < elements.count ? elements[index] : nil
    }

    /// Empties the place that `id` names; false if it was empty or taken anew already.
    @inlinable
    @discardableResult
    public mutating func remove(_ id: SlotID) -> Bool {
        let index = Int(id.index)
        guard index < elements.count, generations[index] == id.generation, elements[index] != nil
        else { return false }
        elements[index] = nil
        generations[index] &+= 1
        free.append(id.index)
        return true
    }

    /// Every object, in the order of places.
    @inlinable
    public var all: [Element] { elements.compactMap(\.self) }
}
