import CSystem
import Glibc
import Synchronization
import SystemCalls

/// The servers that run for a comparison. None of them outlives it.
enum Children {
    private static let running = Mutex<[pid_t]>([])

    private static let fatalSignals = [SIGINT, SIGTERM, SIGHUP]

    /// Starts a program with its output in `output`. On the main thread only: the child dies
    /// with the thread that started it, even if that is killed.
    static func start(
        _ path: String, _ arguments: [String], output: Int32
    ) throws(CompareError) -> pid_t {
        var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { word in unsafe free(word) } }
        // A signal that comes now is handled when the child is in the list.
        let pid = running.withLock { running -> pid_t in
            let pid = unsafe cs_spawn(path, &words, output)
            if pid > 0 { running.append(pid) }
            return pid
        }
        guard pid > 0 else { throw .failed("cannot start \(path): \(Errno.last)") }
        return pid
    }

    /// Kills it and waits until it is gone.
    static func end(_ pid: pid_t) {
        kill(pid, SIGKILL)
        forget(pid)
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }

    /// Whether it has ended by itself; then it is forgotten.
    static func hasEnded(_ pid: pid_t) -> Bool {
        var status: Int32 = 0
        guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return false }
        forget(pid)
        return true
    }

    private static func forget(_ pid: pid_t) {
        running.withLock { $0.removeAll { $0 == pid } }
    }

    /// From here on SIGINT, SIGTERM and SIGHUP first end the servers, then this process.
    /// To be called before there are other threads.
    static func endOnSignals() throws(CompareError) {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for signal in fatalSignals { unsafe sigaddset(&signals, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        let watched = signals
        do throws(Errno) {
            _ = try Thread(name: "signals") {
                var signals = watched
                var signal: Int32 = 0
                while unsafe sigwait(&signals, &signal) != 0 {}
                running.withLock { running in
                    for pid in running { kill(pid, SIGKILL) }
                    for pid in running {
                        var status: Int32 = 0
                        _ = unsafe waitpid(pid, &status, 0)
                    }
                    // Under the lock, so that no other is started.
                    _exit(128 + signal)
                }
            }
        } catch {
            throw .failed("cannot start a thread: \(error)")
        }
    }
}
