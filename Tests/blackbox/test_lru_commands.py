"""lru, slabs, and the other commands of operators: memcached's checks, and this engine's truth."""

import pytest

from client import set_

BAD_FORMAT = b"CLIENT_ERROR bad command line format"


@pytest.mark.parametrize(
    "line, reply",
    [
        (b"lru bogus x", b"ERROR"),
        (b"lru tune", b"ERROR"),
        (b"lru tune 10 20 0.1", b"ERROR"),
        (b"lru tune x 20 0.1 2.0", b"ERROR"),
        (b"lru tune 10 20 0.1 x", b"ERROR"),
        (b"lru tune 41 40 0.1 2.0", b"ERROR hot and warm pcts must not exceed 80"),
        (b"lru tune 10 20 0 2.0", b"ERROR hot/warm age factors must be greater than 0"),
        (b"lru tune 10 20 0.1 2.0", b"OK"),
        (b"lru mode", b"ERROR"),
        (b"lru mode round", b"ERROR"),
        (b"lru mode flat", b"OK"),
        (b"lru temp_ttl", b"ERROR"),
        (b"lru temp_ttl x", b"ERROR"),
        (b"lru temp_ttl -1", b"OK"),
        (b"slabs reassign 1 1", b"SAME src and dst class are identical"),
        (b"slabs reassign 250 1", b"BADCLASS invalid src or dst class id"),
        (b"slabs reassign 1 250", b"BADCLASS invalid src or dst class id"),
        (b"slabs reassign -1 1", b"BADCLASS invalid src or dst class id"),
        (b"slabs reassign 1 2", b"NOSPARE source class has no spare pages"),
        (b"slabs reassign x 2", BAD_FORMAT),
        (b"slabs reassign", b"ERROR"),
        (b"slabs reassign 1 2 3", b"ERROR"),
        (b"slabs automove 1", b"OK"),
        (b"slabs automove 3", b"ERROR"),
        (b"slabs automove x", BAD_FORMAT),
        (b"slabs automove ratio x", b"ERROR"),
        (b"slabs automove ratio 0.5", b"OK"),
        (b"slabs automove window", BAD_FORMAT),
        (b"slabs bogus 1", b"ERROR"),
        (b"cache_memlimit", b"ERROR"),
        (b"cache_memlimit x", b"ERROR"),
        (b"cache_memlimit 7", b"MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m"),
        (b"cache_memlimit 64", b"OK"),
        (b"debugtime p", b"ERROR"),
        (b"debugtime 10", b"ERROR"),
        (b"misbehave", b"ERROR"),
        (b"debugitem lock a", b"ERROR"),
        (b"config get cluster", b"ERROR"),
        (b"stats dump", b"ERROR"),
    ],
    ids=lambda value: None if value.isupper() else value.decode(),
)
def test_a_command_is_checked(client, line, reply):
    assert client.run(line + b"\r\n") == reply + b"\r\n"


@pytest.mark.differs("1.6.18", reason="automove has no window and no freeratio that could be set")
@pytest.mark.parametrize(
    "line, reply",
    [
        (b"slabs automove freeratio 0.1", b"OK"),
        (b"slabs automove window 2", b"CLIENT_ERROR automove window too low or too high"),
        (b"slabs automove window 20", b"OK"),
    ],
)
def test_automove_is_checked(client, line, reply):
    assert client.run(line + b"\r\n") == reply + b"\r\n"


def test_verbosity_wants_a_number(client):
    assert client.run(b"verbosity x\r\n") == BAD_FORMAT + b"\r\n"


@pytest.mark.differs(
    "1.6.18", reason="malformed lines are ERROR, not CLIENT_ERROR bad command line format"
)
def test_verbosity_alone_is_malformed(client):
    assert client.run(b"verbosity\r\n") == BAD_FORMAT + b"\r\n"


@pytest.mark.differs("1.6.18", reason="only one extra token is ignored")
def test_what_follows_verbosity_is_ignored(client):
    assert client.run(b"verbosity 0 1 2\r\n") == b"OK\r\n"


@pytest.mark.differs("1.6.18", reason="parts of stats do not match by prefix")
@pytest.mark.parametrize(
    "line", [b"lru m flat", b"lru mode f", b"lru t 1 2 3 4 5", b"slabs a 1", b"lru_crawler e"]
)
def test_sub_commands_match_by_prefix(launch, line):
    with launch("-o", "no_lru_crawler").connect() as client:
        assert client.run(line + b"\r\n") == b"OK\r\n"


@pytest.mark.parametrize("line", [b"lru mode flat", b"lru temp_ttl -1"])
def test_without_a_maintainer_there_are_no_modes(launch, line):
    with launch("-o", "no_lru_maintainer").connect() as client:
        assert client.run(line + b"\r\n") == b"ERROR\r\n"


@pytest.mark.cached_only(
    "what this engine cannot do is refused: segments, a TTL of its own, no page moves"
)
@pytest.mark.parametrize(
    "line",
    [b"lru mode segmented", b"lru temp_ttl 60", b"slabs automove 0", b"slabs automove 2"],
)
def test_what_there_is_not_is_refused(client, line):
    assert client.run(line + b"\r\n") == b"ERROR\r\n"
    settings = client.stats("settings")
    assert settings["lru_segmented"] == "no" and settings["temp_lru"] == "no"
    assert settings["slab_automove"] == "1"


@pytest.mark.differs("1.6.18", reason="automove has no window and no freeratio that could be set")
def test_numbers_that_tune_automove_show_in_the_settings(launch):
    with launch().connect() as client:
        client.run(b"slabs automove freeratio 0.0256\r\nslabs automove window 77\r\n")
        settings = client.stats("settings")
        assert settings["slab_automove_freeratio"] == "0.026"
        assert settings["slab_automove_window"] == "77"


def test_numbers_that_tune_show_in_the_settings(launch):
    with launch().connect() as client:
        client.run(b"lru tune 10 25 0.125 2.5\r\nslabs automove ratio 0.5\r\n")
        settings = client.stats("settings")
        expected = {
            "hot_lru_pct": "10",
            "warm_lru_pct": "25",
            "hot_max_factor": "0.12",
            "warm_max_factor": "2.50",
            "slab_automove_ratio": "0.50",
        }
        assert {name: settings[name] for name in expected} == expected


def test_the_limit_of_memory_changes_at_run_time(launch):
    with launch("-m", "64").connect() as client:
        assert client.run(b"cache_memlimit 100\r\n") == b"OK\r\n"
        assert client.stats()["limit_maxbytes"] == str(100 << 20)
        assert client.run(set_(b"a", b"1")) == b"STORED\r\n"
