"""cached-bench run against cached and memcached.

No test here says how fast anything has to be.
"""

import csv
import io
import json
import subprocess
import xml.dom.minidom

import pytest
from conftest import assert_clean, bench, measure


MODES = {
    "closed loop": ["--seconds=1"],
    "deep": ["--seconds=1", "--depth=64", "--threads=2"],
    "many keys": ["--seconds=1", "--keys-per-get=20", "--depth=4"],
    "open loop": ["--seconds=1", "--rate=2000"],
    "sizes": ["--seconds=1", "--value-size=log:1-50000", "--depth=16", "--keys=2000"],
    "zipf": ["--seconds=1", "--distribution=zipf:0.99", "--seed=5"],
    "gaussian": ["--seconds=1", "--distribution=gaussian:0.1", "--warm-up=0.3"],
    "sequential": ["--requests=5000", "--distribution=sequential", "--ratio=1:1"],
    "padded": ["--requests=2000", "--key-bytes=200", "--ttl=600", "--flags=zero"],
}


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_reads_back_what_it_sets(daemon, mode):
    options = ["--keys=5000", *MODES[mode]]
    if "--keys=2000" in options:
        options.remove("--keys=5000")
    result = measure(daemon.location, "--fill-first", "--verify", *options)
    assert_clean(result)
    assert result["requests"] == result["gets"] + result["sets"] > 0
    assert result["misses"] == 0
    assert result["hits"] >= result["gets"] > 0
    assert result["getLatency"]["count"] == result["gets"]
    assert result["server"]["cpuSeconds"] > 0
    assert result["server"]["residentBytesAfter"] > 0


@pytest.mark.parametrize("protocol", ["meta", "binary"])
@pytest.mark.parametrize("keys_per_get", [1, 7])
def test_the_other_protocols(daemon, protocol, keys_per_get):
    result = measure(
        daemon.location,
        f"--protocol={protocol}",
        "--fill-first",
        "--verify",
        "--seconds=1",
        "--keys=5000",
        "--depth=8",
        "--value-size=0-3000",
        f"--keys-per-get={keys_per_get}",
    )
    assert_clean(result)
    assert result["misses"] == 0
    assert result["hits"] == keys_per_get * result["gets"] > 0
    assert result["sets"] > 0


@pytest.mark.parametrize(
    "options",
    [
        ["--seconds=1", "--depth=64", "--threads=2", "--ttl=600"],
        ["--seconds=1", "--rate=2000"],
        # Values that no socket takes at once.
        ["--requests=200", "--keys=20", "--value-size=900000", "--depth=10", "--connections=4"],
        ["--requests=2000", "--keys=20", "--value-size=0", "--flags=zero", "--keys-per-get=100"],
    ],
    ids=["deep", "open loop", "large", "empty"],
)
def test_binary_in_other_modes(daemon, options):
    result = measure(daemon.location, "--protocol=binary", "--fill-first", "--verify", *options)
    assert_clean(result)
    assert result["misses"] == 0
    assert result["hits"] >= result["gets"] > 0
    assert result["getLatency"]["count"] == result["gets"]
    assert result["server"]["cpuSeconds"] > 0


def test_what_one_protocol_sets_another_gets(daemon):
    for setting in ["text", "meta", "binary"]:
        daemon.flush()
        options = ["--keys=500", "--value-size=0-300"]
        measure(daemon.location, f"--protocol={setting}", "--fill", *options)
        for getting in ["text", "meta", "binary"]:
            result = measure(
                daemon.location,
                f"--protocol={getting}",
                "--verify",
                "--ratio=0:1",
                "--distribution=sequential",
                "--requests=500",
                *options,
            )
            assert_clean(result)
            assert result["hits"] == 500


@pytest.mark.parametrize("protocol", ["text", "meta", "binary"])
def test_look_aside_finds_out_what_is_missing(daemon, protocol):
    result = measure(
        daemon.location,
        f"--protocol={protocol}",
        "--look-aside",
        "--keys-per-get=10",
        "--requests=100",
        "--keys=1000",
        "--distribution=sequential",
        "--connections=1",
    )
    assert (result["misses"], result["sets"], result["hits"]) == (1000, 1000, 0)
    assert daemon.stat("curr_items") == 1000


def test_unix_socket(unix_daemon):
    finished = bench(
        f"--unix={unix_daemon.socket_path}", "--requests=1000", "--fill-first", "--keys=100"
    )
    assert finished.returncode == 0, finished.stderr
    assert "µs of CPU a request" in finished.stdout


def test_fill_sets_each_key_once(daemon):
    result = measure(daemon.location, "--fill", "--keys=12345", "--threads=3", "--connections=7")
    assert_clean(result)
    assert result["sets"] == result["requests"] == 12345
    assert daemon.stat("curr_items") == daemon.stat("cmd_set") == 12345


def test_requests_are_counted_exactly(daemon):
    result = measure(daemon.location, "--requests=1234", "--threads=2", "--keys=10")
    assert result["requests"] == 1234
    assert daemon.stat("cmd_get") + daemon.stat("cmd_set") == 1234


def test_the_same_seed_makes_the_same_requests(daemon):
    seen = set()
    for seed in [1, 1, 2]:
        daemon.flush()
        result = measure(
            daemon.location,
            "--requests=3000",
            "--connections=1",
            "--keys=500",
            "--distribution=zipf:0.99",
            f"--seed={seed}",
        )
        seen.add((result["gets"], result["hits"], result["bytesSent"]))
    assert len(seen) == 2


def test_values_that_no_socket_takes_at_once(daemon):
    result = measure(
        daemon.location,
        "--fill-first",
        "--verify",
        "--keys=20",
        "--requests=200",
        "--depth=10",
        "--connections=4",
        "--value-size=900000",
    )
    assert_clean(result)


class TestReports:
    def test_json_and_csv_and_text(self, daemon, tmp_path):
        options = [f"--server={daemon.location}", "--fill-first", "--requests=2000", "--keys=100"]
        report = tmp_path / "report"
        for chart in ["chart.svg", "chart.html"]:
            finished = bench(
                *options, "--format=json", f"--output={report}", f"--chart={tmp_path / chart}"
            )
            assert (finished.returncode, finished.stdout) == (0, "")
        subprocess.run(["python3", "-m", "json.tool", str(report)], check=True, capture_output=True)
        everything = json.loads(report.read_text())
        assert everything["plan"]["keys"] == 100
        assert everything["fill"]["sets"] == 100
        latency = everything["result"]["getLatency"]
        assert sum(bucket[2] for bucket in latency["bucketsNs"]) == latency["count"]
        assert latency["minNs"] <= latency["p50Ns"] <= latency["p99Ns"] <= latency["maxNs"]
        xml.dom.minidom.parse(str(tmp_path / "chart.svg"))
        assert "<svg" in (tmp_path / "chart.html").read_text()

        rows = list(csv.reader(io.StringIO(bench(*options, "--format=csv").stdout)))
        assert len(rows) == 2
        assert len(rows[0]) == len(rows[1]) == len(set(rows[0]))
        line = dict(zip(*rows))
        assert line["requests"] == "2000"
        assert float(line["get_p50_us"]) > 0

        text = bench(*options).stdout
        for part in ["p99.99", "hits (100.00 %)", "server", "generator", "in RAM"]:
            assert part in text

    @pytest.mark.parametrize("option", ["output", "chart"])
    def test_a_file_that_cannot_be_written_is_told_before_the_run(self, option, tmp_path):
        finished = bench("--server=127.0.0.1:1", f"--{option}={tmp_path}/missing/file.svg")
        assert finished.returncode == 1
        assert "cannot write" in finished.stderr and "missing/file.svg" in finished.stderr

    def test_wrong_options_say_what_is_right(self):
        finished = bench("--depth=0")
        assert finished.returncode == 2
        assert "1 to 65536" in finished.stderr
        assert bench("--help").stdout.startswith("Usage: cached-bench")
