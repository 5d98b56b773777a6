"""mg: what it returns, in which order, and what it does to the item. me."""

import re

import pytest

from client import set_, value_reply
from meta import cas_of, ma, md, mg, ms

HD = b"HD\r\n"


@pytest.fixture
def a(client):
    """A client, with `a` there."""
    client.run(b"set a 7 0 5\r\nhello\r\n")
    return client


def test_without_flags_a_hit_is_hd_and_a_miss_is_en(a):
    assert a.run(mg(b"a")) == HD
    assert a.run(mg(b"b")) == b"EN\r\n"


def test_v_returns_the_value(a):
    assert a.run(mg(b"a", b"v")) == b"VA 5\r\nhello\r\n"


def test_an_empty_value_has_its_line(client):
    client.run(set_(b"a", b""))
    assert client.run(mg(b"a", b"v")) == b"VA 0\r\n\r\n"


@pytest.mark.parametrize(
    "flag, answer",
    [
        (b"f", b"f7"),
        (b"s", b"s5"),
        (b"t", b"t-1"),
        (b"h", b"h0"),
        (b"l", b"l0"),
        (b"k", b"ka"),
        (b"Oopaque", b"Oopaque"),
        (b"O", b"O"),
    ],
)
def test_a_flag_is_answered_with_what_it_asks_for(a, flag, answer):
    assert a.run(mg(b"a", flag)) == b"HD " + answer + b"\r\n"
    a.run(set_(b"a", b"hello", flags=7))
    assert a.run(mg(b"a", b"v", flag)) == b"VA 5 " + answer + b"\r\nhello\r\n"


def test_c_returns_the_cas(a):
    assert a.run(mg(b"a", b"c")) == b"HD c%d\r\n" % cas_of(a)


def test_client_flags_have_32_bits(client):
    client.run(b"set a 4294967295 0 1\r\nx\r\n")
    assert client.run(mg(b"a", b"f")) == b"HD f4294967295\r\n"


@pytest.mark.parametrize(
    "order", [b"s v t f k O1", b"O1 k f t v s", b"f O1 s v k t", b"k t v O1 f s"]
)
def test_answers_come_in_the_order_of_the_request(a, order):
    answers = {b"s": b"s5", b"t": b"t-1", b"f": b"f7", b"k": b"ka", b"O1": b"O1"}
    expected = b" ".join(answers[flag] for flag in order.split() if flag != b"v")
    assert a.run(mg(b"a", order)) == b"VA 5 " + expected + b"\r\nhello\r\n"


def test_flags_that_return_nothing_leave_no_space(a):
    assert a.run(mg(b"a", b"q", b"u")) == HD
    assert a.run(mg(b"a", b"v", b"q")) == b"VA 5\r\nhello\r\n"


def test_runs_of_spaces_and_a_space_at_the_end_do_not_matter(a):
    assert a.run(b"mg  a   s    v  \r\n") == b"VA 5 s5\r\nhello\r\n"


def test_a_bare_newline_ends_the_line(a):
    assert a.run(b"mg a v\n") == b"VA 5\r\nhello\r\n"


@pytest.mark.parametrize("flag", [b"P", b"Lpath/to", b"Psomewhere", b"L"])
def test_the_hints_for_proxies_are_ignored(a, flag):
    assert a.run(mg(b"a", flag, b"s")) == b"HD s5\r\n"


def test_a_miss_keeps_key_and_opaque_and_nothing_else(client):
    assert client.run(mg(b"b", b"s", b"k", b"v", b"t", b"O123", b"f")) == b"EN kb O123\r\n"


# What an access leaves behind.


def test_h_tells_whether_it_was_read_before_this_time(a):
    assert a.run(mg(b"a", b"h") * 2) == b"HD h0\r\nHD h1\r\n"


@pytest.mark.parametrize("read", [b"get a\r\n", b"gets a\r\n", b"gat 0 a\r\n", mg(b"a")])
def test_every_way_of_reading_counts_as_a_hit(a, read):
    a.run(read)
    assert a.run(mg(b"a", b"h")) == b"HD h1\r\n"


def test_u_leaves_no_trace(a):
    assert a.run(mg(b"a", b"u", b"h") * 2 + mg(b"a", b"h", b"u")) == b"HD h0\r\n" * 3


def test_setting_again_forgets_that_it_was_read(a):
    a.run(mg(b"a") + set_(b"a", b"x"))
    assert a.run(mg(b"a", b"h")) == b"HD h0\r\n"


def test_reading_keeps_the_cas(a):
    before = cas_of(a)
    a.run(mg(b"a", b"v", b"T100", b"h", b"t"))
    assert cas_of(a) == before


# Times.


def test_t_returns_the_seconds_left(client):
    client.run(b"set a 0 100 1\r\nx\r\n")
    assert re.fullmatch(rb"HD t(100|99)\r\n", client.run(mg(b"a", b"t")))


def test_t_before_T_returns_the_old_time_and_behind_it_the_new(a):
    assert re.fullmatch(rb"HD t-1\r\n", a.run(mg(b"a", b"t", b"T300")))
    assert re.fullmatch(rb"HD t(500|499)\r\n", a.run(mg(b"a", b"T500", b"t")))
    assert re.fullmatch(rb"HD t(500|499)\r\n", a.run(mg(b"a", b"t", b"T900")))


def test_T0_makes_an_item_stay(a):
    a.run(mg(b"a", b"T100"))
    assert a.run(mg(b"a", b"T0", b"t")) == b"HD t-1\r\n"


@pytest.mark.parametrize("time", [b"-1", b"2592001", b"-2147483648"])
def test_a_time_in_the_past_ends_the_item_after_this_answer(a, time):
    assert a.run(mg(b"a", b"v", b"T" + time)) == b"VA 5\r\nhello\r\n"
    assert a.run(mg(b"a") + b"get a\r\n") == b"EN\r\nEND\r\n"


def test_T_on_a_miss_creates_nothing(client):
    assert client.run(mg(b"a", b"T100", b"v") + mg(b"a")) == b"EN\r\nEN\r\n"


# A value only if it changed.


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_C_leaves_out_a_value_that_did_not_change(a):
    cas = cas_of(a)
    assert a.run(mg(b"a", b"v", b"C%d" % cas, b"s")) == b"HD s5\r\n"
    assert a.run(mg(b"a", b"v", b"C%d" % (cas + 1), b"s")) == b"VA 5 s5\r\nhello\r\n"


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_C_changes_nothing_else(a):
    cas = b"C%d" % cas_of(a)
    assert re.fullmatch(rb"HD t(100|99)\r\n", a.run(mg(b"a", cas, b"v", b"T100", b"t")))
    assert a.run(mg(b"b", cas, b"v")) == b"EN\r\n"


# Both worlds see one set of items.


def test_text_commands_and_meta_commands_share_their_items(client):
    client.run(ms(b"a", b"one", b"F3"))
    assert client.run(b"get a\r\n") == value_reply(b"a", b"one", flags=3)
    client.run(b"append a 0 0 1\r\n!\r\n")
    assert client.run(mg(b"a", b"v", b"f")) == b"VA 4 f3\r\none!\r\n"
    client.run(md(b"a"))
    assert client.run(b"get a\r\n") == b"END\r\n"
    client.run(set_(b"n", b"5"))
    assert client.run(ma(b"n", b"v") + b"get n\r\n") == b"VA 1\r\n6\r\n" + value_reply(b"n", b"6")


def test_a_large_value_comes_whole(client):
    value = bytes(range(256)) * 3000
    client.run(ms(b"a", value))
    assert client.run(mg(b"a", b"s", b"v")) == b"VA 768000 s768000\r\n" + value + b"\r\n"


def test_an_expired_item_is_a_miss(client):
    client.run(ms(b"a", b"x", b"T-1"))
    assert client.run(mg(b"a", b"v", b"k")) == b"EN ka\r\n"


# me.


def test_me_tells_all_about_an_item_and_does_not_touch_it(a):
    line = rb"ME a exp=-1 la=\d cas=%d fetch=no cls=\d+ size=\d+\r\n" % cas_of_unread(a)
    assert re.fullmatch(line, a.run(b"me a\r\n"))
    assert re.fullmatch(line, a.run(b"me a\r\n"))


def cas_of_unread(client):
    return int(client.run(mg(b"a", b"c", b"u"))[4:])


def test_me_tells_that_an_item_was_read(a):
    a.run(b"get a\r\n")
    assert b" fetch=yes " in a.run(b"me a\r\n")


@pytest.mark.differs("1.6.18", reason="me shows the seconds left with the wrong sign")
def test_me_tells_the_seconds_left(client):
    client.run(b"set a 0 100 1\r\nx\r\n")
    assert re.match(rb"ME a exp=(100|99) la=", client.run(b"me a\r\n"))


def test_me_of_a_missing_key_is_en(client):
    assert client.run(b"me a\r\n") == b"EN\r\n"


def test_me_ignores_further_tokens(a):
    assert a.run(b"me a v k O1 nonsense\r\n").startswith(b"ME a exp=-1 ")
