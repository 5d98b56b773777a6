import CSystem
import Glibc
import SystemCalls

/// What the process takes on before it serves: limits, user, background, files.
enum ProcessSetup {
    /// Descriptors beside the connections': sockets, epoll, wake-ups, standard streams.
    private static let ownDescriptors = 64

    /// Raises the limit of open files to what --max-connections needs, as far as is allowed.
    static func raiseDescriptorLimit(_ settings: Settings) throws(StartupError) {
        let needed = rlim_t(settings.maxConnections) + rlim_t(ownDescriptors)
        var limit = rlimit()
        guard unsafe getrlimit(RLIMIT_NOFILE_resource, &limit) == 0 else { return }
        guard limit.rlim_cur < needed else { return }
        var raised = rlimit(rlim_cur: needed, rlim_max: max(needed, limit.rlim_max))
        if unsafe setrlimit(RLIMIT_NOFILE_resource, &raised) == 0 { return }
        raised = rlimit(rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max)
        _ = unsafe setrlimit(RLIMIT_NOFILE_resource, &raised)
        Log.warning(
            "only \(limit.rlim_max) files may be open, which is too few for "
                + "\(settings.maxConnections) connections; raise the limit (ulimit -n), or lower "
                + "--max-connections")
    }

    private static let RLIMIT_NOFILE_resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    /// Takes on core limit and user.
    static func takeOnIdentity(_ settings: Settings) throws(StartupError) {
        if settings.maximizeCore {
            var limit = rlimit(rlim_cur: rlim_t.max, rlim_max: rlim_t.max)
            if unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) != 0 {
                throw StartupError(
                    message: "cannot raise the core file limit: \(Errno.last); "
                        + "start as root or without --enable-coredumps")
            }
        }
        if let name = settings.userName {
            try become(name)
        } else if geteuid() == 0 {
            Log.warning("running as root; name a user to change to with --user")
        }
    }

    /// Goes to the background, if asked to, and writes the pid file.
    static func goToBackground(_ settings: Settings) throws(StartupError) {
        if settings.daemonize, cs_daemonize() != 0 {
            throw StartupError(message: "cannot go to the background: \(Errno.last)")
        }
        if let path = settings.pidFilePath {
            try write("\(getpid())\n", to: path, purpose: "the pid file")
        }
    }

    /// Has malloc give larger buffers back to the system when they are freed. Its default raises
    /// that size as it goes, and keeps what a burst of slow clients needed once.
    static func returnFreedBuffers() {
        _ = cs_set_mmap_threshold(32 << 10)
    }

    /// Locks all memory (-k). To be called when the address space is reserved, because that counts
    /// against the limit of locked memory, and must not fail for it.
    static func lockMemory(_ settings: Settings) {
        if settings.lockMemory, mlockall(MCL_CURRENT | MCL_FUTURE) != 0 {
            Log.warning(
                "cannot lock memory: \(Errno.last); raise the limit of locked memory "
                    + "(ulimit -l), or start as root")
        }
    }

    private static func become(_ name: String) throws(StartupError) {
        guard let entry = unsafe getpwnam(name) else {
            throw StartupError(
                message: "there is no user \(name); name one that exists with --user")
        }
        let (user, group) = unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
        guard geteuid() == 0 else {
            // As memcached: only root can change, and nobody else needs to.
            return
        }
        guard unsafe initgroups(name, group) == 0, setgid(group) == 0, setuid(user) == 0 else {
            throw StartupError(message: "cannot become the user \(name): \(Errno.last)")
        }
    }

    /// Replaces a small file by way of a temporary one, so that no reader sees half of it.
    static func write(
        _ text: String, to path: String, purpose: String
    ) throws(StartupError) {
        let temporary = path + ".tmp"
        let number = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard number >= 0 else {
            throw StartupError(message: "cannot write \(purpose) \(path): \(Errno.last)")
        }
        let descriptor = FileDescriptor(owning: number)
        var text = text
        let isWritten = text.withUTF8 { bytes in
            unsafe Glibc.write(descriptor.number, bytes.baseAddress, bytes.count) == bytes.count
        }
        guard isWritten, unsafe rename(temporary, path) == 0 else {
            throw StartupError(message: "cannot write \(purpose) \(path): \(Errno.last)")
        }
    }

    static func removePidFile(_ settings: Settings) {
        if let path = settings.pidFilePath { unsafe unlink(path) }
    }

    /// A secret key for the hash, from the kernel; a given seed makes a run repeatable.
    static func hashSeed(_ settings: Settings) -> (UInt64, UInt64) {
        if let seed = settings.hashSeed { return (seed, ~seed) }
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next())
    }
}
