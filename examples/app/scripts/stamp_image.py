#!/usr/bin/env python3
"""Writes length and CRC-32 into the information record of a raw image: stamp_image.py IN.bin OUT.bin

The record follows the vector table: magic "FJIF", length, CRC-32 of the image without the CRC word, version.
"""
import struct
import sys
import zlib

VECTOR_TABLE = 48 * 4
MAGIC = 0x46494A46


def stamp(image):
    image = bytearray(image)
    image += b"\0" * (-len(image) % 4)
    (magic,) = struct.unpack_from("<I", image, VECTOR_TABLE)
    if magic != MAGIC:
        raise SystemExit(f"no image record at {VECTOR_TABLE:#x}: the vector table has another length")
    struct.pack_into("<I", image, VECTOR_TABLE + 4, len(image))
    crc_at = VECTOR_TABLE + 8
    struct.pack_into("<I", image, crc_at, zlib.crc32(image[crc_at + 4:], zlib.crc32(image[:crc_at])))
    return bytes(image)


if __name__ == "__main__":
    source, target = sys.argv[1:]
    with open(source, "rb") as f:
        stamped = stamp(f.read())
    with open(target, "wb") as f:
        f.write(stamped)
