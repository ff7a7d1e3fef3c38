"""Devices with one slot, whose image a patch rewrites where it stands, and undoes."""

import unittest

from command import CommandTest, changed, program

LAYOUT = "nrf51822_inplace"


class InPlace(CommandTest):
    def setUp(self):
        super().setUp()
        self.make_key()
        self.old_program = program(1, 40000)
        self.old = self.sign("old", self.old_program, "1.0.0", slot="180K")
        self.new = self.sign("new", changed(self.old_program, 2) + program(7, 8000), "1.1.0",
                             slot="180K")

    def patch(self, *more, status=0) -> str:
        return self.pack("update", self.new, "1.1.0", "--from", self.old, "--layout", LAYOUT, *more, status=status)

    def image_in_a(self) -> bytes:
        self.run_it("device", "read", "dev", "--slot", "A", "-o", "seen.img")
        return self.read("seen.img")

    def boot(self, *more, status=0) -> tuple:
        told = self.json_of("device", "boot", "dev", *more, status=status)
        return told["booted_slot"], told["decision"], told["cause"]

    def update(self):
        self.make_device(self.old, "--layout", LAYOUT)
        self.run_it("device", "boot", "dev")
        self.run_it("install", self.patch("--in-place", "--reverse"), "--device", "dev")

    def test_the_patch_is_staged_first_and_used_at_the_next_boot(self):
        self.update()
        self.assertEqual(self.image_in_a(), self.read(self.old))
        self.assertEqual(self.status()["state"], "STAGED")
        self.assertEqual(self.status()["slots"]["A"]["role"], "active")
        self.assertEqual(self.boot(), ("A", "trial", "none"))
        self.assertEqual(self.image_in_a(), self.read(self.new))
        self.run_it("device", "confirm", "dev")
        self.assertEqual(self.status()["slots"]["A"]["role"], "active")
        for _ in range(4):
            self.assertEqual(self.boot(), ("A", "active", "none"))

    def test_an_image_that_is_not_confirmed_is_undone(self):
        self.update()
        for _ in range(3):
            self.assertEqual(self.boot(), ("A", "trial", "none"))
        self.assertEqual(self.boot(), ("A", "switch_back", "tries_exhausted"))
        self.assertEqual(self.image_in_a(), self.read(self.old))

    def test_it_goes_on_after_cuts_there_and_back(self):
        self.update()
        for at in (150, 90, 40):
            self.boot("--power-cut", str(at), status=5)
        self.assertEqual(self.boot(), ("A", "trial", "none"))
        self.assertEqual(self.image_in_a(), self.read(self.new))
        for _ in range(2):
            self.boot()
        for at in (150, 90, 40):
            self.boot("--power-cut", str(at), status=5)
        self.assertEqual(self.boot(), ("A", "switch_back", "tries_exhausted"))
        self.assertEqual(self.image_in_a(), self.read(self.old))

    def test_a_download_that_was_cut_goes_on(self):
        self.make_device(self.old, "--layout", LAYOUT)
        self.run_it("device", "boot", "dev")
        patch = self.patch("--reverse", "--block-size", "256")
        self.run_it("install", patch, "--device", "dev", "--power-cut", "22", status=5)
        self.assertEqual(self.boot(), ("A", "active", "none"))
        self.assertGreater(self.json_of("install", patch, "--device", "dev")["resumed_from"], 0)
        self.assertEqual(self.boot(), ("A", "trial", "none"))

    def test_what_the_layout_does_not_allow_is_refused_with_its_reason(self):
        self.make_device(self.old, "--layout", LAYOUT)
        self.run_it("device", "boot", "dev")
        alone = self.run_it("pack", self.new, "-o", "alone.swb", "--key", "vendor.pem", "--version", "1.1.0", "--class",
                            "acme.example/thermostat", "--from", self.old, "--layout", LAYOUT, status=1)
        self.assertIn("no_way_back", alone.err)
        self.assertIn("--reverse", alone.err)
        full = self.run_it("install", self.pack("full", self.new, "1.1.0", "--format", "raw"), "--device", "dev",
                           status=1)
        self.assertIn("update-mode", full.err)
        self.run_it("device", "update-mode", "dev")
        self.boot()
        self.run_it("install", "full.swb", "--device", "dev")
        self.assertEqual(self.boot(), ("A", "trial", "none"))

    def test_pack_says_with_numbers_what_does_not_fit_the_patch_area(self):
        other = self.sign("other", program(9, 60000), "1.1.0", slot="180K")
        refused = self.run_it("pack", other, "-o", "too_large.swb", "--key", "vendor.pem", "--version", "1.1.0", "--class",
                              "acme.example/thermostat", "--from", self.old, "--layout", LAYOUT, "--reverse", status=1)
        self.assertRegex(refused.err, r"the package has \d+ bytes \(patch \d+, way back \d+\), the patch area has room for")
        self.assertFalse(self.path("too_large.swb").exists())
        refused = self.run_it("pack", self.new, "-o", "x.swb", "--key", "vendor.pem", "--version", "1.1.0", "--class",
                              "acme.example/thermostat", "--from", self.old, "--layout", "nrf51822", "--in-place", status=2)
        self.assertIn("inplace", refused.err)

    def test_inspect_tells_what_is_in_place(self):
        told = self.json_of("inspect", self.patch("--reverse"))
        self.assertEqual(told["in_place"]["shift_bytes"] % 1024, 0)
        self.assertGreater(told["in_place"]["way_back_bytes"], 0)
        self.assertIsNone(self.json_of("inspect", self.pack("full", self.new, "1.1.0"))["in_place"])


if __name__ == "__main__":
    unittest.main()
