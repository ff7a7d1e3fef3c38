#!/usr/bin/env python3
"""Power cuts at single flash operations of an emulated board, while it exchanges images.

    power_cut_test.py SWITCHBACK BUILD

The debugger stops the board at the driver's one function that changes cells. What the flash held then, with each outcome
that a cut can have on the cells in question, is put into a fresh board and into a simulated device of the same layout:
both must start the old or the new image, and both the same one.
"""

import json
import pathlib
import random
import shutil
import subprocess
import sys
import unittest

import ymodem
from board_test import CONFIRMED, Workshop, CLASS
from cells import ERASE_MODE, outcomes
from emulator import MICROBIT, Board, Failure, symbols

LAYOUT, BOOTLOADER = "microbit", "boot_swap"
WRITES, ERASES = 10, 8  # of each so many are cut
LONGEST = 20_000  # operations


class PowerCut(unittest.TestCase):
    shop: Workshop

    def staged(self) -> bytes:
        """The flash of a board that is about to exchange its images."""
        with Board(MICROBIT, self.shop.flash(LAYOUT, BOOTLOADER)) as board:
            board.start()
            board.wait_for(CONFIRMED.format(1))
            package = self.shop.package(LAYOUT, 2)
            board.type("update")
            board.wait_for(r"update mode: none\r\n")
            ymodem.send_file(board.serial, package)
            board.wait_for(r"restart\r\n")
            return board.save()

    def operations(self, flash: bytes) -> list[int]:
        """The mode of each until the new image starts."""
        elf = self.shop.build / f"bin/{BOOTLOADER}.elf"
        with Board(MICROBIT, flash) as board:
            board.power_on()
            at, jump = symbols(elf)["sb_flash_operation"], jump_of(elf)
            board.debugger.expect_ok(f"Z1,{jump & ~1:x},2")
            modes = []
            while len(modes) < LONGEST:
                board.stop_at(at)
                registers = board.debugger.registers()
                if registers[15] == jump & ~1:
                    return modes
                modes.append(registers[2])
                board.step()
        raise Failure("the exchange does not end")

    def moments(self, flash: bytes, wanted: list[int]):
        """(number, flash, address, value, mode) at the operations with these numbers."""
        at = symbols(self.shop.build / f"bin/{BOOTLOADER}.elf")["sb_flash_operation"]
        with Board(MICROBIT, flash) as board:
            board.power_on()
            done = 0
            for number in wanted:
                board.stop_at(at, number - done + 1)
                done = number + 1
                yield number, board.save(), *board.debugger.registers()[:3]
                board.step()

    def started_on_board(self, flash: bytes) -> int:
        with Board(MICROBIT, flash) as board:
            board.start()
            said = board.wait_for(CONFIRMED.format("[12]"))
            return 1 if "app 1" in said else 2

    def started_in_simulation(self, flash: bytes) -> int:
        folder = self.shop.folder / "device"
        shutil.rmtree(folder, ignore_errors=True)
        self.shop.run("device", "new", folder, "--layout", LAYOUT, "--key", "vendor.pub.pem", "--class", CLASS, "--image",
                      self.shop.image(LAYOUT, 1))
        (folder / "internal.flash").write_bytes(flash)
        answer = json.loads(self.shop.run("device", "boot", folder, "--json"))
        return int(answer["version"].split(".")[0])

    def test_no_cut_of_an_exchange_leaves_a_board_dead(self):
        source = random.Random(7)
        flash = self.staged()
        operations = self.operations(flash)
        erases = [number for number, mode in enumerate(operations) if mode == ERASE_MODE]
        writes = [number for number, mode in enumerate(operations) if mode != ERASE_MODE]
        self.assertGreaterEqual(len(erases), 2 * 16)  # of A and B, for an image of 16 pages
        wanted = sorted(source.sample(writes, WRITES) + source.sample(erases, ERASES))
        started = set()
        tried = 0
        for number, held, *operation in self.moments(flash, wanted):
            for outcome, torn in outcomes(held, *operation, source).items():
                with self.subTest(operation=number, outcome=outcome):
                    version = self.started_on_board(torn)
                    self.assertEqual(version, self.started_in_simulation(torn))
                    started.add(version)
                tried += 1
        print(f"{tried} cuts at {len(wanted)} of {len(operations)} operations; started: {started}")


def jump_of(elf: pathlib.Path) -> int:
    names = symbols(elf)
    return next(names[name] for name in names if "4port4jump" in name)


def main() -> int:
    PowerCut.shop = Workshop(*(pathlib.Path(word).resolve() for word in sys.argv[1:3]))
    try:
        return 0 if unittest.main(argv=[sys.argv[0], *sys.argv[3:]], exit=False).result.wasSuccessful() else 1
    finally:
        PowerCut.shop.close()


if __name__ == "__main__":
    sys.exit(main())
