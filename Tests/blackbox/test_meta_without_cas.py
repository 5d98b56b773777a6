"""Meta commands of a server that keeps no CAS: -C."""

import pytest

from client import set_
from meta import ma, md, mg, ms

HD, EX, NF = b"HD\r\n", b"EX\r\n", b"NF\r\n"
OPTIONS = ["-C"]


@pytest.fixture
def a(server):
    """A client, with `a` there. (1.6.18 would forget what is set in the second of a flush.)"""
    with server.connect() as client:
        client.run(md(b"b") + set_(b"a", b"5"))
        yield client


def test_every_cas_is_zero(a):
    assert a.run(mg(b"a", b"c")) == b"HD c0\r\n"
    assert a.run(ms(b"a", b"5", b"c")) == b"HD c0\r\n"
    assert a.run(ma(b"a", b"c")) == b"HD c0\r\n"
    assert b" cas=0 " in a.run(b"me a\r\n")


@pytest.mark.parametrize("cas", [b"C0", b"C1", b"C18446744073709551615"])
def test_no_set_with_a_condition_is_done(a, cas):
    assert a.run(ms(b"a", b"new", cas)) == EX
    assert a.run(ms(b"b", b"new", cas)) == NF
    assert a.run(mg(b"a", b"v")) == b"VA 1\r\n5\r\n"


def test_append_has_no_condition(a):
    assert a.run(ms(b"a", b"6", b"MA", b"C1")) == HD
    assert a.run(mg(b"a", b"v")) == b"VA 2\r\n56\r\n"


def test_a_delete_with_a_condition_wants_zero(a):
    assert a.run(md(b"a", b"C1")) == EX
    assert a.run(md(b"a", b"C0")) == HD


def test_a_count_with_a_condition_is_not_done(a):
    assert a.run(ma(b"a", b"C1")) == EX
    assert a.run(ma(b"a", b"C0", b"v")) == b"VA 1\r\n6\r\n"


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_no_cas_can_be_chosen(a):
    assert a.run(ms(b"a", b"x", b"E77", b"c")) == b"HD c0\r\n"
    assert a.run(mg(b"a", b"c")) == b"HD c0\r\n"
    assert a.run(mg(b"b", b"N0", b"E77", b"c")) == b"HD c0 W\r\n"


def test_items_become_stale_all_the_same(a):
    assert a.run(md(b"a", b"I") + mg(b"a") + mg(b"a")) == HD + b"HD X W\r\nHD Z X\r\n"


def test_a_late_answer_with_I_is_refused(a):
    a.run(md(b"a", b"I"))
    assert a.run(ms(b"a", b"new", b"I", b"C1")) == EX
