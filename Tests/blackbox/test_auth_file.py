"""The file of users: hashed passwords, what is refused at the start, and reading it again."""

import os
import signal
import subprocess

import pytest

from client import Client, poll, set_, value_reply
from logins import FAILED, HASHES, STORED, answer, logged_in, login, write_users

ours = pytest.mark.cached_only("hashed passwords, and a user file that is checked line by line")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "users"


# -- starting --


@ours
@pytest.mark.parametrize(
    "lines, complaint",
    [
        (["alice:secret", "hunter2"], ":2: has no colon; takes user:password"),
        (["alice:secret", "", "bob:"], ":3: has a password of 0 bytes; takes 1 to 511"),
        ([":hunter2"], ":1: has a user of 0 bytes; takes 1 to 255"),
        (["alice:hun\0ter2"], ":1: has a NUL or a carriage return in it"),
        (["alice:" + "hunter2" * 100], ":1: has a password of 700 bytes; takes 1 to 511"),
        (["alice:$hunter2"], ":1: has a password that begins with $ and is no hash"),
        (["alice:" + HASHES["sha512"][:-1]], ":1: has an incomplete hash"),
        ([f"user{number}:hunter2" for number in range(1025)], ":1025: has one user too many"),
        (["alice:hunter2"] * 100_000, ": is larger than 1024 KiB"),
        ([], ": has no user"),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(refuse, file, lines, complaint):
    finished = refuse("-Y", write_users(file, *lines))
    assert finished.returncode == 1
    assert len(finished.stderr.splitlines()) == 1
    assert f"{file}{complaint}" in finished.stderr
    assert "hunter2" not in finished.stderr and HASHES["sha512"][:-1] not in finished.stderr


def test_a_missing_file_is_refused(refuse, file):
    assert str(file) in refuse("-Y", str(file)).stderr


@ours
def test_what_is_no_file_is_refused(refuse, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in [tmp_path, tmp_path / "pipe"]:
        assert f"{path}: is not a file" in refuse("-Y", str(path)).stderr


@pytest.mark.cached_only("a warning about a user file that everybody can read")
@pytest.mark.parametrize("mode, warns", [(0o600, False), (0o640, False), (0o644, True)])
def test_a_file_that_everybody_can_read_is_warned_of(launch, file, mode, warns):
    write_users(file, "alice:secret")
    file.chmod(mode)
    assert ("can read or write it; chmod o-rw" in launch("-Y", str(file)).errors()) == warns


@pytest.mark.cached_only("SASL, with the users of a file")
def test_sasl_needs_users(refuse, launch, file):
    assert "MEMCACHED_SASL_PWDB" in refuse("-S").stderr
    path = write_users(file, "alice:secret:::::")
    missing = refuse("-S", env={"MEMCACHED_SASL_PWDB": path + ".missing"})
    assert missing.returncode == 1 and path + ".missing" in missing.stderr


@pytest.mark.cached_only("SASL, with the users of a file")
def test_with_sasl_there_is_no_text(binary, file, socket_folder):
    path = socket_folder / "s"
    users = {"MEMCACHED_SASL_PWDB": write_users(file, "alice:secret:::::")}
    command = [binary, "-S", "-s", str(path), "-u", "root"]
    server = subprocess.Popen(command, env=os.environ | users, stderr=subprocess.DEVNULL)
    try:
        assert poll(path.exists)
        for request in [b"version\r\n", b"mn\r\n", b"\r\n", login(b"alice", b"secret")]:
            with Client(str(path)) as client:
                client.send(request)
                assert client.read_to_end() == b""
    finally:
        server.kill()
        server.wait()


# -- hashes --


@ours
@pytest.mark.parametrize("method", ["sha512", "sha256", "bcrypt", "yescrypt"])
def test_a_password_may_be_hashed(launch, file, method):
    server = launch("-Y", write_users(file, f"alice:{HASHES[method]}", "bob:plain"))
    assert answer(server, login(b"alice", b"secret")) == STORED
    assert answer(server, login(b"bob", b"plain")) == STORED
    for user, password in [
        (b"alice", b"wrong"),
        (b"alice", b""),
        (b"alice", b"plain"),
        (b"alice", b"secret\0"),
        (b"alice", HASHES[method].encode()),
        (b"bob", b"secret"),
        (b"nobody", b"secret"),
    ]:
        assert answer(server, login(user, password)) == FAILED


@ours
def test_commands_behind_a_hashed_login_wait_for_it(launch, file):
    server = launch("-Y", write_users(file, f"alice:{HASHES['yescrypt']}"))
    request = login(b"alice", b"secret") + set_(b"a", b"x" * 5000) + b"get a\r\n"
    assert answer(server, request) == STORED + STORED + value_reply(b"a", b"x" * 5000)


@ours
def test_several_logins_in_a_row_are_decided_in_order(launch, file):
    server = launch("-Y", write_users(file, f"alice:{HASHES['sha512']}"))
    with server.connect() as client:
        for _ in range(20):
            client.send(login(b"alice", b"wrong"))
            assert client.read_line() == FAILED
        client.send(login(b"alice", b"secret") + b"get a\r\n")
        assert client.read_line() == STORED
        assert client.read_line() == b"END\r\n"


# -- reading it again --


def is_accepted(server, user, password):
    return answer(server, login(user, password)) == STORED


def test_sighup_reads_the_users_again(launch, file):
    server = launch("-Y", write_users(file, "alice:secret", "bob:builder"))
    with logged_in(server) as client:
        write_users(file, "bob:changed", "carol:new")
        server.send_signal(signal.SIGHUP)
        assert poll(lambda: is_accepted(server, b"carol", b"new"))
        assert is_accepted(server, b"bob", b"changed")
        assert not is_accepted(server, b"bob", b"builder")
        assert not is_accepted(server, b"alice", b"secret")
        # Who is logged in stays so.
        assert client.run(set_(b"a", b"1") + b"get a\r\n") == STORED + value_reply(b"a", b"1")


@ours
def test_sighup_brings_hashes(launch, file):
    server = launch("-Y", write_users(file, "alice:plain"))
    write_users(file, f"alice:{HASHES['sha256']}")
    server.send_signal(signal.SIGHUP)
    assert poll(lambda: is_accepted(server, b"alice", b"secret"))
    assert not is_accepted(server, b"alice", b"plain")


@ours
@pytest.mark.parametrize("broken", ["hunter2", "bob:$hunter2", None])
def test_a_broken_file_leaves_the_users_as_they_were(launch, file, broken):
    server = launch("-Y", write_users(file, "alice:secret"))
    if broken is None:
        file.unlink()
    else:
        write_users(file, broken)
    server.send_signal(signal.SIGHUP)
    assert poll(lambda: f"the users stay as they were: {file}" in server.errors())
    assert "hunter2" not in server.errors()
    assert is_accepted(server, b"alice", b"secret")


def test_sighup_without_users_changes_nothing(launch):
    with launch().connect() as client:
        client.run(set_(b"a", b"1"))
        launched = client.stats()["pid"]
        os.kill(int(launched), signal.SIGHUP)
        assert client.run(b"get a\r\n") == value_reply(b"a", b"1")


@ours
def test_a_relative_path_is_still_there_in_the_background(binary, file, tmp_path, socket_folder):
    """-d goes to the root folder."""
    write_users(file, "alice:secret")
    path = socket_folder / "s"
    pid_file = tmp_path / "pid"
    command = [binary, "-d", "-s", str(path), "-P", str(pid_file), "-Y", "users", "-u", "root"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=10, stderr=subprocess.DEVNULL)
    assert poll(pid_file.exists)
    pid = int(pid_file.read_text())
    try:
        write_users(file, "bob:new")
        os.kill(pid, signal.SIGHUP)

        def bob_is_in():
            with Client(str(path)) as client:
                client.send(login(b"bob", b"new"))
                return client.read_line() == STORED

        assert poll(bob_is_in)
    finally:
        os.kill(pid, signal.SIGKILL)
