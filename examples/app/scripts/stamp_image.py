#!/usr/bin/env python3
"""Writes length and CRC-32 into the information record of a raw image: stamp_image.py IN.bin OUT.bin

The record: magic "FJIF", length, CRC-32 of the image without the CRC word, version. It stands where its linker script puts
it; the magic is in it and nowhere else.
"""
import struct
import sys
import zlib

MAGIC = b"FJIF"


def stamp(image):
    image = bytearray(image)
    image += b"\0" * (-len(image) % 4)
    if image.count(MAGIC) != 1:
        raise SystemExit(f"{image.count(MAGIC)} places look like the image record, not one")
    at = image.index(MAGIC)
    struct.pack_into("<I", image, at + 4, len(image))
    crc_at = at + 8
    struct.pack_into("<I", image, crc_at, zlib.crc32(image[crc_at + 4:], zlib.crc32(image[:crc_at])))
    return bytes(image)


if __name__ == "__main__":
    source, target = sys.argv[1:]
    with open(source, "rb") as f:
        stamped = stamp(f.read())
    with open(target, "wb") as f:
        f.write(stamped)
