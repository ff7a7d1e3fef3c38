#!/usr/bin/env python3
"""Power cuts at single flash operations of an emulated board, while it receives an update, and moves and starts it.

    power_cut_test.py SWITCHBACK BUILD [--samples 42] [--seed 7] [--every] [case…]

A board runs forward once (recorder.py). What its flash held at sampled operations, with each outcome that a cut can have
on the cells in question, is put into a fresh board and into a simulated device of the same layout. Both must decide the
same. The board must come to an image, the old or the new one, or to update mode; from there, for one outcome of each
second operation, the package sent again brings the new image, or a minute without a sender the old one.
"""

import argparse
import concurrent.futures
import contextlib
import json
import pathlib
import random
import shutil
import sys
import tempfile
import unittest

import ymodem
from board_test import CLASS, CONFIRMED, Workshop
from cells import ERASE_MODE, outcomes
from emulator import MICROBIT, Board
from recorder import Recording, record

SAMPLES, SEED = 42, 7  # SAMPLES: operations of each life
BOARDS = 2  # at the same time
UPDATE_MODE = "update mode"
# What happens in update mode at one outcome of operations in turn.
THEN = ("send", None, "send", None, "send", None, "wait", None)
# Each instruction takes 1 us of the board's time: a minute without a sender passes in a second. Nothing for a sender, who
# lives in ours.
FAST_TIME = ("-icount", "shift=10")


class Life:
    """A layout, its bootloader, and a board of it that waits for a package."""

    def __init__(self, shop: Workshop, layout: str, bootloader: str):
        self.shop, self.layout, self.bootloader = shop, layout, bootloader
        image = shop.image(layout, 1)
        patch = ["--from", image, "--reverse"] if layout == "microbit_inplace" else []
        self.package = shop.package(layout, 2, *patch, name=layout)
        golden = ["--golden", image] if layout == "microbit_copy" else []
        self.device = shop.folder / f"device_{layout}"
        shop.run("device", "new", self.device, "--layout", layout, "--key", "vendor.pub.pem", "--class", CLASS, "--image",
                 image, *golden)
        self.journal_at = shop.place(layout, "journal")

    def record(self) -> Recording:
        with Board(MICROBIT, self.shop.flash(self.layout, self.bootloader)) as board:
            board.start()
            board.wait_for(CONFIRMED.format(1))
            board.type("update")
            board.wait_for(r"update mode: none\r\n")
            flash = board.save()

        def send(board: Board):
            board.wait_for(r"update mode: none\r\n")
            self.send(board)

        return record(MICROBIT, self.shop.build / f"bin/{self.bootloader}.elf", flash, send)

    def send(self, board: Board):
        ymodem.send_file(board.serial, self.package)

    def sample(self, recording: Recording, wanted: int, source: random.Random) -> list[int]:
        """As many erases as records of the journal as words of images, as far as there are so many."""
        kinds: dict[str, list[int]] = {}
        for number, operation in enumerate(recording.operations):
            kind = "record" if operation.address >= self.journal_at else "image"
            if operation.mode == ERASE_MODE:
                kind = "erase"
            kinds.setdefault(kind, []).append(number)
        share = -(-wanted // len(kinds))
        return sorted(number for numbers in kinds.values() for number in source.sample(numbers, min(share, len(numbers))))

    def decided_on_board(self, flash: bytes, go_on: str | None) -> tuple[str, str]:
        """What the board decides at its start, and what it is at in the end. `go_on`: what happens in update mode, "send"
        or "wait"."""
        with Board(MICROBIT, flash, () if go_on == "send" else FAST_TIME) as board:
            board.start()
            first = end = self.heard(board, r"update mode: none\r\n|" + CONFIRMED.format("[12]"))
            if first == UPDATE_MODE and go_on:
                if go_on == "send":
                    self.send(board)
                end = self.heard(board, CONFIRMED.format("[12]"))
            return first, end

    @staticmethod
    def heard(board: Board, pattern: str) -> str:
        said = board.wait_for(pattern)
        return next(words for words in ("app 1", "app 2", UPDATE_MODE) if words in said)

    def decided_in_simulation(self, flash: bytes) -> str:
        with tempfile.TemporaryDirectory(dir=self.shop.folder) as folder:
            device = pathlib.Path(folder) / "device"
            shutil.copytree(self.device, device)
            (device / "internal.flash").write_bytes(flash)
            answer = json.loads(self.shop.run("device", "boot", device, "--json"))
        return f"app {answer['version'].split('.')[0]}" if answer["version"] else UPDATE_MODE

    def judge(self, flash: bytes, go_on: str | None) -> str:
        """Fails where board and simulation differ, or where the board does not come to what `go_on` leads to."""
        first, end = self.decided_on_board(flash, go_on)
        simulated = self.decided_in_simulation(flash)
        if first != simulated:
            raise AssertionError(f"the board decides: {first}, the simulated device: {simulated}")
        expected = {"send": "app 2", "wait": "app 1", None: UPDATE_MODE}[go_on]
        if first == UPDATE_MODE and end != expected:
            raise AssertionError(f"from update mode the board came to {end}, not to {expected}")
        return first if end == first else f"{first}, then {end}"


class PowerCut(unittest.TestCase):
    shop: Workshop
    options: argparse.Namespace

    def cut(self, layout: str, bootloader: str):
        source = random.Random(self.options.seed)
        life = Life(self.shop, layout, bootloader)
        recording = life.record()
        numbers = list(range(len(recording.operations)))
        if not self.options.every:
            numbers = life.sample(recording, self.options.samples, source)
        counts: dict[str, int] = {}
        with concurrent.futures.ThreadPoolExecutor(BOARDS) as pool:
            for turn, (number, held) in enumerate(recording.before(numbers)):
                torn = outcomes(held, *recording.operations[number], source)
                chosen = source.randrange(len(torn))
                judged = {name: pool.submit(life.judge, flash, THEN[turn % len(THEN)] if place == chosen else None)
                          for place, (name, flash) in enumerate(torn.items())}
                for name, verdict in judged.items():
                    with self.subTest(operation=number, outcome=name, seed=self.options.seed):
                        end = verdict.result()
                        counts[end] = counts.get(end, 0) + 1
        print(f"{bootloader}: {sum(counts.values())} cuts at {len(numbers)} of {len(recording.operations)} operations, seed "
              f"{self.options.seed}: {', '.join(f'{count} {end}' for end, count in sorted(counts.items()))}", flush=True)
        # Cuts of all phases were made: before the update was whole, and while and after it was moved.
        self.assertIn("app 2", counts)
        self.assertIn(UPDATE_MODE, counts)

    def test_no_cut_of_an_update_that_is_exchanged_leaves_a_board_dead(self):
        self.cut("microbit", "boot_swap")

    def test_no_cut_of_an_update_that_is_copied_leaves_a_board_dead(self):
        self.cut("microbit_copy", "boot_copy")

    def test_no_cut_of_an_update_that_rewrites_the_image_leaves_a_board_dead(self):
        self.cut("microbit_inplace", "boot_inplace")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("switchback", type=pathlib.Path)
    parser.add_argument("build", type=pathlib.Path, help="the folder of the microbit preset")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="operations of each life that are cut")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--every", action="store_true", help="cut every operation; takes hours")
    PowerCut.options, cases = parser.parse_known_args()
    PowerCut.shop = Workshop(PowerCut.options.switchback.resolve(), PowerCut.options.build.resolve())
    with contextlib.closing(PowerCut.shop):
        return 0 if unittest.main(argv=[sys.argv[0], *cases], exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
