// OpenSSL 3, and what Swift cannot import of it: macros with arguments, and a call together with
// the look at the error that belongs to it.
#ifndef COPENSSL_H
#define COPENSSL_H

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error "OpenSSL 3 is needed: install libssl-dev of Debian 12 or later"
#endif

/// Instead of asking at the terminal: a daemon has nobody to ask.
static inline int co_no_pass_phrase(char *phrase, int room, int is_writing, void *unused) {
    (void)phrase;
    (void)room;
    (void)is_writing;
    (void)unused;
    return -1;
}

/// What every context of this server has in common.
static inline void co_prepare(SSL_CTX *context) {
    // A write returns after each record; it may be repeated from another address; buffers are
    // held only while something is in them.
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    // Most clients of a cache close without a goodbye. Nothing is lost by it: every request says
    // where it ends.
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    // One receive for a record, not one for its header and one for the rest.
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_passwd_cb(context, co_no_pass_phrase);
}

static inline int co_set_minimum_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_min_proto_version(context, version);
}

/// Keeps `sessions` of them at most; none if that is 0.
static inline void co_set_session_cache(SSL_CTX *context, long sessions) {
    SSL_CTX_set_session_cache_mode(context, sessions > 0 ? SSL_SESS_CACHE_SERVER
                                                         : SSL_SESS_CACHE_OFF);
    if (sessions > 0) SSL_CTX_sess_set_cache_size(context, sessions);
}

/// Has the kernel encrypt where it can; -1 if this OpenSSL was built without that.
static inline int co_enable_kernel(SSL_CTX *context) {
#ifdef OPENSSL_NO_KTLS
    (void)context;
    return -1;
#else
    SSL_CTX_set_options(context, SSL_OP_ENABLE_KTLS);
    return 0;
#endif
}

/// Whether the kernel can. On a socket without a peer, one that can says "not connected".
static inline int co_kernel_has_tls(void) {
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return 0;
    int status = setsockopt(probe, IPPROTO_TCP, 31 /* TCP_ULP */, "tls", 3);
    int has_tls = status == 0 || errno == ENOTCONN;
    close(probe);
    return has_tls;
}

/// SSL_ERROR_NONE, or why nothing was read. The thread's errors and errno are those of this call.
static inline int co_read(SSL *session, void *bytes, size_t room, size_t *count) {
    ERR_clear_error();
    errno = 0;
    return SSL_read_ex(session, bytes, room, count) == 1 ? SSL_ERROR_NONE
                                                         : SSL_get_error(session, 0);
}

/// The same for writing, one record at most.
static inline int co_write(SSL *session, const void *bytes, size_t size, size_t *count) {
    ERR_clear_error();
    errno = 0;
    return SSL_write_ex(session, bytes, size, count) == 1 ? SSL_ERROR_NONE
                                                          : SSL_get_error(session, 0);
}

/// The errno behind an error of OpenSSL; 0 if there is none.
static inline int co_system_error(unsigned long code) {
    return ERR_SYSTEM_ERROR(code) ? ERR_GET_REASON(code) : 0;
}

/// Whether OpenSSL has tried every form that it knows, of keys for one, and none has fitted.
static inline int co_fits_no_form(unsigned long code) {
    return ERR_GET_REASON(code) == ERR_R_UNSUPPORTED;
}

static inline int co_reason(unsigned long code) { return ERR_GET_REASON(code); }

#endif
