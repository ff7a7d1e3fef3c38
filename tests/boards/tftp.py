"""A TFTP server of one file on loopback, which tells how far its client has taken it.

It answers while the board's console is waited for (Channel.beside), and each answer follows from what was asked alone:
a client that lost one asks again. Source of facts: RFC 1350, RFC 2347 to 2349.
"""

import re
import socket
import time
from collections.abc import Callable

from emulator import SECONDS, Board, Failure
from ymodem import Cancelled

HOST = "10.0.2.2"  # how a board sees the machine that it is emulated on
READ, DATA, ACK, ERROR, OPTIONS = 1, 3, 4, 5, 6
NOT_FOUND, NOT_ALLOWED = 1, 4
DATAGRAM_BYTES = 2048


def packet(operation: int, number: int | None = None, rest: bytes = b"") -> bytes:
    return operation.to_bytes(2, "big") + (b"" if number is None else number.to_bytes(2, "big")) + rest


def words(*of: object) -> bytes:
    return b"".join(f"{word}\0".encode() for word in of)


class Server:
    def __init__(self, name: str, data: bytes, block_bytes: int, progress: Callable[[int], None]):
        """Blocks are of `block_bytes` where the client asks for as many or more; without options they are of 512."""
        self.name, self.data, self.most, self.progress = name, data, block_bytes, progress
        self.block_bytes = 512
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def fileno(self) -> int:
        return self.socket.fileno()

    def serve(self):
        """A datagram is there."""
        asked, client = self.socket.recvfrom(DATAGRAM_BYTES)
        if answer := self.answer(int.from_bytes(asked[:2], "big"), asked[2:]):
            self.socket.sendto(answer, client)

    def answer(self, operation: int, rest: bytes) -> bytes | None:
        if operation == READ:
            return self.open(*rest.decode().split("\0")[:-1])
        if operation == ACK:
            return self.block_after(int.from_bytes(rest[:2], "big"))
        return None if operation == ERROR else packet(ERROR, NOT_ALLOWED, words("only reading"))

    def open(self, name: str, _mode: str, *options: str) -> bytes:
        if name != self.name:
            return packet(ERROR, NOT_FOUND, words("no such file"))
        asked = dict(zip((option.lower() for option in options[::2]), options[1::2]))
        if "blksize" not in asked:
            self.block_bytes = 512
            return self.block_after(0)
        self.block_bytes = min(self.most, int(asked["blksize"]))
        return packet(OPTIONS, rest=words("blksize", self.block_bytes, "tsize", len(self.data)))

    def block_after(self, taken: int) -> bytes | None:
        """The last one is shorter than the others, and empty if it must."""
        at = taken * self.block_bytes
        self.progress(min(at, len(self.data)))
        if at > len(self.data):
            return None
        return packet(DATA, taken + 1, self.data[at:at + self.block_bytes])


def send(board: Board, name: str, data: bytes, block_bytes: int, progress: Callable[[int], None]):
    """To a board in update mode: tells it to fetch the file, and serves it until the console says how that ended. Cancelled
    when the package was refused; the console's line is still to be read."""
    server = Server(name, data, block_bytes, progress)
    board.serial.beside.append(server)
    try:
        board.type(f"tftp {HOST}:{server.port} {name}")
        until = time.monotonic() + SECONDS
        while not (ended := re.search(rb"restart\r\n|refused: \w+\r\n", board.serial.pending)):
            if not board.serial.more(until):
                raise Failure(f"the file was not fetched within {SECONDS} s; so far {board.serial.pending[-600:]!r}")
    finally:
        board.serial.beside.remove(server)
        server.socket.close()
    if ended[0].startswith(b"refused"):
        raise Cancelled
