"""md without leases: what goes, and on which condition."""

import pytest

from client import set_, value_reply
from meta import cas_of, md, mg, ms

HD, EX, NF = b"HD\r\n", b"EX\r\n", b"NF\r\n"


def test_it_deletes(client):
    client.run(set_(b"a", b"x"))
    assert client.run(md(b"a")) == HD
    assert client.run(b"get a\r\n") == b"END\r\n"


def test_a_missing_key_is_nf(client):
    assert client.run(md(b"a")) == NF


def test_key_and_opaque_come_back_on_a_hit_and_on_a_miss(client):
    client.run(set_(b"a", b"x"))
    assert client.run(md(b"a", b"O5", b"k") * 2) == b"HD O5 ka\r\nNF O5 ka\r\n"


def test_an_expired_item_is_not_found(client):
    client.run(ms(b"a", b"x", b"T-1"))
    assert client.run(md(b"a")) == NF


def test_C_deletes_only_an_unchanged_item(client):
    client.run(set_(b"a", b"x"))
    cas = cas_of(client)
    assert client.run(md(b"a", b"C%d" % (cas + 1), b"k")) == b"EX ka\r\n"
    assert client.run(md(b"a", b"C0")) == EX
    assert client.run(b"get a\r\n") == value_reply(b"a", b"x")
    assert client.run(md(b"a", b"C%d" % cas)) == HD
    assert client.run(md(b"a", b"C%d" % cas)) == NF


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_x_leaves_an_item_without_value_flags_and_time(client):
    client.run(b"set a 7 100 5\r\nhello\r\n")
    cas = cas_of(client)
    assert client.run(md(b"a", b"x", b"k")) == b"HD ka\r\n"
    assert client.run(mg(b"a", b"v", b"f", b"t", b"c", b"h")) == (
        b"VA 0 f0 t-1 c%d h0\r\n\r\n" % cas
    )


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_x_takes_a_time_client_flags_and_a_cas(client):
    client.run(set_(b"a", b"hello"))
    assert client.run(md(b"a", b"x", b"T5000", b"F9", b"E77")) == HD
    assert client.run(mg(b"a", b"s", b"f", b"c")) == b"HD s0 f9 c77\r\n"
    assert client.run(mg(b"a", b"t"))[:6] in (b"HD t50", b"HD t49")


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_x_of_a_missing_key_creates_nothing(client):
    assert client.run(md(b"a", b"x") + mg(b"a")) == NF + b"EN\r\n"


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_x_looks_at_C(client):
    client.run(set_(b"a", b"hello"))
    assert client.run(md(b"a", b"x", b"C1000000")) == EX
    assert client.run(mg(b"a", b"s")) == b"HD s5\r\n"


@pytest.mark.parametrize("flag", [b"v", b"t", b"c", b"f", b"h", b"l", b"u", b"P1", b"L1"])
def test_flags_of_other_commands_are_ignored(client, flag):
    client.run(set_(b"a", b"x"))
    assert client.run(md(b"a", flag, b"k")) == b"HD ka\r\n"
