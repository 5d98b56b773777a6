"""Traces, and sets that follow misses. With one connection and depth 1 the sequence is exact, so
the hits are those of a dictionary."""

import gzip
import random
import shutil
import struct
import subprocess

import pytest
from conftest import assert_clean, bench, measure

EXACT = ["--look-aside", "--connections=1", "--depth=1", "--verify"]


def model(keys):
    cache, hits = set(), 0
    for key in keys:
        hits += key in cache
        cache.add(key)
    return hits, len(keys) - hits


def trace_keys():
    source = random.Random(3)
    return [int(source.paretovariate(0.7)) % 3000 for _ in range(4000)]


def check(daemon, keys, *options):
    result = measure(daemon.location, *EXACT, *options)
    assert_clean(result)
    assert (result["hits"], result["misses"]) == model(keys)
    assert result["sets"] == result["misses"]


@pytest.mark.parametrize("packed", [False, True])
def test_lines(daemon, tmp_path, packed):
    keys = trace_keys()
    text = "".join(f"item/{key},{1 + key % 500}\n" for key in keys).encode()
    path = tmp_path / ("trace.gz" if packed else "trace")
    path.write_bytes(gzip.compress(text) if packed else text)
    check(daemon, keys, f"--trace={path}", "--trace-format=lines")
    assert daemon.raw_item(f"item/{keys[0]}")


@pytest.mark.parametrize("protocol", ["meta", "binary"])
@pytest.mark.parametrize("keys_per_get", [1, 3])
def test_lines_in_the_other_protocols(daemon, tmp_path, protocol, keys_per_get):
    # Of each key once, and then of each again: keys of one get do not change each other's fate.
    keys = [key for key in dict.fromkeys(trace_keys())] * 2
    path = tmp_path / "trace"
    path.write_text("".join(f"item/{key},{1 + key % 500}\n" for key in keys))
    check(
        daemon,
        keys,
        f"--trace={path}",
        "--trace-format=lines",
        f"--protocol={protocol}",
        f"--keys-per-get={keys_per_get}",
    )


def test_big_endian_numbers(daemon, tmp_path):
    keys = trace_keys()
    path = tmp_path / "trace"
    path.write_bytes(b"".join(struct.pack(">I", key) for key in keys))
    check(daemon, keys, f"--trace={path}", "--trace-format=u32be")


@pytest.mark.skipif(not shutil.which("xz"), reason="xz is not installed")
def test_records_of_lib_cache_sim(daemon, tmp_path):
    keys = trace_keys()
    path = tmp_path / "trace"
    path.write_bytes(
        b"".join(struct.pack("<IQIq", 0, key, 10 + key % 90, -1) for key in keys)
    )
    subprocess.run(["xz", str(path)], check=True)
    check(daemon, keys, f"--trace={path}.xz", "--trace-format=oracleGeneral")


def test_requests_cut_a_trace_off(daemon, tmp_path):
    keys = trace_keys()
    path = tmp_path / "trace"
    path.write_bytes(b"".join(struct.pack(">I", key) for key in keys))
    check(
        daemon, keys[:1000], f"--trace={path}", "--trace-format=u32be", "--requests=1000"
    )


def test_with_seconds_a_trace_begins_again(daemon, tmp_path):
    path = tmp_path / "trace"
    path.write_bytes(struct.pack(">III", 1, 2, 3))
    result = measure(
        daemon.location, *EXACT, f"--trace={path}", "--trace-format=u32be", "--seconds=1"
    )
    assert result["misses"] == 3
    assert result["hits"] > 3


def test_a_broken_archive_is_an_error(daemon, tmp_path):
    path = tmp_path / "trace.gz"
    path.write_bytes(b"no archive")
    finished = bench(f"--server={daemon.location}", f"--trace={path}", "--trace-format=lines")
    assert finished.returncode == 1
    assert "gzip" in finished.stderr
