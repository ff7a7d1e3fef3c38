"""Runs a command and says how long it took and how much memory it had at its peak."""

import os
import pathlib
import subprocess
from typing import NamedTuple

MEASURED = pathlib.Path(os.environ.get("SWITCHBACK_MEASURED") or
                        pathlib.Path(__file__).resolve().parent.parent.parent / "build/release/bin/measured")


class Run(NamedTuple):
    seconds: float
    processor_seconds: float
    peak_bytes: int
    output: str


class Failed(Exception):
    pass


def run(*command) -> Run:
    """Raises Failed with the command's last line when its exit status is not 0."""
    if not MEASURED.exists():
        raise Failed(f"{MEASURED} is missing; 'scripts/build.sh release' builds it")
    reader, writer = os.pipe()
    with os.fdopen(reader) as report:
        try:
            child = subprocess.run([str(MEASURED), str(writer), *(str(word) for word in command)],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True, pass_fds=[writer], check=False)
        finally:
            os.close(writer)
        numbers = report.read().split()
    if not numbers:
        raise Failed(f"{command[0]}: cannot be started")
    took, processor, peak, status = (int(number) for number in numbers)
    if status != 0:
        last = child.stdout.strip().split("\n")[-1]
        raise Failed(f"{command[0]}: status {os.waitstatus_to_exitcode(status)}: {last}")
    return Run(took / 1e9, processor / 1e6, peak * 1024, child.stdout)


def same(one: pathlib.Path, other: pathlib.Path) -> bool:
    return one.read_bytes() == other.read_bytes()
