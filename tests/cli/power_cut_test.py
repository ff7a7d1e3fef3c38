"""Power cuts: whatever operation is hit and whatever is left of it, the device boots and the install goes on."""

import unittest

from command import CommandTest, changed, program

TORN = ("nothing", "partial", "zeroed", "blank-weak", "complete-weak", "complete")


class PowerCuts(CommandTest):
    def setUp(self):
        super().setUp()
        self.make_key()
        self.old_image = self.sign("old", program(1, 40000), "1.0.0")
        self.new_image = self.sign("new", changed(program(1, 40000), 2), "1.1.0")
        self.raw = self.pack("raw", self.new_image, "1.1.0", "--format", "raw")
        self.delta = self.pack("delta", self.new_image, "1.1.0", "--from", self.old_image)

    def finish(self, device, package, staged=False):
        """The next boot, install, boot and confirm, as after any cut. `staged`: the cut hit the last record, so that
        the image may be on trial already."""
        boot = self.json_of("device", "boot", device)
        done = None
        if not (staged and boot["booted_slot"] == "B"):
            self.assertEqual(boot["booted_slot"], "A")
            done = self.json_of("install", package, "--device", device)
            self.assertEqual(done["result"], "staged")
            boot = self.json_of("device", "boot", device)
        self.assertEqual((boot["booted_slot"], boot["decision"]), ("B", "trial"))
        self.run_it("device", "confirm", device)
        self.run_it("device", "read", device, "--slot", "B", "-o", "b.img")
        self.assertEqual(self.read("b.img"), self.read(self.new_image))
        return done

    def test_a_cut_anywhere_ends_with_the_same_bytes(self):
        last_records = 8
        for package in (self.raw, self.delta):
            whole = self.make_device(self.old_image, name=f"whole-{package}")
            operations = self.json_of("install", package, "--device", whole)["operations"]
            self.assertGreater(operations, 80)
            for number, at in enumerate(range(1, operations + 1, operations // 9)):
                device = self.make_device(self.old_image, name=f"cut-{package}-{at}")
                torn = TORN[number % len(TORN)]
                cut = self.json_of("install", package, "--device", device, "--power-cut", at, "--torn", torn, status=5)
                self.assertEqual((cut["result"], cut["cut"], cut["operations"]), ("cut", True, at))
                self.assertIsNone(self.status(device)["running_slot"])
                self.finish(device, package, staged=at > operations - last_records)

    def test_what_was_accepted_is_not_sent_again(self):
        device = self.make_device(self.old_image)
        cut = self.json_of("install", self.raw, "--device", device, "--power-cut", 100, status=5)
        self.assertGreater(cut["accepted_bytes"], 8000)
        done = self.finish(device, self.raw)
        # A cut may take the record in flight; never more than one erase unit is received again, and the envelope.
        self.assertGreaterEqual(done["resumed_from"] + 4096 + 1040, cut["accepted_bytes"])
        self.assertLessEqual(done["resent_bytes"], 4096 + 2 * 1040 + 1024)
        self.assertEqual(done["accepted_bytes"], len(self.read(self.raw)))
        self.assertLess(done["sent_bytes"], len(self.read(self.raw)) - 6000)

    def test_the_same_seed_cuts_the_same_way(self):
        seen = set()
        for name in ("one", "two"):
            device = self.make_device(self.old_image, name=name)
            self.json_of("install", self.raw, "--device", device, "--power-cut", 60, "--seed", 9, status=5)
            seen.add(self.slot("B", device))
        self.assertEqual(len(seen), 1)

    def test_a_cut_while_the_bootloader_works_is_survived_and_spends_no_image(self):
        for at in (1, 2, 3):
            for torn in ("partial", "blank-weak", "complete-weak"):
                device = self.make_device(self.old_image, name=f"boot-{at}-{torn}")
                self.json_of("install", self.raw, "--device", device)
                cut = self.json_of("device", "boot", device, "--power-cut", at, "--torn", torn, status=5)
                self.assertEqual((cut["decision"], cut["booted_slot"]), ("cut", None))
                boots = self.json_of("device", "boot", device, "--times", 5)["boots"]
                slots = [b["booted_slot"] for b in boots]
                self.assertIn(slots, (["B", "B", "B", "A", "A"], ["B", "B", "A", "A", "A"]))

    def test_several_cuts_in_one_download(self):
        device = self.make_device(self.old_image)
        for at, torn in ((40, "partial"), (35, "blank-weak"), (30, "zeroed"), (25, "complete-weak")):
            ended = self.json_of("install", self.raw, "--device", device, "--power-cut", at, "--torn", torn, status=5)
            self.assertTrue(ended["cut"])
        self.finish(device, self.raw)

    def test_a_cut_beyond_the_end_does_not_happen_and_is_said(self):
        device = self.make_device(self.old_image)
        ended = self.run_it("install", self.raw, "--device", device, "--power-cut", 100000)
        self.assertIn("the power was not cut", ended.err)

    def test_another_package_after_a_cut_starts_anew(self):
        device = self.make_device(self.old_image)
        self.json_of("install", self.raw, "--device", device, "--power-cut", 100, status=5)
        self.assertEqual(self.finish(device, self.delta)["resumed_from"], 0)

    def test_two_parts_with_unequal_units_lose_their_power_together(self):
        self.write("two.toml", TWO_PARTS)
        whole = self.make_device(self.old_image, "--layout", "two.toml", name="whole")
        operations = self.json_of("install", self.raw, "--device", whole)["operations"]
        for number, at in enumerate(range(1, operations - 8, operations // 8)):
            device = self.make_device(self.old_image, "--layout", "two.toml", name=f"two-{at}")
            self.json_of("install", self.raw, "--device", device, "--power-cut", at, "--torn", TORN[number % len(TORN)],
                         status=5)
            self.finish(device, self.raw)
        self.assertEqual(set(self.status("whole")["flash"]), {"internal", "spi"})


TWO_PARTS = b"""
name = "two"
scheme = "xip"
remap = true
header_size = 0x200
decoders = ["raw"]
[[flash]]
name = "internal"
address = 0
size = "256K"
erase_map = [{units = 4, size = "16K"}, {units = 1, size = "64K"}, {units = 1, size = "128K"}]
granule = 8
ecc = true
erased_readable = false
rated_cycles = 10000
[[flash]]
name = "spi"
address = 0x90000000
size = "512K"
erase_unit = "4K"
granule = 256
rated_cycles = 100000
[[region]]
name = "journal"
flash = "internal"
offset = 0
size = "64K"
[[region]]
name = "boot"
flash = "internal"
offset = "64K"
size = "64K"
[[region]]
name = "slot_a"
flash = "spi"
offset = 0
size = "256K"
[[region]]
name = "slot_b"
flash = "spi"
offset = "256K"
size = "256K"
"""


if __name__ == "__main__":
    unittest.main()
