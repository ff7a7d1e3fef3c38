"""pack --prove: every power cut of an update, with the very package that is given out, before it is given out."""

import unittest

from command import CLASS, CommandTest, changed, program

# A part with small units, so that lives are short; what is in braces is the test's.
LAYOUT = """name = "{name}"
cpu = "cortex-m"
scheme = "{scheme}"
header_size = 0x200
block_size = 1024
tries = 3
{more}
decoders = ["sbd:4K", "endsley", "raw"]

[[flash]]
name = "f"
address = 0x08000000
size = "64K"
erase_unit = "1K"
granule = 8
erased = 0xFF
ecc = true
rated_cycles = 10000
"""
REGION = '\n[[region]]\nname = "{}"\nflash = "f"\noffset = "{}K"\nsize = "{}K"\n'
START = 0x08001800


class PackProve(CommandTest):
    def setUp(self):
        super().setUp()
        self.make_key()
        self.layout("two", "xip", {"slot_a": (6, 8), "slot_b": (14, 8), "journal": (22, 4)}, "remap = true")
        self.old = self.sign("old", program(1, 5000), "1.0.0", slot="8K")
        self.new = self.sign("new", changed(program(1, 5000), 2), "1.1.0", slot="8K")

    def layout(self, name: str, scheme: str, regions: dict, more="") -> str:
        text = LAYOUT.format(name=name, scheme=scheme, more=more) + REGION.format("boot", 0, 6)
        text += "".join(REGION.format(region, at, size) for region, (at, size) in regions.items())
        return self.write(f"{name}.toml", text.encode())

    def prove(self, *more, layout="two.toml", status=0) -> dict:
        return self.json_of("pack", self.new, "-o", "u.swb", "--key", "vendor.pem", "--version", "1.1.0", "--class", CLASS,
                            "--from", self.old, "--layout", layout, "--prove", *more, status=status)

    def check_proof(self, proof: dict, layout: str):
        self.assertEqual(proof["layout"], layout)
        self.assertEqual(sum(proof["outcomes"].values()), proof["cuts"])
        self.assertEqual(proof["outcomes"]["dead"], 0)
        self.assertGreater(proof["cuts"], 15 * proof["operations"])
        self.assertGreater(proof["operations"], 60)
        self.assertTrue(proof["outcomes"]["new"])

    def test_the_counts_are_signed_with_the_package_and_inspect_shows_them(self):
        proof = self.prove()["proof"]
        self.check_proof(proof, "two")
        self.assertTrue(proof["outcomes"]["old"])
        seen = self.json_of("inspect", "u.swb", "--key", "vendor.pub.pem")
        self.assertEqual((seen["proof"], seen["verified"], seen["payload_whole"]), (proof, True, True))
        self.assertTrue(seen["source_sha256"].startswith(proof["source_sha256_starts"]))
        self.assertEqual(self.json_of("inspect", "two.toml")["layout_crc"], proof["layout_crc"])
        told = self.run_it("inspect", "u.swb").out
        self.assertIn(f"proved   layout two (crc {proof['layout_crc']})", told)
        self.assertIn(f"{proof['cuts']} power cuts", told)
        self.assertIn(" 0 dead; slowest recovery", told)
        self.run_it("verify", "u.swb", "--key", "vendor.pub.pem", "--class", CLASS, "--old", self.old)
        self.make_device(self.old, "--layout", "two.toml")
        self.run_it("device", "boot", "dev")
        self.run_it("install", "u.swb", "--device", "dev")

    def test_other_counts_are_not_what_was_signed(self):
        self.prove()
        package = bytearray(self.read("u.swb"))
        name = package.index(b"\x63two")
        package[name + 4 + 9 + 2 + 4 + 3] ^= 1  # the last byte of how many operations there were
        self.write("u.swb", bytes(package))
        self.run_it("verify", "u.swb", "--key", "vendor.pub.pem", status=1)

    def test_without_it_a_package_tells_of_no_proof(self):
        self.pack("plain", self.new, "1.1.0", "--from", self.old)
        self.assertNotIn("proof", self.json_of("inspect", "plain.swb"))

    def test_each_scheme_ends_where_it_says(self):
        slots = {"slot_a": (6, 8), "slot_b": (14, 8), "journal": (22, 4)}
        self.layout("exchanged", "swap", {"slot_a": (6, 8), "slot_b": (14, 9), "journal": (23, 4)})
        self.layout("copied", "copy", slots, "accept_no_way_back = true")
        self.layout("restored", "copy", {**slots, "golden": (26, 8)})
        self.layout("received", "single", {"slot_a": (6, 8), "journal": (22, 4)}, "accept_no_way_back = true")
        ends = {"exchanged": "old", "copied": "update_mode", "restored": "golden", "received": "update_mode"}
        for name, back in ends.items():
            proof = self.prove(*(["--format", "raw"] if name == "received" else []), layout=f"{name}.toml")["proof"]
            self.check_proof(proof, name)
            self.assertTrue(proof["outcomes"][back], name)
            self.assertEqual(proof["outcomes"]["new"] + proof["outcomes"][back], proof["cuts"], name)

    def test_what_is_rewritten_in_place_is_undone_by_its_way_back(self):
        self.layout("rewritten", "inplace", {"slot_a": (6, 10), "patch": (16, 16), "journal": (32, 4)})
        proof = self.prove("--reverse", layout="rewritten.toml")["proof"]
        self.check_proof(proof, "rewritten")
        self.assertTrue(proof["outcomes"]["old"])

    def test_what_overwrites_the_only_slot_is_undone_by_its_way_back(self):
        self.layout("undone", "single", {"slot_a": (6, 10), "patch": (16, 16), "journal": (32, 4)})
        proof = self.prove("--reverse", layout="undone.toml")["proof"]
        self.check_proof(proof, "undone")
        self.assertTrue(proof["outcomes"]["old"])
        self.assertEqual(proof["outcomes"]["update_mode"], 0)

    def test_a_build_for_each_slot_is_simulated_from_either(self):
        self.layout("bound", "xip", {"slot_a": (6, 8), "slot_b": (14, 8), "journal": (22, 4)}, "remap = false")
        for slot, start in (("a", START), ("b", START + 0x2000)):
            old = program(1, 5000, start + 0x200)
            self.sign(f"old_{slot}", old, "1.0.0", "--rom-fixed", hex(start), slot="8K")
            self.sign(f"new_{slot}", old[:8] + changed(old, 2)[8:], "1.1.0", "--rom-fixed", hex(start), slot="8K")
        self.old, self.new = "old_a.img", "new_a.img"
        both = self.prove("--slot-b", "new_b.img", "--from-slot-b", "old_b.img", layout="bound.toml")["proof"]
        self.check_proof(both, "bound")
        self.old, self.new = "old_a.img", "new_b.img"
        one = self.prove("--format", "raw", layout="bound.toml")["proof"]
        self.check_proof(one, "bound")
        self.assertGreater(both["operations"], one["operations"])
        self.old = "old_b.img"
        ended = self.prove("--format", "raw", layout="bound.toml", status=2)
        self.assertIn("--slot-b", ended["error"]["fix"] if "error" in ended else str(ended))

    def test_a_device_that_would_not_take_it_is_told_of_and_gets_nothing(self):
        self.old, self.new = self.new, self.old
        ended = self.run_it("pack", self.new, "-o", "u.swb", "--key", "vendor.pem", "--version", "1.0.0", "--class", CLASS,
                            "--from", self.old, "--layout", "two.toml", "--prove", status=1)
        self.assertIn("install: older", ended.err)
        self.assertIn("no package was written", ended.err)
        self.assertFalse(self.path("u.swb").exists())

    def test_wrong_use_is_told(self):
        start = ["pack", self.new, "-o", "u.swb", "--key", "vendor.pem", "--version", "1.1.0", "--class", CLASS, "--prove"]
        self.assertIn("--layout", self.run_it(*start, "--from", self.old, status=2).err)
        self.assertIn("--from", self.run_it(*start, "--layout", "two.toml", status=2).err)
        self.assertIn("same", self.run_it(*start, "--layout", "two.toml", "--from", self.new, "--format", "raw", status=2).err)
        self.run_it(*start, "--layout", "nrf52840_set", "--from", self.old, status=1)


if __name__ == "__main__":
    unittest.main()
