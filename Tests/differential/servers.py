"""Starts the servers that are compared, with the black-box suite's own means."""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "blackbox"))

from daemon import Server  # noqa: E402


def version_of(binary):
    """`1.6.x` of a memcached, else "cached"."""
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10)
    found = re.match(r"memcached (1\.6\.\d+)", said.stdout)
    return found[1] if found else "cached"


# Its background threads hold items for moments, and whether memcached counts in place, which
# leaves blanks behind a number that grows shorter, depends on who holds the item. So does it on a thread that has sent it and not yet let it go.
CALM = ["-t", "1", "-o", "no_lru_maintainer,no_lru_crawler"]


def start(binary):
    return Server(binary, *([] if version_of(binary) == "cached" else CALM))
