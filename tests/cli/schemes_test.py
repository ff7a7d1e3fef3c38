"""Devices whose images are moved to slot A: exchange, copy, the factory image."""

import pathlib
import shutil
import unittest

from command import CommandTest, SPARSE, changed, program

LAYOUTS = {"swap": "nrf51822", "copy": "stm32f103"}
STM32F103 = pathlib.Path(__file__).resolve().parents[2] / "layouts" / "stm32f103.toml"


class Schemes(CommandTest):
    def setUp(self):
        super().setUp()
        self.make_key()
        self.old_program = program(1, 9000)
        self.old = self.sign("old", self.old_program, "1.0.0", slot="33K")
        self.new = self.sign("new", changed(self.old_program, 2), "1.1.0", slot="33K")
        self.golden = self.sign("golden", program(3, 5000), "0.9.0", slot="33K")
        self.package = self.pack("new", self.new, "1.1.0", "--from", self.old, "--layout", "nrf51822")

    def device(self, scheme: str, *more) -> str:
        return self.make_device(self.old, "--layout", LAYOUTS[scheme], *more)

    def image_in(self, slot: str) -> bytes:
        self.run_it("device", "read", "dev", "--slot", slot, "-o", "seen.img")
        return self.read("seen.img")

    def boot(self) -> tuple:
        told = self.json_of("device", "boot", "dev")
        return told["version"], told["decision"], told["cause"]

    def update(self):
        self.run_it("device", "boot", "dev")
        self.run_it("install", self.package, "--device", "dev")

    def test_both_run_the_new_image_from_a_and_say_where_the_old_one_is(self):
        for scheme, layout in LAYOUTS.items():
            golden = ("--golden", self.golden) if scheme == "copy" else ()
            self.make_device(self.old, "--layout", layout, *golden, name=scheme)
            self.run_it("device", "boot", scheme)
            self.run_it("install", self.package, "--device", scheme)
            self.assertEqual(self.status(scheme)["slots"]["B"]["role"], "pending")
            told = self.json_of("device", "boot", scheme)
            self.assertEqual((told["booted_slot"], told["version"], told["decision"]), ("A", "1.1.0", "trial"))
            status = self.status(scheme)
            self.assertEqual(status["scheme"], scheme)
            self.assertEqual(status["slots"]["A"]["role"], "pending")
            self.assertEqual(status["slots"]["B"]["version"], "1.0.0" if scheme == "swap" else "1.1.0")
            self.run_it("device", "confirm", scheme)
            self.assertEqual(self.status(scheme)["slots"]["A"]["role"], "active")
            self.assertEqual(self.status(scheme)["slots"]["B"]["role"], "backup" if scheme == "swap" else "empty")

    def test_what_comes_in_can_be_read_before_and_after_the_exchange(self):
        self.device("swap")
        self.update()
        self.assertEqual(self.image_in("B"), self.read(self.new))
        self.boot()
        self.assertEqual((self.image_in("A"), self.image_in("B")), (self.read(self.new), self.read(self.old)))

    def test_an_exchange_that_is_cut_goes_on_and_ends(self):
        self.device("swap")
        self.update()
        cut_at = range(3, 30, 12 if SPARSE else 5)
        for number, at in enumerate(cut_at):
            cut = self.json_of("device", "boot", "dev", "--power-cut", at, "--torn", ("partial", "complete-weak")[number % 2],
                               status=5)
            self.assertEqual(cut["decision"], "cut")
            self.assertIn(self.status()["state"], ("STAGED", "TRIAL"))
        self.assertEqual(self.boot()[0], "1.1.0")
        self.assertEqual((self.image_in("A"), self.image_in("B")), (self.read(self.new), self.read(self.old)))

    def test_the_fourth_boot_switches_back_and_copies_the_old_image_to_a(self):
        self.device("swap")
        self.update()
        for _ in range(3):
            self.assertEqual(self.boot(), ("1.1.0", "trial", "none"))
        self.assertEqual(self.boot(), ("1.0.0", "switch_back", "tries_exhausted"))
        self.assertEqual(self.image_in("A"), self.read(self.old))

    def test_a_copy_goes_back_to_the_factory_image(self):
        self.device("copy", "--golden", self.golden)
        self.assertEqual(self.status()["slots"]["golden"]["role"], "golden")
        self.update()
        for _ in range(3):
            self.boot()
        self.assertEqual(self.boot(), ("0.9.0", "switch_back", "tries_exhausted"))
        self.assertEqual(self.image_in("golden"), self.read(self.golden))

    def test_a_copy_without_a_way_back_waits_for_an_update(self):
        self.device("copy")
        self.run_it("device", "boot", "dev")
        self.assertIn("no_way_back", self.run_it("install", self.package, "--device", "dev", status=1).err)
        shutil.rmtree(self.path("dev"))
        accepts = STM32F103.read_text().replace('scheme = "copy"', 'scheme = "copy"\naccept_no_way_back = true')
        self.write("accepts.toml", accepts.encode())
        self.make_device(self.old, "--layout", "accepts.toml")
        self.update()
        for _ in range(3):
            self.boot()
        told = self.json_of("device", "boot", "dev")
        self.assertEqual((told["booted_slot"], told["decision"], told["cause"]), (None, "update_mode", "tries_exhausted"))
        rescue = self.pack("rescue", self.old, "1.0.0", "--layout", "stm32f103")
        self.run_it("install", rescue, "--device", "dev")
        self.assertEqual(self.boot(), ("1.0.0", "trial", "none"))

    def test_a_factory_reset_brings_the_factory_image(self):
        self.device("copy", "--golden", self.golden)
        self.run_it("device", "boot", "dev")
        told = self.json_of("factory-reset", "--device", "dev")
        self.assertEqual((told["version"], told["decision"], told["state"]), ("0.9.0", "factory_reset", "READY"))
        self.assertEqual(self.image_in("A"), self.read(self.golden))

    def test_a_factory_reset_needs_a_factory_image_and_power(self):
        self.device("swap")
        self.assertIn("no factory image", self.run_it("factory-reset", "--device", "dev", status=1).err)
        self.run_it("device", "new", "off", "--layout", "stm32f103", "--key", "vendor.pub.pem", "--image", self.old,
                    "--golden", self.golden)
        self.assertIn("is off", self.run_it("factory-reset", "--device", "off", status=1).err)

    def test_a_factory_image_needs_a_region(self):
        ended = self.run_it("device", "new", "x", "--layout", "nrf51822", "--key", "vendor.pub.pem", "--golden",
                            self.golden, status=1)
        self.assertIn("no region for a factory image", ended.err)
        self.assertFalse(self.path("x").exists())
        self.write("bad.img", self.read(self.golden)[:-1])
        ended = self.run_it("device", "new", "x", "--layout", "stm32f103", "--key", "vendor.pub.pem", "--image", self.old,
                            "--golden", "bad.img", status=3)
        self.assertIn("bad.img", ended.err)


if __name__ == "__main__":
    unittest.main()
