#!/usr/bin/env python3
"""Power cuts at single flash operations of an emulated SmartFusion2 SOM, from the wish for an update to its confirmation.

    sf2_power_cut_test.py SWITCHBACK BUILD [case…]

After each outcome of each cut (file_power_cuts.py) board and simulation must start the old or the new image, or wait for the
update that was asked for, and both the same; and a board that waits must take the update.
"""

import collections
import random
import re
import sys
import unittest

from emulator import SpiBoard
from file_power_cuts import CONFIRMED, Operation, PowerCuts
from sf2 import LAYOUT, Sf2Workshop, fetch, run_tests

ERASE, PROGRAM = SpiBoard.ERASE, SpiBoard.PROGRAM
SECTOR_BYTES = 64 * 1024
USED_BYTES = 7 * SECTOR_BYTES  # of the part, by the layout
SLOT_B = range(5 * SECTOR_BYTES, 6 * SECTOR_BYTES)
SEED = 11
WRITES = 28  # so many are cut, the first and the last among them, and every erase


def outcomes(operation: Operation, source: random.Random) -> dict[str, bytes]:
    """What a cut may leave of it."""
    held, command, at, data = operation
    length = SECTOR_BYTES if command == ERASE else len(data)
    old = held[at:at + length]

    def with_cells(cells: bytes) -> bytes:
        return held[:at] + cells + held[at + len(cells):]

    if command == ERASE:
        made = {"nothing": old, "half of it": b"\xff" * (length // 2), "zeros": bytes(length),
                "some bits": bytes(byte | source.randrange(256) for byte in old), "complete": b"\xff" * length}
    else:
        new = bytes(was & wanted for was, wanted in zip(old, data))
        made = {"nothing": old, "half of it": new[:length // 2],
                "some bits": bytes(was & (wanted | source.randrange(256)) for was, wanted in zip(old, data)),
                "complete": new}
    return {name: with_cells(cells) for name, cells in made.items()}


class Sf2PowerCut(PowerCuts, unittest.TestCase):
    shop: Sf2Workshop
    layout, bootloader = LAYOUT, "sf2_network"
    offered = "update.swb"

    def operation(self, board: SpiBoard) -> Operation:
        command, offset, data, bytes_of = board.debugger.registers()[:4]
        with board.file.open("rb") as flash:
            held = flash.read(USED_BYTES)
        return Operation(held, command, offset, board.debugger.read(data, bytes_of) if command == PROGRAM else b"")

    def device_file(self, flash: dict[str, bytes]) -> tuple[str, bytes]:
        return "spi.flash", flash["spi"]

    def hear(self, board: SpiBoard):
        """In update mode it is told what to fetch."""
        if b"update mode: none\r\n" in board.serial.pending:
            board.serial.pending = b""
            fetch(board, self.offered)

    def a_life(self) -> tuple[dict[str, bytes], list[Operation]]:
        """The flash, and all operations from the wish for an update to its confirmation."""
        board = self.shop.board(self.bootloader)
        self.addCleanup(board.kill)
        self.shop.offer(2)
        return board.flash, list(self.stops(board, "update"))

    def started_on_board(self, flash: dict[str, bytes], update_too: bool) -> tuple[str, str]:
        with SpiBoard(flash, self.shop.network) as board:
            board.start()
            said = board.wait_for(r"update mode: \w+\r\n|" + CONFIRMED.format("[12]", "[AB]"))
            if update := re.search(r"update mode: (\w+)", said):
                if update_too:
                    fetch(board, self.offered)
                    board.wait_for(CONFIRMED.format(2, "B"))
                return "update mode", update[1]
            return re.search(r"app (\S+) slot (.)", said).groups()

    def test_no_cut_of_an_update_leaves_a_board_dead(self):
        source = random.Random(SEED)
        flash, operations = self.a_life()
        self.new_device()
        erases = [number for number, each in enumerate(operations) if each.command == ERASE]
        writes = [number for number, each in enumerate(operations) if each.command == PROGRAM]
        self.assertTrue(any(operations[number].offset in SLOT_B for number in erases))
        chosen = sorted([*erases, writes[0], writes[-1], *source.sample(writes[1:-1], WRITES - 2)])
        self.assertGreaterEqual(len(chosen), 40)
        started, tried = collections.Counter(), 0
        for number in chosen:
            torn = outcomes(operations[number], source)
            to_be_updated = source.choice(list(torn))
            for outcome, held in torn.items():
                with self.subTest(operation=number, outcome=outcome):
                    cut = flash | {"spi": held + flash["spi"][USED_BYTES:]}
                    state = self.started_in_simulation(cut)
                    self.assertEqual(self.started_on_board(cut, outcome == to_be_updated), state)
                    self.assertIn(state, (("update mode", "none"), ("1.0.0", "A"), ("2.0.0", "B")))
                    started[state] += 1
                tried += 1
        print(f"seed {SEED}: {tried} cuts at {len(chosen)} of {len(operations)} operations, {len(erases)} of them erases")
        print(*(f"{count} times {' '.join(state)}" for state, count in started.items()), sep="\n")
        self.assertEqual(len(started), 3, "cuts of all kinds")

    def test_a_download_that_was_cut_goes_on(self):
        board = self.shop.board(self.bootloader)
        self.addCleanup(board.kill)
        self.shop.offer(2)
        before = 0
        for operation in self.stops(board, "update"):
            if operation.command == PROGRAM and operation.offset in SLOT_B:
                before = max(before, operation.offset - SLOT_B.start)
            if before > 9000:
                break
        board.kill()
        board.start()
        after = [each for each in self.stops(board) if each.offset in SLOT_B]
        self.assertFalse([each for each in after if each.command == ERASE])
        again = before - (min(each.offset for each in after) - SLOT_B.start)
        print(f"cut at {before} bytes of the image, of which {again} were written again")
        self.assertLessEqual(again, 4096)


if __name__ == "__main__":
    sys.exit(run_tests(Sf2PowerCut))
