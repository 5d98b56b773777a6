"""Fetches the test suites that client libraries ship in their source distributions,
and runs them beside ours."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from dataclasses import dataclass
from pathlib import Path

from daemon import ROOT

DOWNLOADS = ROOT / ".build" / "client-suites"
RUN_SECONDS_MAX = 110


def source_of(package):
    """The directory with the sources of a package, of the version installed here."""
    version = importlib.metadata.version(package)
    target = DOWNLOADS / f"{package.lower()}-{version}"
    if target.is_dir():
        return target
    DOWNLOADS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DOWNLOADS) as scratch:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        pip += ["--no-binary", package, "--dest", scratch, f"{package}=={version}"]
        subprocess.run(pip, check=True)
        (archive,) = Path(scratch).glob("*.tar.gz")
        shutil.unpack_archive(archive, scratch)
        (unpacked,) = (path for path in Path(scratch).iterdir() if path.is_dir())
        # Renamed when whole, so that an interrupted download is not taken for one.
        unpacked.rename(target)
    return target


@dataclass
class Outcome:
    """What a suite did: names of tests by result, and its output for a message."""

    passed: list
    skipped: list
    failed: list
    output: str


def run(command, directory, **environment):
    """Runs a suite's runner and returns its output. It has to end, not to succeed."""
    ended = subprocess.run(
        [str(word) for word in command],
        cwd=directory,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=RUN_SECONDS_MAX,
    )
    return ended.returncode, ended.stdout


def run_pytest(directory, *arguments, **environment):
    """Runs the pytest suite of a package, without the configuration it comes with
    (coverage, for one) and without ours."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull]
        command += ["--rootdir", directory, "-p", "no:cacheprovider", "--junitxml", report]
        code, output = run(command + list(arguments), directory, **environment)
        if not report.exists():
            raise AssertionError(f"pytest ended with {code}, no report:\n{output}")
        cases = xml.etree.ElementTree.parse(report).iter("testcase")
        outcome = Outcome([], [], [], output)
        for case in cases:
            if case.find("failure") is not None or case.find("error") is not None:
                outcome.failed.append(case.get("name"))
            elif case.find("skipped") is not None:
                outcome.skipped.append(case.get("name"))
            else:
                outcome.passed.append(case.get("name"))
        return outcome


def find_tool(name):
    """The path of an installed program, or an error that says what to do."""
    path = shutil.which(name)
    if not path:
        raise RuntimeError(f"{name} is not installed: run Tests/bootstrap.sh")
    return path
