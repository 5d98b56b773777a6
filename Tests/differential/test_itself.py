"""The differential test finds what it is there for: memcached against a liar."""

import pathlib
import re
import socket
import threading

import pytest

from .comparison import Sameness, same_packets, same_text
from .differences import OF_1_6_18, OF_CACHED, Differences
from .run import Run
from .servers import start
from .test_differential import ORACLE

REQUESTS = 20_000
NONE_KNOWN = Differences("oracle", "oracle")


class Liar:
    """A way to a server on which each answer goes through `change(answer)`."""

    def __init__(self, server, change):
        self.server = server
        self.change = change
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.server.address)
            for source, target, change in (
                (client, server, None),
                (server, client, self.change),
            ):
                pump = threading.Thread(target=copy, args=(source, target, change), daemon=True)
                pump.start()


def copy(source, target, change):
    try:
        while piece := source.recv(1 << 18):
            target.sendall(change(piece) if change else piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def reports(change, requests=REQUESTS):
    """What a run reports if one of two servers answers through a liar."""
    with start(ORACLE) as honest, start(ORACLE) as behind, Liar(behind, change) as liar:
        return Run([liar.address, honest.address], NONE_KNOWN, seed=1).go(requests)


def test_two_servers_of_one_kind_do_not_differ():
    assert reports(lambda answer: answer) == []


@pytest.mark.parametrize(
    "right, wrong",
    [
        (rb"(?m)^STORED\r", b"STOLEN\r"),
        (rb"(?m)^EN\r\n", b"END\r\n"),
        (rb"(?m)^NF ", b"NS "),
        (rb" h0(?=[ \r])", b" h1"),
        (rb" W\r\n", b" Z\r\n"),
        (rb"(?m)^VA 5 ", b"VA 5  "),
        (rb"fetch=no", b"fetch=yes"),
        (rb"(exp=-?)100(?= )", rb"\g<1>90"),
        (rb"duplicate flag", b"invalid flag"),
        (rb"\A(\x81\x00..\x04\x00)\0\0", rb"\g<1>\0" + b"\1"),
        (rb"Data exists for key\.", b"Data exists for key!"),
    ],
)
def test_an_answer_that_is_always_wrong_is_found(right, wrong):
    pattern = re.compile(right, re.DOTALL)
    assert len(reports(lambda answer: pattern.sub(wrong, answer))) == 1


class Once:
    """A liar that lies in the nth answer that it could lie in, and never again."""

    def __init__(self, right, wrong, at):
        self.right, self.wrong, self.left = re.compile(right, re.DOTALL), wrong, at

    def __call__(self, answer):
        if not self.right.search(answer):
            return answer
        self.left -= 1
        return self.right.sub(self.wrong, answer, count=1) if self.left == 0 else answer


@pytest.mark.parametrize(
    "right, wrong",
    [
        (rb"(?m)^TOUCHED\r\n", b""),
        (rb"(?m)^HD\r\n", b"HD\r\nHD\r\n"),
        (rb"(cas=\d*)\d(?= )", rb"\g<1>"),
        (rb"( c\d+)(?=[ \r])", rb"\g<1>0"),
    ],
)
def test_a_single_lie_is_found(right, wrong):
    (report,) = reports(Once(right, wrong, at=12))
    assert "not shown again" in report


def test_what_is_reported_is_small_and_can_be_repeated():
    (report,) = reports(lambda answer: answer.replace(b"HD s5\r\n", b"HD s6\r\n"), 200_000)
    shown = [line for line in report.splitlines() if line.startswith("    ")]
    assert len(shown) <= 2, report
    assert any("ms" in line or "mg" in line for line in shown), report
    assert "seed 1" in report


# What counts as the same.


@pytest.mark.parametrize(
    "ours, theirs",
    [
        (b"HD c5\r\n", b"HD c900\r\n"),
        (b"HD c5\r\nHD c5\r\nHD c6\r\n", b"HD c8\r\nHD c8\r\nHD c9\r\n"),
        (b"HD t100\r\n", b"HD t99\r\n"),
        (b"VALUE a 0 1 5\r\nx\r\nEND\r\n", b"VALUE a 0 1 7\r\nx\r\nEND\r\n"),
        (b"ME a exp=9 la=0 cas=1 fetch=no cls=1 size=9\r\n",
         b"ME a exp=8 la=1 cas=2 fetch=no cls=2 size=8\r\n"),
    ],
)  # fmt: skip
def test_answers_that_are_the_same(ours, theirs):
    assert same_text(ours, theirs, Sameness())


@pytest.mark.parametrize(
    "ours, theirs",
    [
        (b"HD c5\r\nHD c5\r\n", b"HD c8\r\nHD c9\r\n"),
        (b"HD c5\r\nHD c6\r\n", b"HD c8\r\nHD c8\r\n"),
        (b"HD c5\r\nVALUE a 0 0 6\r\n\r\n", b"HD c8\r\nVALUE a 0 0 8\r\n\r\n"),
        (b"HD c5\r\n", b"HD c0\r\n"),
        (b"HD t100\r\n", b"HD t97\r\n"),
        (b"HD t-1\r\n", b"HD t1\r\n"),
        (b"HD t5 c5\r\n", b"HD c5 t5\r\n"),
        (b"HD s5\r\n", b"HD s6\r\n"),
        (b"VALUE a 1 1 5\r\nx\r\nEND\r\n", b"VALUE a 0 1 5\r\nx\r\nEND\r\n"),
        (b"HD\r\n", b"HD \r\n"),
        (b"", b"HD\r\n"),
    ],
)
def test_answers_that_are_not_the_same(ours, theirs):
    assert not same_text(ours, theirs, Sameness())


def packet(status=0, cas=0, body=b"", opaque=7):
    head = bytes([0x81, 1, 0, 0, 0, 0]) + status.to_bytes(2) + len(body).to_bytes(4)
    return head + opaque.to_bytes(4) + cas.to_bytes(8) + body


def test_packets_that_are_the_same():
    assert same_packets(packet(cas=5) * 2, packet(cas=900) * 2, Sameness())


@pytest.mark.parametrize(
    "ours, theirs",
    [
        (packet(cas=5) * 2, packet(cas=8) + packet(cas=9)),
        (packet(status=1), packet(status=2)),
        (packet(body=b"x"), packet(body=b"y")),
        (packet(opaque=1), packet(opaque=2)),
        (packet(), packet() * 2),
        (packet(), packet()[:23]),
        (packet(cas=5), packet()),
    ],
)
def test_packets_that_are_not_the_same(ours, theirs):
    assert not same_packets(ours, theirs, Sameness())


def test_text_and_packets_pair_the_same_cas():
    sameness = Sameness()
    assert same_text(b"HD c5\r\n", b"HD c8\r\n", sameness)
    assert same_packets(packet(cas=5), packet(cas=8), sameness)
    assert not same_packets(packet(cas=5), packet(cas=9), sameness)


# The list.


def test_the_readme_lists_exactly_the_known_differences():
    text = (pathlib.Path(__file__).parent / "README.md").read_text()
    rows = [line.split(" | ")[0][2:] for line in text.splitlines() if line.startswith("| ")]
    listed = [row for row in rows if row not in ("difference", "---")]
    assert listed == [known.reason for known in OF_1_6_18 + OF_CACHED]
