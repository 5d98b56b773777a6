/// A worker's connections by slot. A slot that is used again gets another token, so that an event
/// of the one before is recognised and dropped.
@safe
struct ConnectionTable: ~Copyable {
    private struct Slot {
        var isUsed = false
        var generation: UInt32 = 0
        var nextFree = -1
    }

    /// Initialized where the slot is used.
    private var connections: UnsafeMutablePointer<Connection>
    private var slots: [Slot] = []
    private var capacity = 64
    private var firstFree = -1
    private(set) var count = 0

    init() {
        unsafe connections = UnsafeMutablePointer<Connection>.allocate(capacity: capacity)
    }

    deinit {
        for slot in slots.indices where slots[slot].isUsed {
            unsafe (connections + slot).deinitialize(count: 1)
        }
        unsafe connections.deallocate()
    }

    /// Slots that are or were in use.
    var used: Int { slots.count }

    /// The slot of a token, if its connection is still there.
    func slot(of token: UInt64) -> Int? {
        let slot = Int(token & 0xffff_ffff)
        guard isUsed(slot), UInt64(slots[slot].generation) == token >> 32 else { return nil }
        return slot
    }

    func isUsed(_ slot: Int) -> Bool { slot < slots.count && slots[slot].isUsed }

    /// Puts a connection into a free slot; `make` is given its token.
    mutating func insert(_ make: (UInt64) -> Connection) -> UInt64 {
        let slot: Int
        if firstFree >= 0 {
            slot = firstFree
            firstFree = slots[slot].nextFree
        } else {
            if slots.count == capacity { grow() }
            slot = slots.count
            slots.append(Slot())
        }
        slots[slot].generation &+= 1
        let token = UInt64(slots[slot].generation) << 32 | UInt64(slot)
        unsafe (connections + slot).initialize(to: make(token))
        slots[slot].isUsed = true
        count += 1
        return token
    }

    mutating func remove(_ slot: Int) {
        precondition(isUsed(slot), "no connection in this slot")
        unsafe (connections + slot).deinitialize(count: 1)
        slots[slot].isUsed = false
        slots[slot].nextFree = firstFree
        firstFree = slot
        count -= 1
    }

    /// Uses the connection in a slot.
    @inline(__always)
    mutating func with<Result>(_ slot: Int, _ body: (inout Connection) -> Result) -> Result {
        precondition(isUsed(slot), "no connection in this slot")
        // SAFETY: initialized, and the table is borrowed exclusively.
        return unsafe body(&connections[slot])
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Connection>.allocate(capacity: capacity * 2)
        // Every slot below is in use, or there would have been a free one.
        unsafe larger.moveInitialize(from: connections, count: slots.count)
        unsafe connections.deallocate()
        unsafe connections = larger
        capacity *= 2
    }
}
