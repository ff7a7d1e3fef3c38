"""`diff` and `patch` of format sbd with firmware as linkers and flashing tools write it: ELF, Intel HEX, UF2."""

import struct
import unittest

from command import CommandTest, changed, program

START = 0x08008200


def elf(image: bytes, kind: int = 2, interpreter: bool = False) -> bytes:
    """An ELF file for Arm, of 32 bits: code at START, and .bss."""
    segments = [(1, 52 + 32 * 3, START, START, len(image), len(image), 5, 4),
                (1, 0, 0x20000000, 0x20000000, 0, 0x400, 6, 4), (3 if interpreter else 0, 0, 0, 0, 0, 0, 4, 1)]
    header = b"\x7fELF\1\1\1" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", kind, 40, 1, START, 52, 0, 0, 52, 32, 3, 40, 0, 0)
    return header + b"".join(struct.pack("<8I", *one) for one in segments) + image


def record(kind: int, address: int, data: bytes) -> str:
    body = bytes([len(data)]) + struct.pack(">H", address) + bytes([kind]) + data
    return ":" + (body + bytes([-sum(body) & 0xff])).hex().upper() + "\n"


def hex_file(image: bytes) -> bytes:
    text = ""
    for at in range(0, len(image), 16):
        if at == 0 or (START + at) >> 16 != (START + at - 16) >> 16:
            text += record(4, 0, struct.pack(">H", (START + at) >> 16))
        text += record(0, (START + at) & 0xffff, image[at:at + 16])
    return (text + record(1, 0, b"")).encode()


def uf2(image: bytes) -> bytes:
    blocks = range(0, len(image), 256)
    return b"".join(struct.pack("<8I", 0x0a324655, 0x9e5d5157, 0, START + at, len(image[at:at + 256]), n, len(blocks), 0) +
                    image[at:at + 256].ljust(476, b"\0") + struct.pack("<I", 0x0ab16f30) for n, at in enumerate(blocks))


KINDS = {"ELF": elf, "Intel HEX": hex_file, "UF2": uf2}


class FirmwareFiles(CommandTest):
    def setUp(self):
        super().setUp()
        self.old = program(1, 12000, START)
        self.new = changed(self.old, 2)[:12200 // 16 * 16]
        self.write("old.bin", self.old)
        self.write("new.bin", self.new)

    def diff(self, old: str, new: str, *more):
        return self.run_it("diff", old, new, "-o", "p", "--level", "1", *more)

    def test_the_patch_is_between_the_images(self):
        self.diff("old.bin", "new.bin")
        plain = len(self.read("p"))
        for kind, wrap in KINDS.items():
            self.write("old.file", wrap(self.old))
            self.write("new.file", wrap(self.new))
            said = self.diff("old.file", "new.file").err
            self.assertIn(f"old.file: {kind}; taken is the image in it, {len(self.old)} bytes at 0x8008200", said)
            self.assertIn(f"new.file: {kind}", said)
            self.assertLess(len(self.read("p")), plain + 100)
            for old in ("old.bin", "old.file"):  # what the device has, and the file that it comes from
                self.run_it("patch", old, "p", "-o", "made")
                self.assertEqual(self.read("made"), self.new, (kind, old))

    def test_kinds_can_be_mixed(self):
        self.write("new.hex", hex_file(self.new))
        said = self.diff("old.bin", "new.hex").err
        self.assertNotIn("old.bin", said)
        self.run_it("patch", "old.bin", "p", "-o", "made")
        self.assertEqual(self.read("made"), self.new)

    def test_files_are_files_where_that_is_wanted(self):
        for name, image in (("old", self.old), ("new", self.new)):
            self.write(f"{name}.elf", elf(image))
            self.write(f"{name}.so", elf(image, kind=3))
            self.write(f"{name}.program", elf(image, interpreter=True))
        for words in (("old.elf", "new.elf", "--as-files"), ("old.elf", "new.elf", "--format", "bsdiff"),
                      ("old.so", "new.so"), ("old.program", "new.program")):
            more = [] if words[2:3] == ("--format",) else ["--level", "1"]
            self.assertEqual(self.run_it("diff", *words, "-o", "p", *more).err, "")
            self.run_it("patch", words[0], "p", "-o", "made")
            self.assertEqual(self.read("made"), self.read(words[1]))

    def test_damaged_wrapping_is_told_and_left(self):
        broken = hex_file(self.new).replace(b":10", b":11", 3)
        self.write("new.hex", broken)
        self.assertIn("new.hex: looks like Intel HEX, but record", self.diff("old.bin", "new.hex").err)
        self.run_it("patch", "old.bin", "p", "-o", "made")
        self.assertEqual(self.read("made"), broken)

    def test_images_at_different_addresses_are_told(self):
        self.write("old.hex", hex_file(self.old))
        self.write("new.uf2", uf2(self.new)[:512 * (len(self.new) // 256)])
        self.assertNotIn("different addresses", self.diff("old.hex", "new.uf2").err)
        self.write("new.uf2", uf2(self.new)[512:])
        self.assertIn("different addresses", self.diff("old.hex", "new.uf2").err)

    def test_another_old_file_is_refused_whatever_it_comes_in(self):
        self.diff("old.bin", "new.bin")
        other = bytearray(self.old)
        other[5000] ^= 1
        self.write("other.elf", elf(bytes(other)))
        self.run_it("patch", "other.elf", "p", "-o", "made", status=3)


if __name__ == "__main__":
    unittest.main()
