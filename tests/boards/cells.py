"""What a power cut may leave in the cells of the micro:bit's flash."""

import random

ERASE_MODE = 2  # ports/microbit/registers.hpp: nvmc::config_erase
PAGE_BYTES = 1024


def outcomes(flash: bytes, address: int, value: int, mode: int, source: random.Random) -> dict[str, bytes]:
    """What a cut during the operation may leave. An erase's address is its value; a word is written at `address`. That an
    erase has not begun is the end of the operation before it."""
    def with_cells(at: int, cells: bytes) -> bytes:
        return flash[:at] + cells + flash[at + len(cells):]

    if mode == ERASE_MODE:
        old = flash[value:value + PAGE_BYTES]
        return {"half of the page": with_cells(value, b"\xff" * (PAGE_BYTES // 2)),
                "zeros": with_cells(value, bytes(PAGE_BYTES)),
                "some bits": with_cells(value, bytes(byte | source.randrange(256) for byte in old)),
                "complete": with_cells(value, b"\xff" * PAGE_BYTES)}
    old = int.from_bytes(flash[address:address + 4], "little")
    some = source.getrandbits(32)
    return {name: with_cells(address, word.to_bytes(4, "little"))
            for name, word in (("nothing", old), ("half of the bits", old & (value | some)),
                               ("the other half", old & (value | ~some)), ("complete", old & value))}
