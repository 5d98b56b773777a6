"""README.md and docs/*.md tell the truth: their commands run, their links lead somewhere,
their options exist.

Each block tagged `sh` runs from the root of the repository with `bash -e`, in the order of
its file. A line that is nothing but the start of a daemon in the foreground keeps running
beside the lines and blocks that follow, until the end of the file or until another daemon
takes its address. Shell variables do not survive such a line. To leave a block out, put
`<!-- not run: reason -->` on the line before it.

    .build/venv/bin/python -m pytest Tests/docs
"""

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from reading import anchors, blocks, prose

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK_SECONDS_MAX = 600
STOP_SECONDS_MAX = 20
# A document whose commands mostly don't run proves nothing.
NOT_RUN_MAX = 6

DAEMON = re.compile(r"^(swift run -c release cached|\.build/release/cached)( [^&|;]*)?$")
# Options with which it prints something and ends, or goes to the background by itself.
ENDING = re.compile(r" (?:--check-config|--help|--version|--license|--daemon|-[hVid])\b")
LINK = re.compile(r"\]\(([^)\s]+)[^)]*\)|^\[[^\]]+\]: (\S+)|(?:href|src)=\"([^\"]+)\"", re.M)
LONG_OPTION = re.compile(r"(?<![\w!-])--[a-z][a-z0-9-]*")
MACHINE_PATH = re.compile(r"(?<![\w.~$}-])/(?:work|root|home)\b")


# -- running blocks --


class Runner:
    """Runs the blocks of one file, and holds the daemons that they start."""

    def __init__(self, home, root=ROOT):
        self.root, self.home = root, home
        self.daemons = {}  # by address
        self.groups = []  # of processes that a block may have left behind

    def start(self, script):
        # Output goes to a file: a pipe would wait for what a block leaves in the background.
        output = tempfile.TemporaryFile()
        process = subprocess.Popen(
            ["bash", "-e", "-c", script],
            cwd=self.root,
            env=os.environ | {"HOME": str(self.home)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.groups.append(process.pid)
        process.output = output
        return process

    def run(self, script):
        """Runs it to its end, and returns what it printed."""
        process = self.start(script)
        try:
            code = process.wait(BLOCK_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            code = f"nothing after {BLOCK_SECONDS_MAX} s"
        assert code == 0, f"ended with {code}:\n{script}\n{printed(process)[-2000:]}"
        return printed(process)

    def run_block(self, lines):
        script = []
        for line in "\n".join(lines).replace("\\\n", " ").splitlines():
            if not DAEMON.match(line.strip()) or ENDING.search(line):
                script.append(line)
                continue
            self.run("\n".join(script))  # first: the address may stand in a file it writes
            script = []
            self.start_daemon(line.strip())
        self.run("\n".join(script))

    def address(self, line):
        """Where this command would listen: a path, or a host and a port."""
        settings = dict(re.findall(r"^([\w-]+) = (.*)$", self.run(f"{line} --check-config"), re.M))
        if "unix-socket" in settings:
            return settings["unix-socket"]
        host, _, port = settings["listen"].split(",")[0].partition(":")
        return ("127.0.0.1" if host in ("*", "0.0.0.0") else host, int(port or settings["port"]))

    def start_daemon(self, line):
        address = self.address(line)
        self.stop_daemon(address)
        process = self.start(f"exec {line}")
        deadline = time.monotonic() + BLOCK_SECONDS_MAX  # swift run may have to build it
        while not answers(address, self.root):
            assert process.poll() is None, f"ended: {line}\n{printed(process)}"
            assert time.monotonic() < deadline, f"no answer at {address}: {line}"
            time.sleep(0.05)
        assert process.poll() is None, f"another daemon has {address}: {printed(process)}"
        self.daemons[address] = process

    def stop_daemon(self, address):
        process = self.daemons.pop(address, None)
        if process:
            process.terminate()
            code = process.wait(STOP_SECONDS_MAX)
            assert code == 0, f"the daemon at {address} ended with {code}: {printed(process)}"

    def stop(self):
        for address in list(self.daemons):
            self.stop_daemon(address)

    def clean_up(self):
        for group in self.groups:
            try:
                os.killpg(group, signal.SIGTERM)
            except ProcessLookupError:
                pass


@contextmanager
def runner(home, root=ROOT):
    held = Runner(home, root)
    try:
        yield held
        held.stop()
    finally:
        held.clean_up()


def printed(process):
    process.output.seek(0)
    return process.output.read().decode(errors="replace")


def answers(address, root):
    try:
        if isinstance(address, tuple):
            connection = socket.create_connection(address, timeout=5)
        else:
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(root / address))
        with connection:
            connection.settimeout(5)
            connection.sendall(b"version\r\n")
            return connection.recv(100).startswith(b"VERSION")
    except OSError:
        return False


# -- the tests --

each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


@each_document
def test_commands_run(path, tmp_path, capsys):
    with runner(tmp_path) as held:
        for number, tag, lines, reason in blocks(path.read_text()):
            if tag != "sh":
                continue
            if reason is None and "make test" in map(str.strip, lines):
                reason = "it runs these tests"
            if reason is not None:
                with capsys.disabled():
                    print(f"\nnot run: {path.name}:{number}: {reason}")
                continue
            try:
                held.run_block(lines)
            except AssertionError as error:
                raise AssertionError(f"{path.name}:{number}: {error}") from None


def test_few_commands_are_left_out():
    found = [block for path in DOCUMENTS for block in blocks(path.read_text())]
    reasons = [reason for _, tag, _, reason in found if tag == "sh" and reason is not None]
    assert all(reasons), "a block is not run, without a reason"
    assert len(reasons) <= NOT_RUN_MAX, reasons
    assert any(tag == "sh" for _, tag, _, _ in blocks(DOCUMENTS[0].read_text()))


def broken_links(path, root=ROOT):
    for match in LINK.finditer(re.sub(r"`[^`\n]*`", "", prose(path.read_text()))):
        target = next(filter(None, match.groups()))
        if re.match(r"[a-z]+:", target):
            continue  # elsewhere
        file, _, anchor = target.partition("#")
        aim = (path.parent / file).resolve() if file else path
        if not aim.is_relative_to(root) or not aim.exists():
            yield target
        elif anchor and aim.suffix == ".md" and anchor not in anchors(aim.read_text()):
            yield target


@each_document
def test_links_lead_somewhere(path):
    assert list(broken_links(path)) == []


def commands(text):
    """What stands in a text as code, a command at a time."""
    inline = re.findall(r"`([^`\n]+)`", prose(text))
    fenced = [line for block in blocks(text) for line in block[2]]
    for code in inline + "\n".join(fenced).replace("\\\n", " ").splitlines():
        yield from re.split(r"[|;&]+", code)


def named_options(text):
    """The long options of the daemon that a text names. Those of other programs don't count:
    what stands in a command, after a word that is neither an option nor the daemon."""
    for command in commands(text):
        words = command.split("--")[0]
        if not words.strip() or re.search(r"\bcached\b(?!-)", words):
            yield from LONG_OPTION.findall(command)
    yield from LONG_OPTION.findall(re.sub(r"`[^`\n]+`", "", prose(text)))


def named_bench_options(text):
    """The long options of the load generator that a text names, behind its name."""
    for command in commands(text):
        if re.search(r"\bcached-bench\b", command.split("--")[0]):
            yield from LONG_OPTION.findall(command)


def options_of(program, *arguments):
    command = [ROOT / ".build/release" / program, *arguments, "--help"]
    page = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(LONG_OPTION.findall(page.stdout))


@each_document
def test_options_exist(path):
    # The list of all options, hidden ones included, is compared with the code by a unit test.
    text = re.sub(r"<!-- options: begin -->.*<!-- options: end -->", "", path.read_text(), flags=re.S)
    assert set(named_options(text)) - options_of("cached") == set()


@each_document
def test_options_of_the_load_generator_exist(path):
    known = set().union(*(options_of("cached-bench", part) for part in ("run", "compare", "floor")))
    assert set(named_bench_options(path.read_text())) - known == set()


@each_document
def test_no_paths_of_one_machine(path):
    lines = enumerate(path.read_text().splitlines(), 1)
    assert [(number, line) for number, line in lines if MACHINE_PATH.search(line)] == []
