"""Options: what is accepted, what is refused and how, what -h and -V say."""

import os
import signal

import pytest

from client import Client, poll, set_, value_reply
from daemon import free_port, run_to_exit


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_goes_to_stdout_and_exits_0(binary, option):
    finished = run_to_exit(binary, option)
    assert finished.returncode == 0
    assert "-p" in finished.stdout and "--port" in finished.stdout
    assert finished.stderr == ""


def test_help_begins_with_a_memcached_version(binary):
    first_line = run_to_exit(binary, "-h").stdout.splitlines()[0]
    assert first_line.startswith("memcached 1.6.")


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_version_goes_to_stdout_and_exits_0(binary, option):
    finished = run_to_exit(binary, option)
    assert finished.returncode == 0
    assert finished.stdout.strip() and finished.stderr == ""


REFUSED = [
    ["-l", "no.such.host.invalid"],
    ["-l", "192.0.2.1"],
    ["-B", "http"],
    ["-c", "0"],
    ["-c", "-1"],
    ["-c", "x"],
    ["-t", "0"],
    ["-t", "x"],
    ["-I", "1000"],
    ["-I", "0"],
    ["-I", "x"],
    ["-I", "2048m"],
    ["-I", "256m", "-m", "64"],
    ["-I", "64m", "-m", "64"],
    ["-m", "x"],
    ["-m", "0"],
    ["-p", "99999"],
    ["-R", "0"],
    ["-R", "x"],
    ["-f", "1.0"],
    ["-n", "0"],
    ["-o", "bogus"],
    ["-o", "idle_timeout"],
    ["-Q"],
    ["--bogus"],
    ["-p"],
    ["-D"],
    ["-P"],
]


@pytest.mark.parametrize("options", REFUSED, ids=" ".join)
def test_a_bad_option_is_refused_with_a_message(refuse, options):
    port = [] if "-p" in options else ["-p", str(free_port())]
    refuse(*port, *options)


@pytest.mark.cached_only(
    "one line on stderr and exit code 1 or 64; memcached also uses 71 and two lines"
)
@pytest.mark.parametrize(
    "options",
    [
        *REFUSED,
        ["-p", "x"],
        ["-o", "idle_timeout=x"],
        ["-b", "x"],
        ["-m", "-1"],
        ["-a", "9z", "-s", "unused"],
    ],
    ids=" ".join,
)
def test_a_refusal_is_one_line_and_a_usage_error(refuse, options):
    port = [] if "-p" in options else ["-p", str(free_port())]
    finished = refuse(*port, *options)
    assert finished.returncode in (1, 64)
    assert len(finished.stderr.splitlines()) == 1


def test_a_port_in_use_is_refused(launch, refuse):
    finished = refuse("-l", "127.0.0.1", "-p", str(launch().port))
    assert "in use" in finished.stderr


def test_a_unix_socket_in_a_missing_folder_is_refused(refuse, socket_folder):
    refuse("-s", str(socket_folder / "missing" / "s"))


@pytest.mark.cached_only(
    "one line on stderr and exit code 1 or 64; memcached also uses 71 and two lines"
)
def test_what_cannot_be_listened_on_is_one_line(launch, refuse, socket_folder):
    port = launch().port
    assert f"cannot listen on 127.0.0.1:{port}: " in refuse("-p", str(port)).stderr
    for options in (
        ["-l", "127.0.0.1", "-p", str(port)],
        ["-s", str(socket_folder / "missing" / "s")],
        ["-s", str(socket_folder / ("long" * 50))],
    ):
        finished = refuse(*options)
        assert finished.returncode in (1, 64)
        assert len(finished.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "options",
    [
        ["-k"],
        ["-r"],
        ["-b", "10"],
        ["-v"],
        ["-vv"],
        ["-f", "1.5"],
        ["-n", "64"],
        ["-B", "ascii"],
        ["-B", "auto"],
        ["-U", "0"],
        ["-W"],
        ["-X"],
        ["-t", "1"],
        ["-t", "8"],
        ["-m", "100"],
        ["-c", "2000"],
        ["-R", "50"],
        ["-L"],
        ["-o", "modern"],
        ["-o", "no_modern"],
        ["-o", "lru_crawler,lru_maintainer"],
        ["-o", "no_lru_crawler"],
        ["-o", "hashpower=18"],
        ["-o", "slab_reassign,slab_automove=1"],
        ["-o", "hash_algorithm=xxh3"],
        ["-o", "hot_lru_pct=20,warm_lru_pct=40,temporary_ttl=61"],
        ["-o", "maxconns_fast"],
        ["-o", "tail_repair_time=60"],
        ["-o", "idle_timeout=0"],
        ["-o", "no_hashexpand"],
        ["-o", "read_buf_mem_limit=100"],
    ],
    ids=" ".join,
)
def test_an_option_of_memcached_is_accepted(launch, options):
    with launch(*options).connect() as client:
        assert client.run(set_(b"a", b"x") + b"get a\r\n") == b"STORED\r\n" + value_reply(
            b"a", b"x"
        )


@pytest.mark.cached_only("UDP is not offered, and -U with a port says so")
def test_a_udp_port_is_accepted_with_a_warning(launch):
    server = launch("-U", str(free_port()))
    assert "udp" in server.errors().lower()


@pytest.mark.cached_only("an option that has no meaning here is accepted with a warning")
@pytest.mark.parametrize(
    "options",
    [["-f", "1.5"], ["-n", "64"], ["-L"], ["-o", "hash_algorithm=xxh3"], ["-o", "hot_lru_pct=20"]],
    ids=" ".join,
)
def test_an_option_without_meaning_is_warned_of(launch, options):
    assert launch(*options).errors().strip()


def test_a_quiet_server_says_nothing(launch):
    server = launch()
    with server.connect() as client:
        client.run(set_(b"a", b"x") + b"bogus\r\n")
    assert server.errors() == ""


def test_a_daemon_writes_the_pid_that_stats_shows(binary, tmp_path):
    file, port = tmp_path / "pid", free_port()
    finished = run_to_exit(
        binary, "-d", "-P", str(file), "-l", "127.0.0.1", "-p", str(port), "-U", "0", "-u", "root"
    )
    assert finished.returncode == 0
    assert poll(lambda: file.exists() and file.read_text().endswith("\n"))
    pid = int(file.read_text())
    try:

        def pid_of_the_server():
            try:
                with Client(("127.0.0.1", port)) as client:
                    return client.stats()["pid"]
            except ConnectionRefusedError:
                return None

        assert poll(pid_of_the_server) == str(pid)
        assert os.getsid(pid) == pid
    finally:
        os.kill(pid, signal.SIGKILL)


def test_the_number_of_threads_is_the_given_one(launch):
    with launch("-t", "3").connect() as client:
        assert client.stats()["threads"] == "3"
        assert client.stats("settings")["num_threads"] == "3"
