"""ma: counting up and down, creating, and what comes back."""

import re

import pytest

from client import set_, value_reply
from meta import cas_of, ma, mg, ms

HD, EX, NF = b"HD\r\n", b"EX\r\n", b"NF\r\n"
NOT_NUMERIC = b"CLIENT_ERROR cannot increment or decrement non-numeric value\r\n"
BAD_FLAG = b"CLIENT_ERROR invalid or duplicate flag\r\n"


@pytest.fixture
def n(client):
    """A client, with 10 in `n`."""
    client.run(b"set n 7 1000 2\r\n10\r\n")
    return client


def test_it_adds_one(n):
    assert n.run(ma(b"n") + b"get n\r\n") == HD + value_reply(b"n", b"11", flags=7)


def test_v_returns_the_new_value(n):
    assert n.run(ma(b"n", b"v")) == b"VA 2\r\n11\r\n"


def test_D_is_what_is_added(n):
    assert n.run(ma(b"n", b"v", b"D32")) == b"VA 2\r\n42\r\n"
    assert n.run(ma(b"n", b"v", b"D0")) == b"VA 2\r\n42\r\n"


@pytest.mark.parametrize("mode, value", [
    (b"MI", b"13"),
    (b"M+", b"13"),
    (b"MD", b"7"),
    (b"M-", b"7"),
])  # fmt: skip
def test_M_chooses_the_direction(n, mode, value):
    assert n.run(ma(b"n", b"v", b"D3", mode)) == b"VA %d\r\n" % len(value) + value + b"\r\n"


@pytest.mark.differs("1.6.18", reason="an M of more than one letter has an error of its own")
@pytest.mark.parametrize("mode", [b"M", b"Mincr", b"Mdecr"])
def test_a_mode_is_no_word_and_not_empty(n, mode):
    assert n.run(ma(b"n", mode)) == b"CLIENT_ERROR invalid mode for ma M token\r\n"


@pytest.mark.parametrize("mode", [b"Mi", b"Md", b"MS", b"M1"])
def test_an_unknown_mode_is_an_error(n, mode):
    assert n.run(ma(b"n", mode)) == b"CLIENT_ERROR invalid mode for ma M token\r\n"


def test_it_stops_at_zero_and_wraps_at_2_to_64(n):
    assert n.run(ma(b"n", b"v", b"MD", b"D11")) == b"VA 1\r\n0\r\n"
    n.run(set_(b"n", b"18446744073709551615"))
    assert n.run(ma(b"n", b"v", b"D2")) == b"VA 1\r\n1\r\n"


def test_a_missing_key_is_nf(client):
    assert client.run(ma(b"n", b"v", b"k", b"O1", b"t")) == b"NF kn O1\r\n"


def test_the_number_keeps_its_flags_and_time(n):
    n.run(ma(b"n"))
    assert re.fullmatch(rb"HD f7 t(1000|999)\r\n", n.run(mg(b"n", b"f", b"t")))


def test_a_shorter_number_is_padded_in_the_item_and_not_in_the_answer(n):
    assert n.run(ma(b"n", b"v", b"MD")) == b"VA 1\r\n9\r\n"
    assert n.run(mg(b"n", b"v")) == b"VA 2\r\n9 \r\n"


@pytest.mark.parametrize("value", [b"", b"x", b"1x", b"-1", b"1.5", b"18446744073709551616"])
def test_what_is_no_number_is_an_error(client, value):
    client.run(set_(b"n", value))
    assert client.run(ma(b"n", b"v", b"q")) == NOT_NUMERIC


def test_N_creates_a_missing_number_with_its_time(client):
    assert client.run(ma(b"n", b"N100", b"v")) == b"VA 1\r\n0\r\n"
    assert re.fullmatch(rb"HD t(100|99)\r\n", client.run(mg(b"n", b"t")))
    assert client.run(ma(b"n", b"N100", b"v")) == b"VA 1\r\n1\r\n"


def test_J_is_the_number_to_create(client):
    assert client.run(ma(b"n", b"N0", b"J13", b"D5", b"v")) == b"VA 2\r\n13\r\n"
    assert client.run(ma(b"n", b"N0", b"J13", b"D5", b"v")) == b"VA 2\r\n18\r\n"


def test_J_alone_creates_nothing(client):
    assert client.run(ma(b"n", b"J13")) == NF


@pytest.mark.parametrize("number", [b"0", b"18446744073709551615"])
def test_J_has_64_bits(client, number):
    client.run(ma(b"n", b"N0", b"J" + number))
    assert client.run(mg(b"n", b"v")) == b"VA %d\r\n" % len(number) + number + b"\r\n"


def test_T_sets_the_time_of_a_number_that_is_there(n):
    assert re.fullmatch(rb"HD t(1000|999)\r\n", n.run(ma(b"n", b"t", b"T5000")))
    assert re.fullmatch(rb"HD t(5000|4999)\r\n", n.run(ma(b"n", b"t")))


def test_the_later_of_N_and_T_is_the_time_of_a_new_number(client):
    client.run(ma(b"n", b"T5000", b"N100") + ma(b"m", b"N100", b"T5000"))
    assert re.fullmatch(rb"HD t(100|99)\r\n", client.run(mg(b"n", b"t")))
    assert re.fullmatch(rb"HD t(5000|4999)\r\n", client.run(mg(b"m", b"t")))


def test_answers_come_in_the_order_of_the_request(n):
    reply = n.run(ma(b"n", b"O1", b"v", b"k", b"c"))
    assert reply == b"VA 2 O1 kn c%d\r\n11\r\n" % cas_of(n, b"n")


def test_the_cas_changes_with_the_number(n):
    before = cas_of(n, b"n")
    n.run(ma(b"n"))
    assert cas_of(n, b"n") > before


def test_C_counts_only_an_unchanged_number(n):
    cas = cas_of(n, b"n")
    assert n.run(ma(b"n", b"C%d" % (cas + 1000), b"k", b"v")) == b"EX kn\r\n"
    assert n.run(ma(b"n", b"C%d" % cas, b"v")) == b"VA 2\r\n11\r\n"
    assert n.run(ma(b"n", b"C%d" % cas)) == EX


def test_C0_is_no_condition(n):
    assert n.run(ma(b"n", b"C0")) == HD


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_E_chooses_the_cas_of_an_old_and_of_a_new_number(n):
    assert n.run(ma(b"n", b"E77", b"c")) == b"HD c77\r\n"
    assert n.run(ma(b"m", b"N0", b"E78", b"c")) == b"HD c78\r\n"
    assert cas_of(n, b"n") == 77
    assert cas_of(n, b"m") == 78


@pytest.mark.parametrize("flag", [b"D", b"Dx", b"D-1", b"J", b"Jx", b"D1 D2", b"N", b"Nx", b"w"])
def test_every_wrong_flag_has_the_same_error(n, flag):
    assert n.run(ma(b"n", flag, b"v")) == BAD_FLAG
    assert n.run(b"get n\r\n") == value_reply(b"n", b"10", flags=7)


def test_a_large_number_of_counts_adds_up(client):
    client.run(ma(b"n", b"N0", b"J0"))
    client.run(ma(b"n", b"q", b"D3") * 2000)
    assert client.run(mg(b"n", b"v")) == b"VA 4\r\n6000\r\n"


def test_an_item_that_ms_has_marked_as_base64_can_be_counted(client):
    client.run(ms(b"bg==", b"5", b"b"))
    assert client.run(ma(b"n", b"v", b"k")) == b"VA 1 kn\r\n6\r\n"
    assert client.run(ma(b"bg==", b"b", b"v", b"k")) == b"VA 1 kbg== b\r\n7\r\n"
