"""`cached-bench compare` really runs, writes what it says, and leaves no server behind.

Nothing here is about how fast anything is.

    .build/venv/bin/python -m pytest Tests/bench/test_compare.py
"""

import json
import os
import signal
import subprocess
import time
import xml.dom.minidom
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCH = os.environ.get("CACHED_BENCH", str(ROOT / ".build/release/cached-bench"))
CACHED = os.environ.get("CACHED_SERVER", str(ROOT / ".build/release/cached"))
ENVIRONMENT = os.environ | {"SWIFT_BACKTRACE": "enable=no"}


def arguments(folder, *options):
    return [BENCH, "compare", "--quick", f"--cached={CACHED}", f"--output={folder}", *options]


def compare(folder, *options):
    return subprocess.run(
        arguments(folder, *options), capture_output=True, text=True, timeout=120, env=ENVIRONMENT
    )


def children(pid):
    """The processes that `pid` has started and that have not ended."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(entry.name))
    return found


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_quick_run(tmp_path):
    result = compare(tmp_path / "a" / "b", "--only=depth1,start")
    assert result.returncode == 0, result.stderr
    results = json.loads((tmp_path / "a/b/results.json").read_text())
    assert [scenario["name"] for scenario in results["scenarios"]] == ["depth1", "start"]
    assert results["machine"]["cached"].startswith("cached ")
    assert results["machine"]["memcached"].startswith("memcached ")
    for scenario in results["scenarios"]:
        assert scenario["failure"] is None
        assert scenario["goals"]
        for metric in scenario["metrics"]:
            assert set(metric["servers"]) == {"cached", "memcached", "floor"}
            for samples in metric["servers"].values():
                assert 0 <= samples["min"] <= samples["median"] <= samples["max"]
                assert len(samples["values"]) == (1 if scenario["name"] == "depth1" else 3)
            assert set(metric["cached_to"]) == {"memcached", "floor"}
    page = (tmp_path / "a/b/README.md").read_text()
    assert "cached-bench compare --repeat=1 --seconds=0.3 --quick --only=depth1,start" in page
    assert "## depth1\n" in page and "## start\n" in page
    assert str(tmp_path) not in page, "a path of this machine"
    for chart in ("cpu.svg",):
        assert chart in page
        xml.dom.minidom.parse(str(tmp_path / "a/b" / chart))


def test_the_other_protocols(tmp_path):
    result = compare(tmp_path, "--only=meta16,binary16")
    assert result.returncode == 0, result.stderr
    scenarios = json.loads((tmp_path / "results.json").read_text())["scenarios"]
    assert [scenario["name"] for scenario in scenarios] == ["meta16", "binary16"]
    for scenario in scenarios:
        assert scenario["failure"] is None
        assert {metric["name"] for metric in scenario["metrics"]} >= {
            "cpu_us_per_request",
            "requests_per_second",
            "p50_us",
            "p99_us",
        }
        for metric in scenario["metrics"]:
            assert set(metric["servers"]) == {"cached", "memcached", "floor"}


def test_a_reader_that_goes_away_does_not_end_it(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    finished = subprocess.run(
        arguments(tmp_path, "--only=start"),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        env=ENVIRONMENT,
    )
    os.close(writing)
    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "results.json").exists()


def test_a_trace_is_asked_for(tmp_path):
    result = compare(tmp_path, "--only=trace")
    assert result.returncode == 0, result.stderr
    assert "Skipped: it takes a trace, which `--trace=FILE` names." in result.stdout


def test_a_trace(tmp_path):
    trace = tmp_path / "keys"
    # Twice the same thousand keys: the second time all are there.
    trace.write_bytes(b"".join(key.to_bytes(4, "big") for key in list(range(1000)) * 2))
    result = compare(tmp_path, "--only=trace", f"--trace={trace}")
    assert result.returncode == 0, result.stderr
    scenario = json.loads((tmp_path / "results.json").read_text())["scenarios"][0]
    servers = scenario["metrics"][0]["servers"]
    assert servers["cached"]["median"] == 50 and servers["memcached"]["median"] == 50


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_server_survives(tmp_path, end):
    with subprocess.Popen(
        arguments(tmp_path, "--only=depth64", "--seconds=60"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        # It says so when its servers are filled; then it measures the first for a minute.
        for line in process.stderr:
            if "filling memcached" in line:
                break
        deadline = time.monotonic() + 10
        while len(started := children(process.pid)) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(end)
        code = process.wait(20)
    assert len(started) == 3
    assert code == (-end if end == signal.SIGKILL else 128 + end)
    deadline = time.monotonic() + 10
    while any(map(is_running, started)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(is_running, started))


@pytest.mark.parametrize("server", ["cached", "memcached"])
def test_a_server_that_is_not_there(tmp_path, server):
    result = compare(tmp_path, "--only=start", f"--{server}={tmp_path}/nothing")
    assert result.returncode == 1
    assert f"there is no program {tmp_path}/nothing" in result.stderr
    assert f"--{server}=PATH" in result.stderr
    assert not (tmp_path / "results.json").exists()


@pytest.mark.parametrize("script", ["exit 3", "echo it is broken >&2; exit 1"])
def test_a_server_that_does_not_start(tmp_path, script):
    broken = tmp_path / "broken"
    broken.write_text(f"#!/bin/sh\n[ \"$1\" = -V ] && echo cached 0 && exit\n{script}\n")
    broken.chmod(0o755)
    result = compare(tmp_path, "--only=depth1", f"--cached={broken}")
    assert result.returncode == 1
    assert "depth1" in result.stderr
    assert "cached does not start: " in result.stdout
    if "broken" in script:
        assert "it is broken" in result.stdout
    # What there is to tell is written.
    scenario = json.loads((tmp_path / "results.json").read_text())["scenarios"][0]
    assert "does not start" in scenario["failure"]


def test_options(tmp_path):
    listed = subprocess.run([BENCH, "compare", "--list"], capture_output=True, text=True)
    assert listed.returncode == 0
    names = ["depth64", "meta16", "binary1", "multiget", "openloop", "sizeshift", "growth-items"]
    for name in [*names, "start"]:
        assert f"{name}\n" in listed.stdout
    shown = subprocess.run([BENCH, "compare", "--help"], capture_output=True, text=True)
    assert shown.returncode == 0 and "--only=NAME" in shown.stdout
    for options in (["--only=nothing"], ["--frobnicate"], ["--repeat=0"], ["--seconds"]):
        result = compare(tmp_path, *options)
        assert result.returncode == 2
        assert result.stderr.startswith("cached-bench compare: ")
        assert result.stderr.count("\n") == 1
