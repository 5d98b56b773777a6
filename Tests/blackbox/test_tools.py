"""The tools that come with memcached: what they print has the shape that they were written for."""

import re
import subprocess

import pytest

from client import set_

TOOL = "/usr/share/memcached/scripts/memcached-tool"
OPTIONS = ["-m", "64"]


def run_tool(server, *arguments):
    finished = subprocess.run(
        ["perl", TOOL, "%s:%d" % server.address, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert finished.returncode == 0, finished.stderr
    return finished


def rows(server, *arguments):
    """The lines that are printed, each as a list of words."""
    return [line.split() for line in run_tool(server, *arguments).stdout.splitlines()]


@pytest.fixture
def filled(client):
    client.run(b"".join(set_(b"key%d" % number, b"x" * 10) for number in range(50)))
    client.run(set_(b"large", b"x" * 100_000, flags=9))
    return client


def test_display_has_a_row_for_each_class(server, filled):
    head, *classes = rows(server, "display")
    assert head == "# Item_Size Max_age Pages Count Full? Evicted Evict_Time OOM".split()
    for row in classes:
        number, size, age, pages, count, is_full, *rest = row
        assert number.isdigit() and re.fullmatch(r"\d+B|\d+\.\dK", size)
        assert re.fullmatch(r"\d+s", age) and int(pages) >= 1
        assert is_full in ("yes", "no") and all(word.isdigit() for word in rest)
    assert sum(int(row[4]) for row in classes) == 51
    assert rows(server) == rows(server, "display")


@pytest.mark.parametrize("mode, name", [("stats", "curr_items"), ("settings", "maxbytes")])
def test_statistics_are_a_sorted_table(server, filled, mode, name):
    head, *lines = rows(server, mode)
    assert head == ["#%s:%d" % server.address, "Field", "Value"]
    names = [line[0] for line in lines]
    assert names == sorted(names) and len(names) > 60
    asked = filled.stats("" if mode == "stats" else mode)
    assert dict(line[:2] for line in lines if len(line) == 2)[name] == asked[name]
    assert set(names) == set(asked)


def test_sizes_are_a_table(launch):
    server = launch("-o", "track_sizes")
    server.connect().run(set_(b"a", b"x" * 10))
    head, *lines = rows(server, "sizes")
    assert head[1:] == ["Size", "Count"]
    assert lines == [["96", "1"]]


@pytest.mark.parametrize("limit", [None, 7])
def test_keys_are_those_of_the_dump(server, filled, limit):
    finished = run_tool(server, "keys", *([str(limit)] if limit else []))
    lines = finished.stdout.splitlines()
    assert all(re.match(r"key=\S+ exp=-?\d+ la=\d+ cas=\d+ fetch=", line) for line in lines)
    keys = {line.split()[0] for line in lines}
    if limit:
        # memcached's OK before the first line counts as one.
        assert len(keys) in (limit - 1, limit)
    else:
        assert keys == {"key=large"} | {f"key=key{number}" for number in range(50)}


def test_a_dump_fills_another_server(server, filled, launch):
    commands = run_tool(server, "dump").stdout
    other = launch(*OPTIONS).connect()
    request = commands.replace("\r\n", "\n").replace("\n", "\r\n").encode()
    assert other.run(request) == b"STORED\r\n" * 51
    assert other.run(b"get key7\r\n") == b"VALUE key7 0 10\r\nxxxxxxxxxx\r\nEND\r\n"
    assert other.run(b"get large\r\n").startswith(b"VALUE large 9 100000\r\n")


# What damemtop, which comes with memcached too, reads of each report and computes with.
DAMEMTOP_GENERAL = """
accepting_conns bytes bytes_read bytes_written cmd_get cmd_set curr_connections curr_items
evictions get_hits get_misses limit_maxbytes listen_disabled_num rusage_system rusage_user threads
total_items uptime version
""".split()
DAMEMTOP_ITEMS = "age evicted evicted_time outofmemory reclaimed number".split()
DAMEMTOP_SLABS = """
chunk_size chunks_per_page free_chunks get_hits cmd_set delete_hits total_chunks total_pages
used_chunks
""".split()


def test_dashboards_like_damemtop_find_their_numbers(server, filled):
    filled.run(b"get key1\r\nget none\r\n")
    general = filled.stats()
    for name in set(DAMEMTOP_GENERAL) - {"version"}:
        assert float(general[name]) >= 0
    items, slabs = filled.stats("items"), filled.stats("slabs")
    numbers = {name.split(":")[1] for name in items}
    assert numbers
    for number in numbers:
        for name in DAMEMTOP_ITEMS:
            assert int(items[f"items:{number}:{name}"]) >= 0
        for name in DAMEMTOP_SLABS:
            assert int(slabs[f"{number}:{name}"]) >= 0
        assert int(slabs[f"{number}:used_chunks"]) <= int(slabs[f"{number}:total_chunks"])
