#!/usr/bin/env python3
"""Makes an SD card of a board that keeps its slots on the card (docs/lm3s6965.md), as a file to emulate or to write to a card.

    card_image.py --area board/card.flash [--file v2.swb] [--fat 16] [--no-table] [--mib 4] -o card.img
    card_image.py --into card.img --file v3.swb

--area is what scripts/board_image.py makes of the layout's part `card`; it goes to block 128. Behind it stands a FAT volume
with at most one file, UPDATE.SWB: in a partition that begins at 1 MiB, or (--no-table) taking the whole card, with
the area among the blocks that it reserves. --into makes the volume of a card anew, as it was made here, and leaves the
area alone; a card that was made by other means keeps its files with `mcopy -i card.img@@1M v3.swb ::UPDATE.SWB`.
"""

import argparse
import pathlib
import struct
import sys

BLOCK = 512
AREA_AT, AREA_BLOCKS = 128, 512  # ports/lm3s6965/card_flash.cpp
VOLUME_AT = 2048
RESERVED = {16: 4, 32: 32}
FEWEST = {16: 4085, 32: 65525}  # clusters
NAME = b"UPDATE  SWB"
ROOT_ENTRIES = 512
FATS = 2
WRITTEN = 0x5A21 << 16 | 0x6000  # 1 January 2025, noon: the same input gives the same card


class Refused(Exception):
    """Says in one line what is wrong."""


class Volume:
    """FAT16 or FAT32 with clusters of one block, and one file in its root directory. Source of facts: Microsoft, fatgen103."""

    def __init__(self, bits: int, blocks: int, reserved: int, hidden: int):
        self.bits, self.blocks, self.reserved, self.hidden = bits, blocks, reserved, hidden
        root_blocks = 0 if bits == 32 else ROOT_ENTRIES * 32 // BLOCK
        room = blocks - reserved - root_blocks
        per_block = BLOCK * 8 // bits
        self.fat_blocks = -(-(room + 2) // (per_block + FATS))  # for itself too: a little more than is needed
        self.root_at = reserved + FATS * self.fat_blocks
        self.data_at = self.root_at + root_blocks
        self.clusters = blocks - self.data_at
        if self.clusters < FEWEST[bits]:
            raise Refused(f"a volume of {blocks * BLOCK // 1024} KB is too small for FAT{bits}")
        if bits == 16 and self.clusters >= FEWEST[32]:
            raise Refused(f"a volume of {blocks * BLOCK // 1024} KB is too large for FAT16 in clusters of a block; take --fat 32")

    def boot_sector(self) -> bytes:
        wide = self.bits == 32
        boot = bytearray(BLOCK)
        boot[:11] = b"\xeb\x3c\x90SWITCHB\0"
        struct.pack_into("<HBHBHHBHHHII", boot, 11, BLOCK, 1, self.reserved, FATS, 0 if wide else ROOT_ENTRIES, 0, 0xF8,
                         0 if wide else self.fat_blocks, 63, 255, self.hidden, self.blocks)
        tail = struct.pack("<BBBI11s8s", 0x80, 0, 0x29, 0x5B5B5B5B, b"NO NAME    ", f"FAT{self.bits}   ".encode())
        if wide:
            struct.pack_into("<IHHIHH", boot, 36, self.fat_blocks, 0, 0, 2, 1, 6)
        at = 64 if wide else 36
        boot[at:at + len(tail)] = tail
        boot[510:] = b"\x55\xaa"
        return bytes(boot)

    def pieces(self, file: bytes | None) -> dict[int, bytes]:
        """What is not zero, by the volume's block where it begins."""
        wide = self.bits == 32
        first = 3 if wide else 2  # FAT32: the directory is cluster 2
        count = -(-len(file) // BLOCK) if file else 0
        if count > self.clusters - 1:
            raise Refused(f"{len(file)} bytes do not fit a volume of {self.clusters} clusters")
        end = 0x0FFFFFFF if wide else 0xFFFF
        links = [end & ~7, end] + ([end] if wide else []) + [first + i + 1 for i in range(count)]
        if count:
            links[-1] = end
        fat = struct.pack(f"<{len(links)}{'I' if wide else 'H'}", *links)
        made = {0: self.boot_sector()}
        if wide:
            information = struct.pack("<I480sIII12sI", 0x41615252, b"", 0x61417272, 0xFFFFFFFF, 0xFFFFFFFF, b"", 0xAA550000)
            made |= {1: information, 6: made[0], 7: information}
        made |= {self.reserved + i * self.fat_blocks: fat for i in range(FATS)}
        if file is not None:
            start = first if count else 0
            made[self.root_at] = struct.pack("<11sB8sHIHI", NAME, 0x20, b"", start >> 16, WRITTEN, start & 0xFFFF, len(file))
            made[self.data_at + first - 2] = file
        return made


def table(bits: int, blocks: int) -> bytes:
    """The FAT volume first; the area as the second entry, so that other machines see that it is not free."""
    def entry(kind: int, at: int, count: int) -> bytes:
        return struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", kind, b"\xfe\xff\xff", at, count)
    entries = entry(0x0C if bits == 32 else 0x06, VOLUME_AT, blocks - VOLUME_AT) + entry(0xDA, AREA_AT, AREA_BLOCKS)
    return (bytes(446) + entries).ljust(510, b"\0") + b"\x55\xaa"


def write_volume(card, volume: Volume, file: bytes | None):
    """Over what was there: its tables and its directory first read as empty."""
    at = volume.hidden * BLOCK
    card.seek(at + volume.reserved * BLOCK)
    card.write(bytes((volume.data_at + 1 - volume.reserved) * BLOCK))
    for block, data in volume.pieces(file).items():
        card.seek(at + block * BLOCK)
        card.write(data)


def make(output: pathlib.Path, area: bytes, file: bytes | None, bits: int, with_table: bool, mib: int):
    blocks = mib * 2048
    if len(area) > AREA_BLOCKS * BLOCK:
        raise Refused(f"{len(area)} bytes do not fit the area of {AREA_BLOCKS * BLOCK}")
    volume = Volume(bits, blocks - VOLUME_AT, RESERVED[bits], VOLUME_AT) if with_table else \
        Volume(bits, blocks, AREA_AT + AREA_BLOCKS, 0)
    with output.open("wb") as card:
        card.truncate(blocks * BLOCK)
        if with_table:
            card.write(table(bits, blocks))
        write_volume(card, volume, file)
        card.seek(AREA_AT * BLOCK)
        card.write(area)


def replace(path: pathlib.Path, file: bytes | None):
    with path.open("r+b") as card:
        first = card.read(BLOCK)
        at = 0 if first[:3] == b"\xeb\x3c\x90" else struct.unpack_from("<I", first, 446 + 8)[0]
        card.seek(at * BLOCK)
        boot = card.read(BLOCK)
        if boot[3:11] != b"SWITCHB\0":
            raise Refused(f"{path} was not made by card_image.py; copy the file to it with mcopy")
        reserved, = struct.unpack_from("<H", boot, 14)
        small_fat, = struct.unpack_from("<H", boot, 22)
        blocks, = struct.unpack_from("<I", boot, 32)
        write_volume(card, Volume(16 if small_fat else 32, blocks, reserved, at), file)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--area", type=pathlib.Path)
    parser.add_argument("--into", type=pathlib.Path)
    parser.add_argument("--file", type=pathlib.Path, help="UPDATE.SWB")
    parser.add_argument("--fat", type=int, choices=(16, 32), default=16)
    parser.add_argument("--no-table", action="store_true")
    parser.add_argument("--mib", type=int, help="size of the card, a power of two; 4 with FAT16, 64 with FAT32")
    parser.add_argument("-o", "--output", type=pathlib.Path)
    options = parser.parse_args()
    if bool(options.into) == bool(options.output) or bool(options.output) != bool(options.area):
        parser.error("either --area FILE -o CARD, or --into CARD")
    try:
        file = options.file.read_bytes() if options.file else None
        if options.into:
            replace(options.into, file)
        else:
            mib = options.mib or (4 if options.fat == 16 else 64)
            make(options.output, options.area.read_bytes(), file, options.fat, not options.no_table, mib)
    except (Refused, OSError) as error:
        print(f"card_image: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
