/// A worker's connections by slot. A slot that is used again gets another token, so that an event
/// of the one before is recognised and dropped.
@safe
struct ConnectionTable: ~Copyable {
    private struct Slot: ~Copyable {
        var connection: Connection?
        var generation: UInt32
        var nextFree: Int
    }

    private var slots: UnsafeMutablePointer<Slot>
    private var capacity: Int
    private var firstFree = -1
    /// Slots ever used.
    private(set) var used = 0
    private(set) var count = 0

    init() {
        capacity = 64
        unsafe slots = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
    }

    deinit {
        unsafe slots.deinitialize(count: used)
        unsafe slots.deallocate()
    }

    /// The slot of a token, if its connection is still there.
    func slot(of token: UInt64) -> Int? {
        let slot = Int(token & 0xffff_ffff)
        guard slot < used, unsafe slots[slot].connection != nil,
            unsafe UInt64(slots[slot].generation) == token >> 32
        else { return nil }
        return slot
    }

    func isUsed(_ slot: Int) -> Bool {
        guard slot < used else { return false }
        return unsafe slots[slot].connection != nil
    }

    /// Puts a connection into a free slot; `make` is given its token.
    mutating func insert(_ make: (UInt64) -> Connection) -> UInt64 {
        let slot: Int
        if firstFree >= 0 {
            slot = firstFree
            firstFree = unsafe slots[slot].nextFree
        } else {
            if used == capacity { grow() }
            slot = used
            unsafe (slots + slot).initialize(
                to: Slot(connection: nil, generation: 0, nextFree: -1))
            used += 1
        }
        unsafe slots[slot].generation &+= 1
        let token = unsafe UInt64(slots[slot].generation) << 32 | UInt64(slot)
        unsafe slots[slot].connection = make(token)
        count += 1
        return token
    }

    mutating func remove(_ slot: Int) {
        precondition(isUsed(slot))
        unsafe slots[slot].connection = nil
        unsafe slots[slot].nextFree = firstFree
        firstFree = slot
        count -= 1
    }

    /// Uses the connection in a slot.
    mutating func with<Result>(_ slot: Int, _ body: (inout Connection) -> Result) -> Result {
        precondition(slot >= 0 && slot < used)
        // SAFETY: in range; the table is borrowed exclusively.
        guard var connection = unsafe slots[slot].connection.take() else {
            preconditionFailure("no connection in this slot")
        }
        let result = body(&connection)
        unsafe slots[slot].connection = consume connection
        return result
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Slot>.allocate(capacity: capacity * 2)
        unsafe larger.moveInitialize(from: slots, count: used)
        unsafe slots.deallocate()
        unsafe slots = larger
        capacity *= 2
    }
}
