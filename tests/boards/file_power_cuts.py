"""Power cuts at single flash operations of a board whose medium QEMU keeps in a file, from one start to a confirmed update.

The debugger stops the board at the driver's one function that changes cells, in the bootloader and in the applications.
What the medium held then, with each outcome that a cut can have on the cells in question, is put into a fresh board and
into a simulated device of the same layout.
"""

import json
import re
import select
import shutil
import time
from typing import Iterator, NamedTuple

from board_test import CLASS, Workshop
from emulator import SECONDS, Failure, FileBoard, symbols

RUNS = r"app {}\.0\.0 slot {}\r\n"
CONFIRMED = RUNS + r"self-test passed\r\nconfirm: done\r\n"
LONGEST = 2_000  # operations


class Operation(NamedTuple):
    """What the board was about to do to `held`, the part of the medium that is used."""
    held: bytes
    command: int
    offset: int
    data: bytes


class PowerCuts:
    """With unittest.TestCase; of one board and its layout."""

    shop: Workshop
    layout: str
    bootloader: str

    def operation(self, board: FileBoard) -> Operation:
        """The one that the board stands at."""
        raise NotImplementedError

    def device_file(self, flash: dict[str, bytes]) -> tuple[str, bytes]:
        """What a simulated device keeps of the medium, and in which of its files."""
        raise NotImplementedError

    def hear(self, board: FileBoard):
        """The console of a board that is on its way said something more."""

    def places(self) -> list[int]:
        """Where operations begin, in the bootloader and in both applications."""
        programs = (self.bootloader, f"{self.layout}_app_v1", f"{self.layout}_app_v2")
        boot, old, new = (symbols(self.shop.build / f"bin/{name}.elf")["sb_flash_operation"] & ~1 for name in programs)
        self.assertEqual(old, new, "the applications have the function at one address")
        return [boot, old]

    def stops(self, board: FileBoard, line: str | None = None) -> Iterator[Operation]:
        """From a board that runs: types `line`, and stops at each operation until version 2 has confirmed itself."""
        places = self.places()
        board.monitor.request("stop")
        board.debugger.stopped()
        if line:
            board.type(line)
        yield from self.stops_of_one_that_stands(board, places)

    def stops_of_one_that_stands(self, board: FileBoard, places: list[int]) -> Iterator[Operation]:
        for _ in range(LONGEST):
            for place in places:
                board.debugger.expect_ok(f"Z1,{place:x},2")
            board.debugger.resume()
            if not self.stopped(board):
                return
            for place in places:
                board.debugger.expect_ok(f"z1,{place:x},2")
            yield self.operation(board)
            board.step()
        raise Failure("operations do not end")

    def stopped(self, board: FileBoard) -> bool:
        """Whether the board stands at an operation, not at its goal."""
        until = time.monotonic() + SECONDS
        console, debugger = board.serial, board.debugger
        while b"$T" not in debugger.pending:
            ready, _, _ = select.select([console.peer, debugger.peer], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise Failure(f"nothing happens; the console said {console.pending[-200:]!r}")
            for channel in (console, debugger):
                if channel.peer in ready:
                    channel.more(until)
            if re.search(CONFIRMED.format(2, "B").encode(), console.pending):
                return False
            self.hear(board)
        debugger.stopped()
        return True

    def started_in_simulation(self, flash: dict[str, bytes]) -> tuple[str, str]:
        """(version, slot), or ("update mode", why)."""
        name, cells = self.device_file(flash)
        folder = self.shop.folder / "device"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.template, folder, ignore=shutil.ignore_patterns(name))
        (folder / name).write_bytes(cells)
        answer = json.loads(self.shop.run("device", "boot", folder, "--json"))
        if answer["decision"] == "update_mode":
            return "update mode", answer["cause"]
        return answer["version"], answer["booted_slot"]

    def new_device(self):
        self.template = self.shop.folder / "template"
        shutil.rmtree(self.template, ignore_errors=True)
        self.shop.run("device", "new", self.template, "--layout", self.shop.layout(self.layout), "--key", "vendor.pub.pem",
                      "--class", CLASS, "--image", self.shop.image(self.layout, 1))
