#!/usr/bin/env python3
"""Power cuts at single blocks that an emulated EK-LM3S6965 writes, from the start with a new file to its confirmation.

    lm3s_power_cut_test.py SWITCHBACK BUILD [--samples 12] [--seed 5] [case…]

After each outcome of each cut (file_power_cuts.py) a board whose card has no file any more must start the old or the new
image, and a simulated device the same one; and for one outcome of each operation a board that still has the file must
come to the new image.
"""

import argparse
import collections
import pathlib
import random
import re
import sys
import unittest

from board_test import run_with
from emulator import CardBoard
from file_power_cuts import CONFIRMED, Operation, PowerCuts
from lm3s import AREA, LAYOUT, CardWorkshop

SAMPLES, SEED = 12, 5
BLOCK = 512
ERASED = b"\xff" * BLOCK
SLOT_B = range(128 * 1024, 192 * 1024)  # of the area, by the layout


def outcomes(operation: Operation, source: random.Random) -> dict[str, bytes]:
    """What a cut may leave of the block."""
    held, _, at, new = operation
    old = held[at:at + BLOCK]
    made = {"nothing": old, "half of it": new[:BLOCK // 2] + old[BLOCK // 2:], "anything": source.randbytes(BLOCK),
            "some bits": bytes(was ^ ((was ^ is_) & source.randrange(256)) for was, is_ in zip(old, new)), "complete": new}
    return {name: held[:at] + block + held[at + BLOCK:] for name, block in made.items()}


class CardPowerCut(PowerCuts, unittest.TestCase):
    shop: CardWorkshop
    layout, bootloader = LAYOUT, "lm3s_card"
    samples, seed = SAMPLES, SEED

    def operation(self, board: CardBoard) -> Operation:
        _, number, data, *_ = board.debugger.registers()
        with board.file.open("rb") as card:
            card.seek(AREA.start)
            held = card.read(AREA.stop - AREA.start)
        return Operation(held, 0, number * BLOCK, board.debugger.read(data, BLOCK))

    def device_file(self, flash: dict[str, bytes]) -> tuple[str, bytes]:
        return "card.flash", flash["card"][AREA]

    def a_life(self, package: pathlib.Path) -> tuple[dict[str, bytes], list[Operation]]:
        """ROM and card, and all operations from the start with a new file to its confirmation."""
        with self.shop.board() as board:
            flash = board.save()
        with CardBoard(flash | {"card": self.shop.with_file(flash["card"], package)}) as board:
            board.power_on()
            return flash, list(self.stops_of_one_that_stands(board, self.places()))

    def sample(self, operations: list[Operation], source: random.Random) -> list[int]:
        """As many erases as writes, in slot and journal, and the last ones: the confirmation."""
        kinds: dict[tuple, list[int]] = {}
        for number, each in enumerate(operations[:-4]):
            kinds.setdefault((each.offset in SLOT_B, each.data == ERASED), []).append(number)
        self.assertEqual(len(kinds), 4)
        share = -(-(self.samples - 2) // len(kinds))
        last = source.sample(range(len(operations) - 4, len(operations)), 2)
        return sorted([*last, *(n for numbers in kinds.values() for n in source.sample(numbers, min(share, len(numbers))))])

    def started_on_board(self, flash: dict[str, bytes]) -> tuple[str, str]:
        with CardBoard(flash) as board:
            board.start()
            said = board.wait_for(r"update mode: \w+\r\n|" + CONFIRMED.format("[12]", "[AB]"))
            if update := re.search(r"update mode: (\w+)", said):
                return "update mode", update[1]
            return re.search(r"app (\S+) slot (.)", said).groups()

    def goes_on(self, flash: dict[str, bytes]):
        with CardBoard(flash) as board:
            board.start()
            board.wait_for(CONFIRMED.format(2, "B"))

    def test_no_cut_of_an_update_from_a_file_leaves_a_board_dead(self):
        source = random.Random(self.seed)
        package = self.shop.package(LAYOUT, 2)
        flash, operations = self.a_life(package)
        self.new_device()
        chosen = self.sample(operations, source)
        started, tried = collections.Counter(), 0
        for number in chosen:
            torn = outcomes(operations[number], source)
            to_go_on = source.choice(list(torn))
            for outcome, held in torn.items():
                with self.subTest(operation=number, outcome=outcome, seed=self.seed):
                    card = flash["card"][:AREA.start] + held + flash["card"][AREA.stop:]
                    state = self.started_in_simulation(flash | {"card": card})
                    self.assertEqual(self.started_on_board(flash | {"card": card}), state)
                    self.assertIn(state, (("1.0.0", "A"), ("2.0.0", "B")))
                    started[state] += 1
                    if outcome == to_go_on:
                        self.goes_on(flash | {"card": self.shop.with_file(card, package)})
                tried += 1
        print(f"seed {self.seed}: {tried} cuts at {len(chosen)} of {len(operations)} operations:",
              ", ".join(f"{count} times {' '.join(state)}" for state, count in started.items()))
        self.assertEqual(len(started), 2, "cuts of all kinds")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("switchback")
    parser.add_argument("build", help="the folder of the lm3s6965 preset")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="operations that are cut, about")
    parser.add_argument("--seed", type=int, default=SEED)
    options, cases = parser.parse_known_args()
    CardPowerCut.samples, CardPowerCut.seed = options.samples, options.seed
    return run_with(CardPowerCut, CardWorkshop, cases)


if __name__ == "__main__":
    sys.exit(main())
