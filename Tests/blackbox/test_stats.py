"""stats: names, formats, and that the numbers are true."""

import os
import re
import time

import pytest

import statistics_1_6_45 as names
from client import poll, set_, storage

WHOLE_NUMBER = re.compile(r"0|[1-9]\d*")


@pytest.mark.differs("1.6.18", reason="some statistics and settings have other names")
def test_general_statistics_have_exactly_the_known_names(client):
    assert sorted(client.stats()) == sorted(names.GENERAL)
    assert len(names.GENERAL) == 93


@pytest.mark.differs("1.6.18", reason="some statistics and settings have other names")
def test_without_crawler_and_maintainer_84_names_are_left(launch):
    with launch("-o", "no_lru_crawler,no_lru_maintainer").connect() as client:
        left = set(names.GENERAL) - {*names.OF_THE_CRAWLER, *names.OF_THE_MAINTAINER}
        assert set(client.stats()) == left
        assert len(left) == 84


def test_general_statistics_are_whole_numbers_but_for_a_few(client):
    special = {
        "version",
        "libevent",
        "slab_reassign_last_busy_status",
        "rusage_user",
        "rusage_system",
    }
    for name, value in client.stats().items():
        if name not in special:
            assert WHOLE_NUMBER.fullmatch(value), (name, value)


def test_processor_times_have_six_decimals(client):
    stats = client.stats()
    for name in ("rusage_user", "rusage_system"):
        assert re.fullmatch(r"\d+\.\d{6}", stats[name])


def test_the_version_is_the_one_that_version_answers(client):
    assert b"VERSION " + client.stats()["version"].encode() + b"\r\n" == client.ask(b"version")


def test_pid_time_and_uptime_are_true(server, client):
    stats = client.stats()
    assert stats["pid"] == str(server.pid)
    assert abs(int(stats["time"]) - time.time()) <= 3
    assert 0 <= int(stats["uptime"]) < 600
    assert stats["pointer_size"] == "64"


def test_fixed_statistics_show_the_options(launch):
    with launch("-m", "100", "-c", "200", "-t", "2").connect() as client:
        stats = client.stats()
        assert stats["limit_maxbytes"] == str(100 << 20)
        assert stats["max_connections"] == "200"
        assert stats["threads"] == "2"
        assert stats["accepting_conns"] == "1"


def change(client, request):
    """Which counters of commands a request changes, by how much."""
    counted = re.compile(r"cmd_|get_|delete_|incr_|decr_|cas_|touch_|store_")
    before = client.stats()
    client.run(request)
    after = client.stats()
    return {
        name: int(after[name]) - int(before[name])
        for name in after
        if counted.match(name) and after[name] != before[name]
    }


LONG = b"x" * ((1 << 20) + 1)


@pytest.mark.parametrize(
    "request_, counted",
    [
        (set_(b"b", b"x"), {"cmd_set": 1}),
        (storage(b"add", b"a", b"x"), {"cmd_set": 1}),
        (storage(b"replace", b"z", b"x"), {"cmd_set": 1}),
        (storage(b"append", b"z", b"x"), {"cmd_set": 1}),
        (storage(b"append", b"a", b"x"), {"cmd_set": 1}),
        (storage(b"cas", b"z", b"x", tail=b"1"), {"cmd_set": 1, "cas_misses": 1}),
        (storage(b"cas", b"a", b"x", tail=b"1"), {"cmd_set": 1, "cas_badval": 1}),
        (b"get a z\r\n", {"cmd_get": 2, "get_hits": 1, "get_misses": 1}),
        (b"gets a\r\n", {"cmd_get": 1, "get_hits": 1}),
        (b"gat 0 a\r\n", {"cmd_touch": 1, "touch_hits": 1}),
        (b"gat 0 z\r\n", {"cmd_touch": 1, "touch_misses": 1}),
        (b"touch a 0\r\n", {"cmd_touch": 1, "touch_hits": 1}),
        (b"touch z 0\r\n", {"cmd_touch": 1, "touch_misses": 1}),
        (b"delete a\r\n", {"delete_hits": 1}),
        (b"delete z\r\n", {"delete_misses": 1}),
        (b"incr a 1\r\n", {"incr_hits": 1}),
        (b"incr z 1\r\n", {"incr_misses": 1}),
        (b"decr a 1\r\n", {"decr_hits": 1}),
        (b"decr z 1\r\n", {"decr_misses": 1}),
        (b"incr text 1\r\nincr a x\r\n", {}),
        (b"flush_all 100\r\n", {"cmd_flush": 1}),
        (b"set a 0 0 %d\r\n%s\r\n" % (len(LONG), LONG), {"store_too_large": 1}),
        (b"set a 0 0 1\r\nxyz", {"cmd_set": 1}),
        (
            set_(b"gone", b"x", exptime=-1) + b"get gone\r\n",
            {"cmd_set": 1, "cmd_get": 1, "get_misses": 1, "get_expired": 1},
        ),
    ],
    ids=lambda value: (
        None if isinstance(value, dict) else value[:12].strip().decode().replace("\r\n", " ")
    ),
)
def test_a_command_counts(client, request_, counted):
    client.run(set_(b"a", b"1") + set_(b"text", b"x"))
    try:
        assert change(client, request_) == counted
    finally:
        client.run(b"flush_all\r\n")


def test_a_cas_that_stores_is_a_hit(client):
    client.run(set_(b"a", b"1"))
    token = client.run(b"gets a\r\n").split()[4]
    assert change(client, storage(b"cas", b"a", b"2", tail=token)) == {"cmd_set": 1, "cas_hits": 1}


def test_a_get_of_what_was_flushed_is_a_miss(client):
    client.run(set_(b"a", b"1") + b"flush_all\r\n")
    assert change(client, b"get a\r\n").get("get_misses") == 1


def test_items_are_counted(launch):
    client = launch().connect()
    before = client.stats()
    client.run(set_(b"a", b"x" * 100) + set_(b"b", b"x" * 100))
    after = client.stats()
    assert int(after["curr_items"]) - int(before["curr_items"]) == 2
    assert int(after["total_items"]) - int(before["total_items"]) == 2
    assert int(after["bytes"]) - int(before["bytes"]) >= 200
    client.run(b"delete a\r\ndelete b\r\n")
    assert client.stats()["bytes"] == before["bytes"]
    assert client.stats()["curr_items"] == before["curr_items"]


def test_bytes_read_and_written_grow_by_what_passes(client):
    before = client.stats()
    sent, received = set_(b"a", b"x" * 10_000) + b"get a\r\n", 10_000
    client.run(sent)
    after = client.stats()
    assert int(after["bytes_read"]) - int(before["bytes_read"]) >= len(sent)
    assert int(after["bytes_written"]) - int(before["bytes_written"]) >= received


def test_connections_are_counted(server, client):
    before = client.stats()
    others = [server.connect() for _ in range(5)]
    for other in others:
        other.ask(b"version")
    after = client.stats()
    assert int(after["curr_connections"]) - int(before["curr_connections"]) == 5
    assert int(after["total_connections"]) - int(before["total_connections"]) == 5
    for other in others:
        other.close()
    assert poll(lambda: client.stats()["curr_connections"] == before["curr_connections"])


def test_reset_clears_the_counters_and_keeps_the_rest(client):
    client.run(set_(b"a", b"1") + b"get a\r\nget z\r\ntouch a 0\r\nincr a 1\r\ndelete z\r\n")
    assert client.run(b"stats reset\r\n") == b"RESET\r\n"
    stats = client.stats()
    for name in (
        "cmd_get",
        "cmd_set",
        "cmd_touch",
        "get_hits",
        "get_misses",
        "incr_hits",
        "delete_misses",
        "total_items",
        "total_connections",
        "evictions",
    ):
        assert stats[name] == "0", name
    assert stats["curr_items"] == "1"
    assert stats["curr_connections"] != "0"


def test_a_statistics_line_ends_with_cr_lf(client):
    client.send(b"stats\r\n")
    reply = client.read_until(b"END\r\n")
    assert all(line.endswith(b"\r") for line in reply.split(b"\n")[:-1])
    assert len(reply.split(b"\n")) == len(client.stats()) + 2


def test_no_file_descriptor_is_left_behind(server, client):
    folder = f"/proc/{server.pid}/fd"
    count = len(os.listdir(folder))
    for _ in range(50):
        with server.connect() as other:
            other.run(b"stats\r\n")
    assert poll(lambda: len(os.listdir(folder)) <= count)
