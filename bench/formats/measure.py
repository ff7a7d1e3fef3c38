"""Runs a command and says how long it took and how much memory it had at its peak."""

import os
import pathlib
import subprocess
import time
from typing import NamedTuple


class Run(NamedTuple):
    seconds: float
    peak_bytes: int
    output: str


class Failed(Exception):
    pass


def run(*command) -> Run:
    """Raises Failed with the command's last line when its exit status is not 0."""
    started = time.monotonic()
    child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stdout.close()
    if child.returncode != 0:
        last = output.strip().split("\n")[-1]
        raise Failed(f"{command[0]}: status {child.returncode}: {last}")
    return Run(time.monotonic() - started, usage.ru_maxrss * 1024, output)


def same(one: pathlib.Path, other: pathlib.Path) -> bool:
    return one.read_bytes() == other.read_bytes()
