import Bytes
import Testing

struct SlotTableTests {
    private final class Item {}

    @Test(
        "A name survives being packed",
        arguments: [(0, 0), (1, 2), (.max, 0), (0, .max), (.max, .max)] as [(UInt32, UInt32)])
    func packing(_ index: UInt32, _ generation: UInt32) {
        let id = SlotID(index: index, generation: generation)
        #expect(SlotID(packed: id.packed) == id)
    }

    @Test("A place is used again under a new generation, and the old name finds nothing")
    func generations() {
        var table = SlotTable<Item>()
        let first = table.nextID
        table.insert(Item(), at: first)
        #expect(table[first] != nil)
        let removals = [table.remove(first), table.remove(first)]
        #expect(removals == [true, false])
        #expect(table[first] == nil)

        let second = table.nextID
        #expect(second == SlotID(index: first.index, generation: first.generation + 1))
        #expect(table[second] == nil)
        let item = Item()
        table.insert(item, at: second)
        #expect(table[second] === item)
        #expect(table.element(at: Int(first.index)) === item)
        #expect(table[first] == nil)
        let isRemovedAgain = table.remove(first)
        #expect(!isRemovedAgain)
        #expect(table.count == 1)
        #expect(table.capacity == 1)
    }

    @Test("The next name stays the same until it is taken")
    func nextID() {
        var table = SlotTable<Item>()
        #expect(table.nextID == table.nextID)
        let id = table.nextID
        table.insert(Item(), at: id)
        #expect(table.nextID == SlotID(index: 1, generation: 0))
    }

    @Test("Names beyond the table find nothing")
    func unknown() {
        var table = SlotTable<Item>()
        let id = SlotID(index: .max, generation: 0)
        #expect(table[id] == nil)
        let isRemoved = table.remove(id)
        #expect(!isRemoved)
        #expect(table.element(at: 0) == nil)
    }

    @Test("All objects come in the order of places")
    func visits() {
        var table = SlotTable<Item>()
        let items = (0..<5).map { _ in Item() }
        var ids: [SlotID] = []
        for item in items {
            ids.append(table.nextID)
            table.insert(item, at: table.nextID)
        }
        table.remove(ids[1])
        table.remove(ids[3])
        let expected = [items[0], items[2], items[4]].map { ObjectIdentifier($0) }
        #expect(table.all.map { ObjectIdentifier($0) } == expected)
        #expect(table.count == 3)
    }

    @Test("A removed object is not kept alive")
    func lifetime() {
        var table = SlotTable<Item>()
        weak var watched: Item?
        let id = table.nextID
        do {
            let item = Item()
            watched = item
            table.insert(item, at: id)
        }
        #expect(watched != nil)
        table.remove(id)
        #expect(watched == nil)
    }
}
