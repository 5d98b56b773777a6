"""q: which answers it hides; mn, which tells that the quiet ones are done."""

import pytest

from client import set_, value_reply
from meta import ma, md, mg, ms

MN = b"MN\r\n"


def test_mg_hides_only_a_miss(client):
    client.run(set_(b"a", b"x"))
    assert client.run(mg(b"b", b"q", b"v", b"k")) == b""
    assert client.run(mg(b"a", b"q", b"v", b"k")) == b"VA 1 ka\r\nx\r\n"
    assert client.run(mg(b"a", b"q")) == b"HD\r\n"


def test_ms_hides_only_success(client):
    assert client.run(ms(b"a", b"x", b"q", b"k", b"c")) == b""
    assert client.run(b"get a\r\n") == value_reply(b"a", b"x")
    assert client.run(ms(b"a", b"y", b"q", b"ME")) == b"NS\r\n"
    assert client.run(ms(b"a", b"y", b"q", b"C1000000", b"k")) == b"EX ka\r\n"
    assert client.run(ms(b"b", b"y", b"q", b"C1", b"O7")) == b"NF O7\r\n"


def test_md_hides_only_success(client):
    client.run(set_(b"a", b"x"))
    assert client.run(md(b"a", b"q", b"C1000000")) == b"EX\r\n"
    assert client.run(md(b"a", b"q", b"I", b"k")) == b""
    assert client.run(md(b"a", b"q", b"k")) == b""
    assert client.run(md(b"a", b"q", b"k")) == b"NF ka\r\n"


def test_ma_hides_success(client):
    client.run(set_(b"n", b"5"))
    assert client.run(ma(b"n", b"q")) == b""
    assert client.run(ma(b"n", b"q", b"C1000000")) == b"EX\r\n"
    assert client.run(ma(b"m", b"q")) == b"NF\r\n"


@pytest.mark.differs("1.6.18", reason="q of ma hides neither a value nor what N made")
def test_ma_hides_success_even_with_a_value_and_when_it_creates(client):
    client.run(set_(b"n", b"5"))
    assert client.run(ma(b"n", b"q", b"v", b"k")) == b""
    assert client.run(ma(b"m", b"q", b"N0", b"J7")) == b""
    assert client.run(mg(b"n", b"v") + mg(b"m", b"v")) == b"VA 1\r\n6\r\nVA 1\r\n7\r\n"


@pytest.mark.parametrize(
    "request_, error",
    [
        (b"mg a q w\r\n", b"invalid flag"),
        (b"mg a q k k\r\n", b"duplicate flag"),
        (b"mg a q Tx\r\n", b"bad token in command line format"),
        (b"mg %s q\r\n" % (b"k" * 251), b"bad command line format"),
        (b"mg Z q b\r\n", b"error decoding key"),
        (b"ms a 2 q w\r\nhi\r\n", b"invalid flag"),
        (b"ms a 2 q MX\r\nhi\r\n", b"invalid mode for ms M token"),
        (b"ms a 2 q\r\nhi\n\n", b"bad data chunk"),
        (b"ms a x q\r\n", b"bad command line format"),
        (b"ma a q w\r\n", b"invalid or duplicate flag"),
        (b"ma text q\r\n", b"cannot increment or decrement non-numeric value"),
    ],
)
def test_errors_are_never_hidden(client, request_, error):
    client.run(set_(b"text", b"text"))
    assert client.run(request_) == b"CLIENT_ERROR " + error + b"\r\n"


def test_a_value_that_is_too_large_is_told(client):
    assert client.run(ms(b"a", b"x" * 1_048_577, b"q")) == (
        b"SERVER_ERROR object too large for cache\r\n"
    )


def test_noreply_is_no_meta_flag(client):
    assert client.run(b"mg a noreply\r\n").startswith(b"CLIENT_ERROR ")


@pytest.mark.parametrize("line", [b"mn\r\n", b"mn foo bar q\r\n", b"mn  \r\n"])
def test_mn_answers_mn(client, line):
    assert client.run(line) == MN


def test_mn_ends_a_run_of_quiet_requests(client):
    client.run(set_(b"k2", b"two") + set_(b"k5", b"five"))
    requests = b"".join(mg(b"k%d" % n, b"v", b"q", b"O%d" % n) for n in range(8))
    assert client.run(requests + b"mn\r\n") == b"VA 3 O2\r\ntwo\r\nVA 4 O5\r\nfive\r\n" + MN


def test_mn_alone_ends_a_run_of_requests_that_answer_nothing(client):
    requests = b"".join(ms(b"k%d" % n, b"x", b"q") for n in range(500))
    assert client.run(requests + b"mn\r\n") == MN
    assert client.run(mg(b"k499", b"v")) == b"VA 1\r\nx\r\n"
