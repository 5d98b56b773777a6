"""docs/PROTOCOL.md tells the truth: its exchanges are carried out, and what the parsers know is
there.

A block tagged `exchange` is a conversation on one connection to a fresh daemon: `>` is sent as a
line, `<` is what comes back, and `#` there stands for any number. `<!-- options: ... -->` on the
line before gives the daemon options.
"""

import os
import re
import socket
import string
import struct
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from reading import blocks

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "PROTOCOL.md"
DIFFERENCES = ROOT / "Tests" / "blackbox" / "DIFFERENCES.md"
SERVER = os.environ.get("CACHED_SERVER", str(ROOT / ".build/release/cached"))
OPTIONS = re.compile(r"^<!-- options: (.*) -->$")
SECONDS_MAX = 10

TEXT = DOCUMENT.read_text()


def exchanges():
    lines = TEXT.splitlines()
    for number, tag, block, _ in blocks(TEXT):
        if tag == "exchange":
            options = OPTIONS.match(lines[number - 2])
            yield pytest.param(
                options[1].split() if options else [], block, id=f"line {number}"
            )


@contextmanager
def daemon(directory, options=()):
    ports = directory / "ports"
    users = directory / "users"
    users.write_text("user:secret\n")
    users.chmod(0o600)
    files = {"{users}": str(users)}
    process = subprocess.Popen(
        [SERVER, "-p", "0", "--port-file", str(ports)]
        + [files.get(option, option) for option in options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + SECONDS_MAX
        while not ports.exists() or not ports.read_text().strip():
            assert process.poll() is None, process.stderr.read().decode()
            assert time.monotonic() < deadline, "it does not start"
            time.sleep(0.01)
        yield int(ports.read_text().split(":")[1])
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


@contextmanager
def connection(port):
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS_MAX) as opened:
        yield opened


def receive(opened, count):
    received = b""
    while len(received) < count:
        part = opened.recv(count - len(received))
        assert part, f"closed after {received!r}"
        received += part
    return received


def receive_line(stream):
    line = stream.readline()
    assert line, "closed"
    return line.decode()


def turns(block):
    """The conversation: what is sent in one go, and the lines that come back."""
    sent, expected = [], []
    for line in block:
        if line.startswith(">"):
            if expected:
                yield sent, expected
                sent, expected = [], []
            sent.append(line[2:])
        else:
            assert line.startswith("<"), f"neither sent nor received: {line}"
            expected.append(line[2:])
    yield sent, expected


@pytest.mark.parametrize("options, block", list(exchanges()))
def test_exchange(options, block, tmp_path):
    with daemon(tmp_path, options) as port, connection(port) as opened:
        stream = opened.makefile("rb")
        for sent, expected in turns(block):
            opened.sendall("".join(f"{line}\r\n" for line in sent).encode())
            for line in expected:
                pattern = re.escape(line).replace(r"\#", r"\d+")
                answered = receive_line(stream)
                assert re.fullmatch(pattern + r"\r?\n", answered), f"{sent}: {answered!r}"
        # Nothing else was said.
        opened.sendall(b"mn\r\n")
        assert receive_line(stream) == "MN\r\n"


# -- what the parsers know --

SOURCES = "\n".join(
    path.read_text() for path in sorted((ROOT / "Sources/Protocol").glob("Text*.swift"))
)


def test_every_command_is_there():
    known = set(re.findall(r'isNamed\("(\w+)"\)', SOURCES))
    known |= set(re.findall(r'Scan\.matches\("([a-z_]+)", bytes, name\.', SOURCES))
    assert {"get", "set", "flush_all", "shutdown"} <= known
    missing = {name for name in known if f"`{name}`" not in TEXT and f"`{name} " not in TEXT}
    assert not missing


def test_every_meta_flag_is_there(tmp_path):
    table = re.findall(r"^\| ((?:`\w` ?)+)(?:\w+ )?\| (?:all|`m|for|.*) \|", TEXT, re.M)
    documented = set(re.findall(r"`(\w)`", " ".join(table)))
    argument = {"C": "1", "E": "1", "F": "1", "N": "1", "T": "1", "R": "1", "J": "1", "D": "1"}
    taken = set()
    with daemon(tmp_path) as port:
        for letter in string.ascii_letters:
            with connection(port) as opened:
                opened.sendall(f"mg a2V5 {letter}{argument.get(letter, '')}\r\nmn\r\n".encode())
                answer = receive_line(opened.makefile("rb"))
            if answer != "CLIENT_ERROR invalid flag\r\n":
                # All that is said of a key that is not there, and of one that N makes.
                assert answer.startswith(("EN", "HD", "VA 0", "MN")), answer
                taken.add(letter)
    assert taken == documented


HEADER = struct.Struct(">BBHBBHIIQ")
UNKNOWN = 0x81


def packet(opcode, key=b"", value=b""):
    body = key + value
    return HEADER.pack(0x80, opcode, len(key), 0, 0, 0, len(body), opcode, 0) + body


def test_every_opcode_is_there(tmp_path):
    documented = {int(code, 16) for code in re.findall(r"\| (0x[0-9a-f]{2}) \|", TEXT)}
    known = set()
    login = packet(0x21, b"PLAIN", b"\0user\0secret")
    with daemon(tmp_path, ["-Y", "{users}"]) as port:
        for opcode in range(256):
            with connection(port) as opened:
                # What is known is refused, without a key; or quits; or has no answer.
                opened.sendall(login + packet(opcode) + packet(0x0A))
                opened.shutdown(socket.SHUT_WR)
                answer = b"".join(iter(lambda: opened.recv(4096), b""))
                answer = answer[HEADER.size + len(b"Authenticated") :]
                is_answer = answer[1:2] == bytes([opcode])
                if not is_answer or struct.unpack(">H", answer[6:8])[0] != UNKNOWN:
                    known.add(opcode)
    assert known == documented


# -- what is different --


BEGIN, END = "<!-- differences: begin -->\n", "<!-- differences: end -->\n"


def differences():
    """What the black-box tests mark as different, but for what is memcached 1.6.18's alone."""
    for server, text, why in re.findall(
        r"^\| ([\w. ]+) \| (.*?) \| (.*) \|$", DIFFERENCES.read_text(), re.M
    ):
        if server in ("1.6.45", "memcached", "cached only"):
            why = why.replace("](../../docs/", "](")
            shown = text if text.startswith("memcached") else text[0].upper() + text[1:]
            yield f"- {shown}. *{why}*\n"


def test_every_difference_is_there():
    """With CACHED_WRITE_DOCS=1 the list is written anew."""
    before, rest = TEXT.split(BEGIN)
    told, after = rest.split(END)
    wanted = "\n" + "".join(differences()) + "\n"
    assert wanted.strip()
    if os.environ.get("CACHED_WRITE_DOCS"):
        DOCUMENT.write_text(before + BEGIN + wanted + END + after)
    else:
        assert told == wanted
