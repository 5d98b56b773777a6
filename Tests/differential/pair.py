"""The server under test and its oracle, and the connections to both."""

import re

from . import binary_packets, keys, waiting
from .comparison import same_packets, same_text
from .exchange import connect, exchange
from .requests import wire

PROBE = b"".join(
    b"me %s b x\r\n" % keys.encoded(key) if key in keys.BINARY else b"me %s\r\n" % key
    for key in keys.ALL
)
PROBED = re.compile(rb"(EN)\r\n|ME .*?cas=(\d+) fetch=\w+ cls=\d+ size=\d+\r\n", re.DOTALL)
FENCE = b"ms fence 0 T-1 Ofence%d\r\n\r\n"
FENCE_REPLY = b"HD Ofence%d\r\n"


class AnswersDiffer(Exception):
    """Carries what was asked, and both answers."""

    def __init__(self, requests, ours, theirs):
        super().__init__(f"the answers to {requests!r} differ")
        self.requests = requests
        self.ours = ours
        self.theirs = theirs


class Pair:
    """Both servers, emptied, with what is known of their CAS values."""

    def __init__(self, addresses, differences):
        self.addresses = addresses
        self.differences = differences
        self.connections = {}
        self.fences = 0
        self.empty()

    def close(self):
        for sides in self.connections.values():
            for connection in sides:
                connection.close()
        self.connections = {}

    def empty(self):
        """Both servers as they were at the start, over new connections."""
        self.close()
        self.sameness = self.differences.sameness()
        self.known_cas = [{}, {}]
        self.text([b"flush_all\r\n"])

    def connected(self, kind):
        if kind not in self.connections:
            self.connections[kind] = [connect(address) for address in self.addresses]
        return self.connections[kind]

    def wires(self, requests):
        return [b"".join(wire(request, cas) for request in requests) for cas in self.known_cas]

    def text(self, requests):
        """Runs text and meta requests that leave the connection in step."""
        segments = self.segments(waiting.calmed_text(requests))
        marked = []
        for segment in segments:
            self.fences += 1
            marked += [*segment.requests, FENCE % self.fences]
        last = FENCE_REPLY % self.fences
        answers, _ = exchange(self.connected("text"), self.wires(marked), last)
        first_fence = self.fences - len(segments) + 1
        if not all(answer.endswith(last) for answer in answers):
            raise AnswersDiffer(requests, *answers)
        if len(segments) == 1 and same_text(*answers, self.sameness):
            return
        for place, segment in enumerate(segments):
            fence = FENCE_REPLY % (first_fence + place)
            pieces = [answer.partition(fence) for answer in answers]
            ours, theirs = pieces[0][0], pieces[1][0]
            if not segment.same(ours, theirs, self.sameness):
                raise AnswersDiffer(segment.requests, ours, theirs)
            answers = [piece[2] for piece in pieces]

    def segments(self, requests):
        """Each request with a known difference stands alone, between fences."""
        segments = [Segment()]
        for request in requests:
            difference = self.differences.about(request)
            if difference:
                segments += [Segment(difference, [request]), Segment()]
            else:
                segments[-1].requests.append(request)
        return [segment for segment in segments if segment.requests]

    def probe(self):
        """Compares all that both know about every key, and learns the CAS values."""
        requests = [PROBE]
        answers, _ = exchange(self.connected("text"), [PROBE + b"mn\r\n"] * 2, b"MN\r\n")
        found = [PROBED.findall(answer) for answer in answers]
        if not same_text(*answers, self.sameness) or {len(each) for each in found} != {
            len(keys.ALL)
        }:
            raise AnswersDiffer(requests, *answers)
        for known, probed in zip(self.known_cas, found, strict=True):
            for key, (_, cas) in zip(keys.ALL, probed, strict=True):
                known[key] = int(cas or 0)

    def binary(self, requests):
        """Runs binary requests that leave the connection in step."""
        answers, _ = exchange(
            self.connected("binary"),
            [
                request + binary_packets.FENCE
                for request in self.wires(waiting.calmed_packets(requests))
            ],
            binary_packets.FENCE_REPLY,
        )
        if not same_packets(*answers, self.sameness):
            raise AnswersDiffer(requests, *answers)

    def alone(self, requests):
        """Runs what may leave a connection out of step, or end it, in one of its own."""
        connections = [connect(address) for address in self.addresses]
        try:
            answers, closed = exchange(connections, self.wires(waiting.flushed(requests)), None)
        finally:
            for connection in connections:
                connection.close()
        same = same_packets if binary_packets.is_binary(requests) else same_text
        if not all(closed) or not same(*answers, self.sameness):
            raise AnswersDiffer(requests, *answers)


class Segment:
    """Requests whose answers are compared together."""

    def __init__(self, difference=None, requests=()):
        self.difference = difference
        self.requests = list(requests)

    def same(self, ours, theirs, sameness):
        if self.difference:
            return self.difference.same(ours, theirs, sameness)
        return same_text(ours, theirs, sameness)
