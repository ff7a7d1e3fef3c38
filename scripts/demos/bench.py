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
    """The board stands before this operation; its supply is to go."""

    def __init__(self, operation):
        super().__init__(f"{operation}")
        self.operation = operation


class Refused(Exception):
    """By the board: its own word for the reason."""

    def __init__(self, cause):
        super().__init__(cause)
        self.cause = cause


class Operations:
    """Counts what the flash driver does while a package comes in, and may end it in the middle of the image."""

    def __init__(self, entry, slot, cut_at_word=None):
        self.entry, self.slot, self.cut_at_word = entry, slot, cut_at_word
        self.words = self.erases = self.others = 0  # programmed and erased in the slot; all in the journal
        self.taken = 0            # bytes of the package that were acknowledged so far
        self.first_used = None    # `taken` when the slot was changed first

    def look(self, operation):
        erase = operation.mode == self.entry.erase_mode
        at = operation.value if erase else operation.address
        if not self.slot["address"] <= at < self.slot["address"] + self.slot["bytes"]:
            self.others += 1
            return
        if not erase and self.words == self.cut_at_word:
            raise PowerCut(operation)
        if self.first_used is None:
            self.first_used = self.taken
        self.erases += erase
        self.words += not erase

    @property
    def all(self):
        return self.words + self.erases + self.others


class Bench:
    def __init__(self, entry, flash, symbols, tool, screen):
        self.entry, self.symbols, self.tool, self.screen = entry, symbols, tool, screen
        self.board = boards.emulator.Board(entry.machine, flash, entry.clock)
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

    def torn(self, operation):
        """The flash, with half of the bits done of a word that was being programmed."""
        done = 0x55555555
        at = operation.address - self.entry.machine.flash_address
        old = int.from_bytes(self.board.flash[at:at + 4], "little")
        word = old & (operation.value | ~done & 0xFFFFFFFF)
        return self.board.flash[:at] + word.to_bytes(4, "little") + self.board.flash[at + 4:]

    def status(self, part, running=None, stands="no power"):
        """The status document of what the flash held when it was saved last; `running`: the slot that runs."""
        write(f"{self.tool.directory}/{READER}/{part}.flash", self.board.flash)
        document = self.tool.run("device", "status", READER).document
        # Nobody counts erases on a board; and the reader has no power, the board may have.
        for wear in document["flash"].values():
            wear["units"] = [None] * len(wear["units"])
        return document | {"running_slot": running, "stands": stands}
