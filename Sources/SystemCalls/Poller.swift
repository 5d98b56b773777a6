import CSystem
import Glibc

/// One epoll instance and room for what it reports.
package struct Poller: ~Copyable {
    private let epoll: FileDescriptor
    private var events = [cs_event](
        repeating: cs_event(events: 0, token: 0), count: Int(CS_MAX_EVENTS))

    package static let readable = UInt32(CS_READABLE)
    package static let writable = UInt32(CS_WRITABLE)
    /// Interest in both directions, each reported once when it becomes ready. A receive that
    /// brought less than was asked for has emptied the socket: the next bytes are reported. That
    /// does not hold once ``more`` was.
    package static let edges = UInt32(CS_EDGES)
    /// There is more than a receive brings: the peer sends no more, or the connection is broken,
    /// which comes behind the last bytes; or there are urgent data, and a receive stops before them.
    package static let more = UInt32(CS_PEER_CLOSED) | UInt32(CS_URGENT)

    package init() throws(Errno) {
        let number = cs_epoll_create()
        guard number >= 0 else { throw Errno.last }
        epoll = FileDescriptor(owning: number)
    }

    package borrowing func add(_ descriptor: Int32, _ interest: UInt32, token: UInt64) throws(Errno)
    {
        guard cs_epoll_add(epoll.number, descriptor, interest, token) == 0 else {
            throw Errno.last
        }
    }

    package borrowing func modify(_ descriptor: Int32, _ interest: UInt32, token: UInt64) {
        let status = cs_epoll_modify(epoll.number, descriptor, interest, token)
        // It fails only for a descriptor that is not registered: a bug.
        precondition(status == 0, "epoll_ctl: \(Errno.last)")
    }

    package borrowing func remove(_ descriptor: Int32) {
        _ = cs_epoll_remove(epoll.number, descriptor)
    }

    /// Waits up to `timeoutMs` (-1: for ever) and returns how many events there are.
    package mutating func wait(timeoutMs: Int32) -> Int {
        let epoll = epoll.number
        let count = unsafe events.withUnsafeMutableBufferPointer { buffer in
            // SAFETY: the array has CS_MAX_EVENTS elements.
            unsafe cs_epoll_wait(epoll, buffer.baseAddress, timeoutMs)
        }
        if count < 0 {
            let error = Errno.last
            precondition(error.isInterruption, "epoll_wait: \(error)")
            return 0
        }
        return Int(count)
    }

    /// The same with a finer clock; negative: for ever. A kernel without epoll_pwait2 waits in
    /// whole milliseconds, rounded down.
    package mutating func wait(timeoutNanoseconds: Int64) -> Int {
        guard timeoutNanoseconds > 0 else {
            return wait(timeoutMs: timeoutNanoseconds == 0 ? 0 : -1)
        }
        let epoll = epoll.number
        let count = unsafe events.withUnsafeMutableBufferPointer { buffer in
            // SAFETY: the array has CS_MAX_EVENTS elements.
            unsafe cs_epoll_wait_ns(epoll, buffer.baseAddress, timeoutNanoseconds)
        }
        if count >= 0 { return Int(count) }
        let error = Errno.last
        if error.isInterruption { return 0 }
        return wait(timeoutMs: Int32(clamping: timeoutNanoseconds / 1_000_000))
    }

    package func event(at position: Int) -> (events: UInt32, token: UInt64) {
        (events[position].events, events[position].token)
    }
}

/// Wakes a thread that waits in a poller.
package struct WakeUp: ~Copyable, Sendable {
    private let number: Int32

    package init() throws(Errno) {
        number = cs_eventfd()
        guard number >= 0 else { throw Errno.last }
    }

    deinit { _ = close(number) }

    package var descriptor: Int32 { number }

    package borrowing func signal() {
        var one: UInt64 = 1
        // A full counter wakes just as well.
        _ = unsafe write(number, &one, 8)
    }

    package borrowing func clear() {
        var value: UInt64 = 0
        _ = unsafe read(number, &value, 8)
    }
}
