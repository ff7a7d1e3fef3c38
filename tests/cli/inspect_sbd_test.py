"""What `inspect` tells of a patch of format sbd: alone, with the old file, with ELF files."""

import struct
import unittest

from command import CommandTest, changed, program

BITS = {"hits", "jump_flags", "jumps", "alternatives", "bytes", "blocks", "preamble", "block_map", "segment_lengths",
        "remainder"}


def elf(image: bytes, symbols: list) -> bytes:
    """An ELF file of 32 bits that holds `image` at 0; symbols: (name, offset, bytes), functions."""
    names = b"\0" + b"".join(name.encode() + b"\0" for name, _, _ in symbols)
    table = bytes(16)
    for name, at, size in symbols:
        table += struct.pack("<IIIBBH", names.index(name.encode() + b"\0"), at, size, 2, 0, 1)
    section_names = b"\0.text\0"
    at_image = 52 + 32
    at_table = at_image + len(image) + -len(image) % 4
    at_names = at_table + len(table)
    at_section_names = at_names + len(names)
    at_sections = at_section_names + len(section_names)
    header = b"\x7fELF\1\1\1" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 2, 243, 1, 0, 52, at_sections, 0, 52, 32, 1,
                                                        40, 5, 4)
    segment = struct.pack("<8I", 1, at_image, 0, 0, len(image), len(image), 5, 4)
    body = image + bytes(-len(image) % 4) + table + names + section_names
    sections = bytes(40) + b"".join(struct.pack("<10I", *one) for one in (
        (1, 1, 2, 0, at_image, len(image), 0, 0, 4, 0), (0, 2, 0, 0, at_table, len(table), 3, 1, 4, 16),
        (0, 3, 0, 0, at_names, len(names), 0, 0, 1, 0), (0, 3, 0, 0, at_section_names, len(section_names), 0, 0, 1, 0)))
    return header + segment + body + sections


class InspectSbd(CommandTest):
    def setUp(self):
        super().setUp()
        self.old = program(1, 20000)
        self.new = changed(self.old, 2)
        self.write("old", self.old)
        self.write("new", self.new)
        self.run_it("diff", "old", "new", "-o", "p", "--format", "sbd", "--ram", "8K", "--level", "1", "--segment", "8K")

    def symbols(self, old: list, new: list) -> dict:
        self.write("old.elf", elf(self.old, old))
        self.write("new.elf", elf(self.new, new))
        return self.json_of("inspect", "p", "--old", "old", "--elf", "old.elf", "new.elf", "--html", "p.html")

    def test_alone_it_tells_what_the_preamble_says(self):
        info = self.json_of("inspect", "p")
        self.assertEqual((info["sbd"]["budget_bytes"], info["sbd"]["segment_bytes"]), (8192, 8192))
        self.assertEqual([one["plain_bytes"] for one in info["segments"]], [8192, 8192, len(self.new) - 16384])
        self.assertEqual(sum(info["sbd"]["parts"][k] for k in ("preamble_bytes", "length_bytes", "segment_bytes")),
                         info["patch_bytes"])
        self.assertEqual((info["account"], info["symbols"], info["unchanged_bytes"]), (None, None, None))
        self.assertEqual(info["covers"], len(info["sbd"]["block_map"]))
        self.assertIn("--old OLD", self.run_it("inspect", "p").out)

    def test_with_the_old_file_every_bit_and_byte_is_accounted_for(self):
        info = self.json_of("inspect", "p", "--old", "old")
        account = info["account"]
        self.assertEqual(set(account["bits"]), BITS)
        self.assertAlmostEqual(sum(account["bits"].values()), 8 * info["patch_bytes"], 3)
        self.assertLess(abs(account["bits"]["remainder"]), 3 * 40)
        decisions = sum(sum(kinds.values()) for kinds in account["bits_by_field"].values())
        self.assertAlmostEqual(decisions, sum(account["bits_per_256_bytes"]), delta=2)
        self.assertEqual(account["counts"]["hits"] + account["counts"]["misses"], len(self.new))
        self.assertEqual(sum(account["from"].values()), len(self.new))
        self.assertEqual(info["diff_bytes"] + info["self_bytes"] + info["extra_bytes"], len(self.new))
        # 200 random bytes were inserted: nothing tells them but themselves
        self.assertGreater(account["bits"]["bytes"], 1200)
        self.assertGreater(max(account["bits_per_256_bytes"]), 700)
        self.assertGreater(info["unchanged_bytes"], 19000)

    def test_symbols_sum_to_the_patch(self):
        first = [("_start", 8, 4992), ("middle", 5000, 10000), ("last", 15000, 4000)]
        grown = len(self.new) - len(self.old)
        info = self.symbols(first, [("_start", 8, 4992), ("middle", 5000, 10000 + grown), ("end", 15000 + grown, 4000)])
        costs = info["symbols"]["costs"]
        self.assertAlmostEqual(sum(one["bits"] for one in costs), 8 * info["patch_bytes"], 3)
        self.assertEqual(sum(one["bytes"] for one in costs), len(self.new))
        self.assertEqual([one["bits"] for one in costs], sorted((one["bits"] for one in costs), reverse=True))
        by_name = {one["name"]: one for one in costs}
        self.assertEqual(by_name["end"]["was"], "last")
        self.assertEqual(by_name["end"]["moved_bytes"], grown)
        self.assertEqual(by_name["middle"]["change"], "changed")
        self.assertEqual(by_name["(.text)"]["kind"], "section")
        self.assertGreaterEqual(info["symbols"]["pinning"]["saved_bits"], 0)
        page = self.read("p.html").decode()
        for part in ("aria-label='cover map'", "aria-label='bits per 256 bytes'", "<td>", "middle"):
            self.assertIn(part, page)
        text = self.run_it("inspect", "p", "--old", "old", "--elf", "old.elf", "new.elf").out
        self.assertIn("middle: changed", text)

    def test_wrong_files_are_refused(self):
        self.write("other", program(7, 20000))
        self.run_it("inspect", "p", "--old", "other", status=3)
        self.run_it("inspect", "p", "--elf", "a", "b", status=2)
        self.run_it("inspect", "p", "--old", "old", "--html", "old", status=2)
        self.run_it("diff", "old", "new", "-o", "q", "--format", "endsley")
        self.run_it("inspect", "q", "--old", "old", status=2)
        self.run_it("inspect", "old", "--old", "old", status=2)
        whole = elf(self.new, [("_start", 8, 992)])
        self.write("new.elf", whole)
        for damaged in (elf(program(9, 20000), [("_start", 8, 92)]), elf(self.old, []), b"\x7fELF", self.old,
                        elf(self.old, [("a", 8, 4)])[:-30], elf(self.old, [("a", 8, 4)])[:3000]):
            self.write("old.elf", damaged)
            self.run_it("inspect", "p", "--old", "old", "--elf", "old.elf", "new.elf", status=3)
        self.assertEqual(self.read("old"), self.old)


if __name__ == "__main__":
    unittest.main()
