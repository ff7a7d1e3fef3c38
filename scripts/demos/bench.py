"""An emulated board on the demo's bench: its supply, its line, its console, and what its flash holds.

What stands in the flash is read by the project's own `switchback device status`, from a simulated device of the same
layout that is given the board's cells.
"""
import re

from report.command import DemoFailure

from . import boards
from .files import write

READER = "reader"  # the simulated device that holds copies of the board's flash


class PowerCut(Exception):
    """The board stands before this change; its supply is to go."""

    def __init__(self, change):
        super().__init__(f"{change}")
        self.change = change


class Refused(Exception):
    """By the board: its own word for the reason."""

    def __init__(self, cause):
        super().__init__(cause)
        self.cause = cause


class Operations:
    """Counts what the flash driver does while a package comes in, and may end it in the middle of the image."""

    def __init__(self, slot, cut_at=None):
        self.slot, self.cut_at = slot, cut_at  # in bytes of the image
        self.all = 0            # operations
        self.erases = 0         # of the slot's units
        self.bytes = 0          # programmed in the slot
        self.taken = 0          # bytes of the package that were acknowledged so far
        self.first_used = None  # `taken` when the slot was changed first

    def look(self, change):
        if self.slot["offset"] <= change.at < self.slot["offset"] + self.slot["bytes"]:
            self.look_at_slot(change)
        self.all += 1

    def look_at_slot(self, change):
        if not change.erase and self.cut_at is not None and self.bytes >= self.cut_at:
            raise PowerCut(change)
        if self.first_used is None:
            self.first_used = self.taken
        self.erases += change.erase
        self.bytes += len(change.data)


class Bench:
    def __init__(self, entry, cells, part, symbols, tool, screen):
        """`cells` by the names of flash parts; `part`: the one that has the slots."""
        self.entry, self.part, self.symbols, self.tool, self.screen = entry, part, symbols, tool, screen
        self.board = entry.make(cells, entry.clock)
        self.said = []       # lines of the console since they were taken last
        self.details = set()  # indented lines that were shown once

    # ---- supply

    def power(self):
        self.board.start()

    def cut(self):
        self.board.kill()

    def power_cycle(self, clock=None):
        self.board.save()
        self.board.kill()
        self.board.options = clock or self.entry.clock
        self.board.start()

    # ---- console

    def wait_for(self, pattern):
        """The lines up to the one that fits; details that were shown before are left out. Failure when none came."""
        heard = self.board.wait_for(pattern + r"\r\n")
        lines = (re.sub(r"[^ -~]", "", line).removeprefix("> ") for line in heard.split("\r\n"))
        lines = [line for line in lines if line.strip("C")]  # YMODEM's receiver asks by C
        lines = [line for line in lines if line not in self.details]
        self.details.update(line for line in lines if line.startswith("  "))
        for line in lines:
            self.screen.console(line)
        self.said += lines
        return "\n".join(lines)

    def lines(self):
        """Those that came since this was called last."""
        lines, self.said = self.said, []
        return lines

    def into_update_mode(self):
        self.board.type("update")
        self.wait_for("update mode: none")

    # ---- packages

    def push(self, path, operations=None):
        """Sends a package. Raises PowerCut where `operations` says so, Refused where the board does."""
        with open(path, "rb") as f:
            data = f.read()
        progress = self.screen.progress("sent", len(data))

        def taken(count):
            progress.at(count)
            if operations:
                operations.taken = count

        try:
            self.entry.send(self.board, path.rsplit("/", 1)[-1], data, taken)
        except boards.ymodem.Cancelled:
            refused = True
        else:
            refused = False
        finally:
            progress.end()
        if refused:
            raise Refused(self.wait_for(r"refused: \w+").rsplit(" ", 1)[-1])

    # ---- flash

    def jump(self):
        """Where the bootloader goes to start an image."""
        jump = next((address for name, address in self.symbols.items() if "4port4jump" in name), None)
        if jump is None:
            raise DemoFailure("the bootloader has no port::jump")
        return jump

    def at_jump(self):
        """From a board that stands: runs until its bootloader starts an image, and stands there."""
        self.board.stop_at(self.jump())

    def go_on(self):
        self.board.step()
        self.board.debugger.resume()

    def watch(self, operations):
        """Has `operations` look at each change of a cell."""
        return boards.Watch(self.board, self.symbols[self.entry.operation], operations.look,
                            lambda *words: self.entry.change(self.board, *words))

    @property
    def cells(self):
        """Of the part with the slots, as it was saved last."""
        flash = self.board.flash
        return flash[self.part] if isinstance(flash, dict) else flash

    def tear(self, change):
        """The supply has gone: half of the bits are done of what was being programmed."""
        done = 0x55
        cells = bytearray(self.cells)
        for at, value in enumerate(change.data, change.at):
            cells[at] &= value | ~done & 0xFF
        flash = self.board.flash
        self.board.flash = flash | {self.part: bytes(cells)} if isinstance(flash, dict) else bytes(cells)

    def status(self, running=None, stands="no power"):
        """The status document of what the flash held when it was saved last; `running`: the slot that runs."""
        write(f"{self.tool.directory}/{READER}/{self.part}.flash", self.cells)
        document = self.tool.run("device", "status", READER).document
        # The reader has no power, the board may have.
        return document | {"running_slot": running, "stands": stands}
