"""Sees each call of a function of a board, while something else, a transfer for example, goes on: each flash operation.

The debugger stops the board at the driver's one function that changes cells; it goes on at once, unless whoever looks
on raises something: then the board stands before this operation, and its supply may go.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from emulator import Board

PACKET = re.compile(rb"\$[^#]*#..")


class Operation(NamedTuple):
    """As the driver's function was called: `sb_flash_operation(address, value, mode)`."""

    address: int
    value: int
    mode: int


class Watch:
    """From a running board on; `look` is called with each operation before it is done. `operation` makes it of the
    function's first four arguments."""

    def __init__(self, board: Board, at: int, look: Callable,
                 operation: Callable[..., object] = lambda *words: Operation(*words[:3])):
        self.board, self.at, self.look, self.operation = board, at & ~1, look, operation
        self.channel = board.debugger

    def __enter__(self):
        self.board.monitor.request("stop")
        self.channel.expect_ok(f"Z1,{self.at:x},2")
        self.board.serial.beside.append(self)
        self.channel.resume()
        return self

    def fileno(self) -> int:
        return self.channel.fileno()

    def serve(self):
        """Called when the debugger has something to say."""
        self.channel.pending += self.channel.peer.recv(65536)
        while PACKET.search(self.channel.pending):  # an acknowledgement alone is none
            self.channel.stopped()
            self.look(self.operation(*self.channel.registers()[:4]))
            self.board.step()  # QEMU passes over the breakpoint in a single step
            self.channel.resume()

    def __exit__(self, *_):
        """The board stands afterwards."""
        self.board.serial.beside.remove(self)
        if self.board.process:
            self.board.monitor.request("stop")
            self.channel.expect_ok(f"z1,{self.at:x},2")
