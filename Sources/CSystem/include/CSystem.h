// What Swift's Glibc module does not offer: thin `static inline` wrappers and no logic.
// Every function that can fail returns -1 and leaves errno as the system call set it.
#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// Glibc hides these without _GNU_SOURCE, which would change types that Swift's Glibc module has.
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pthread_setname_np(pthread_t, const char *);

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

// -- descriptors and sockets ---------------------------------------------------------------

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

// -- threads, memory, randomness -----------------------------------------------------------

static inline void cs_set_thread_name(const char *name) {
    pthread_setname_np(pthread_self(), name);
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
