"""What the tests of authentication share."""

import contextlib

REFUSED = b"CLIENT_ERROR unauthenticated\r\n"
FAILED = b"CLIENT_ERROR authentication failure\r\n"
STORED = b"STORED\r\n"

# crypt(3) of the password `secret`. The slow one takes about half a second.
HASHES = {
    "sha512": "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77"
    "vwPZN.Pq.H91p5hVO1",
    "sha256": "$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA",
    "bcrypt": "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
    "yescrypt": "$y$j9T$abcdefghijklmnop$3dL1LkYnZM.OVXuVdnnaKVDlLYT92dRwOzDZ5XiVCe.",
    "slow": "$6$rounds=2000000$saltsalt$ir.wpJa4JLZWrydHZ2Bj/7bBNy.zZy2TO9oIFJVERK6bd0e3sMK3XX04"
    "yxQYs2FvHi6kHo1QN9BIQE97Q22NZ0",
}

# Every command, as a guest may try it. A line of less than six bytes is a test of its own.
COMMANDS = [
    b"get precious",
    b"gets precious",
    b"gat 100 precious",
    b"gats 100 precious",
    b"delete precious",
    b"touch precious 1",
    b"incr precious 1",
    b"decr precious 1",
    b"version",
    b"verbosity 1",
    b"flush_all",
    b"stats",
    b"stats settings",
    b"stats items",
    b"stats conns",
    b"stats reset",
    b"stats detail on",
    b"stats detail dump",
    b"stats cachedump 1 10",
    b"cache_memlimit 8",
    b"shutdown",
    b"shutdown graceful",
    b"mg precious v",
    b"mg precious v k s t f c q",
    b"md precious",
    b"md precious q",
    b"ma precious",
    b"me precious",
    b"mn     ",
    b"watch fetchers",
    b"lru_crawler metadump all",
    b"lru_crawler mgdump all",
    b"lru tune 10 10 1 1",
    b"slabs automove 0",
    b"slabs reassign 1 2",
    b"refresh_certs",
    b"debugtime 1",
    b"misbehave",
    b"config get cluster",
    b"quit ok",
    b"GET / HTTP/1.1",
    b"no such command",
    b"set precious 0 0",
    b"set precious 0 0 -1",
    b"set precious 0 0 x",
    b"add precious 0 0 1",
    b"replace precious 0 0 1",
    b"append precious 0 0 1",
    b"prepend precious 0 0 1",
    b"cas precious 0 0 1 1",
    b"ms precious 1",
    b"\0\0\0\0\0\0\0\0\0",
    b"\xff\xfe\xfd\xfc\xfb\xfa",
]


def write_users(file, *lines):
    """A user file that only its owner can read."""
    file.touch(mode=0o600)
    file.write_bytes(b"\n".join(line.encode() for line in lines) + b"\n")
    return str(file)


def login(user, password, key=b"key"):
    """The first command of a connection that logs in."""
    value = user + b" " + password
    return b"set %s 0 0 %d\r\n%s\r\n" % (key, len(value), value)


def logged_in(server, user=b"alice", password=b"secret"):
    """A new connection that may do everything."""
    client = server.connect()
    client.send(login(user, password))
    assert client.read_line() == STORED
    return client


def answer(server, request):
    """All that a new connection is told for `request`, when it sends nothing else."""
    with server.connect() as client:
        with contextlib.suppress(ConnectionError):
            client.send(request)
        client.finish_sending()
        return client.read_to_end()


def answer_and_close(server, request):
    """The same for a request after which the server closes by itself."""
    with server.connect(timeout=2) as client:
        with contextlib.suppress(ConnectionError):
            client.send(request)
        return client.read_to_end()
