"""The boards that the demo knows, and whether this machine can emulate them.

A board is a row of BOARDS: what QEMU, the build and its console must be told. How a package gets to it, and how its flash
driver is called, are functions of its own.
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
import tftp  # noqa: E402
import ymodem  # noqa: E402
from watch import Watch  # noqa: E402, F401

BLOCK_BYTES = 128  # of a link's sizes one that shows more of the way


class Change(NamedTuple):
    """What the flash driver is about to do: to erase a unit, or to program `data`; `at` from the start of the part."""

    erase: bool
    at: int
    data: bytes


class EmulatedBoard(NamedTuple):
    name: str                    # as people call it
    preset: str                  # of the build; its programs are in build/PRESET/bin
    sources: tuple[str, ...]     # that the build needs besides (scripts/fetch_source.py)
    layout: str
    bootloader: str
    firmware: dict[str, str]     # version → program
    make: Callable               # (cells by part, QEMU's options) → an emulator.Board
    operation: str               # the function of the flash driver that changes cells, and
    change: Callable             # (board, its first four arguments) → Change
    send: Callable               # (board, name, data, progress)
    link: str
    clock: tuple[str, ...]       # QEMU's options: time goes on by instructions, so that a busy machine changes nothing
    fast_clock: tuple[str, ...]  # the same, for a minute of the board in a few seconds


def make_microbit(cells_of, options):
    return emulator.Board(emulator.MICROBIT, cells_of["internal"], options)


def microbit_change(_board, address, value, mode, _):
    erase = mode == cells.ERASE_MODE
    return Change(erase, value if erase else address, b"" if erase else value.to_bytes(4, "little"))


def send_by_ymodem(board, name, data, progress):
    ymodem.send(board.serial, name, data, block_bytes=BLOCK_BYTES, progress=progress)


def make_smartfusion2(cells_of, options):
    return emulator.SpiBoard(cells_of, "user", options)


def spi_change(board, command, offset, data, length):
    erase = command == board.ERASE
    return Change(erase, offset, b"" if erase else board.debugger.read(data, length))


def send_by_tftp(board, name, data, progress):
    tftp.send(board, name, data, BLOCK_BYTES, progress)


BOARDS = {
    "microbit": EmulatedBoard(
        name="BBC micro:bit", preset="microbit", sources=("bearssl",), layout="microbit", bootloader="boot_swap",
        firmware={"1.0.0": "microbit_monitor_v1", "1.1.0": "microbit_monitor_v2", "1.2.0": "microbit_monitor_v3"},
        make=make_microbit, operation="sb_flash_operation", change=microbit_change, send=send_by_ymodem,
        link="its serial line by YMODEM", clock=("-icount", "shift=3"), fast_clock=("-icount", "shift=10,sleep=off")),
    "smartfusion2": EmulatedBoard(
        name="SmartFusion2 SOM", preset="smartfusion2", sources=("bearssl", "lwip"), layout="smartfusion2_board",
        bootloader="sf2_network",
        firmware={version: f"smartfusion2_board_room_{version}" for version in ("1.0.0", "1.1.0", "1.2.0")},
        make=make_smartfusion2, operation="sb_flash_operation", change=spi_change, send=send_by_tftp,
        link="Ethernet from a TFTP server", clock=("-icount", "shift=3"), fast_clock=("-icount", "shift=10,sleep=off")),
}
NEEDS = (("qemu-system-arm", "the emulator"), ("arm-none-eabi-g++", "the cross compiler"))


def why_not(board, build):
    """Why this board cannot be shown on this machine, in a line; None when it can. `build`: one that is there already."""
    for program, what in NEEDS:
        if shutil.which(program) is None:
            return f"{what} {program} is missing (scripts/packages.txt)"
    if build is None:
        done = subprocess.run([os.path.join(ROOT, "scripts", "fetch_source.py"), *BOARDS[board].sources], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            return done.stdout.strip().splitlines()[-1]
    return None
