"""The boards that the demo knows, and whether this machine can emulate them.

A board is a row of BOARDS: what QEMU, the build and its console must be told. How a package gets to it is a function of
its own (`send`), so that a board with another link is a row too.
"""
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple

from .files import ROOT

# The emulator and the sender are those of the boards' tests.
sys.path.insert(0, os.path.join(ROOT, "tests", "boards"))

import cells  # noqa: E402
import emulator  # noqa: E402
import ymodem  # noqa: E402
from watch import Watch  # noqa: E402, F401

BLOCK_BYTES = 128  # of YMODEM's two sizes the one that shows more of the way


def send_by_ymodem(board, name, data, progress):
    ymodem.send(board.serial, name, data, block_bytes=BLOCK_BYTES, progress=progress)


class EmulatedBoard(NamedTuple):
    name: str                    # as people call it
    machine: emulator.Machine
    preset: str                  # of the build; its programs are in build/PRESET/bin
    layout: str                  # of scheme swap
    bootloader: str
    firmware: dict[str, str]     # version → program
    operation: str               # the function of the flash driver that changes cells
    erase_mode: int              # its third argument for an erase; the second is then the page
    send: Callable
    link: str
    clock: tuple[str, ...]       # QEMU's options: time goes on by instructions, so that a busy machine changes nothing
    fast_clock: tuple[str, ...]  # the same, for a minute of the board in about a second


BOARDS = {
    "microbit": EmulatedBoard(
        name="BBC micro:bit", machine=emulator.MICROBIT, preset="microbit", layout="microbit", bootloader="boot_swap",
        firmware={"1.0.0": "microbit_monitor_v1", "1.1.0": "microbit_monitor_v2", "1.2.0": "microbit_monitor_v3"},
        operation="sb_flash_operation", erase_mode=cells.ERASE_MODE, send=send_by_ymodem,
        link="its serial line by YMODEM", clock=("-icount", "shift=3"),
        fast_clock=("-icount", "shift=10,sleep=off")),
}
NEEDS = (("qemu-system-arm", "the emulator"), ("arm-none-eabi-g++", "the cross compiler"))


def why_not(build):
    """Why no board can be shown on this machine, in a line; None when one can. `build`: a build that is there already."""
    for program, what in NEEDS:
        if shutil.which(program) is None:
            return f"{what} {program} is missing (scripts/packages.txt)"
    if build is None:
        done = subprocess.run([os.path.join(ROOT, "scripts", "fetch_source.py"), "bearssl"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            return done.stdout.strip().splitlines()[-1]
    return None
