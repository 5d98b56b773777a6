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
