"""Every flash operation of a board from its start to the start of an image, and what the flash holds between any two.

What the flash held before an operation follows from those before it, done to a copy. That the copy ends as the board's
flash does is checked, so the board runs forward once and is never run to a moment again.
"""

import pathlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cells import ERASE_MODE, PAGE_BYTES
from emulator import Board, Failure, Machine, symbols
from watch import PACKET, Operation, Watch


class Started(Exception):
    """The image."""


class Recorder(Watch):
    """Ends with Started before the board jumps to an image."""

    def __init__(self, board: Board, elf: pathlib.Path):
        super().__init__(board, symbols(elf)["sb_flash_operation"], lambda operation: None)
        self.jump = jump_of(elf) & ~1
        self.operations: list[Operation] = []
        board.debugger.expect_ok(f"Z1,{self.jump:x},2")

    def serve(self):
        self.channel.pending += self.channel.peer.recv(65536)
        while PACKET.search(self.channel.pending):
            self.channel.stopped()
            registers = self.channel.registers()
            if registers[15] == self.jump:
                raise Started
            self.operations.append(Operation(*registers[:3]))
            self.board.step()
            self.channel.resume()


def apply(operation: Operation, flash: bytearray):
    if operation.mode == ERASE_MODE:
        flash[operation.value:operation.value + PAGE_BYTES] = b"\xff" * PAGE_BYTES
    else:
        word = slice(operation.address, operation.address + 4)
        flash[word] = (int.from_bytes(flash[word], "little") & operation.value).to_bytes(4, "little")


class Recording(NamedTuple):
    start: bytes
    operations: list[Operation]

    def before(self, wanted: list[int]) -> Iterator[tuple[int, bytes]]:
        """(number, flash before it) of the operations with these numbers, which rise."""
        flash = bytearray(self.start)
        done = 0
        for number in wanted:
            for operation in self.operations[done:number]:
                apply(operation, flash)
            done = number
            yield number, bytes(flash)


def jump_of(elf: pathlib.Path) -> int:
    """Where a bootloader starts the image."""
    names = symbols(elf)
    return next(names[name] for name in names if "4port4jump" in name)


def record(machine: Machine, elf: pathlib.Path, flash: bytes, send: Callable[[Board], None]) -> Recording:
    """From power on until an image starts; `send` does meanwhile what has to be done on the console."""
    with Board(machine, flash) as board:
        board.power_on()
        recorder = Recorder(board, elf)
        try:
            with recorder:
                send(board)
                board.wait_for("app ")
        except Started:
            pass
        copy = bytearray(flash)
        for operation in recorder.operations:
            apply(operation, copy)
        if board.save() != copy:
            raise Failure("the flash is not what its operations make of it")
        return Recording(flash, recorder.operations)
