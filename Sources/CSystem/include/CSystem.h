// What Swift's Glibc module does not offer: thin `static inline` wrappers and no logic.
// Every function that can fail returns -1 and leaves errno as the system call set it.
#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

// Glibc hides these without _GNU_SOURCE, which would change types that Swift's Glibc module has.
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pthread_setname_np(pthread_t, const char *);
extern long syscall(long, ...);

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define CS_ADDRESS_SANITIZER 1
#endif
#endif

// -- epoll ---------------------------------------------------------------------------------

/// One readiness report. Not packed, unlike the kernel's on x86-64, so that Swift can read it.
typedef struct {
    uint32_t events;
    uint64_t token;
} cs_event;

enum {
    CS_MAX_EVENTS = 256,
    CS_READABLE = EPOLLIN,
    CS_WRITABLE = EPOLLOUT,
    CS_PEER_CLOSED = EPOLLRDHUP | EPOLLHUP | EPOLLERR,
    CS_URGENT = EPOLLPRI,
    /// Both directions, each told once when it becomes ready.
    CS_EDGES = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET,
};

static inline int cs_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int cs_epoll_add(int epoll, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static inline int cs_epoll_modify(int epoll, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
}

static inline int cs_epoll_remove(int epoll, int fd) {
    return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
}

/// `events` has room for CS_MAX_EVENTS.
static inline int cs_epoll_wait(int epoll, cs_event *events, int timeout_ms) {
    struct epoll_event raw[CS_MAX_EVENTS];
    int count = epoll_wait(epoll, raw, CS_MAX_EVENTS, timeout_ms);
    for (int i = 0; i < count; i++) {
        events[i].events = raw[i].events;
        events[i].token = raw[i].data.u64;
    }
    return count;
}

/// The same with a timeout in nanoseconds (Linux 5.11); ENOSYS before that.
static inline int cs_epoll_wait_ns(int epoll, cs_event *events, int64_t timeout_ns) {
    struct epoll_event raw[CS_MAX_EVENTS];
    struct timespec timeout = {.tv_sec = timeout_ns / 1000000000,
                               .tv_nsec = timeout_ns % 1000000000};
    // epoll_pwait2 has the same number on every architecture; glibc has it since 2.35 only.
    int count = (int)syscall(441, epoll, raw, CS_MAX_EVENTS, &timeout, NULL, 0);
    for (int i = 0; i < count; i++) {
        events[i].events = raw[i].events;
        events[i].token = raw[i].data.u64;
    }
    return count;
}

// -- descriptors and sockets ---------------------------------------------------------------

/// A file that is nowhere but in memory.
static inline int cs_memory_file(const char *name) {
    return (int)syscall(SYS_memfd_create, name, 1u /* MFD_CLOEXEC */);
}

static inline int cs_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline int cs_accept(int fd) {
    return accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static inline int cs_socket(int family, int type) {
    return socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static inline ssize_t cs_send(int fd, const void *bytes, size_t count) {
    return send(fd, bytes, count, MSG_NOSIGNAL);
}

static inline ssize_t cs_sendv(int fd, struct iovec *vectors, size_t count) {
    struct msghdr message = {.msg_iov = vectors, .msg_iovlen = count};
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static inline int cs_connect_unix(int fd, const struct sockaddr_un *address) {
    return connect(fd, (const struct sockaddr *)address, sizeof *address);
}

static inline int cs_bind_unix(int fd, const struct sockaddr_un *address) {
    return bind(fd, (const struct sockaddr *)address, sizeof *address);
}

// -- passwords -----------------------------------------------------------------------------

enum { CS_CRYPT_OUTPUT_BYTES = CRYPT_OUTPUT_SIZE };

/// crypt(3) with memory of its own, which is wiped. `output` has room for CS_CRYPT_OUTPUT_BYTES;
/// it ends with a NUL.
static inline int cs_crypt(const char *password, const char *setting, char *output) {
    struct crypt_data *data = calloc(1, sizeof *data);
    if (data == NULL) return -1;
    const char *hash = crypt_r(password, setting, data);
    // What is no setting gives NULL or a text that begins with an asterisk.
    int is_hash = hash != NULL && hash[0] != '*' && strlen(hash) < CS_CRYPT_OUTPUT_BYTES;
    if (is_hash) strcpy(output, hash);
    explicit_bzero(data, sizeof *data);
    free(data);
    if (!is_hash) errno = EINVAL;
    return is_hash ? 0 : -1;
}

// -- threads, memory, randomness -----------------------------------------------------------

static inline void cs_set_thread_name(const char *name) {
    pthread_setname_np(pthread_self(), name);
}

/// How late the kernel may end this thread's waits, in nanoseconds; 50,000 if nobody asks.
static inline int cs_set_timer_slack(unsigned long nanoseconds) {
    return prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
}

/// The clock of another process's CPU time.
static inline int cs_process_cpu_time(pid_t pid, struct timespec *time) {
    clockid_t clock;
    int status = clock_getcpuclockid(pid, &clock);
    if (status != 0) {
        errno = status;
        return -1;
    }
    return clock_gettime(clock, time);
}

/// Goes to the background: a child goes on, the parent ends with 0. Only with one thread.
static inline int cs_daemonize(void) {
    pid_t child = fork();
    if (child < 0) return -1;
    if (child > 0) _exit(0);
    if (setsid() < 0 || chdir("/") != 0) return -1;
    int null = open("/dev/null", O_RDWR);
    if (null < 0) return -1;
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    if (null > STDERR_FILENO) close(null);
    return 0;
}

/// Starts a program that reads nothing, writes to `output`, and dies with the thread that started
/// it. It ends with 127 if the program cannot be run.
static inline pid_t cs_spawn(const char *path, char *const *arguments, int output) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child != 0) return child;
    // Between fork and prctl the parent may have died.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) _exit(127);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    // The kernel's default, whatever the thread has asked for itself.
    prctl(PR_SET_TIMERSLACK, 50000ul, 0, 0, 0);
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0) _exit(127);
    if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0) _exit(127);
    execv(path, arguments);
    _exit(127);
}

/// Allocations of this size on are mapped, and go back to the system when they are freed.
static inline int cs_set_mmap_threshold(int bytes) { return mallopt(M_MMAP_THRESHOLD, bytes); }

static inline void *cs_reserve(size_t count) {
    void *start = mmap(NULL, count, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return start == MAP_FAILED ? NULL : start;
}

static inline void cs_unreserve(void *start, size_t count) { munmap(start, count); }

static inline int cs_commit(void *start, size_t count) {
    return mprotect(start, count, PROT_READ | PROT_WRITE);
}

/// Gives the memory back to the system; it reads as zero afterwards.
static inline int cs_discard(void *start, size_t count) {
    if (madvise(start, count, MADV_DONTNEED) == 0) return 0;
    // Locked memory (-k) has a call of its own, since Linux 5.18: MADV_DONTNEED_LOCKED.
    return errno == EINVAL ? madvise(start, count, 24) : -1;
}

/// Asks for huge pages where they are to be had; without them everything works as well.
static inline void cs_advise_huge(void *start, size_t count) {
    int before = errno;
    madvise(start, count, MADV_HUGEPAGE);
    errno = before;
}

static inline void cs_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

// Relaxed atomic access to off-heap words that a prefetch reads without the lock of their shard.
static inline uint32_t cs_load_relaxed_32(const void *address) {
    return __atomic_load_n((const uint32_t *)address, __ATOMIC_RELAXED);
}
static inline uint64_t cs_load_relaxed_64(const void *address) {
    return __atomic_load_n((const uint64_t *)address, __ATOMIC_RELAXED);
}
static inline void cs_store_relaxed_32(void *address, uint32_t value) {
    __atomic_store_n((uint32_t *)address, value, __ATOMIC_RELAXED);
}
static inline void cs_store_relaxed_8(void *address, uint8_t value) {
    __atomic_store_n((uint8_t *)address, value, __ATOMIC_RELAXED);
}

/// A word that another thread may be writing, or that may be free: good for nothing but a prefetch.
#if defined(__clang__)
__attribute__((no_sanitize("thread", "address")))
#endif
static inline uint32_t cs_peek_32(const void *address) {
    return __atomic_load_n((const uint32_t *)address, __ATOMIC_RELAXED);
}

// AddressSanitizer sees nothing inside an arena of our own: tell it what is free there.
static inline void cs_poison(const void *address, size_t count) {
#ifdef CS_ADDRESS_SANITIZER
    ASAN_POISON_MEMORY_REGION(address, count);
#else
    (void)address;
    (void)count;
#endif
}
static inline void cs_unpoison(const void *address, size_t count) {
#ifdef CS_ADDRESS_SANITIZER
    ASAN_UNPOISON_MEMORY_REGION(address, count);
#else
    (void)address;
    (void)count;
#endif
}

#endif
