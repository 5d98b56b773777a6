"""Clients of other languages than Python, each in a program of its own in `programs`.

A program is given the daemon's address, the protocol, and what it needs to be let in. It
prints a line that begins with "ok" or "not ok" for each of its checks.
"""

import os
import subprocess
from dataclasses import dataclass

import pytest
from daemon import ROOT, is_memcached
from secured import PASSWORD, USER, certificate_authority
from suites import find_tool

PROGRAMS = ROOT / "Tests" / "clients" / "programs"
RUN_SECONDS_MAX = 100
SPYMEMCACHED = "/usr/share/java/spymemcached.jar"


def go_program():
    """The Go program, compiled with Debian's packages of sources and nothing else."""
    directory = ROOT / ".build" / "client-programs"
    directory.mkdir(parents=True, exist_ok=True)
    settings = {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(directory / "go-cache"),
        "CGO_ENABLED": "0",
    }
    program = directory / "gomemcache"
    command = [find_tool("go"), "build", "-o", program, PROGRAMS / "gomemcache.go"]
    subprocess.run(command, env=os.environ | settings, check=True)
    return [program]


@dataclass
class Client:
    """How to start the program of a client, and how many checks it makes."""

    command: callable
    checks: dict  # by protocol


CLIENTS = {
    "php-memcached": Client(
        lambda: [find_tool("php"), "-d", "display_errors=stderr", PROGRAMS / "php_memcached.php"],
        {"text": 35, "binary": 37},
    ),
    "dalli": Client(lambda: [find_tool("ruby"), PROGRAMS / "dalli.rb"], {"binary": 32}),
    "cache-memcached-fast": Client(
        lambda: [find_tool("perl"), PROGRAMS / "fast.pl"], {"text": 33}
    ),
    "gomemcache": Client(go_program, {"text": 37}),
    "spymemcached": Client(
        lambda: [find_tool("java"), "-cp", SPYMEMCACHED, PROGRAMS / "Spymemcached.java"],
        {"text": 45, "binary": 47},
    ),
}

RUNS = [
    ("php-memcached", "text", "tcp"),
    ("php-memcached", "binary", "tcp"),
    ("php-memcached", "binary", "sasl"),
    ("dalli", "binary", "tcp"),
    ("dalli", "binary", "sasl"),
    ("dalli", "binary", "tls"),
    ("dalli", "binary", "tls_login"),
    ("cache-memcached-fast", "text", "tcp"),
    ("gomemcache", "text", "tcp"),
    ("spymemcached", "text", "tcp"),
    ("spymemcached", "binary", "tcp"),
    ("spymemcached", "binary", "sasl"),
]


def run(client, protocol, daemon, *secrets):
    words = [*CLIENTS[client].command(), "127.0.0.1", daemon.port, protocol, *secrets]
    return subprocess.run(
        [str(word) for word in words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=RUN_SECONDS_MAX,
    )


@pytest.mark.parametrize("client, protocol, kind", RUNS, ids=["-".join(run) for run in RUNS])
def test_client(request, client, protocol, kind):
    if kind == "tls_login" and is_memcached():
        pytest.skip("memcached has no binary protocol with -Y")
    daemon = request.getfixturevalue(f"{kind}_daemon")
    daemon.flush()
    sets = daemon.stat("cmd_set")
    secrets = {
        "tcp": [],
        "sasl": [USER, PASSWORD],
        "tls": ["", "", certificate_authority()],
        "tls_login": [USER, PASSWORD, certificate_authority()],
    }
    ended = run(client, protocol, daemon, *secrets[kind])

    lines = ended.stdout.splitlines()
    failed = [line for line in lines if not line.startswith("ok ")]
    assert failed == [] and ended.returncode == 0, ended.stdout
    assert len(set(lines)) == CLIENTS[client].checks[protocol], ended.stdout
    assert daemon.stat("cmd_set") > sets + 300


@pytest.mark.parametrize("client", ["php-memcached", "dalli"])
def test_wrong_login(sasl_daemon, client):
    sasl_daemon.flush()
    ended = run(client, "binary", sasl_daemon, USER, "wrong")
    assert ended.returncode != 0, ended.stdout
    assert sasl_daemon.raw_item("key") is None
