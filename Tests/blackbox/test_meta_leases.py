"""One client refreshes an item, the others wait: W, Z, X, with N, R and I."""

import re

import pytest

from client import set_, value_reply
from meta import cas_of, ma, md, mg, ms

HD, EX, NF = b"HD\r\n", b"EX\r\n", b"NF\r\n"


# N: a miss makes a place for the value.


def test_N_makes_an_empty_item_on_a_miss_and_its_first_reader_wins(client):
    assert client.run(mg(b"a", b"N100", b"v", b"s")) == b"VA 0 s0 W\r\n\r\n"
    assert client.run(mg(b"a", b"N100", b"v")) == b"VA 0 Z\r\n\r\n"
    assert client.run(mg(b"a", b"v")) == b"VA 0 Z\r\n\r\n"


def test_the_place_lasts_as_long_as_N_says(client):
    assert re.fullmatch(rb"HD t(100|99) W\r\n", client.run(mg(b"a", b"N100", b"t")))
    assert client.run(mg(b"b", b"N0", b"t")) == b"HD t-1 W\r\n"


def test_t_before_N_tells_nothing_of_its_time(client):
    assert client.run(mg(b"a", b"t", b"N100")) == b"HD t-1 W\r\n"


def test_the_place_is_an_empty_item_to_get(client):
    client.run(mg(b"a", b"N100"))
    assert client.run(b"get a\r\n") == value_reply(b"a", b"")


def test_N_of_a_past_time_wins_every_time(client):
    assert client.run(mg(b"a", b"N-1") * 2) == b"HD W\r\n" * 2
    assert client.run(mg(b"a")) == b"EN\r\n"


def test_N_on_a_hit_changes_nothing(client):
    client.run(set_(b"a", b"x"))
    assert client.run(mg(b"a", b"N100", b"v", b"t")) == b"VA 1 t-1\r\nx\r\n"


def test_q_does_not_hide_a_place_that_was_made(client):
    assert client.run(mg(b"a", b"N100", b"q", b"k")) == b"HD ka W\r\n"


def test_N_and_T_together_make_a_place_with_the_later_of_the_two_times(client):
    client.run(mg(b"a", b"N100", b"T5000") + mg(b"b", b"T5000", b"N100"))
    assert re.fullmatch(rb"HD t(5000|4999) Z\r\n", client.run(mg(b"a", b"t")))
    assert re.fullmatch(rb"HD t(100|99) Z\r\n", client.run(mg(b"b", b"t")))


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_E_chooses_the_cas_of_the_place(client):
    assert client.run(mg(b"a", b"N100", b"E77", b"c")) == b"HD c77 W\r\n"
    assert client.run(mg(b"a", b"E78", b"c")) == b"HD c77 Z\r\n"


def test_any_set_ends_the_wait(client):
    for command in [ms(b"a", b"x"), set_(b"a", b"x"), ms(b"a", b"x", b"MR")]:
        client.run(md(b"a") + mg(b"a", b"N100"))
        client.run(command)
        assert client.run(mg(b"a", b"v", b"N100")) == b"VA 1\r\nx\r\n"


def test_the_winner_can_store_with_the_cas_of_its_place(client):
    cas = client.run(mg(b"a", b"N100", b"c")).split()[1][1:]
    assert client.run(ms(b"a", b"x", b"C" + cas)) == HD
    assert client.run(mg(b"a", b"v")) == b"VA 1\r\nx\r\n"


def test_a_place_is_deleted_like_any_item(client):
    client.run(mg(b"a", b"N100"))
    assert client.run(md(b"a") + mg(b"a", b"N100")) == HD + b"HD W\r\n"


# R: an item that will soon be gone.


def test_R_wins_once_when_less_time_is_left(client):
    client.run(ms(b"a", b"x", b"T100"))
    assert client.run(mg(b"a", b"R30", b"v")) == b"VA 1\r\nx\r\n"
    assert client.run(mg(b"a", b"R200", b"v")) == b"VA 1 W\r\nx\r\n"
    assert client.run(mg(b"a", b"R200", b"v")) == b"VA 1 Z\r\nx\r\n"
    assert client.run(mg(b"a", b"v")) == b"VA 1 Z\r\nx\r\n"


def test_R_never_wins_for_an_item_that_stays(client):
    client.run(set_(b"a", b"x"))
    assert client.run(mg(b"a", b"R2000000")) == HD


def test_R_looks_at_the_time_as_the_flags_before_it_left_it(client):
    client.run(ms(b"a", b"x", b"T100"))
    assert client.run(mg(b"a", b"T5000", b"R200")) == HD
    assert client.run(mg(b"a", b"R6000", b"T9000")) == b"HD W\r\n"


@pytest.mark.parametrize("token", [b"R0", b"R-1"])
def test_R_of_no_time_never_wins(client, token):
    client.run(ms(b"a", b"x", b"T100"))
    assert client.run(mg(b"a", token)) == HD


def test_a_set_clears_the_win(client):
    client.run(ms(b"a", b"x", b"T100") + mg(b"a", b"R200") + ms(b"a", b"y", b"T100"))
    assert client.run(mg(b"a", b"R200")) == b"HD W\r\n"


def test_R_on_a_miss_is_a_miss(client):
    assert client.run(mg(b"a", b"R30", b"k")) == b"EN ka\r\n"


def test_an_item_made_by_N_in_the_same_request_has_one_W(client):
    assert client.run(mg(b"a", b"N100", b"R200")) == b"HD W\r\n"


# md I: stale, not gone.


def test_I_leaves_the_value_and_marks_it_stale(client):
    client.run(set_(b"a", b"x"))
    assert client.run(md(b"a", b"I", b"k")) == b"HD ka\r\n"
    assert client.run(mg(b"a", b"v")) == b"VA 1 X W\r\nx\r\n"
    assert client.run(mg(b"a", b"v")) == b"VA 1 Z X\r\nx\r\n"


def test_a_stale_item_is_an_ordinary_one_to_get(client):
    client.run(set_(b"a", b"x") + md(b"a", b"I"))
    assert client.run(b"get a\r\n") == value_reply(b"a", b"x")
    assert client.run(mg(b"a")) == b"HD X W\r\n"


def test_I_raises_the_cas(client):
    client.run(set_(b"a", b"x"))
    before = cas_of(client)
    client.run(md(b"a", b"I"))
    assert cas_of(client) > before


def test_I_takes_a_new_time_and_else_keeps_the_old(client):
    client.run(ms(b"a", b"x", b"T5000") + md(b"a", b"I"))
    assert re.fullmatch(rb"HD t(5000|4999) X W\r\n", client.run(mg(b"a", b"t")))
    client.run(md(b"a", b"I", b"T100"))
    assert re.fullmatch(rb"HD t(100|99) X W\r\n", client.run(mg(b"a", b"t")))


def test_I_lets_another_reader_win(client):
    client.run(set_(b"a", b"x") + md(b"a", b"I") + mg(b"a") + md(b"a", b"I"))
    assert client.run(mg(b"a") * 2) == b"HD X W\r\nHD Z X\r\n"


def test_I_of_a_missing_key_is_nf(client):
    assert client.run(md(b"a", b"I") + mg(b"a")) == NF + b"EN\r\n"


def test_I_looks_at_C(client):
    client.run(set_(b"a", b"x"))
    assert client.run(md(b"a", b"I", b"C1000000")) == EX
    assert client.run(mg(b"a")) == HD
    assert client.run(md(b"a", b"I", b"C%d" % cas_of(client))) == HD
    assert client.run(mg(b"a")) == b"HD X W\r\n"


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_E_chooses_the_cas_of_what_I_and_x_leave(client):
    client.run(set_(b"a", b"x"))
    assert client.run(md(b"a", b"I", b"E77") + mg(b"a", b"c")) == b"HD\r\nHD c77 X W\r\n"
    assert client.run(md(b"a", b"I", b"x", b"E78")) == HD
    assert client.run(mg(b"a", b"c", b"v")) == b"VA 0 c78 X W\r\n\r\n"


def test_k_O_and_the_marks_come_in_their_order(client):
    client.run(set_(b"a", b"x") + md(b"a", b"I"))
    assert client.run(mg(b"a", b"k", b"O1") * 2) == b"HD ka O1 X W\r\nHD ka O1 Z X\r\n"


def test_u_wins_too(client):
    client.run(set_(b"a", b"x") + md(b"a", b"I"))
    assert client.run(mg(b"a", b"u") * 2) == b"HD X W\r\nHD Z X\r\n"


# ms I: a late answer is better than none.


def test_a_lower_C_with_I_stores_and_stays_stale(client):
    client.run(ms(b"a", b"old", b"T5000"))
    late = cas_of(client)
    client.run(md(b"a", b"I", b"T100") + mg(b"a"))
    assert client.run(ms(b"a", b"new", b"I", b"C%d" % late, b"T9000", b"F7")) == HD
    assert re.fullmatch(
        rb"VA 3 f7 t(100|99) Z X\r\nnew\r\n", client.run(mg(b"a", b"v", b"f", b"t"))
    )


def test_a_lower_C_with_I_before_anybody_won_leaves_the_win(client):
    client.run(set_(b"a", b"old"))
    late = cas_of(client)
    client.run(md(b"a", b"I"))
    client.run(ms(b"a", b"new", b"I", b"C%d" % late))
    assert client.run(mg(b"a", b"v")) == b"VA 3 X W\r\nnew\r\n"


def test_the_right_C_with_I_makes_it_fresh(client):
    client.run(set_(b"a", b"old") + md(b"a", b"I") + mg(b"a"))
    assert client.run(ms(b"a", b"new", b"I", b"C%d" % cas_of(client))) == HD
    assert client.run(mg(b"a", b"v")) == b"VA 3\r\nnew\r\n"


def test_a_higher_C_with_I_is_ex(client):
    client.run(set_(b"a", b"old") + md(b"a", b"I"))
    assert client.run(ms(b"a", b"new", b"I", b"C%d" % (cas_of(client) + 1000))) == EX


def test_a_lower_C_with_I_marks_even_a_fresh_item(client):
    client.run(set_(b"a", b"old"))
    late = cas_of(client)
    client.run(set_(b"a", b"newer"))
    assert client.run(ms(b"a", b"late", b"I", b"C%d" % late)) == HD
    assert client.run(mg(b"a", b"v")) == b"VA 4 X W\r\nlate\r\n"


def test_I_without_C_sets(client):
    client.run(set_(b"a", b"old") + md(b"a", b"I"))
    assert client.run(ms(b"a", b"new", b"I") + mg(b"a", b"v")) == HD + b"VA 3\r\nnew\r\n"


@pytest.mark.parametrize("mode", [b"MA", b"MP"])
def test_a_lower_C_with_I_does_not_append(client, mode):
    client.run(set_(b"a", b"old"))
    late = cas_of(client)
    client.run(set_(b"a", b"newer"))
    assert client.run(ms(b"a", b"x", b"I", mode, b"C%d" % late)) == EX


# Other changes of such items.


def test_counting_keeps_the_marks(client):
    client.run(set_(b"n", b"5") + md(b"n", b"I"))
    assert client.run(ma(b"n", b"v")) == b"VA 1\r\n6\r\n"
    assert client.run(mg(b"n", b"v")) == b"VA 1 X W\r\n6\r\n"


def test_touching_keeps_the_marks(client):
    client.run(set_(b"a", b"x") + md(b"a", b"I"))
    assert client.run(b"touch a 100\r\n" + mg(b"a", b"T200")) == b"TOUCHED\r\nHD X W\r\n"


@pytest.mark.parametrize("mode", [b"MA", b"MP"])
def test_appending_clears_the_marks(client, mode):
    client.run(set_(b"a", b"x") + md(b"a", b"I") + ms(b"a", b"y", mode))
    assert client.run(mg(b"a")) == HD
