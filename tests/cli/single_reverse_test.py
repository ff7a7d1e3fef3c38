"""Devices with one slot that receive the new image over the old one, and go back by a patch that was kept before."""

import shutil
import unittest

from command import CommandTest, changed, program

TEXT = """name = "{name}"
scheme = "single"
header_size = 0x200
decoders = [{decoders}]
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
LAYOUT = "one.toml"


def layout(name: str, more: str = "", patch: int = 12, decoders: str = '"sbd:4K", "lzma:8K", "raw"', golden: int = 0) -> bytes:
    text = TEXT.format(name=name, more=more, decoders=decoders)
    at = 0
    for region, units in (("boot", 16), ("slot_a", 40), ("patch", patch), ("golden", golden), ("journal", 4)):
        if units:
            text += f'\n[[region]]\nname = "{region}"\nflash = "internal"\noffset = "{at}K"\nsize = "{units}K"\n'
        at += units
    return text.encode()


class OneSlotWithAWayBack(CommandTest):
    def setUp(self):
        super().setUp()
        self.make_key()
        self.old_program = program(1, 26000)
        self.old = self.sign("old", self.old_program, "1.0.0", slot="40K")
        self.new = self.sign("new", changed(self.old_program, 2) + program(7, 4000), "1.1.0", slot="40K")
        self.write(LAYOUT, layout("one"))

    def package(self, *more, name="update", layout=LAYOUT, status=0) -> str:
        return self.pack(name, self.new, "1.1.0", "--from", self.old, "--layout", layout, "--reverse", *more, status=status)

    def whole(self, image=None, layout=LAYOUT, version="1.1.0") -> str:
        return self.pack("whole", image or self.new, version, "--layout", layout)

    def refused(self, *more, layout=LAYOUT, status=2) -> str:
        return self.run_it("pack", self.new, "-o", "x.swb", "--key", "vendor.pem", "--version", "1.1.0", "--class",
                           "acme.example/thermostat", "--layout", layout, "--reverse", *more, status=status).err

    def image_in_a(self) -> bytes:
        self.run_it("device", "read", "dev", "--slot", "A", "-o", "seen.img")
        return self.read("seen.img")

    def boot(self, *more, status=0) -> tuple:
        told = self.json_of("device", "boot", "dev", *more, status=status)
        return told["booted_slot"], told["decision"], told["cause"]

    def waits(self, cause="none"):
        """Nothing runs, and nobody is to blame: update mode was asked for, or a download is under way."""
        self.assertEqual(self.boot(), (None, "update_mode", cause))

    def device(self, layout=LAYOUT, *more):
        self.make_device(self.old, "--layout", layout, *more)
        self.assertEqual(self.boot(), ("A", "active", "none"))

    def update_mode(self):
        self.run_it("device", "update-mode", "dev")
        self.waits()

    def remove_device(self):
        shutil.rmtree(self.path("dev"))

    def test_an_image_that_is_not_confirmed_is_undone(self):
        for decoders in ('"sbd:4K", "lzma:8K", "raw"', '"endsley+lzma:8K", "raw"'):
            with self.subTest(decoders):
                self.write(LAYOUT, layout("one", decoders=decoders))
                self.device()
                self.update_mode()
                self.run_it("install", self.package(), "--device", "dev")
                self.assertEqual(self.status()["way_back"], "reverse_patch")
                for _ in range(3):
                    self.assertEqual(self.boot(), ("A", "trial", "none"))
                self.assertEqual(self.image_in_a(), self.read(self.new))
                self.assertIn("back     a patch that comes with the update", self.run_it("device", "status", "dev").out)
                self.assertEqual(self.boot(), ("A", "switch_back", "tries_exhausted"))
                self.assertEqual(self.image_in_a(), self.read(self.old))
                self.assertIsNone(self.status()["way_back"])
                self.assertEqual(self.boot(), ("A", "active", "tries_exhausted"))
                self.remove_device()

    def test_confirming_ends_the_way_back(self):
        self.device()
        self.update_mode()
        self.run_it("install", self.package(), "--device", "dev")
        self.assertEqual(self.boot(), ("A", "trial", "none"))
        self.run_it("device", "confirm", "dev")
        self.assertIsNone(self.status()["way_back"])
        for _ in range(4):
            self.assertEqual(self.boot(), ("A", "active", "none"))
        self.assertEqual(self.image_in_a(), self.read(self.new))

    def test_it_goes_on_after_cuts_there_and_back(self):
        self.write(LAYOUT, layout("one", decoders='"endsley", "raw"', patch=48))
        self.device()
        self.update_mode()
        update = self.package("--block-size", "256")
        # While the patch is kept the old image stands, and may be started again.
        self.run_it("install", update, "--device", "dev", "--power-cut", "40", status=5)
        self.waits()
        self.run_it("device", "update-mode", "dev", "--leave")
        self.assertEqual(self.boot(), ("A", "active", "none"))
        self.update_mode()
        told = []
        for at in (150, 30, 20):
            self.run_it("install", update, "--device", "dev", "--power-cut", str(at), status=5)
            self.waits()
            told.append(self.status()["slots"]["A"]["role"])
        self.assertEqual(told[-1], "empty", "the old image is given up")
        self.assertGreater(self.json_of("install", update, "--device", "dev")["resumed_from"], 0)
        for _ in range(3):
            self.assertEqual(self.boot(), ("A", "trial", "none"))
        for at in (60, 30, 20):
            self.boot("--power-cut", str(at), status=5)
        self.assertEqual(self.boot(), ("A", "switch_back", "tries_exhausted"))
        self.assertEqual(self.image_in_a(), self.read(self.old))

    def test_what_nothing_could_undo_is_taken_only_where_that_is_accepted_or_nothing_stands(self):
        self.device()
        self.update_mode()
        told = self.run_it("install", self.whole(), "--device", "dev", status=1)
        self.assertIn("no_way_back", told.err)
        self.assertIn("--reverse", told.err)
        self.assertEqual(self.image_in_a(), self.read(self.old))
        # The image goes bad: then whatever comes is taken, also what brings a patch that is of no use.
        self.flip("slot_a", 5000)
        self.run_it("install", self.package(), "--device", "dev")
        self.assertEqual(self.status()["way_back"], "none")
        for _ in range(3):
            self.assertEqual(self.boot(), ("A", "trial", "none"))
        self.waits("tries_exhausted")
        self.run_it("install", self.whole(), "--device", "dev")
        self.assertEqual(self.boot(), ("A", "trial", "none"))
        self.remove_device()
        self.write("lax.toml", layout("lax", "accept_no_way_back = true"))
        self.device("lax.toml")
        self.update_mode()
        self.run_it("install", self.whole(layout="lax.toml"), "--device", "dev")
        self.assertEqual(self.status()["way_back"], "none")

    def flip(self, region: str, at: int):
        facts = {r["name"]: r for r in self.json_of("layout", "check", LAYOUT)["regions"]}
        cells = bytearray(self.read("dev/internal.flash"))
        cells[facts[region]["address"] + at] ^= 0x55
        self.write("dev/internal.flash", cells)

    def test_a_patch_to_another_image_is_refused_before_anything_is_erased(self):
        other = self.sign("other", changed(self.old_program, 9), "1.0.1", slot="40K")
        self.make_device(other, "--layout", LAYOUT)
        self.boot()
        self.update_mode()
        wear = self.status()["wear"]["total_erases"]
        told = self.run_it("install", self.package(), "--device", "dev", status=1)
        self.assertIn("another image", told.err)
        self.assertIn("wrong_source", told.err)
        self.assertEqual(self.status()["wear"]["total_erases"], wear)

    def test_too_little_room_is_refused_with_numbers(self):
        self.write("narrow.toml", layout("narrow", decoders='"endsley", "raw"', patch=8))
        told = self.refused("--from", self.old, layout="narrow.toml", status=1)
        self.assertRegex(told, r"the reverse patch and the envelope have \d+ bytes, region 'patch' has room for 4096")
        self.assertFalse(self.path("x.swb").exists())
        self.write("wide.toml", layout("wide", decoders='"endsley", "raw"', patch=48))
        self.device("narrow.toml")
        self.update_mode()
        told = self.run_it("install", self.package(layout="wide.toml"), "--device", "dev", status=1)
        self.assertRegex(told.err, r"the reverse patch and the envelope have \d+ bytes, there is room for 4096")
        self.assertEqual(self.image_in_a(), self.read(self.old))

    def test_what_cannot_be_packed_is_told(self):
        self.assertIn("--from", self.refused())
        self.assertIn("whole images", self.refused("--from", self.old, "--format", "sbd"))
        self.assertIn("factory image", self.refused("--from", self.old, layout="stm32f072"))

    def test_pack_inspect_and_layout_check_name_the_way_back(self):
        packed = self.json_of("pack", self.new, "-o", "u.swb", "--key", "vendor.pem", "--version", "1.1.0", "--class",
                              "acme.example/thermostat", "--from", self.old, "--layout", LAYOUT, "--reverse")
        self.assertEqual((packed["way_back"], packed["payload_format"]), ("reverse_patch", "lzma"))
        told = self.json_of("inspect", "u.swb")
        self.assertTrue(told["payload_whole"])
        self.assertEqual(told["reverse"]["payload_format"], "sbd")
        self.assertEqual(told["reverse"]["source_bytes"], len(self.read(self.old)))
        self.assertEqual(told["reverse"]["erase_bytes"], 1024)
        self.assertIn("(sbd), which works in place", self.run_it("inspect", "u.swb").out)
        self.run_it("verify", "u.swb", "--key", "vendor.pub.pem")
        self.write("golden.toml", layout("golden", golden=20))
        self.write("bare.toml", layout("bare", golden=20, patch=0))
        for name, with_one, without in ((LAYOUT, "reverse_patch", "refused"), ("golden.toml", "reverse_patch", "golden"),
                                        ("bare.toml", "golden", "golden"), ("stm32f072", "none", "none"),
                                        ("stm32f072_undo", "reverse_patch", "refused")):
            checked = self.json_of("layout", "check", name)
            self.assertEqual((checked["way_back"], checked["way_back_without_reverse"]), (with_one, without), name)
        self.assertIn("kept in region patch, 8192 bytes", self.run_it("layout", "check", LAYOUT).out)
        alone = self.json_of("pack", self.new, "-o", "v.swb", "--key", "vendor.pem", "--version", "1.1.0", "--class",
                             "acme.example/thermostat", "--layout", LAYOUT)
        self.assertEqual(alone["way_back"], "refused")

    def test_with_a_factory_image_the_patch_is_preferred(self):
        self.write(LAYOUT, layout("one", golden=20))
        golden = self.sign("golden", program(9, 9000), "0.9.0", slot="20K")
        for package, image in ((self.package(), self.old), (self.whole(), golden)):
            self.device(LAYOUT, "--golden", golden)
            self.update_mode()
            self.run_it("install", package, "--device", "dev")
            for _ in range(3):
                self.assertEqual(self.boot(), ("A", "trial", "none"))
            self.assertEqual(self.boot(), ("A", "switch_back", "tries_exhausted"))
            self.assertEqual(self.image_in_a(), self.read(image))
            self.remove_device()


if __name__ == "__main__":
    unittest.main()
