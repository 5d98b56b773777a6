"""Flushes between requests, because memcached does not do the same with answers that wait.

Whether an answer still waits to be sent depends on how the requests were received. `mn`, and the
no-op of the binary protocol, have it sent.
"""

from . import binary, binary_packets

MN = b"mn\r\n"
FETCHES = (b"get ", b"gets", b"gat ", b"gats", b"mg ")
COUNTS = (b"incr", b"decr", b"ma ")


def calmed(requests, flush, fetches, counts):
    """The requests, with a flush where a count may follow a fetch of the same item.

    memcached counts in place, which leaves blanks behind a number that grows shorter, or makes
    a new item, when the old one waits to be sent. Whether it waits, is chance.
    """
    ordered = []
    may_wait = False
    for request in requests:
        if may_wait and counts(request):
            ordered.append(flush)
            may_wait = False
        may_wait = may_wait or fetches(request)
        ordered.append(request)
    return ordered


def start_of(request):
    return request if isinstance(request, bytes) else request.before


def calmed_text(requests):
    return calmed(
        requests,
        MN,
        lambda request: start_of(request).startswith(FETCHES),
        lambda request: start_of(request).startswith(COUNTS),
    )


def calmed_packets(requests):
    return calmed(requests, binary.NOOP, binary.fetches, binary.counts)


def flushed(requests):
    """The requests, with a flush behind each.

    memcached drops the answers that wait when a connection ends.
    """
    flush = binary.NOOP if binary_packets.is_binary(requests) else MN
    return [each for request in requests for each in (request, flush)][: 2 * len(requests) - 1]
