#!/usr/bin/env python3
"""Watchdog, tries and power cuts of an emulated board with two slots that programs run from (ports/mps2).

    watchdog_test.py SWITCHBACK BUILD [case…]    BUILD: the folder of the mps2 preset
"""

import itertools
import pathlib
import subprocess
import sys
import unittest

import ymodem
from board_test import CLASS, ROOT, Workshop, run_with
from emulator import MPS2, Board, Failure, in_file
from trials import TRIES, CountsTries

LAYOUT, BOOTLOADER = "mps2", "boot_xip"
SLOTS = {"a": 0x21000000, "b": 0x21020000}  # layouts/mps2.toml
RUNS = r"app {}\.0\.0 slot {}\r\n"
CONFIRMED = RUNS + r"self-test passed\r\nconfirm: done\r\n"
# An instruction takes 64 ns: whatever else this machine does, the watchdog sees the program's
# own pace, which is about that of the real processor.
OWN_PACE = ("-icount", "shift=6")
COUNTER = 0x40028018  # ports/mps2/registers.hpp: microseconds
WATCHDOG_MICROSECONDS = 8_000_000  # ports/mps2/board.cpp: the warning, and as long again


class Builds(Workshop):
    """Each version is built and signed for both slots."""

    def build_for(self, slot: str, version: int) -> pathlib.Path:
        file = self.folder / f"{version}_{slot}.img"
        if not file.exists():
            program = f"bin/{LAYOUT}_app_v{version}{'_b' if slot == 'b' else ''}.bin"
            self.run("image", "sign", self.build / program, "--layout", self.layout(LAYOUT), "--key", "vendor.pem",
                     "--version", f"{version}.0.0", "--rom-fixed", hex(SLOTS[slot]), "-o", file)
        return file

    def update_to(self, version: int) -> pathlib.Path:
        file = self.folder / f"{version}.swb"
        if not file.exists():
            self.run("pack", self.build_for("a", version), "--slot-b", self.build_for("b", version), "--layout",
                     self.layout(LAYOUT), "--key", "vendor.pem", "--version", f"{version}.0.0", "--class", CLASS, "-o",
                     file)
        return file

    def parts(self, name: str) -> pathlib.Path:
        """A new board's parts, with version 1 in slot A."""
        folder = self.folder / name
        subprocess.run([ROOT / "scripts/board_image.py", "--layout", self.layout(LAYOUT), "--bootloader",
                        self.build / f"bin/{BOOTLOADER}.bin", "--key", self.folder / "vendor.pub.pem", "--class", CLASS,
                        "--image", self.build_for("a", 1), "--switchback", self.switchback, "-o", folder], check=True)
        return folder


class Watchdog(CountsTries, unittest.TestCase):
    shop: Builds
    # Of the words of PSRAM that change before the first trial: the record is written twice behind an erase of its page
    # (1,024 words), the other pages are erased (2,048), and it is written a third time, 32 words each.
    in_the_record = (1024 + 16, 1024 + 32 + 16, 1024 + 64 + 2048 + 1024 + 16)
    numbers = itertools.count()
    held: dict[int, bytes] = {}  # PSRAM by version, the same for all tests

    def setUp(self):
        parts = self.shop.parts(f"board{next(self.numbers)}")
        self.rom = (parts / "ssram1.flash").read_bytes()[:MPS2.flash_bytes]
        self.psram = parts / "psram.flash"

    def board(self, *options: str) -> Board:
        """Stands at reset. Whatever ran before has no power any more."""
        board = Board(MPS2, self.rom, (*in_file(self.psram), *options))
        self.addCleanup(board.kill)
        board.power_on()
        return board

    def started(self, *options: str) -> Board:
        board = self.board(*options)
        board.monitor.request("cont")
        return board

    def stage(self, version: int):
        """Leaves the board without power, and an update in slot B that was never tried."""
        if version not in self.held:
            board = self.started()
            board.wait_for(CONFIRMED.format(1, "A"))
            board.type("update")
            board.wait_for(r"update: done\r\n.*update mode: none\r\n")
            # What was staged must not be tried yet: the board stands where it would restart.
            board.monitor.request("set-action", reboot="shutdown", shutdown="pause")
            ymodem.send_file(board.serial, self.shop.update_to(version))
            board.wait_for(r"restart\r\n")
            board.kill()
            self.assertNotIn(b"app %d" % version, board.heard)
            self.held[version] = self.psram.read_bytes()
        self.psram.write_bytes(self.held[version])

    @staticmethod
    def runs(version: int) -> str:
        return RUNS.format(version, "A" if version == 1 else "B")

    @staticmethod
    def confirmed(version: int) -> str:
        return CONFIRMED.format(version, "A" if version == 1 else "B")

    def program(self, version: int) -> pathlib.Path:
        return self.shop.build / f"bin/{LAYOUT}_app_v{version}_b.elf"

    def bootloader_elf(self) -> pathlib.Path:
        return self.shop.build / f"bin/{BOOTLOADER}.elf"

    def staged(self, version: int) -> Board:
        self.stage(version)
        return self.board(*OWN_PACE)

    def after_a_cut(self, board: Board) -> Board:
        board.kill()
        return self.board(*OWN_PACE)

    def resets_by_watchdog(self, board: Board) -> int:
        """The emulator tells of the watchdog once a second at most, but of each reset. The program that hangs asks for none
        itself."""
        board.monitor.request("query-status")
        resets = sum(event["event"] == "RESET" and event["data"]["guest"] for event in board.monitor.events)
        told = any(event["event"] == "WATCHDOG" for event in board.monitor.events)
        self.assertEqual(told, resets != 0)
        return resets

    def expect_old_image_and_cause(self, board: Board):
        board.wait_for(CONFIRMED.format(1, "A"))
        self.expect_cause(board, "tries_exhausted")

    def test_an_update_runs_from_the_other_slot_and_stays_there(self):
        self.stage(2)
        board = self.started()
        board.wait_for(CONFIRMED.format(2, "B"))
        board.kill()
        board = self.started()
        board.wait_for(CONFIRMED.format(2, "B"))
        self.expect_cause(board, "none failed")

    def test_one_that_hangs_is_reset_by_the_watchdog_and_undone(self):
        self.stage(4)
        board = self.started(*OWN_PACE)
        self.expect_old_image_and_cause(board)
        self.assertEqual(board.heard.count(b"app 4"), TRIES)
        self.assertEqual(self.resets_by_watchdog(board), TRIES)

    def test_a_cut_during_a_trial_costs_that_trial_and_no_more(self):
        self.stage(4)
        for _ in range(TRIES - 1):
            board = self.started(*OWN_PACE)
            board.wait_for(RUNS.format(4, "B"))
            self.assertEqual(self.resets_by_watchdog(board), 0)
            board.kill()
        board = self.started(*OWN_PACE)
        self.expect_old_image_and_cause(board)
        self.assertEqual(board.heard.count(b"app 4"), 1)
        self.assertEqual(self.resets_by_watchdog(board), 1)

    def test_one_that_kicks_it_is_left_alone(self):
        board = self.started(*OWN_PACE)
        board.wait_for(CONFIRMED.format(1, "A"))
        for _ in range(100_000):
            if board.word(COUNTER) > 2 * WATCHDOG_MICROSECONDS:  # since the reset
                break
            board.type("version")
            board.wait_for(RUNS.format(1, "A"))
            self.assertEqual(self.resets_by_watchdog(board), 0)
        else:
            raise Failure("the board's clock stands")


if __name__ == "__main__":
    sys.exit(run_with(Watchdog, Builds))
