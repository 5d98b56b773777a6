"""The sub-commands of stats: settings, items, slabs, sizes, conns, detail."""

import re

import pytest

import statistics_1_6_45 as names
from client import set_, storage

WHOLE_NUMBER = re.compile(r"0|[1-9]\d*")


@pytest.mark.differs("1.6.18", reason="some statistics and settings have other names")
def test_settings_have_at_least_the_known_names(client):
    assert set(names.SETTINGS) <= set(client.stats("settings"))


@pytest.mark.differs("1.6.18", reason="some statistics and settings have other names")
def test_settings_are_whole_numbers_where_memcached_has_them(client):
    settings = client.stats("settings")
    for name in set(names.SETTINGS) & set(settings) - set(names.SETTINGS_AS_TEXT):
        assert WHOLE_NUMBER.fullmatch(settings[name]), name


def test_settings_show_the_defaults(server, client):
    settings = client.stats("settings")
    expected = {
        "maxbytes": str(64 << 20),
        "maxconns": "1024",
        "tcpport": str(server.port),
        "udpport": "0",
        "inter": "127.0.0.1",
        "verbosity": "0",
        "evictions": "on",
        "domain_socket": "NULL",
        "umask": "700",
        "shutdown_command": "no",
        "detail_enabled": "no",
        "reqs_per_event": "20",
        "cas_enabled": "yes",
        "tcp_backlog": "1024",
        "auth_enabled_sasl": "no",
        "auth_enabled_ascii": "no",
        "item_size_max": str(1 << 20),
        "maxconns_fast": "yes",
        "flush_enabled": "yes",
        "dump_enabled": "yes",
        "idle_timeout": "0",
        "stat_key_prefix": ":",
        "binding_protocol": "auto-negotiate",
    }
    assert {name: settings.get(name) for name in expected} == expected


def test_settings_show_the_options(launch):
    server = launch(
        "-m",
        "128",
        "-c",
        "99",
        "-I",
        "2m",
        "-R",
        "7",
        "-C",
        "-F",
        "-M",
        "-A",
        "-t",
        "3",
        "-b",
        "50",
        "-D",
        "/",
        "-o",
        "idle_timeout=77",
    )
    with server.connect() as client:
        settings = client.stats("settings")
    expected = {
        "maxbytes": str(128 << 20),
        "maxconns": "99",
        "item_size_max": str(2 << 20),
        "reqs_per_event": "7",
        "cas_enabled": "no",
        "flush_enabled": "no",
        "evictions": "off",
        "shutdown_command": "yes",
        "num_threads": "3",
        "tcp_backlog": "50",
        "stat_key_prefix": "/",
        "detail_enabled": "yes",
        "idle_timeout": "77",
    }
    assert {name: settings.get(name) for name in expected} == expected


def test_verbosity_shows_in_the_settings(client):
    assert client.run(b"verbosity 1\r\n") == b"OK\r\n"
    assert client.stats("settings")["verbosity"] == "1"
    assert client.run(b"verbosity 0\r\n") == b"OK\r\n"
    assert client.stats("settings")["verbosity"] == "0"


def by_class(stats):
    """{"1:number": v} or {"items:1:number": v} as {"1": {"number": v}}."""
    classes = {}
    for name, value in stats.items():
        number, _, field = name.removeprefix("items:").partition(":")
        classes.setdefault(number, {})[field] = value
    return classes


def test_items_have_the_known_names_per_class(launch):
    client = launch().connect()
    client.run(set_(b"a", b"x") + set_(b"b", b"x" * 5000))
    classes = by_class(client.stats("items"))
    assert len(classes) == 2
    for number, fields in classes.items():
        assert WHOLE_NUMBER.fullmatch(number)
        assert sorted(fields) == sorted(names.ITEMS)
        assert all(WHOLE_NUMBER.fullmatch(value) for value in fields.values())
        assert fields["number"] == "1"


def test_items_of_an_empty_cache_are_only_the_end(launch):
    assert launch().connect().run(b"stats items\r\n") == b"END\r\n"


def test_slabs_have_the_known_names_per_class(client):
    client.run(set_(b"a", b"x") + set_(b"b", b"x" * 5000))
    stats = client.stats("slabs")
    for name in names.SLABS_IN_ALL:
        assert WHOLE_NUMBER.fullmatch(stats.pop(name))
    classes = by_class(stats)
    assert len(classes) >= 2
    for number, fields in classes.items():
        assert WHOLE_NUMBER.fullmatch(number)
        assert sorted(fields) == sorted(names.SLABS_OF_A_CLASS)
        assert all(WHOLE_NUMBER.fullmatch(value) for value in fields.values())
    assert sum(int(fields["used_chunks"]) for fields in classes.values()) >= 2


def test_items_and_slabs_number_their_classes_alike(client):
    client.run(set_(b"a", b"x") + set_(b"b", b"x" * 5000))
    slabs = client.stats("slabs")
    of_slabs = by_class(
        {name: value for name, value in slabs.items() if name not in names.SLABS_IN_ALL}
    )
    assert set(by_class(client.stats("items"))) <= set(of_slabs)
    assert int(slabs["active_slabs"]) == len(of_slabs)


def test_sizes_are_disabled_unless_asked_for(client):
    assert client.run(b"stats sizes\r\n") == b"STAT sizes_status disabled\r\nEND\r\n"


def test_sizes_count_items_in_steps_of_32_bytes(launch):
    with launch("-o", "track_sizes").connect() as client:
        client.run(set_(b"a", b"x") + set_(b"b", b"y") + set_(b"c", b"x" * 5000))
        sizes = client.stats("sizes")
        assert sorted(sizes.values()) == ["1", "2"]
        assert all(int(size) % 32 == 0 for size in sizes)
        assert any(5000 < int(size) < 5200 for size in sizes)
        assert client.stats("settings")["track_sizes"] == "yes"


def conns_by_number(client):
    conns = {}
    for name, value in client.stats("conns").items():
        number, _, field = name.partition(":")
        conns.setdefault(number, {})[field] = value
    return conns


def test_conns_over_tcp_show_both_ends(server, client):
    host, port = client.socket.getsockname()
    conns = conns_by_number(client).values()
    listening = [conn for conn in conns if conn["state"] == "conn_listening"]
    assert [conn["addr"] for conn in listening] == [f"tcp:127.0.0.1:{server.port}"]
    own = [conn for conn in conns if conn["addr"] == f"tcp:{host}:{port}"]
    assert len(own) == 1
    assert own[0]["listen_addr"] == f"tcp:127.0.0.1:{server.port}"
    assert own[0]["state"] == "conn_parse_cmd"
    assert own[0]["secs_since_last_cmd"] == "0"


def test_conns_over_a_unix_socket_show_its_path(launch, socket_folder):
    path = socket_folder / "s"
    with launch(unix=path).connect() as client:
        conns = conns_by_number(client).values()
        assert [c["addr"] for c in conns if c["state"] == "conn_listening"] == [f"unix:{path}"]
        own = [conn for conn in conns if conn["state"] == "conn_parse_cmd"]
        assert len(own) == 1
        assert own[0]["listen_addr"] == f"unix:{path}"
        assert own[0]["addr"]


def test_conns_over_ipv6_have_brackets(launch):
    server = launch(listen="::1")
    with server.connect() as client:
        port = client.socket.getsockname()[1]
        conns = conns_by_number(client).values()
        assert f"tcp6:[::1]:{port}" in [conn["addr"] for conn in conns]
        assert f"tcp6:[::1]:{server.port}" in [conn.get("listen_addr") for conn in conns]


@pytest.mark.parametrize("name", ["settings items", "settings noreply", "slabs junk", "sizes a b"])
def test_what_follows_a_part_is_ignored(client, name):
    assert sorted(client.stats(name)) == sorted(client.stats(name.split()[0]))


@pytest.mark.parametrize(
    "name", ["bogus", "itemsx", "item", "slab", "size", "resetx", "Settings", "connsx"]
)
def test_an_unknown_part_is_an_error(client, name):
    assert client.run(b"stats %s\r\n" % name.encode()) == b"ERROR\r\n"


@pytest.mark.differs("1.6.18", reason="parts of stats do not match by prefix")
@pytest.mark.parametrize(
    "name, reply",
    [
        (b"r", b"RESET\r\n"),
        (b"rese", b"RESET\r\n"),
        (b"c", b"CLIENT_ERROR bad command line\r\n"),
        (b"d", b"CLIENT_ERROR usage: stats detail on|off|dump\r\n"),
        (b"detail of", b"OK\r\n"),
    ],
)
def test_parts_match_by_prefix(client, name, reply):
    assert client.run(b"stats %s\r\n" % name) == reply


@pytest.mark.differs("1.6.18", reason="parts of stats do not match by prefix")
@pytest.mark.parametrize("name, field", [("s", "maxbytes"), ("sett", "maxbytes")])
def test_settings_match_by_prefix(client, name, field):
    assert field in client.stats(name)


@pytest.mark.parametrize("argument", [b"", b" x", b" onx", b" ON"])
def test_detail_without_a_known_word_tells_its_usage(client, argument):
    assert (
        client.run(b"stats detail%s\r\n" % argument)
        == b"CLIENT_ERROR usage: stats detail on|off|dump\r\n"
    )


def test_detail_counts_by_prefix(launch):
    with launch("-D", ":").connect() as client:
        client.run(
            set_(b"p:a", b"1")
            + b"get p:a p:b\r\ngets p:a\r\ndelete p:a\r\n"
            + storage(b"add", b"q:a", b"1")
        )
        reply = client.run(b"stats detail dump\r\n")
        assert sorted(reply.split(b"\r\n")) == sorted(
            [b"PREFIX p get 3 hit 2 set 1 del 1", b"PREFIX q get 0 hit 0 set 1 del 0", b"END", b""]
        )


def test_detail_takes_another_delimiter(launch):
    with launch("-D", "/").connect() as client:
        client.run(set_(b"p/a", b"1"))
        assert (
            client.run(b"stats detail dump\r\n") == b"PREFIX p get 0 hit 0 set 1 del 0\r\nEND\r\n"
        )


def test_detail_is_switched_on_and_off(launch):
    with launch().connect() as client:
        client.run(set_(b"off:a", b"1"))
        assert client.run(b"stats detail on\r\n") == b"OK\r\n"
        client.run(set_(b"on:a", b"1"))
        assert client.run(b"stats detail off\r\n") == b"OK\r\n"
        client.run(set_(b"late:a", b"1"))
        assert (
            client.run(b"stats detail dump\r\n") == b"PREFIX on get 0 hit 0 set 1 del 0\r\nEND\r\n"
        )


def test_cachedump_checks_its_arguments(client):
    assert client.run(b"stats cachedump 1\r\n") == b"CLIENT_ERROR bad command line\r\n"
    assert client.run(b"stats cachedump 1 x\r\n") == b"CLIENT_ERROR bad command line format\r\n"
    assert client.run(b"stats cachedump 250 1\r\n") == b"CLIENT_ERROR Illegal slab id\r\n"


def test_a_server_without_dumps_refuses_cachedump(launch):
    with launch("-X").connect() as client:
        assert (
            client.run(b"stats cachedump 1 1\r\n")
            == b"CLIENT_ERROR stats cachedump not allowed\r\n"
        )


@pytest.mark.differs("1.6.18", reason="-X leaves stats detail allowed")
def test_a_server_without_dumps_refuses_detail(launch):
    with launch("-X").connect() as client:
        assert client.run(b"stats detail on\r\n") == b"CLIENT_ERROR stats detail not allowed\r\n"
