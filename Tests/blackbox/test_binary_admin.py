"""noop, version, flush, stat, verbosity and quit in the binary protocol."""

import re

import pytest

from binary import (
    AUTH_ERROR,
    FLUSH,
    GET,
    INVALID,
    NOOP,
    NOT_FOUND,
    OK,
    QUIT,
    QUITQ,
    STAT,
    UNKNOWN,
    VERBOSITY,
    VERSION,
    Binary,
    packet,
    store,
    time_extras,
)


def test_noop_answers_with_an_empty_packet(packets):
    assert packets.ask(packet(NOOP, opaque=9)) == (NOOP, OK, b"", b"", b"", 9, 0)


def test_version_is_that_of_text(packets, client):
    reply = packets.ask(packet(VERSION))
    assert client.ask(b"version") == b"VERSION " + reply.value + b"\r\n"
    assert re.fullmatch(rb"1\.\d+\.\d+", reply.value)


@pytest.mark.parametrize("extras", [b"", time_extras(0)])
def test_flush_ends_all_that_was_set_before(packets, extras):
    packets.run(store(b"a", b"x"))
    assert packets.ask(packet(FLUSH, extras=extras, opaque=9))[:6] == (FLUSH, OK, b"", b"", b"", 9)
    assert packets.value(b"a") is None
    packets.run(store(b"a", b"x"))
    assert packets.value(b"a") == b"x"


def test_flush_with_a_delay_ends_nothing_now(packets):
    packets.run(store(b"a", b"x"))
    assert packets.ask(packet(FLUSH, extras=time_extras(1000))).status == OK
    assert packets.value(b"a") == b"x"
    packets.run(packet(FLUSH))


def test_flush_is_refused_with_F(launch):
    with launch("-F").connect() as client:
        packets = Binary(client)
        packets.run(store(b"a", b"x"))
        assert packets.ask(packet(FLUSH)).status == AUTH_ERROR
        assert packets.value(b"a") == b"x"


# stat.


def statistics(packets, group=b""):
    """What stat answers, by name; the last packet has neither name nor value."""
    *rows, last = packets.run(packet(STAT, group, opaque=9))
    assert {(row.opcode, row.status, row.opaque, row.cas) for row in [*rows, last]} == {
        (STAT, OK, 9, 0)
    }
    assert (last.key, last.value) == (b"", b"")
    return {row.key.decode(): row.value.decode() for row in rows}


def test_stat_has_the_names_of_text(packets, client):
    binary, text = statistics(packets), client.stats()
    assert list(binary) == list(text)
    assert binary["pid"] == text["pid"]


def test_stat_counts_what_is_done_in_binary(packets):
    before = statistics(packets)
    packets.run(store(b"a", b"x"), packet(GET, b"a"), packet(GET, b"b"))
    after = statistics(packets)
    for name, difference in [("cmd_set", 1), ("cmd_get", 2), ("get_hits", 1), ("get_misses", 1)]:
        assert int(after[name]) - int(before[name]) == difference, name


@pytest.mark.parametrize("group", [b"settings", b"items", b"slabs", b"sizes"])
def test_stat_takes_a_group(packets, client, group):
    packets.run(store(b"a", b"x"))
    binary, text = statistics(packets, group), client.stats(group.decode())
    assert binary.keys() == text.keys()


def test_stat_of_an_unknown_group_is_not_found(packets):
    assert packets.ask(packet(STAT, b"nonsense")).status == NOT_FOUND


def test_stat_reset_answers_with_the_last_packet_alone(packets):
    packets.run(packet(GET, b"a"))
    assert statistics(packets, b"reset") == {}
    assert statistics(packets)["cmd_get"] == "0"


@pytest.mark.differs("memcached", reason="the verbosity of the binary protocol is unknown to it")
def test_verbosity_is_answered(packets):
    packets.client.socket.settimeout(1)
    assert packets.ask(packet(VERBOSITY, extras=time_extras(0))).status == OK


# quit.


def test_quit_is_answered_and_then_the_server_closes(packets):
    (reply,) = packets.end(packet(QUIT, opaque=9), packet(NOOP))
    assert reply == (QUIT, OK, b"", b"", b"", 9, 0)


def test_a_quiet_quit_closes_without_a_word(packets):
    assert packets.end(packet(QUITQ), packet(NOOP)) == []


@pytest.mark.parametrize("opcode", [QUIT, QUITQ])
def test_what_came_before_a_quit_is_answered(packets, opcode):
    replies = packets.end(store(b"a", b"x", opaque=1), packet(GET, b"a", opaque=2), packet(opcode))
    assert [reply.opaque for reply in replies[:2]] == [1, 2]


@pytest.mark.parametrize("opcode", [QUIT, QUITQ, NOOP, VERSION, FLUSH])
def test_what_takes_no_key_does_not_take_one(packets, opcode):
    (reply,) = packets.end(packet(opcode, b"key"))
    assert reply.status == INVALID


def test_sasl_is_unknown_when_it_is_not_offered(packets):
    assert packets.ask(packet(0x20)).status == UNKNOWN
    assert packets.ask(packet(0x21, b"PLAIN", value=b"\0user\0password")).status == UNKNOWN
    assert packets.ask(packet(0x22, b"PLAIN", value=b"\0user\0password")).status == UNKNOWN
