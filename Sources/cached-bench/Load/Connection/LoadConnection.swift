import SystemCalls

/// One connection to the server, and what it has under way.
struct LoadConnection: ~Copyable {
    let socket: FileDescriptor
    /// Its place in the table.
    var number = 0
    var isOpen = true
    var underWay: RequestRing
    var followUps = FollowUps()

    var parser: ReplyParser
    /// The beginning of a reply's line or header whose end has not come yet.
    var line: [UInt8] = []
    /// What the socket did not take yet; while there is some, nothing more is sent.
    var unsent: [UInt8] = []
    var unsentStart = 0
    /// When something came, or the first request was sent after all were answered.
    var lastHeard: UInt64 = 0

    // The first request under way, as far as it is answered.
    var valuesSeen = 0
    /// Where the next value's key is expected among the keys of the request.
    var keyPlace = 0
    /// The value that is being received.
    var bodyKey: UInt64 = 0
    var bodyBytes = 0
    var isBodyWrong = false

    init(_ socket: consuming FileDescriptor, _ plan: borrowing LoadPlan) {
        self.socket = socket
        underWay = RequestRing(depth: plan.depth, keysPerRequest: plan.keysPerGet)
        parser = ReplyParser(
            reportsBody: plan.verifies,
            // A text get has an END; another of one key ends with its value.
            reportsBodyEnd: plan.verifies || plan.protocolKind != .text,
            isBinary: plan.protocolKind == .binary)
    }

    var isBlocked: Bool { @inline(__always) get { !unsent.isEmpty } }
}

/// A thread's connections, by number.
@safe
struct LoadConnections: ~Copyable {
    private let storage: UnsafeMutablePointer<LoadConnection>
    let count: Int

    /// - Parameter sockets: descriptors that the connections take over.
    init(_ sockets: [Int32], _ plan: borrowing LoadPlan) {
        count = sockets.count
        unsafe storage = .allocate(capacity: max(1, count))
        for (place, number) in sockets.enumerated() {
            unsafe (storage + place).initialize(
                to: LoadConnection(FileDescriptor(owning: number), plan))
        }
    }

    deinit {
        unsafe storage.deinitialize(count: count)
        unsafe storage.deallocate()
    }

    subscript(place: Int) -> LoadConnection {
        @inline(__always)
        _read {
            precondition(place >= 0 && place < count, "no such connection")
            yield unsafe storage[place]
        }
        @inline(__always)
        _modify {
            precondition(place >= 0 && place < count, "no such connection")
            // SAFETY: initialized, and this table is borrowed exclusively.
            yield unsafe &storage[place]
        }
    }
}
