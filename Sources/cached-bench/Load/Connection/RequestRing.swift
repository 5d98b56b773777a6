/// A request that is under way.
struct PendingRequest {
    /// When it was sent; in an open loop, when it was due. Nanoseconds of the monotonic clock.
    var startedAt: UInt64
    var keyCount: UInt32
    var isSet: Bool
}

/// A connection's requests that are under way, in the order in which they are answered, and their
/// keys. Two rings of a fixed size.
///
/// A key is what `KeySource` calls a reference: a key number, or the place of a request in a trace.
@safe
struct RequestRing: ~Copyable {
    private let requests: UnsafeMutablePointer<PendingRequest>
    private let requestMask: Int
    private var firstRequest = 0
    private(set) var count = 0

    private let keys: UnsafeMutablePointer<UInt64>
    private let keyMask: Int
    /// Counts on: its place in the ring is what the mask leaves of it.
    private var firstKey = 0
    private var keyCount = 0

    /// Marks a key of the first request whose value has come. References stay below it.
    private static let foundBit: UInt64 = 1 << 63

    init(depth: Int, keysPerRequest: Int) {
        let capacity = Self.powerOfTwo(depth)
        let keyCapacity = Self.powerOfTwo(depth * keysPerRequest)
        unsafe requests = .allocate(capacity: capacity)
        unsafe keys = .allocate(capacity: keyCapacity)
        unsafe keys.initialize(repeating: 0, count: keyCapacity)
        unsafe requests.initialize(
            repeating: PendingRequest(startedAt: 0, keyCount: 0, isSet: false), count: capacity)
        requestMask = capacity - 1
        keyMask = keyCapacity - 1
    }

    deinit {
        unsafe requests.deallocate()
        unsafe keys.deallocate()
    }

    private static func powerOfTwo(_ count: Int) -> Int {
        var size = 1
        while size < count { size *= 2 }
        return size
    }

    // SAFETY: every place is taken modulo the capacity, by the mask.

    @inline(__always)
    mutating func append(_ request: PendingRequest) {
        precondition(count <= requestMask, "more requests than the ring was made for")
        unsafe requests[(firstRequest &+ count) & requestMask] = request
        count &+= 1
    }

    /// Appends a key of the last request.
    @inline(__always)
    mutating func append(key: UInt64) {
        precondition(keyCount <= keyMask, "more keys than the ring was made for")
        unsafe keys[(firstKey &+ keyCount) & keyMask] = key & ~Self.foundBit
        keyCount &+= 1
    }

    /// Says when the last `number` requests were sent.
    @inline(__always)
    mutating func stamp(last number: Int, _ now: UInt64) {
        for place in max(0, count &- number)..<count {
            unsafe requests[(firstRequest &+ place) & requestMask].startedAt = now
        }
    }

    /// nil when nothing is under way.
    @inline(__always)
    var first: PendingRequest? {
        count > 0 ? unsafe requests[firstRequest & requestMask] : nil
    }

    /// A key of the first request.
    @inline(__always)
    func key(_ place: Int) -> UInt64 {
        unsafe keys[(firstKey &+ place) & keyMask] & ~Self.foundBit
    }

    /// The number, on this connection and modulo 2^32, of the first key under way: what its binary
    /// request carries as its opaque.
    @inline(__always)
    var firstKeyNumber: UInt32 { UInt32(truncatingIfNeeded: firstKey) }

    /// The number of the key that is appended next.
    @inline(__always)
    var nextKeyNumber: UInt32 { UInt32(truncatingIfNeeded: firstKey &+ keyCount) }

    @inline(__always)
    func isFound(_ place: Int) -> Bool {
        unsafe keys[(firstKey &+ place) & keyMask] & Self.foundBit != 0
    }

    @inline(__always)
    mutating func setFound(_ place: Int) {
        unsafe keys[(firstKey &+ place) & keyMask] |= Self.foundBit
    }

    @inline(__always)
    mutating func removeFirst() {
        let number = unsafe Int(requests[firstRequest & requestMask].keyCount)
        firstRequest = (firstRequest &+ 1) & requestMask
        count &-= 1
        firstKey = firstKey &+ number
        keyCount &-= number
    }
}

/// Keys that are to be set because a get did not find them, oldest first.
struct FollowUps {
    private var keys: [UInt64] = []
    private var firstIndex = 0

    var isEmpty: Bool { @inline(__always) get { keys.isEmpty } }
    var count: Int { keys.count - firstIndex }

    mutating func append(_ key: UInt64) { keys.append(key) }

    mutating func removeAll() {
        keys.removeAll(keepingCapacity: true)
        firstIndex = 0
    }

    /// Only when it is not empty.
    mutating func removeFirst() -> UInt64 {
        let key = keys[firstIndex]
        firstIndex += 1
        if firstIndex == keys.count { removeAll() }
        return key
    }
}
