"""A YMODEM sender, block by block, for tests that want to see or to spoil each of them, and for the demo."""

import pathlib
from collections.abc import Callable

from emulator import Channel, Failure

SOH, STX, EOT, ACK, NAK, CAN, ASK = 0x01, 0x02, 0x04, 0x06, 0x15, 0x18, ord("C")
TRIES = 10


def crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def block(number: int, payload: bytes) -> bytes:
    size = 128 if len(payload) <= 128 else 1024
    payload = payload.ljust(size, b"\0" if number == 0 else b"\x1a")
    return bytes([SOH if size == 128 else STX, number % 256, 255 - number % 256]) + payload + \
        crc16(payload).to_bytes(2, "big")


class Cancelled(Exception):
    """The receiver said CAN CAN."""


def answer(line: Channel, wanted: bytes) -> int:
    """The next of ACK, NAK, C (those that are `wanted`), or Cancelled."""
    said = line.take(b"[" + wanted + b"]|\x18\x18")
    if said.endswith(b"\x18\x18"):
        raise Cancelled
    return said[-1]


def send_block(line: Channel, data: bytes, spoil=None):
    """`spoil` changes what is sent at the first try."""
    for turn in range(TRIES):
        line.send(spoil(data) if spoil and turn == 0 else data)
        if answer(line, b"\x06\x15C") == ACK:
            return
    raise Failure("a block was refused again and again")


def send(line: Channel, name: str, data: bytes, spoil=None, stop_after: int | None = None, block_bytes: int = 1024,
         progress: Callable[[int], None] = lambda taken: None):
    """Sends one file. `spoil`: {block number: function}. With `stop_after` the sender is gone after so many blocks.
    `block_bytes`: 128 or 1024. `progress` is told how many bytes the receiver has taken."""
    spoil = spoil or {}
    line.forget_all_but_last()  # the receiver may have asked for a while
    answer(line, b"C")
    send_block(line, block(0, f"{name}\0{len(data)}".encode()), spoil.get(0))
    answer(line, b"C")
    for index, at in enumerate(range(0, len(data), block_bytes)):
        if stop_after is not None and index == stop_after:
            return
        send_block(line, block(index + 1, data[at:at + block_bytes]), spoil.get(index + 1))
        progress(min(at + block_bytes, len(data)))
    line.send(bytes([EOT]))
    while answer(line, b"\x06\x15") != ACK:
        line.send(bytes([EOT]))
    answer(line, b"C")
    send_block(line, block(0, b""))


def send_file(line: Channel, file: pathlib.Path, **how):
    send(line, file.name, file.read_bytes(), **how)
