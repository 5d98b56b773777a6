/// The version of this daemon, shown by `--version`. The protocol's `version` command answers
/// with `memcachedCompatibleVersion` instead.
let cachedVersion = "0.1.0"

/// The memcached release whose behaviour is implemented. Clients parse it out of the protocol's
/// `version` reply and programs that start a server out of the first line of `-h`, so it is
/// always three numbers with dots between them.
let memcachedCompatibleVersion = "1.6.45"
