"""Keys in base64: any bytes, and what is told of them."""

import base64

import pytest

from client import set_, value_reply
from meta import ma, md, mg, ms

HD = b"HD\r\n"
BAD_KEY = b"CLIENT_ERROR error decoding key\r\n"
BAD_LINE = b"CLIENT_ERROR bad command line format\r\n"


def encoded(key):
    return base64.b64encode(key)


@pytest.mark.parametrize(
    "key", [b"foo", b"\0", b"a b", b"line\r\nend", bytes(range(186)), b"\xff" * 186, b"ab"]
)
def test_a_key_may_be_any_bytes(client, key):
    wire = encoded(key)
    assert client.run(ms(wire, b"x", b"b", b"k")) == b"HD k" + wire + b" b\r\n"
    assert client.run(mg(wire, b"b", b"v", b"k")) == b"VA 1 k" + wire + b" b\r\nx\r\n"
    assert client.run(md(wire, b"b", b"k")) == b"HD k" + wire + b" b\r\n"
    assert client.run(mg(wire, b"b", b"k")) == b"EN k" + wire + b" b\r\n"


def test_it_names_the_same_item_as_its_text(client):
    client.run(set_(b"foo", b"x"))
    assert client.run(mg(b"Zm9v", b"b", b"v")) == b"VA 1\r\nx\r\n"
    client.run(ms(b"YmFy", b"y", b"b"))
    assert client.run(b"get bar\r\n") == value_reply(b"bar", b"y")


def test_without_b_it_is_text(client):
    client.run(set_(b"foo", b"x"))
    assert client.run(mg(b"Zm9v", b"v", b"k")) == b"EN kZm9v\r\n"


def test_an_item_remembers_that_it_was_set_in_base64(client):
    client.run(ms(b"Zm9v", b"x", b"b"))
    assert client.run(mg(b"foo", b"k")) == b"HD kZm9v b\r\n"
    client.run(ms(b"foo", b"x"))
    assert client.run(mg(b"Zm9v", b"b", b"k")) == b"HD kfoo\r\n"


def test_md_and_ma_tell_a_key_as_they_got_it(client):
    client.run(ms(b"Zm9v", b"1", b"b"))
    assert client.run(ma(b"foo", b"k") + ma(b"Zm9v", b"b", b"k")) == b"HD kfoo\r\nHD kZm9v b\r\n"
    assert client.run(md(b"foo", b"k")) == b"HD kfoo\r\n"


# memcached tells a key that it has not marked as it is, line endings and all.


@pytest.mark.differs("memcached", reason="only ms remembers that a key came in base64")
@pytest.mark.parametrize("key", [b"foo", b"line\r\nend"])
def test_a_place_made_by_N_is_told_in_base64(client, key):
    wire = encoded(key)
    assert client.run(mg(wire, b"b", b"N100", b"k")) == b"HD k" + wire + b" b W\r\n"


@pytest.mark.differs("memcached", reason="only ms remembers that a key came in base64")
def test_a_number_made_by_ma_is_told_in_base64(client):
    client.run(ma(b"Zm9v", b"b", b"N0"))
    assert client.run(mg(b"foo", b"k")) == b"HD kZm9v b\r\n"


@pytest.mark.differs("memcached", reason="only ms remembers that a key came in base64")
@pytest.mark.parametrize("append", [b"append foo 0 0 1\r\ny\r\n", ms(b"foo", b"y", b"MA")])
def test_append_keeps_how_the_key_was_written(client, append):
    client.run(ms(b"Zm9v", b"x", b"b") + append)
    assert client.run(mg(b"foo", b"k", b"v")) == b"VA 2 kZm9v b\r\nxy\r\n"


def test_b_may_stand_anywhere_among_the_flags(client):
    client.run(set_(b"foo", b"x"))
    assert client.run(mg(b"Zm9v", b"v", b"s", b"b")) == b"VA 1 s1\r\nx\r\n"


NO_BASE64 = [b"Z", b"Zg", b"Zm9", b"Zm9vZ", b"Z===", b"====", b"!!!!", b"."]


@pytest.mark.parametrize("key", NO_BASE64)
@pytest.mark.parametrize("command", [b"mg %s b\r\n", b"ms %s 2 b\r\nhi\r\n"])
def test_what_is_no_base64_is_an_error(client, command, key):
    assert client.run(command % key) == BAD_KEY


@pytest.mark.differs("1.6.18", reason="md has one error for every wrong flag, as ma has")
@pytest.mark.parametrize("key", NO_BASE64)
def test_what_is_no_base64_is_an_error_for_md(client, key):
    assert client.run(md(key, b"b")) == BAD_KEY


@pytest.mark.parametrize("key", [b"Z", b"Zm9"])
def test_ma_has_one_error_for_all(client, key):
    assert client.run(ma(key, b"b")) == b"CLIENT_ERROR invalid or duplicate flag\r\n"


@pytest.mark.parametrize("key", [b"Zm.9v", b"-Zm9v", b"Zm9v\xff", b"Zm\t9v"])
def test_bytes_outside_the_alphabet_are_skipped(client, key):
    client.run(set_(b"foo", b"x"))
    assert client.run(mg(key, b"b", b"v")) == b"VA 1\r\nx\r\n"


def test_what_follows_the_padding_is_ignored(client):
    client.run(set_(b"f", b"x"))
    assert client.run(mg(b"Zg==Zm9v", b"b", b"v")) == b"VA 1\r\nx\r\n"


def test_the_limit_of_250_bytes_is_for_the_encoded_key(client):
    longest, too_long = encoded(b"x" * 186), encoded(b"x" * 187)
    assert len(longest) == 248
    assert len(too_long) == 252
    assert client.run(ms(longest, b"x", b"b") + mg(longest, b"b", b"v")) == HD + b"VA 1\r\nx\r\n"
    assert client.run(mg(too_long, b"b", b"v")) == BAD_LINE


def test_a_text_key_of_up_to_250_bytes_can_be_marked_by_nobody(client):
    client.run(set_(b"k" * 250, b"x"))
    assert client.run(mg(b"k" * 250, b"k")) == b"HD k" + b"k" * 250 + b"\r\n"


# me.


def test_me_shows_a_key_as_it_was_set(client):
    client.run(ms(b"Zm9v", b"x", b"b"))
    assert client.run(b"me foo\r\n").startswith(b"ME Zm9v exp=")
    assert client.run(b"me Zm9v b x\r\n").startswith(b"ME Zm9v exp=")
    client.run(set_(b"foo", b"x"))
    assert client.run(b"me Zm9v b x\r\n").startswith(b"ME foo exp=")


@pytest.mark.differs("1.6.45", reason="me takes b only with a further token behind it")
def test_me_decodes_a_key_with_b(client):
    client.run(set_(b"foo", b"x"))
    assert client.run(b"me Zm9v b\r\n").startswith(b"ME foo exp=")


def test_me_of_what_is_no_base64_is_malformed(client):
    assert client.run(b"me Z b x\r\n") == BAD_LINE
