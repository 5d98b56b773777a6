import CSystem
import Glibc

/// A thread that runs one function to its end.
@safe
package struct Thread {
    private let handle: pthread_t

    private final class Start {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// - Parameter name: at most 15 bytes, as Linux wants it.
    package init(name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) {
        let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
        var created = pthread_t()
        let status = unsafe pthread_create(&created, nil, Thread.run, start.toOpaque())
        guard status == 0 else {
            unsafe start.release()
            throw Errno(code: status)
        }
        handle = created
    }

    /// A plain function: a closure written in a main actor's scope would inherit that actor.
    private static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
        { argument in
            guard let argument = unsafe argument else { return nil }
            let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
            unsafe start.name.withCString { name in unsafe cs_set_thread_name(name) }
            start.body()
            return nil
        }

    /// Has this thread's waits end when they are due, and not up to 50 µs later.
    package static func setPreciseTimers() { _ = cs_set_timer_slack(1) }

    package func join() {
        pthread_join(handle, nil)
    }
}
