"""watch: what other connections do, told to those who ask, and never at anyone else's expense."""

import contextlib
import re
import time

import pytest

from client import poll, set_, storage

OPTIONS = ["-t", "2"]
SMALL_BUFFER = 4096
BIG = b"b" * 20_000

HEAD = re.compile(rb"ts=(\d+)\.(\d+) gid=(\d+) type=(\w+) (.*)\n", re.DOTALL)
ALL = b"fetchers mutations evictions connevents"


def watching(server, streams=b"", **options):
    client = server.connect(**options)
    assert client.ask(b"watch " + streams if streams else b"watch") == b"OK\r\n"
    return client


def next_event(watcher):
    """(type, {name: value}) of the next line."""
    line = watcher.read_until(b"\n")
    found = HEAD.fullmatch(line)
    assert found, line
    assert abs(int(found[1]) - time.time()) <= 5 and int(found[2]) < 1_000_000
    fields = dict(word.split(b"=", 1) for word in found[5].split(b" "))
    return found[4], fields, found[5]


def next_of(watcher, kind, port=None):
    """The next event of a kind, of the peer at a port: others' may come before it."""
    while True:
        event = next_event(watcher)
        if event[0] == kind and port in (None, int(event[1][b"rport"])):
            return event


def body(watcher):
    """`type` and the rest of the next line, without what differs from run to run."""
    kind, _, text = next_event(watcher)
    # What an earlier test has left was flushed; whether it is still found as such, nobody knows.
    text = text.replace(b"status=flushed", b"status=not_found")
    return kind + b" " + re.sub(rb"\b(clsid|cfd|rport)=[1-9]\d*", rb"\1=N", text)


def tell(watcher, client, request):
    """What a request makes the watcher hear."""
    client.run(request)
    client.run(b"get the_last_one\r\n")
    lines = []
    while b"key=the_last_one " not in (line := body(watcher)):
        lines.append(line)
    return lines


GET = b"item_get key=%s status=%s clsid=%s cfd=N size=%d"


def found(key, size):
    return GET % (key, b"found", b"N", size)


def missing(key, status=b"not_found"):
    return GET % (key, status, b"0", 0)


def stored(key, command, size, status=b"stored", ttl=0):
    text = b"item_store key=%s status=%s cmd=%s ttl=%d clsid=N cfd=N size=%d"
    return text % (key, status, command, ttl, size)


def deleted(key, size):
    return b"deleted key=%s cmd=delete clsid=N size=%d" % (key, size)


def test_gets_are_told(server, client):
    client.run(set_(b"a", b"123"))
    with watching(server, b"fetchers") as watcher:
        assert tell(watcher, client, b"get a z a\r\ngets a\r\n") == [
            found(b"a", 3),
            missing(b"z"),
            found(b"a", 3),
            found(b"a", 3),
        ]


def test_the_default_stream_is_that_of_the_fetchers(server, client):
    with watching(server) as watcher:
        assert tell(watcher, client, set_(b"a", b"1")) == [missing(b"a")]


def test_what_has_expired_is_told(server, client):
    with watching(server, b"fetchers") as watcher:
        lines = tell(watcher, client, set_(b"a", b"1", exptime=-1) + b"get a\r\n")
        assert lines == [missing(b"a"), missing(b"a", b"expired")]


def test_what_was_flushed_is_told(launch):
    server = launch()
    with watching(server, b"fetchers") as watcher, server.connect() as client:
        client.run(set_(b"a", b"1"))
        assert next_event(watcher)[1][b"status"] == b"not_found"
        time.sleep(2.1)  # memcached flushes by the second
        client.run(b"flush_all\r\nget a\r\nget a\r\n")
        assert next_event(watcher)[1][b"status"] == b"flushed"
        assert next_event(watcher)[1][b"status"] == b"not_found"


@pytest.mark.parametrize(
    "request_, expected",
    [
        (b"touch a 50\r\n", [found(b"a", 2)]),
        (b"gat 0 a\r\n", [found(b"a", 2)]),
        (b"incr a 1\r\n", [found(b"a", 2)]),
        (b"decr z 1\r\n", [missing(b"z")]),
        (b"delete z\r\n", [missing(b"z")]),
        (b"delete a\r\n", [found(b"a", 2)]),
        (set_(b"a", b"x"), [found(b"a", 2), stored(b"a", b"set", 1)]),
        (set_(b"z", b"xyz"), [missing(b"z"), stored(b"z", b"set", 3)]),
        (
            storage(b"add", b"a", b"x"),
            [found(b"a", 2), stored(b"a", b"add", 1, b"not_stored")],
        ),
        (storage(b"replace", b"a", b"x"), [found(b"a", 2), stored(b"a", b"replace", 1)]),
        (
            storage(b"replace", b"z", b"x"),
            [missing(b"z"), stored(b"z", b"replace", 1, b"not_stored")],
        ),
        (storage(b"append", b"a", b"345"), [found(b"a", 2), stored(b"a", b"append", 5)]),
        (storage(b"prepend", b"a", b"345"), [found(b"a", 2), stored(b"a", b"prepend", 5)]),
        (
            storage(b"cas", b"a", b"x", tail=b"1"),
            [found(b"a", 2), stored(b"a", b"cas", 1, b"exists")],
        ),
        (
            storage(b"cas", b"z", b"x", tail=b"1"),
            [missing(b"z"), stored(b"z", b"cas", 1, b"not_found")],
        ),
        (
            set_(b"big", b"x" * 300_000),
            [missing(b"big"), stored(b"big", b"set", 300_000)],
        ),
        (set_(b"\xff b"[:2], b"x"), [missing(b"%FF"), stored(b"%FF", b"set", 1)]),
    ],
    ids=lambda value: (
        None if isinstance(value, list) else value[:12].decode("latin1").split("\r")[0]
    ),
)
def test_a_command_is_told(server, client, request_, expected):
    client.run(set_(b"a", b"12"))
    with watching(server, b"fetchers mutations") as watcher:
        assert tell(watcher, client, request_) == expected


@pytest.mark.differs("1.6.18", reason="there is no stream of deletions")
def test_a_delete_is_told_after_its_lookup(server, client):
    client.run(set_(b"a", b"12"))
    with watching(server, b"fetchers deletions") as watcher:
        assert tell(watcher, client, b"delete a\r\ndelete a\r\n") == [
            found(b"a", 2),
            deleted(b"a", 2),
            missing(b"a"),
        ]


def test_a_ttl_is_told(server, client):
    with watching(server, b"mutations fetchers") as watcher:
        lines = tell(watcher, client, set_(b"a", b"1", exptime=1000))
        assert lines[1] in [stored(b"a", b"set", 1, ttl=ttl) for ttl in (999, 1000, 1001)]


def test_a_value_in_parts_is_told_when_it_is_whole(server, client):
    with watching(server, b"mutations") as watcher:
        client.send(b"set big 0 0 600000\r\n" + b"x" * 300_000)
        client.send(b"x" * 300_000 + b"\r\n")
        assert client.read_line() == b"STORED\r\n"
        assert body(watcher) == stored(b"big", b"set", 600_000)


def test_what_is_too_large_is_told(server, client):
    with watching(server, b"mutations") as watcher:
        client.run(set_(b"a", b"x" * ((1 << 20) + 1)))
        kind, fields, _ = next_event(watcher)
        assert kind == b"item_store" and fields[b"key"] == b"a"
        assert fields[b"status"] == b"too_large" and fields[b"cmd"] == b"set"


@pytest.mark.differs("1.6.18", reason="there is no stream of deletions")
def test_meta_commands_are_told(server, client):
    with watching(server, b"fetchers mutations deletions") as watcher:
        assert tell(watcher, client, b"ms a 2\r\n12\r\nmg a v\r\nmg z v\r\nmg YQ== v b\r\n") == [
            missing(b"a"),
            stored(b"a", b"set", 2),
            found(b"a", 2),
            missing(b"z"),
            found(b"a", 2),
        ]
        gone = deleted(b"a", 2).replace(b"cmd=delete", b"cmd=md")
        # Neither what is only made stale, nor what has another CAS, is deleted.
        assert tell(watcher, client, b"md a I\r\nmd a C1\r\nmd a\r\nmd a\r\n") == [
            found(b"a", 2),
            found(b"a", 2),
            found(b"a", 2),
            gone,
            missing(b"a"),
        ]


@pytest.mark.differs("1.6.18", reason="there is no stream of deletions")
def test_only_the_streams_asked_for_are_told(server, client):
    with watching(server, b"deletions") as watcher:
        client.run(set_(b"a", b"12") + b"get a\r\ndelete a\r\ndelete a\r\n")
        client.run(set_(b"b", b"1") + b"delete b\r\n")
        assert body(watcher) == deleted(b"a", 2)
        assert body(watcher) == deleted(b"b", 1)


def port_of(peer):
    return peer.socket.getsockname()[1]


def test_connections_are_told(server):
    with watching(server, b"connevents") as watcher:
        with server.connect() as peer:
            port = port_of(peer)
            _, fields, text = next_of(watcher, b"conn_new", port)
            number = fields[b"cfd"]
            expected = b"rip=127.0.0.1 rport=%d transport=tcp cfd=%s" % (port, number)
            assert text == expected
        _, _, text = next_of(watcher, b"conn_close", port)
        assert text == b"rip=127.0.0.1 rport=%d transport=tcp reason=normal cfd=%s" % (port, number)


@pytest.mark.parametrize(
    "line, reason", [(b"quit\r\n", b"normal"), (b"POST / HTTP/1.1\r\n", b"error")]
)
def test_why_a_connection_was_closed_is_told(server, line, reason):
    with watching(server, b"connevents") as watcher, server.connect() as peer:
        peer.send(line)
        assert peer.read_to_end() == b""
        assert next_of(watcher, b"conn_close", port_of(peer))[1][b"reason"] == reason


def test_a_unix_peer_is_told(launch, socket_folder):
    server = launch(unix=socket_folder / "s")
    with watching(server, b"connevents") as watcher:
        server.connect().close()
        _, _, text = next_of(watcher, b"conn_new")
        assert re.fullmatch(rb"rip=unix rport=0 transport=local cfd=\d+", text)


def test_an_idle_connection_that_is_closed_is_told(launch):
    server = launch("-o", "idle_timeout=1")
    with watching(server, b"connevents", timeout=20) as watcher, server.connect() as idle:
        _, fields, _ = next_of(watcher, b"conn_close", port_of(idle))
        # And a watcher is never idle.
        assert fields[b"reason"] == b"idle_timeout"


@pytest.mark.parametrize(
    "eviction",
    [
        "lru",
        pytest.param(
            "s3fifo",
            marks=pytest.mark.cached_only("an option of our own: which items a full cache evicts"),
        ),
    ],
)
def test_evictions_are_told(launch, eviction):
    options = [] if eviction == "lru" else ["--eviction=s3fifo"]
    server = launch("-m", "8", *options)
    value = b"x" * 100_000
    with watching(server, b"evictions") as watcher, server.connect() as client:
        for number in range(200):
            client.run(set_(b"key%d" % number, value, exptime=1000))
        evicted = int(client.stats()["evictions"])
        assert evicted > 50
        keys = set()
        for _ in range(evicted):
            kind, fields, text = next_event(watcher)
            assert kind == b"eviction"
            assert re.fullmatch(
                rb"key=key\d+ fetch=no ttl=(99\d|1000) la=\d clsid=\d+ size=100000", text
            )
            keys.add(fields[b"key"])
        assert len(keys) == evicted
        assert client.run(b"get %s\r\n" % keys.pop()) == b"END\r\n"


@pytest.mark.cached_only("culling by number of entries, as Django's caches do it")
def test_what_is_culled_is_told_as_an_eviction(launch):
    server = launch("--max-entries=30")
    with watching(server, b"evictions") as watcher, server.connect() as client:
        for number in range(31):
            client.run(set_(b"key%d" % number, b"x"))
        told = {next_event(watcher)[1][b"key"] for _ in range(10)}
        assert told == {b"key%d" % number for number in range(10)}


def test_lines_are_numbered_in_their_order(server, client):
    with watching(server, b"fetchers") as watcher:
        client.send(b"get a\r\n" * 100)
        numbers = []
        for _ in range(100):
            numbers.append(int(HEAD.fullmatch(watcher.read_until(b"\n"))[3]))
        assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("streams", [b"fetchers", b"rawcmds", b"sysevents", ALL])
def test_streams_are_taken_one_or_several(server, streams):
    watching(server, streams).close()


@pytest.mark.differs("1.6.18", reason="streams do not match by prefix")
@pytest.mark.parametrize("streams", [b"f", b"m", b"e", b"c", b"d", b"fetch mut"])
def test_streams_match_by_prefix(server, streams):
    watching(server, streams).close()


@pytest.mark.parametrize(
    "streams", [b"bogus", b"fetchers bogus", b"fetchersx", b"FETCHERS", b"f etchers"]
)
def test_an_unknown_stream_is_an_error(client, streams):
    assert client.run(b"watch %s\r\n" % streams) == b"ERROR\r\n"


@pytest.mark.differs(
    "1.6.18", reason="noreply is read by position, and errors are not always hidden"
)
def test_noreply_is_an_unknown_stream(client):
    assert client.run(b"watch fetchers noreply\r\n") == b"ERROR\r\n"


@pytest.mark.cached_only("there is no proxy, and its streams are refused; memcached takes them")
@pytest.mark.parametrize("stream", [b"proxyreqs", b"proxyevents", b"proxyuser", b"p"])
def test_the_streams_of_a_proxy_are_refused(client, stream):
    assert client.run(b"watch fetchers %s\r\n" % stream) == b"ERROR\r\n"


def test_a_server_without_watch_refuses_it(launch):
    refusal = b"CLIENT_ERROR watch commands not allowed\r\n"
    with launch("-W").connect() as client:
        assert client.run(b"watch\r\n") == refusal
        assert client.run(b"watch bogus\r\n") == refusal


def test_a_watcher_is_served_nothing_else(server, client):
    with watching(server, b"mutations", timeout=1) as watcher:
        watcher.send(b"version\r\nget a\r\nset a 0 0 1\r\nx\r\n")
        with pytest.raises(TimeoutError):
            watcher.read(1)
        client.run(set_(b"b", b"1"))
        assert body(watcher) == stored(b"b", b"set", 1)
        assert client.run(b"get a\r\n") == b"END\r\n"


def test_twenty_may_watch(launch):
    server = launch()
    with contextlib.ExitStack() as stack, server.connect() as client:
        watchers = [stack.enter_context(watching(server)) for _ in range(20)]
        refusal = b"WATCHER_TOO_MANY log watcher limit reached\r\n"
        assert client.run(b"watch\r\n") == refusal
        assert client.stats()["log_watchers"] == "20"
        watchers[3].close()

        def has_room():
            client.run(b"get a\r\n")
            return client.stats()["log_watchers"] == "19"

        assert poll(has_room)
        stack.enter_context(watching(server))


def test_lines_are_counted(launch):
    server = launch()
    with watching(server, b"fetchers") as watcher, server.connect() as client:
        assert poll(lambda: client.stats()["log_watchers"] == "1")
        client.run(b"get a\r\n" * 50)
        for _ in range(50):
            watcher.read_until(b"\n")

        def sent():
            stats = client.stats()
            return {name: value for name, value in stats.items() if name.startswith("log_")}

        expected = {
            "log_worker_dropped": "0",
            "log_worker_written": "50",
            "log_watcher_skipped": "0",
            "log_watcher_sent": "50",
            "log_watchers": "1",
        }
        assert poll(lambda: sent() == expected), sent()
    with server.connect() as client:
        assert poll(
            lambda: client.stats()["log_watchers"] == "0" or client.run(b"get a\r\n") is None
        )


def test_watchers_that_never_read_lose_lines_and_hold_up_nobody(launch):
    server = launch("-m", "64")
    with contextlib.ExitStack() as stack, server.connect() as client:
        before = server.resident_bytes()
        for _ in range(20):
            stack.enter_context(watching(server, ALL, receive_buffer=SMALL_BUFFER))
        keys = [b"x" * 200 + b"%d" % number for number in range(100)]
        gets = b"".join(b"get %s\r\n" % key for key in keys)
        for _ in range(300):
            client.run(gets)

        def lost():
            stats = client.stats()
            return int(stats["log_watcher_skipped"]) + int(stats["log_worker_dropped"])

        assert poll(lambda: lost() > 10_000)
        # A buffer of 256 KB each, and as much on the way to the socket.
        assert server.resident_bytes() - before < 24 << 20
        assert client.run(set_(b"a", b"1") + b"get a\r\n").startswith(b"STORED\r\nVALUE a ")


@pytest.mark.cached_only("every line is either sent or counted as skipped")
def test_a_slow_watcher_is_told_how_much_it_missed(launch):
    server = launch("-o", "watcher_logbuf_size=4", "-t", "1")
    with (
        watching(server, b"fetchers", receive_buffer=SMALL_BUFFER) as slow,
        server.connect() as client,
    ):
        assert client.stats("settings")["watcher_logbuf_size"] == "4096"
        rounds = 0
        while int(client.stats()["log_watcher_skipped"]) < 1000:
            client.run(b"get %s\r\n" % (b"k" * 200) * 100)
            rounds += 1
        # Read until nothing is left of the old lines; then one that there is room for.
        slow.socket.settimeout(1)
        with contextlib.suppress(TimeoutError):
            while slow._fill():
                pass
        client.run(b"get the_end\r\n")
        slow.socket.settimeout(10)
        text = slow.read_until(b"key=the_end ")
        lines = text.split(b"\n")[:-1]
        told = [line for line in lines if b"type=item_get" in line]
        missed = [int(line[8:]) for line in lines if line.startswith(b"skipped=")]
        assert len(told) + len(missed) == len(lines) and missed
        assert len(told) + sum(missed) == rounds * 100
        stats = client.stats()
        assert int(stats["log_watcher_skipped"]) == sum(missed)
        assert int(stats["log_worker_written"]) == rounds * 100 + 1
        assert int(stats["log_watcher_sent"]) == len(told) + 1


def test_a_stop_does_not_wait_for_watchers(launch):
    server = launch()
    with watching(server, ALL):
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 4


def test_a_watcher_that_ends_frees_its_place(server):
    """Also if its end comes together with its request, on a stream that is silent."""
    with server.connect() as asking:
        before = int(asking.stats()["log_watchers"])
        for _ in range(20):
            with server.connect() as client:
                client.send(b"watch sysevents\r\n")
                client.finish_sending()
                assert client.read(4) == b"OK\r\n"
        assert poll(lambda: int(asking.stats()["log_watchers"]) == before)
    watching(server, b"sysevents").close()


@pytest.mark.cached_only("culling by number of entries, as Django's caches do it")
@pytest.mark.parametrize(
    "request_", [set_(b"new", b"v"), b"ms new 1\r\nv\r\n", b"ma new N0 J5\r\n", set_(b"new", BIG)]
)
def test_what_waits_for_a_cull_is_told_once(launch, request_):
    server = launch("--max-entries", "20000", "--cull-frequency", "1")
    with server.connect() as client, watching(server, b"fetchers", receive_buffer=None) as watcher:
        client.send(b"".join(b"set k%d 0 0 1 noreply\r\nv\r\n" % n for n in range(20_000)))
        client.run(request_)
        client.run(b"get last\r\n")
        told = []
        while b"key=last" not in (line := watcher.read_until(b"\n")):
            told.append(line)
        assert sum(b"key=new " in line for line in told) == 1
