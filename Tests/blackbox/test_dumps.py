"""lru_crawler metadump and mgdump, and stats cachedump: everything once, whoever else is busy."""

import base64
import contextlib
import re
import threading
import time
import urllib.parse

import pytest

from binary import Binary, store
from client import poll, set_
from meta import mg, ms

OPTIONS = ["-m", "256"]
SMALL_BUFFER = 4096

LINE = re.compile(
    rb"key=(?P<key>\S+) exp=(?P<exp>-1|\d+) la=(?P<la>\d+) cas=(?P<cas>\d+) "
    rb"fetch=(?P<fetch>yes|no) cls=(?P<cls>\d+) size=(?P<size>\d+) flags=(?P<flags>\d+) "
)


def read_dump(client, request=b"lru_crawler metadump all", end=b"END\r\n"):
    """The lines of one dump, without OK before and the end behind them."""
    assert client.ask(request) == b"OK\r\n"
    lines = []
    while (line := client.read_until(b"\n")) != end:
        lines.append(line)
    return lines


def metadump(client, arguments=b"all"):
    """{key: fields} of a metadump, each line checked."""
    items = {}
    for line in read_dump(client, b"lru_crawler metadump " + arguments):
        found = LINE.fullmatch(line[:-1])
        assert found, line
        key = urllib.parse.unquote_to_bytes(found["key"])
        assert key not in items, f"twice: {line!r}"
        items[key] = {name: value.decode() for name, value in found.groupdict().items()}
    return items


def fill(client, count, prefix=b"key", value=b"x" * 20):
    """Stores many small items quickly."""
    batch = []
    for number in range(count):
        batch.append(b"set %s%d 0 0 %d noreply\r\n%s\r\n" % (prefix, number, len(value), value))
        if len(batch) == 10_000:
            client.send(b"".join(batch))
            batch.clear()
    client.run(b"".join(batch))


@pytest.mark.differs("1.6.18", reason="metadump has no OK before it, and no flags")
def test_a_line_tells_all_of_an_item(client):
    client.run(set_(b"a", b"12345", flags=7, exptime=1000) + set_(b"b", b""))
    # Once: memcached leaves out what it is moving in its lists.
    cas = client.run(b"gets a\r\n").split()[4].decode()
    now = time.time()
    items = metadump(client)
    assert items.keys() == {b"a", b"b"}
    assert items[b"a"]["flags"] == "7" and items[b"b"]["flags"] == "0"
    assert items[b"a"]["fetch"] == "yes" and items[b"b"]["fetch"] == "no"
    assert abs(int(items[b"a"]["exp"]) - now - 1000) <= 3 and items[b"b"]["exp"] == "-1"
    assert abs(int(items[b"a"]["la"]) - now) <= 3
    assert items[b"a"]["cas"] == cas
    # Header, CAS, key with its NUL, flags, value with its line ending.
    assert items[b"a"]["size"] == str(48 + 8 + 2 + 4 + 7)
    assert items[b"b"]["size"] == str(48 + 8 + 2 + 2)


@pytest.mark.differs("1.6.18", reason="metadump has no OK before it, and no flags")
def test_a_line_ends_with_a_space_and_a_bare_newline(client):
    client.run(set_(b"a", b"1"))
    client.send(b"lru_crawler metadump all\r\n")
    reply = client.read_until(b"END\r\n")
    assert re.fullmatch(rb"OK\r\nkey=a [^\r\n]* \nEND\r\n", reply)


@pytest.mark.differs("1.6.18", reason="metadump has no OK before it, and no flags")
@pytest.mark.parametrize("classes", [b"all", b"hash"])
def test_keys_are_encoded(client, classes):
    keys = [b"a%20b", b"\xff\xfe", b"tab\tkey", b"k" * 250, b"A-z_0.9~", "ü".encode(), b"%"]
    client.run(b"".join(set_(key, b"x") for key in keys))
    assert metadump(client, classes).keys() == set(keys)


@pytest.mark.differs("1.6.18", reason="metadump has no OK before it, and no flags")
def test_what_is_dead_is_not_in_it(client):
    client.run(set_(b"gone", b"x", exptime=-1) + set_(b"flushed", b"x") + b"flush_all\r\n")
    time.sleep(1.1)  # memcached flushes by the second
    client.run(set_(b"there", b"x"))
    assert metadump(client).keys() == {b"there"}


@pytest.mark.differs("1.6.18", reason="metadump has no OK before it, and no flags")
def test_a_dump_of_nothing_is_only_the_end(launch):
    with launch().connect() as client:
        client.send(b"lru_crawler metadump all\r\n")
        assert client.read_until(b"END\r\n") == b"OK\r\nEND\r\n"


@pytest.mark.differs("1.6.18", reason="metadump has no OK before it, and no flags")
def test_classes_can_be_chosen(client):
    client.run(set_(b"small", b"x") + set_(b"large", b"x" * 5000))
    items = metadump(client)
    small, large = items[b"small"]["cls"], items[b"large"]["cls"]
    assert small != large
    assert metadump(client, small.encode()).keys() == {b"small"}
    assert metadump(client, f"{large},{small}".encode()).keys() == {b"small", b"large"}


@pytest.mark.differs("1.6.18", reason="there is no mgdump")
def test_mgdump_tells_commands_that_get_the_items(client):
    keys = [b"a", b"b" * 250, b"%41"]
    client.run(b"".join(set_(key, b"x") for key in keys))
    lines = read_dump(client, b"lru_crawler mgdump all", end=b"EN\r\n")
    assert sorted(lines) == sorted(b"mg %s\r\n" % key for key in keys)


@pytest.mark.parametrize(
    "arguments, reply",
    [
        (b"metadump 0", b"BADCLASS invalid class id"),
        (b"metadump 250", b"BADCLASS invalid class id"),
        (b"metadump 1,x", b"BADCLASS invalid class id"),
        (b"metadump x", b"BADCLASS invalid class id"),
        (b"crawl 0", b"BADCLASS invalid class id"),
        (b"metadump all extra", b"ERROR"),
        (b"metadump", b"ERROR"),
        (b"metadumps all", b"ERROR"),
        (b"crawl", b"ERROR"),
        (b"crawl all x", b"ERROR"),
        (b"crawl hash", b"ERROR an unknown error happened"),
        (b"bogus", b"ERROR"),
        (b"bogus all", b"ERROR"),
        (b"tocrawl x", b"CLIENT_ERROR bad command line format"),
        (b"tocrawl", b"ERROR"),
        (b"sleep -1", b"CLIENT_ERROR bad command line format"),
        (b"sleep 1000001", b"CLIENT_ERROR sleep must be one second or less"),
        (b"enable", b"ERROR failed to start lru crawler thread"),
    ],
)
def test_arguments_are_checked(client, arguments, reply):
    assert client.run(b"lru_crawler %s\r\n" % arguments) == reply + b"\r\n"


def test_a_list_without_a_class_starts_nothing(launch):
    with launch().connect() as client:
        assert client.run(b"lru_crawler metadump ,\r\n") == b"NOTSTARTED no items to crawl\r\n"


@pytest.mark.differs("1.6.18", reason="there is no mgdump")
def test_a_server_without_dumps_refuses_them(launch):
    with launch("-X").connect() as client:
        assert client.run(b"lru_crawler metadump all\r\n") == b"ERROR metadump not allowed\r\n"
        assert client.run(b"lru_crawler mgdump all\r\n") == b"ERROR key dump not allowed\r\n"


@pytest.mark.parametrize("switch", ["command", "option"])
def test_a_crawler_that_is_disabled_refuses_everything(launch, switch):
    refusal = b"CLIENT_ERROR lru crawler disabled\r\n"
    with launch(*(["-o", "no_lru_crawler"] if switch == "option" else [])).connect() as client:
        if switch == "command":
            assert client.run(b"lru_crawler disable\r\n") == b"OK\r\n"
            poll(lambda: client.stats("settings")["lru_crawler"] == "no")
        assert client.run(b"lru_crawler metadump all\r\n") == refusal
        assert client.run(b"lru_crawler crawl all\r\n") == refusal
        assert client.stats("settings")["lru_crawler"] == "no"
        assert "lru_crawler_starts" not in client.stats()
        assert client.run(b"lru_crawler enable\r\n") == b"OK\r\n"
        assert client.run(b"lru_crawler crawl all\r\n") in (
            b"OK\r\n",
            b"BUSY currently processing crawler request\r\n",
        )
        assert client.stats("settings")["lru_crawler"] == "yes"


def test_a_crawl_reclaims_what_has_expired(launch):
    with launch().connect() as client:
        for number in range(100):
            client.run(set_(b"key%d" % number, b"x", exptime=1))
        starts = int(client.stats()["lru_crawler_starts"])
        time.sleep(2.1)

        def is_reclaimed():
            client.run(b"lru_crawler crawl all\r\n")
            return client.stats()["curr_items"] == "0"

        assert poll(is_reclaimed)
        stats = client.stats()
        assert int(stats["reclaimed"]) + int(stats["crawler_reclaimed"]) >= 100
        assert int(stats["lru_crawler_starts"]) > starts


@pytest.mark.cached_only("whatever expires is reclaimed by a pass, and counted there")
def test_what_a_pass_reclaims_and_looks_at_is_counted(launch):
    with launch().connect() as client:
        for number in range(100):
            client.run(set_(b"key%d" % number, b"x", exptime=1))
        assert poll(lambda: client.stats()["curr_items"] == "0")
        stats = client.stats()
        assert stats["crawler_reclaimed"] == stats["reclaimed"] == "100"
        assert int(stats["crawler_items_checked"]) >= 100
        client.run(set_(b"a", b"x"))
        before = int(client.stats()["crawler_items_checked"])
        client.send(b"lru_crawler metadump all\r\n")
        client.read_until(b"END\r\n")
        assert int(client.stats()["crawler_items_checked"]) == before + 1


def test_sleep_and_tocrawl_show_in_the_settings(launch):
    with launch().connect() as client:
        assert client.run(b"lru_crawler sleep 200\r\nlru_crawler tocrawl 5\r\n") == b"OK\r\nOK\r\n"
        settings = client.stats("settings")
        assert settings["lru_crawler_sleep"] == "200" and settings["lru_crawler_tocrawl"] == "5"


def test_dumps_and_passes_are_counted(launch):
    with launch().connect() as client:
        fill(client, 100)
        client.run(b"stats reset\r\n")
        client.send(b"lru_crawler metadump hash\r\n")
        client.read_until(b"END\r\n")
        assert int(client.stats()["lru_crawler_starts"]) >= 1
        assert poll(lambda: client.stats()["lru_crawler_running"] == "0")


# -- what memcached does not do --

BEHIND = pytest.mark.cached_only("what is sent along with a dump is served behind it")
SEVERAL = pytest.mark.cached_only("several dumps at once; memcached answers BUSY")
PREFIX = pytest.mark.cached_only("an addition: lru_crawler metadump CLASSES prefix=BYTES")


@BEHIND
def test_commands_around_a_dump_are_answered_in_their_order(client):
    client.run(set_(b"a", b"1"))
    client.send(
        b"get a\r\nlru_crawler mgdump all\r\nget a\r\nlru_crawler mgdump all\r\nversion\r\n"
    )
    value, dump = b"VALUE a 0 1\r\n1\r\nEND\r\n", b"OK\r\nmg a\r\nEN\r\n"
    expected = value + dump + value + dump
    assert client.read(len(expected)) == expected
    assert client.read_line().startswith(b"VERSION ")


@BEHIND
def test_a_half_closed_peer_gets_its_whole_dump(server, client):
    fill(client, 20_000)
    with server.connect(receive_buffer=SMALL_BUFFER) as half:
        half.send(b"lru_crawler mgdump all\r\n")
        half.finish_sending()
        reply = half.read_to_end()
        assert reply.endswith(b"EN\r\n") and reply.count(b"mg key") == 20_000


@PREFIX
def test_a_prefix_chooses_keys(client):
    keys = [b"user:1", b"user:2", b"user", b"session:1", b"USER:1", b"use"]
    client.run(b"".join(set_(key, b"x") for key in keys))
    assert metadump(client, b"all prefix=user:").keys() == {b"user:1", b"user:2"}
    assert metadump(client, b"hash prefix=").keys() == set(keys)
    assert metadump(client, b"all prefix=" + b"u" * 250) == {}
    lines = read_dump(client, b"lru_crawler mgdump all prefix=sess", end=b"EN\r\n")
    assert lines == [b"mg session:1\r\n"]
    long = b"lru_crawler metadump all prefix=%s\r\n" % (b"u" * 251)
    assert client.run(long) == b"CLIENT_ERROR bad command line format\r\n"


@PREFIX
def test_a_prefix_and_classes_go_together(client):
    client.run(set_(b"p:small", b"x") + set_(b"p:large", b"x" * 5000) + set_(b"q:small", b"x"))
    small = metadump(client)[b"p:small"]["cls"].encode()
    assert metadump(client, small + b" prefix=p:").keys() == {b"p:small"}


class Churn:
    """Another connection that stores and deletes as fast as it can, until it is left."""

    def __init__(self, server):
        self.server = server
        self.stop = threading.Event()
        self.rounds = 0
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        with self.server.connect(timeout=30) as client:
            while not self.stop.is_set():
                # Growing by half and shrinking again, so that the index splits and merges.
                keys = [b"churn%d" % number for number in range(20_000)]
                client.run(b"".join(b"set %s 0 0 1 noreply\r\nx\r\n" % key for key in keys))
                client.run(b"".join(b"delete %s noreply\r\n" % key for key in keys))
                self.rounds += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join(30)


@BEHIND
def test_what_stays_is_told_once_while_others_write_and_delete(server, client):
    stays = {b"stays%d" % number for number in range(20_000)}
    client.run(b"".join(b"set %s 0 0 1 noreply\r\nx\r\n" % key for key in stays))
    with Churn(server) as churn:
        assert poll(lambda: churn.rounds > 0, timeout=30)
        for _ in range(4):
            items = metadump(client)  # no line is malformed, none is there twice
            assert stays <= items.keys()
            assert all(key.startswith((b"stays", b"churn")) for key in items)


@SEVERAL
def test_several_dumps_at_once_are_each_complete(server, client):
    fill(client, 30_000)
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(server.connect()) for _ in range(8)]
        for reader in readers:
            reader.send(b"lru_crawler mgdump all\r\n")
        for reader in readers:
            reply = reader.read_until(b"EN\r\n")
            assert reply.count(b"mg key") == 30_000


@SEVERAL
def test_readers_that_stall_cost_a_bounded_amount(server, client):
    fill(client, 300_000)
    before = server.resident_bytes()
    with contextlib.ExitStack() as stack:
        readers = []
        for _ in range(16):
            reader = stack.enter_context(server.connect(receive_buffer=SMALL_BUFFER))
            reader.send(b"lru_crawler metadump all\r\n")
            assert reader.read_line() == b"OK\r\n"
            readers.append(reader)
        assert client.stats()["lru_crawler_running"] == "1"
        assert client.run(b"get key1\r\n").startswith(b"VALUE key1 ")
        # 16 dumps of some 25 MB each are under way.
        assert server.resident_bytes() - before < 24 << 20
        assert readers[0].read_until(b"END\r\n").count(b"key=key") == 300_000
    assert poll(lambda: client.stats()["lru_crawler_running"] == "0")


@SEVERAL
def test_a_dump_of_a_million_items_holds_up_nobody(launch):
    server = launch("-m", "512", "-t", "1")
    with server.connect() as client, server.connect(timeout=60) as reader:
        fill(client, 1_000_000)
        reader.send(b"lru_crawler mgdump all\r\n")
        told, answered = 0, 0
        tail = b""
        while not tail.endswith(b"EN\r\n"):
            chunk = reader.socket.recv(1 << 16)
            assert chunk
            told += chunk.count(b"\n")
            tail = (tail + chunk)[-4:]
            assert client.run(b"get key5\r\n").startswith(b"VALUE key5 ")
            answered += 1
        assert told == 1_000_002  # OK and EN are lines too
        # One thread does both: the other client has had its turn between the dump's.
        assert answered > 100


@SEVERAL
def test_a_peer_that_leaves_ends_its_dump(server, client):
    fill(client, 300_000)
    with server.connect(receive_buffer=SMALL_BUFFER) as rude:
        rude.send(b"lru_crawler metadump all\r\n")
        assert rude.read_line() == b"OK\r\n"
        assert client.stats()["lru_crawler_running"] == "1"
    assert poll(lambda: client.stats()["lru_crawler_running"] == "0")


# -- stats cachedump --


# memcached lists only what has come to the end of its lists, unless they are flat.
FLAT = ["-o", "no_lru_maintainer"]


def class_of(client, key):
    return next(
        number
        for number in range(1, 60)
        if b"ITEM %s [" % key in client.run(b"stats cachedump %d 0\r\n" % number)
    )


def test_cachedump_lists_the_items_of_a_class(launch):
    client = launch(*FLAT).connect()
    now = time.time()
    client.run(set_(b"a", b"12", exptime=1000) + set_(b"b", b"345") + set_(b"c", b"x" * 5000))
    reply = client.run(b"stats cachedump %d 0\r\n" % class_of(client, b"a"))
    lines = reply.split(b"\r\n")
    assert lines[-2:] == [b"END", b""] and len(lines) == 4
    found = dict(
        re.fullmatch(rb"ITEM (\w) \[(\d+ b; \d+ s)\]", line).groups() for line in lines[:2]
    )
    assert found[b"b"] == b"3 b; 0 s"
    length, expiry = re.fullmatch(rb"(\d+) b; (\d+) s", found[b"a"]).groups()
    assert length == b"2" and abs(int(expiry) - now - 1000) <= 3


def test_cachedump_stops_at_its_limit(launch):
    client = launch(*FLAT).connect()
    client.run(b"".join(set_(b"key%d" % number, b"x") for number in range(10)))
    number = class_of(client, b"key1")
    for limit in (1, 3, 10, 11):
        reply = client.run(b"stats cachedump %d %d\r\n" % (number, limit))
        assert reply.count(b"ITEM ") == min(limit, 10) and reply.endswith(b"END\r\n")


@pytest.mark.cached_only("stats cachedump has no limit of its own; memcached stops at 2 MB")
def test_cachedump_without_a_limit_lists_everything(client):
    fill(client, 100_000)
    number = class_of(client, b"key99999")
    reply = client.run(b"stats cachedump %d 0\r\n" % number)
    assert reply.count(b"ITEM key") > 80_000  # the class of the longest keys


KEY_WITH_LINES = b"a\r\nEND\r\nHACK:x"


@pytest.mark.cached_only("a key that ends its line stands in no reply")
@pytest.mark.parametrize("protocol", ["meta", "binary"])
def test_a_key_that_ends_its_line_is_kept_out_of_replies(launch, protocol):
    server = launch("-D", ":")
    encoded = base64.b64encode(KEY_WITH_LINES)
    with server.connect() as client, server.connect() as other:
        if protocol == "meta":
            assert other.run(ms(encoded, b"v", b"b")) == b"HD\r\n"
        else:
            assert Binary(other).ask(store(KEY_WITH_LINES, b"v")).status == 0
        assert client.run(mg(encoded, b"b", b"k")) == b"HD k%s b\r\n" % encoded
        assert client.run(b"me %s b\r\n" % encoded).startswith(b"ME %s exp=" % encoded)
        assert client.run(b"stats detail dump\r\n") == b"END\r\n"
        for number in range(1, 40):
            assert client.run(b"stats cachedump %d 0\r\n" % number) == b"END\r\n"
        assert read_dump(client, b"lru_crawler mgdump all", end=b"EN\r\n") == [
            b"mg %s b\r\n" % encoded
        ]


@pytest.mark.cached_only("a key that ends its line stands in no reply")
def test_a_key_that_no_command_can_name_is_left_out_of_mgdump(launch):
    server = launch()
    with server.connect() as client, server.connect() as other:
        Binary(other).ask(store(b"k " * 120, b"v"))
        assert read_dump(client, b"lru_crawler mgdump all", end=b"EN\r\n") == []
