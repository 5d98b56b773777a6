import Glibc

@testable import CacheEngine

/// Plain threads: as many as asked for at the same time, whatever the number of cores. Nothing
/// here hides a race from ThreadSanitizer.
enum Threads {
    /// Runs `body` on `count` threads, each with its number, and waits for all.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { number in start(number, body) }
        for thread in threads { pthread_join(thread, nil) }
    }

    private static func start(
        _ number: Int, _ body: @escaping @Sendable (Int) -> Void
    ) -> pthread_t {
        let work = unsafe Unmanaged.passRetained(ThreadWork(number: number, body: body))
        var thread = pthread_t()
        let status = unsafe pthread_create(&thread, nil, threadMain, work.toOpaque())
        precondition(status == 0, "pthread_create failed")
        return thread
    }
}

private final class ThreadWork: Sendable {
    let number: Int
    let body: @Sendable (Int) -> Void

    init(number: Int, body: @escaping @Sendable (Int) -> Void) {
        self.number = number
        self.body = body
    }
}

private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    // SAFETY: `start` retained it for this thread alone.
    let work = unsafe Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue()
    work.body(work.number)
    return nil
}

/// What threads have to tell when they are done.
final class Collected<Element>: @unchecked Sendable {
    private let lock = Lock()
    private var elements: [Element] = []

    func add(_ element: Element) { lock.withLock { elements.append(element) } }
    func add(_ more: [Element]) { lock.withLock { elements += more } }
    var all: [Element] { lock.withLock { elements } }
}
