"""What a request is: bytes, or bytes with a CAS that is each server's own."""

import struct


class WithCAS:
    """A request that names the CAS a server has told of a key last.

    Each server counts in its own way, so the number is filled in for each of them. `offset`
    makes it older or newer than every CAS that the key can have.
    """

    __slots__ = ("before", "key", "offset", "after", "packed")

    def __init__(self, before, key, offset, after, packed=False):
        self.before = before
        self.key = key
        self.offset = offset
        self.after = after
        self.packed = packed

    def wire(self, known_cas):
        cas = known_cas.get(self.key, 0)
        cas = max(0, min(cas + self.offset, 2**64 - 1)) if cas else 0
        number = struct.pack(">Q", cas) if self.packed else b"%d" % cas
        return self.before + number + self.after

    def __repr__(self):
        shown = f"{self.offset:+d}" if self.offset else ""
        return f"{self.before!r} + cas of {self.key!r}{shown} + {self.after!r}"


class Odd(bytes):
    """A request that is refused, or taken in an odd way."""


def wire(request, known_cas):
    """The bytes of one request for the server that told `known_cas`."""
    return request if isinstance(request, bytes) else request.wire(known_cas)


def sample(request):
    """Bytes of the same form, to judge what kind of request this is."""
    return wire(request, {})
