"""Builds meta requests: `mg(b"a", b"v", b"k")`."""


def mg(key, *flags):
    return b" ".join([b"mg", key, *flags]) + b"\r\n"


def md(key, *flags):
    return b" ".join([b"md", key, *flags]) + b"\r\n"


def ma(key, *flags):
    return b" ".join([b"ma", key, *flags]) + b"\r\n"


def ms(key, value, *flags):
    return b" ".join([b"ms", key, b"%d" % len(value), *flags]) + b"\r\n" + value + b"\r\n"


def cas_of(client, key=b"a"):
    """The CAS of an item that is there."""
    reply = client.run(b"gets %s\r\n" % key)
    return int(reply.partition(b"\r\n")[0].split()[-1])
