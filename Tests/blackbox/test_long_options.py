"""Long options, the configuration file, and what memcached does not have."""

import pytest

from client import poll, set_, storage, value_reply
from daemon import run_to_exit

pytestmark = pytest.mark.cached_only(
    "options of our own: long names, a configuration file, --default-ttl, --dummy"
)


@pytest.mark.parametrize(
    "options, name, value",
    [
        (["--memory-limit", "100m"], "maxbytes", str(100 << 20)),
        (["--memory-limit=1g"], "maxbytes", str(1 << 30)),
        (["--memory-limit", "128"], "maxbytes", str(128 << 20)),
        (["--threads", "3"], "num_threads", "3"),
        (["--max-connections", "77"], "maxconns", "77"),
        (["--conn-limit", "78"], "maxconns", "78"),
        (["--max-item-size", "2m"], "item_size_max", str(2 << 20)),
        (["--disable-cas"], "cas_enabled", "no"),
        (["--disable-flush-all"], "flush_enabled", "no"),
        (["--disable-evictions"], "evictions", "off"),
        (["--enable-shutdown"], "shutdown_command", "yes"),
        (["--idle-timeout", "9"], "idle_timeout", "9"),
        (["--max-reqs-per-event", "5"], "reqs_per_event", "5"),
        (["--listen-backlog", "33"], "tcp_backlog", "33"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_long_option_shows_in_the_settings(launch, options, name, value):
    with launch(*options).connect() as client:
        assert client.stats("settings")[name] == value


def test_the_short_and_the_long_name_are_the_same_option(binary):
    short = run_to_exit(binary, "-m", "100", "-c", "50", "-p", "1234", "--check-config")
    long = run_to_exit(
        binary, "--memory-limit=100", "--max-connections=50", "--port=1234", "--check-config"
    )
    assert short.returncode == 0 and short.stdout == long.stdout


def test_the_unix_socket_has_long_names(binary):
    short = run_to_exit(binary, "-s", "cached.sock", "-a", "770", "--check-config")
    long = run_to_exit(binary, "--unix-socket=cached.sock", "--unix-mask=770", "--check-config")
    assert short.returncode == 0 and short.stdout == long.stdout
    assert "unix-socket = cached.sock" in lines(long.stdout)


def lines(text):
    """The lines of a configuration that say something."""
    return [
        line.strip()
        for line in text.splitlines()
        if line.strip() and not line.strip().startswith("#")
    ]


def test_check_config_prints_the_settings_and_exits_0(binary):
    finished = run_to_exit(
        binary, "--check-config", "--memory-limit", "128m", "--max-entries", "300"
    )
    assert finished.returncode == 0
    assert "memory-limit = 128m" in lines(finished.stdout)
    assert "max-entries = 300" in lines(finished.stdout)
    assert "port = 11211" in lines(finished.stdout)


def test_what_check_config_prints_is_a_file_that_gives_the_same(binary, tmp_path):
    file = tmp_path / "cached.conf"
    first = run_to_exit(binary, "--check-config", "-m", "128", "-c", "99", "--default-ttl=7", "-F")
    file.write_text(first.stdout)
    second = run_to_exit(binary, "--check-config", "--config", str(file))
    assert second.returncode == 0 and second.stdout == first.stdout


@pytest.mark.parametrize(
    "options", [["--port", "x"], ["--max-entries", "-1"], ["--cull-frequency", "x"]], ids=" ".join
)
def test_check_config_refuses_what_a_start_would_refuse(refuse, options):
    finished = refuse("--check-config", *options)
    assert finished.returncode in (1, 64)
    assert len(finished.stderr.splitlines()) == 1 and options[0] in finished.stderr


def test_a_file_gives_options(launch, tmp_path):
    file = tmp_path / "cached.conf"
    file.write_text(
        "# a comment\n\nmemory-limit = 100m\nthreads=3\n  max-connections = 55 # many\n"
    )
    with launch("--config", str(file)).connect() as client:
        settings = client.stats("settings")
    assert (settings["maxbytes"], settings["num_threads"], settings["maxconns"]) == (
        str(100 << 20),
        "3",
        "55",
    )


@pytest.mark.parametrize("before", [True, False])
def test_the_command_line_overrides_the_file(launch, tmp_path, before):
    file = tmp_path / "cached.conf"
    file.write_text("memory-limit = 100m\nthreads = 3\n")
    config, own = ["--config", str(file)], ["-m", "200"]
    with launch(*(own + config if before else config + own)).connect() as client:
        settings = client.stats("settings")
    assert (settings["maxbytes"], settings["num_threads"]) == (str(200 << 20), "3")


@pytest.mark.parametrize(
    "text, word",
    [
        ("bogus = 1\n", "bogus"),
        ("port\n", "port"),
        ("port = x\n", "port"),
        ("port = 1\nport = 2\n", "port"),
        ("threads =\n", "threads"),
        ("\0\n", "NUL"),
        ("config = x\n", "config"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(refuse, tmp_path, text, word):
    file = tmp_path / "cached.conf"
    file.write_text("# first\n" + text)
    finished = refuse("--config", str(file))
    assert finished.returncode in (1, 64)
    assert len(finished.stderr.splitlines()) == 1
    assert str(file) in finished.stderr and word in finished.stderr
    assert f":{text.count(chr(10)) + 1}" in finished.stderr


def test_a_missing_file_is_refused(refuse, tmp_path):
    finished = refuse("--config", str(tmp_path / "missing"))
    assert len(finished.stderr.splitlines()) == 1 and "missing" in finished.stderr


def test_help_names_the_long_options(binary):
    page = run_to_exit(binary, "--help").stdout
    for name in (
        "port",
        "memory-limit",
        "threads",
        "listen",
        "unix-socket",
        "max-connections",
        "max-entries",
        "cull-frequency",
        "default-ttl",
        "dummy",
        "config",
        "check-config",
    ):
        assert f"--{name}" in page, name
    assert max(map(len, page.splitlines())) <= 80


def test_a_default_ttl_is_for_what_is_stored_without_one(launch):
    with launch("--default-ttl", "1").connect() as client:
        client.run(
            set_(b"default", b"1")
            + storage(b"add", b"added", b"1")
            + set_(b"own", b"1", exptime=100)
        )
        assert client.run(b"get default\r\n") == value_reply(b"default", b"1")
        assert poll(lambda: client.run(b"get default added\r\n") == b"END\r\n", timeout=4)
        assert client.run(b"get own\r\n") == value_reply(b"own", b"1")


def test_a_default_ttl_does_not_make_a_negative_time_positive(launch):
    with launch("--default-ttl", "100").connect() as client:
        assert client.run(set_(b"a", b"1", exptime=-1) + b"get a\r\n") == b"STORED\r\nEND\r\n"


@pytest.mark.parametrize(
    "command, reply",
    [
        (set_(b"a", b"1"), b"STORED\r\n"),
        (storage(b"add", b"a", b"1"), b"STORED\r\n"),
        (storage(b"replace", b"a", b"1"), b"NOT_STORED\r\n"),
        (storage(b"append", b"a", b"1"), b"NOT_STORED\r\n"),
        (storage(b"prepend", b"a", b"1"), b"NOT_STORED\r\n"),
        (storage(b"cas", b"a", b"1", tail=b"1"), b"NOT_FOUND\r\n"),
        (b"get a\r\n", b"END\r\n"),
        (b"gets a b\r\n", b"END\r\n"),
        (b"gat 0 a\r\n", b"END\r\n"),
        (b"delete a\r\n", b"NOT_FOUND\r\n"),
        (b"touch a 0\r\n", b"NOT_FOUND\r\n"),
        (b"incr a 1\r\n", b"NOT_FOUND\r\n"),
        (b"decr a 1\r\n", b"NOT_FOUND\r\n"),
        (b"flush_all\r\n", b"OK\r\n"),
        (b"bogus\r\n", b"ERROR\r\n"),
        (b"set a 0 0 1 noreply\r\nx\r\n", b""),
        (b"set a 0 0 1\r\nxyz", b"CLIENT_ERROR bad data chunk\r\n"),
    ],
    ids=lambda value: value.split(b"\r\n")[0].decode(),
)
def test_a_dummy_answers_every_command_and_stores_nothing(launch, command, reply):
    with launch("--dummy").connect() as client:
        assert (
            client.run(set_(b"a", b"1") + command + b"get a\r\n")
            == b"STORED\r\n" + reply + b"END\r\n"
        )
        assert client.stats()["curr_items"] == "0"
