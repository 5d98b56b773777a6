"""ms: modes, flags, CAS, sizes."""

import re

import pytest

from client import set_, value_reply
from meta import cas_of, md, mg, ms

HD, NS, EX, NF = b"HD\r\n", b"NS\r\n", b"EX\r\n", b"NF\r\n"
BAD_CHUNK = b"CLIENT_ERROR bad data chunk\r\n"
BAD_MODE = b"CLIENT_ERROR invalid mode for ms M token\r\n"


def stored(client, key=b"a"):
    return client.run(b"get %s\r\n" % key)


def test_it_stores_with_flags_0_for_good(client):
    assert client.run(ms(b"a", b"hello")) == HD
    assert client.run(mg(b"a", b"v", b"f", b"t")) == b"VA 5 f0 t-1\r\nhello\r\n"


def test_F_sets_the_client_flags(client):
    client.run(ms(b"a", b"x", b"F4294967295"))
    assert stored(client) == value_reply(b"a", b"x", flags=4294967295)


def test_T_sets_the_time_to_live(client):
    client.run(ms(b"a", b"x", b"T100"))
    assert re.fullmatch(rb"HD t(100|99)\r\n", client.run(mg(b"a", b"t")))


@pytest.mark.parametrize("time", [b"-1", b"2592001", b"-2147483648"])
def test_a_time_in_the_past_stores_and_it_is_gone(client, time):
    client.run(set_(b"a", b"old"))
    assert client.run(ms(b"a", b"x", b"T" + time)) == HD
    assert stored(client) == b"END\r\n"


def test_key_opaque_and_cas_come_in_the_order_of_the_request(client):
    reply = client.run(ms(b"a", b"x", b"O9", b"T0", b"c", b"F5", b"k"))
    assert reply == b"HD O9 c%d ka\r\n" % cas_of(client)
    assert client.run(ms(b"a", b"x", b"k", b"O9")) == b"HD ka O9\r\n"


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_s_returns_the_size_of_what_is_stored(client):
    assert client.run(ms(b"a", b"hello", b"s")) == b"HD s5\r\n"
    assert client.run(ms(b"a", b"!!", b"MA", b"s")) == b"HD s7\r\n"
    assert client.run(ms(b"a", b"", b"MP", b"s")) == b"HD s7\r\n"


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_s_of_what_is_not_stored_is_the_size_of_the_request(client):
    assert client.run(ms(b"a", b"hello", b"MR", b"s")) == b"NS s5\r\n"


@pytest.mark.parametrize("flag", [b"v", b"t", b"f", b"h", b"l", b"u", b"P1", b"L1", b"J5", b"D6"])
def test_flags_of_other_commands_are_ignored(client, flag):
    assert client.run(ms(b"a", b"x", flag)) == HD


# Modes.


@pytest.mark.parametrize("mode, on_hit, on_miss", [
    (b"MS", HD, HD),
    (b"ME", NS, HD),
    (b"MR", HD, NS),
    (b"MA", HD, NS),
    (b"MP", HD, NS),
])  # fmt: skip
def test_a_mode_decides_by_whether_the_key_is_there(client, mode, on_hit, on_miss):
    assert client.run(ms(b"a", b"new", mode)) == on_miss
    client.run(set_(b"a", b"old"))
    assert client.run(ms(b"a", b"new", mode)) == on_hit


@pytest.mark.parametrize(
    "mode, value",
    [(b"MS", b"new"), (b"ME", b"old"), (b"MR", b"new"), (b"MA", b"oldnew"), (b"MP", b"newold")],
)
def test_what_a_mode_makes_of_the_value(client, mode, value):
    client.run(set_(b"a", b"old") + ms(b"a", b"new", mode))
    assert stored(client) == value_reply(b"a", value)


@pytest.mark.parametrize("mode", [b"MA", b"MP"])
def test_append_and_prepend_keep_flags_and_time(client, mode):
    client.run(b"set a 7 100 1\r\nx\r\n" + ms(b"a", b"y", mode, b"F9", b"T5000"))
    assert re.fullmatch(rb"HD f7 t(100|99)\r\n", client.run(mg(b"a", b"f", b"t")))


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
@pytest.mark.parametrize("mode", [b"MA", b"MP"])
def test_append_and_prepend_create_the_item_with_N_and_its_time(client, mode):
    assert client.run(ms(b"a", b"x", mode, b"N100", b"T5000", b"F7", b"s")) == b"HD s1\r\n"
    assert re.fullmatch(rb"VA 1 f7 t(100|99)\r\nx\r\n", client.run(mg(b"a", b"v", b"f", b"t")))
    assert client.run(ms(b"a", b"y", mode, b"N100")) == HD
    assert client.run(mg(b"a", b"s")) == b"HD s2\r\n"


@pytest.mark.parametrize("mode", [b"MS", b"ME", b"MR"])
def test_N_means_nothing_in_the_other_modes(client, mode):
    client.run(ms(b"a", b"x", mode, b"N100"))
    assert client.run(mg(b"a", b"t")) in (b"HD t-1\r\n", b"EN\r\n")


@pytest.mark.parametrize("mode", [b"Mx", b"Ms", b"Ma", b"M1", b"MX", b"MI"])
def test_an_unknown_mode_is_an_error_and_the_value_is_swallowed(client, mode):
    client.run(set_(b"a", b"old"))
    assert client.run(ms(b"a", b"bogus", mode)) == BAD_MODE
    assert stored(client) == value_reply(b"a", b"old")


@pytest.mark.differs("1.6.18", reason="an M of more than one letter has an error of its own")
@pytest.mark.parametrize("mode", [b"M", b"Mset", b"Mappend"])
def test_a_mode_is_no_word_and_not_empty(client, mode):
    assert client.run(ms(b"a", b"bogus", mode)) == BAD_MODE


@pytest.mark.differs("1.6.18", reason="an M of more than one letter has an error of its own")
@pytest.mark.parametrize("mode", [b"MAppend", b"MA1", b"MAP"])
def test_only_the_first_letter_of_a_mode_counts(client, mode):
    client.run(set_(b"a", b"x"))
    assert client.run(ms(b"a", b"y", mode)) == HD
    assert stored(client) == value_reply(b"a", b"xy")


# CAS.


def test_C_stores_if_the_item_is_unchanged(client):
    client.run(set_(b"a", b"old"))
    assert client.run(ms(b"a", b"new", b"C%d" % cas_of(client))) == HD
    assert stored(client) == value_reply(b"a", b"new")


def test_C_of_a_changed_item_is_ex(client):
    client.run(set_(b"a", b"old"))
    cas = cas_of(client)
    client.run(set_(b"a", b"newer"))
    assert client.run(ms(b"a", b"x", b"C%d" % cas)) == EX
    assert client.run(ms(b"a", b"x", b"C%d" % (cas + 1000))) == EX
    assert stored(client) == value_reply(b"a", b"newer")


def test_C_of_a_missing_item_is_nf(client):
    assert client.run(ms(b"a", b"x", b"C1")) == NF
    assert client.run(ms(b"a", b"x", b"C1", b"MR")) == NF
    assert stored(client) == b"END\r\n"


def test_C0_never_matches(client):
    assert client.run(ms(b"a", b"x", b"C0")) == NF
    client.run(set_(b"a", b"old"))
    assert client.run(ms(b"a", b"x", b"C0")) == EX


def test_add_does_not_look_at_C(client):
    assert client.run(ms(b"a", b"x", b"ME", b"C1")) == HD
    assert client.run(ms(b"a", b"y", b"ME", b"C%d" % cas_of(client))) == NS


@pytest.mark.parametrize("mode", [b"MR", b"MA", b"MP"])
def test_replace_append_and_prepend_look_at_C(client, mode):
    client.run(set_(b"a", b"old"))
    cas = cas_of(client)
    assert client.run(ms(b"a", b"x", mode, b"C%d" % (cas + 1000))) == EX
    assert client.run(ms(b"a", b"x", mode, b"C%d" % cas)) == HD


def test_c_of_what_is_not_stored_is_0(client):
    client.run(set_(b"a", b"old"))
    assert client.run(ms(b"a", b"x", b"C1", b"c")) == b"EX c0\r\n"
    assert client.run(ms(b"a", b"x", b"ME", b"c")) == b"NS c0\r\n"
    assert client.run(ms(b"b", b"x", b"C1", b"c")) == b"NF c0\r\n"


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
@pytest.mark.parametrize("cas", [b"1", b"1099511627776", b"18446744073709551615"])
def test_E_chooses_the_cas(client, cas):
    assert client.run(ms(b"a", b"x", b"E" + cas, b"c")) == b"HD c" + cas + b"\r\n"
    assert client.run(mg(b"a", b"c")) == b"HD c" + cas + b"\r\n"
    assert client.run(ms(b"a", b"y", b"C" + cas)) == HD


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_E0_lets_the_server_choose(client):
    client.run(ms(b"a", b"x", b"E0"))
    assert cas_of(client) > 0


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_E_goes_with_C_and_with_every_mode(client):
    client.run(set_(b"a", b"old"))
    assert client.run(ms(b"a", b"x", b"C%d" % cas_of(client), b"E77", b"c")) == b"HD c77\r\n"
    assert client.run(ms(b"a", b"x", b"MA", b"E78", b"c")) == b"HD c78\r\n"
    assert client.run(ms(b"a", b"x", b"MR", b"E79", b"c")) == b"HD c79\r\n"
    assert client.run(ms(b"b", b"x", b"ME", b"E80", b"c")) == b"HD c80\r\n"


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_a_cas_that_was_chosen_is_not_the_next_one_of_others(client):
    assert client.run(ms(b"a", b"x", b"E1000000000000")) == HD
    client.run(set_(b"b", b"x"))
    assert cas_of(client, b"b") < 1_000_000_000_000


# Bodies.


def test_the_value_may_be_any_bytes(client):
    value = bytes(range(256)) + b"\r\nEN\r\n"
    client.run(ms(b"a", value))
    assert client.run(mg(b"a", b"v")) == b"VA %d\r\n" % len(value) + value + b"\r\n"


def test_a_body_of_another_length_is_a_bad_chunk(client):
    client.run(set_(b"a", b"old"))
    assert client.run(b"ms a 1\r\nxyzbogus\r\n") == BAD_CHUNK + b"ERROR\r\n"
    assert client.run(b"ms a 5\r\nhello\n\n") == BAD_CHUNK
    assert stored(client) == value_reply(b"a", b"old")


def test_a_value_that_is_too_large_is_refused_and_the_old_one_goes(client):
    client.run(set_(b"a", b"old"))
    assert client.run(ms(b"a", b"x" * 1_048_577)) == (
        b"SERVER_ERROR object too large for cache\r\n"
    )
    assert stored(client) == b"END\r\n"


def test_an_appended_value_that_grows_too_large_is_ns(client):
    client.run(ms(b"a", b"x" * 1_000_000))
    assert client.run(ms(b"a", b"y" * 100_000, b"MA")) == NS
    assert client.run(mg(b"a", b"s")) == b"HD s1000000\r\n"


def test_setting_keeps_nothing_of_the_old_item(client):
    client.run(b"set a 7 100 1\r\nx\r\n" + mg(b"a"))
    client.run(ms(b"a", b"y"))
    assert client.run(mg(b"a", b"f", b"t", b"h")) == b"HD f0 t-1 h0\r\n"


def test_a_key_of_250_bytes_is_the_longest(client):
    long = b"k" * 250
    assert client.run(ms(long, b"x", b"k")) == b"HD k" + long + b"\r\n"
    assert client.run(md(long)) == HD
