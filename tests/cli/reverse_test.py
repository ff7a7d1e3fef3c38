"""Devices that copy the new image over the old one, and go back by a patch that came with the update."""

import shutil
import unittest

from command import CommandTest, changed, program

NO_GOLDEN = """name = "{name}"
scheme = "copy"
header_size = 0x200
decoders = ["sbd:4K", "endsley+lzma:8K", "endsley", "raw"]
{more}
[[flash]]
name = "internal"
address = 0
size = "256K"
erase_unit = "1K"
granule = 4
rated_cycles = 10000
reprogram_same = true
"""


def layout(name: str, more: str = "", slot_b: int = 80, patch: int = 0) -> bytes:
    text = NO_GOLDEN.format(name=name, more=more)
    at = 0
    regions = [("boot", 16), ("slot_a", 40), ("slot_b", slot_b), ("patch", patch), ("journal", 4)]
    for region, units in regions:
        if units:
            text += f'\n[[region]]\nname = "{region}"\nflash = "internal"\noffset = "{at}K"\nsize = "{units}K"\n'
        at += units
    return text.encode()


class Reverse(CommandTest):
    def setUp(self):
        super().setUp()
        self.make_key()
        self.old_program = program(1, 26000)
        self.old = self.sign("old", self.old_program, "1.0.0", slot="40K")
        self.new = self.sign("new", changed(self.old_program, 2) + program(7, 4000), "1.1.0", slot="40K")
        self.write("copy.toml", layout("copy"))
        self.write("kept.toml", layout("kept", slot_b=40, patch=10))
        self.write("narrow.toml", layout("narrow", slot_b=31))
        self.write("lax.toml", layout("lax", "accept_no_way_back = true"))

    def patch(self, *more, layout="copy.toml", status=0) -> str:
        return self.pack("update", self.new, "1.1.0", "--from", self.old, "--layout", layout, *more, status=status)

    def refused(self, *more, layout, status) -> str:
        return self.run_it("pack", self.new, "-o", "x.swb", "--key", "vendor.pem", "--version", "1.1.0", "--class",
                           "acme.example/thermostat", "--from", self.old, "--layout", layout, *more, status=status).err

    def image_in_a(self) -> bytes:
        self.run_it("device", "read", "dev", "--slot", "A", "-o", "seen.img")
        return self.read("seen.img")

    def boot(self, *more, status=0) -> tuple:
        told = self.json_of("device", "boot", "dev", *more, status=status)
        return told["booted_slot"], told["decision"], told["cause"]

    def device(self, layout="copy.toml"):
        self.make_device(self.old, "--layout", layout)
        self.run_it("device", "boot", "dev")

    def remove_device(self):
        shutil.rmtree(self.path("dev"))

    def test_an_image_that_is_not_confirmed_is_undone(self):
        for layout in ("copy.toml", "kept.toml"):
            with self.subTest(layout):
                self.device(layout)
                self.run_it("install", self.patch("--reverse", layout=layout), "--device", "dev")
                self.assertEqual(self.status()["way_back"], "reverse_patch")
                for _ in range(3):
                    self.assertEqual(self.boot(), ("A", "trial", "none"))
                self.assertEqual(self.status()["way_back"], "reverse_patch")
                self.assertIn("back     a patch that comes with the update", self.run_it("device", "status", "dev").out)
                self.assertEqual(self.boot(), ("A", "switch_back", "tries_exhausted"))
                self.assertEqual(self.image_in_a(), self.read(self.old))
                self.assertIsNone(self.status()["way_back"])
                self.remove_device()

    def test_confirming_ends_the_way_back(self):
        self.device()
        self.run_it("install", self.patch("--reverse"), "--device", "dev")
        self.assertEqual(self.boot(), ("A", "trial", "none"))
        self.run_it("device", "confirm", "dev")
        self.assertIsNone(self.status()["way_back"])
        for _ in range(4):
            self.assertEqual(self.boot(), ("A", "active", "none"))
        self.assertEqual(self.image_in_a(), self.read(self.new))

    def test_it_goes_on_after_cuts_there_and_back(self):
        self.device()
        patch = self.patch("--reverse", "--block-size", "256", "--format", "endsley")
        for at in (30, 40, 60):
            self.run_it("install", patch, "--device", "dev", "--power-cut", str(at), status=5)
            self.assertEqual(self.boot(), ("A", "active", "none"))
        self.assertGreater(self.json_of("install", patch, "--device", "dev")["resumed_from"], 0)
        for at in (40, 20):
            self.boot("--power-cut", str(at), status=5)
        for _ in range(3):
            self.assertEqual(self.boot(), ("A", "trial", "none"))
        for at in (60, 30, 20):
            self.boot("--power-cut", str(at), status=5)
        self.assertEqual(self.boot(), ("A", "switch_back", "tries_exhausted"))
        self.assertEqual(self.image_in_a(), self.read(self.old))

    def test_what_nothing_could_undo_is_taken_only_where_the_layout_accepts_it(self):
        self.device()
        told = self.run_it("install", self.patch(), "--device", "dev", status=1)
        self.assertIn("no_way_back", told.err)
        self.assertIn("--reverse", told.err)
        self.assertEqual(self.boot(), ("A", "active", "none"))
        self.remove_device()
        self.device("lax.toml")
        self.run_it("install", self.patch(layout="lax.toml"), "--device", "dev")
        self.assertEqual(self.status()["way_back"], "none")

    def test_too_little_room_is_refused_with_numbers(self):
        told = self.refused("--reverse", layout="narrow.toml", status=1)
        self.assertRegex(told, r"the reverse patch and the envelope have \d+ bytes, slot B behind the image of \d+ bytes "
                               r"has room for \d+")
        self.assertFalse(self.path("x.swb").exists())
        self.make_device(self.old, "--layout", "narrow.toml")
        self.run_it("device", "boot", "dev")
        wear = self.status()["wear"]["total_erases"]
        told = self.run_it("install", self.patch("--reverse"), "--device", "dev", status=1)
        self.assertRegex(told.err, r"the reverse patch and the envelope have \d+ bytes, there is room for \d+")
        self.assertEqual(self.status()["wear"]["total_erases"], wear)

    def test_other_schemes_have_no_use_for_it(self):
        self.assertIn("keeps the old image", self.refused("--reverse", layout="nrf51822", status=2))
        single = self.refused("--reverse", layout="stm32f072", status=2)
        self.assertIn("factory image", single)
        self.assertIn("region 'patch'", single)
        self.assertIn("inplace", single)
        self.device()
        self.remove_device()
        self.make_device(self.old, "--layout", "default")
        self.run_it("device", "boot", "dev")
        self.assertIn("unsupported", self.run_it("install", self.patch("--reverse"), "--device", "dev", status=3).err)

    def test_pack_inspect_and_layout_check_name_the_way_back(self):
        packed = self.json_of("pack", self.new, "-o", "u.swb", "--key", "vendor.pem", "--version", "1.1.0", "--class",
                              "acme.example/thermostat", "--from", self.old, "--layout", "copy.toml", "--reverse")
        self.assertEqual(packed["way_back"], "reverse_patch")
        told = self.json_of("inspect", "u.swb")
        self.assertEqual(told["way_back"], "reverse_patch")
        self.assertTrue(told["payload_whole"])
        self.assertEqual(told["reverse"]["source_bytes"], len(self.read(self.old)))
        self.assertIn("it is kept until the new image is confirmed", self.run_it("inspect", "u.swb").out)
        self.run_it("verify", "u.swb", "--key", "vendor.pub.pem", "--old", self.old)
        for name, way_back in (("copy.toml", "refused"), ("lax.toml", "none"), ("stm32f103", "golden")):
            checked = self.json_of("layout", "check", name)
            self.assertEqual((checked["way_back"], checked["way_back_without_reverse"]), ("reverse_patch", way_back))
            alone = self.json_of("pack", self.new, "-o", "v.swb", "--key", "vendor.pem", "--version", "1.1.0", "--class",
                                 "acme.example/thermostat", "--layout", name, "--format", "raw")
            self.assertEqual(alone["way_back"], way_back)
        self.assertIn("kept in region patch, 10240 bytes", self.run_it("layout", "check", "kept.toml").out)

    def test_a_copy_with_a_factory_image_prefers_the_patch(self):
        golden = self.sign("golden", program(9, 9000), "0.9.0", slot="33K")
        old = self.sign("small", self.old_program[:20000], "1.0.0", slot="33K")
        new = self.sign("larger", changed(self.old_program, 2)[:22000], "1.1.0", slot="33K")
        self.make_device(old, "--layout", "stm32f103", "--golden", golden)
        self.run_it("device", "boot", "dev")
        self.run_it("install", self.pack("u", new, "1.1.0", "--from", old, "--layout", "stm32f103", "--reverse"),
                    "--device", "dev")
        for _ in range(3):
            self.assertEqual(self.boot(), ("A", "trial", "none"))
        self.assertEqual(self.boot(), ("A", "switch_back", "tries_exhausted"))
        self.assertEqual(self.image_in_a(), self.read(old))


if __name__ == "__main__":
    unittest.main()
