"""The bootloader as a component: two copies, and stage 0 that starts one of them."""

import unittest

from command import CLASS, CommandTest, changed, program

ADDRESS = {"a": 0x1000, "b": 0x75000}


class Bootloader(CommandTest):
    def setUp(self):
        super().setUp()
        self.make_key()
        self.boot = {version: self.sign_both(version, seed) for version, seed in (("1.0.0", 0), ("2.0.0", 3))}
        self.app = {version: self.sign(f"app-{version}", changed(program(7, 9000, 0x8200), seed), version, slot="216K")
                    for version, seed in (("1.0.0", 1), ("1.1.0", 2))}

    def sign_both(self, version: str, seed: int) -> dict:
        return {slot: self.sign(f"boot-{version}-{slot}", changed(program(5, 12000, at + 0x200), seed), version,
                                "--rom-fixed", hex(at), slot="28K") for slot, at in ADDRESS.items()}

    def device(self) -> str:
        return self.make_device(self.app["1.0.0"], "--layout", "nrf52833", "--bootloader", self.boot["1.0.0"]["a"])

    def pack_boot(self, version: str, *more, status=0) -> str:
        return self.pack(f"boot-{version}", self.boot[version]["a"], version, "--slot-b", self.boot[version]["b"],
                         "--bootloader", "--layout", "nrf52833", *more, status=status)

    def starts(self) -> tuple:
        told = self.status()["bootloader"]
        return told["starts"], told["sealed"][told["starts"]]

    def test_a_new_one_starts_from_the_other_copy_and_images_do_not_notice(self):
        self.device()
        self.run_it("device", "boot", "dev")
        self.assertEqual(self.starts(), ("A", "1.0.0"))
        self.assertEqual(self.json_of("install", self.pack_boot("2.0.0"), "--device", "dev")["result"], "sealed")
        self.assertEqual(self.json_of("device", "boot", "dev")["version"], "1.0.0")
        self.assertEqual(self.starts(), ("B", "2.0.0"))
        self.assertIn("boot     copy A 1.0.0, copy B 2.0.0 (starts)", self.run_it("device", "status", "dev").out)
        up = self.pack("up", self.app["1.1.0"], "1.1.0", "--from", self.app["1.0.0"], "--layout", "nrf52833")
        self.run_it("install", up, "--device", "dev")
        self.assertEqual(self.json_of("device", "boot", "dev")["version"], "1.1.0")
        self.boot["3.0.0"] = self.sign_both("3.0.0", 4)
        delta = self.pack_boot("3.0.0", "--from", self.boot["2.0.0"]["a"], "--from-slot-b", self.boot["2.0.0"]["b"])
        done = self.json_of("install", delta, "--device", "dev")
        self.assertEqual(done["result"], "sealed")
        self.assertLess(done["package_bytes"], 4000)
        self.run_it("device", "boot", "dev")
        self.assertEqual(self.starts(), ("A", "3.0.0"))

    def test_a_cut_leaves_a_bootloader_that_starts(self):
        self.device()
        self.run_it("device", "boot", "dev")
        package = self.pack_boot("2.0.0")
        for at in (1, 2, 7, 19):
            ended = self.json_of("install", package, "--device", "dev", "--power-cut", at, status=5)
            self.assertEqual((ended["result"], ended["accepted_bytes"]), ("cut", 0))
            self.assertEqual(self.json_of("device", "boot", "dev")["version"], "1.0.0")
            self.assertEqual(self.starts(), ("A", "1.0.0"))
        self.run_it("install", package, "--device", "dev")
        self.run_it("device", "boot", "dev")
        self.assertEqual(self.starts(), ("B", "2.0.0"))

    def test_nobody_takes_the_one_for_the_other(self):
        self.device()
        self.run_it("device", "boot", "dev")
        old = self.pack_boot("1.0.0")
        self.run_it("install", self.pack_boot("2.0.0"), "--device", "dev")
        self.run_it("device", "boot", "dev")
        self.assertIn("older", self.run_it("install", old, "--device", "dev", status=1).err)
        as_image = self.pack("as-image", self.boot["2.0.0"]["a"], "2.0.0", "--slot-b", self.boot["2.0.0"]["b"])
        self.run_it("install", as_image, "--device", "dev", status=1)
        other = self.make_device(self.app["1.0.0"], "--layout", "default", name="plain")
        self.run_it("device", "boot", other)
        self.assertIn("wrong_class", self.run_it("install", "boot-2.0.0.swb", "--device", other, status=1).err)
        self.assertEqual(self.starts(), ("B", "2.0.0"))

    def test_what_cannot_work_is_refused_with_what_to_do(self):
        new = ("device", "new", "x", "--key", "vendor.pub.pem", "--class", CLASS, "--image", self.app["1.0.0"])
        self.assertIn("--bootloader", self.run_it(*new, "--layout", "nrf52833", status=2).err)
        self.assertIn("not updatable", self.run_it(*new, "--layout", "default", "--bootloader", self.boot["1.0.0"]["a"],
                                                   status=1).err)
        self.assertIn("wrong_address", self.run_it(*new, "--layout", "nrf52833", "--bootloader",
                                                   self.boot["1.0.0"]["b"], status=1).err)
        one = ("pack", self.boot["2.0.0"]["a"], "-o", "x.swb", "--key", "vendor.pem", "--version", "2.0.0", "--class", CLASS,
               "--bootloader")
        self.assertIn("add --layout", self.run_it(*one, status=2).err)
        self.assertIn("--slot-b", self.run_it(*one, "--layout", "nrf52833", status=2).err)
        both = (*one, "--slot-b", self.boot["2.0.0"]["b"])
        self.assertIn("not updatable", self.run_it(*both, "--layout", "nrf52840", status=1).err)
        large = {slot: self.sign(f"large-{slot}", program(5, 28 * 1024 - 512 - 170, at + 0x200), "2.0.0", "--rom-fixed",
                                 hex(at), slot="28K") for slot, at in ADDRESS.items()}
        ended = self.run_it("pack", large["a"], "--slot-b", large["b"], "-o", "x.swb", "--key", "vendor.pem", "--version",
                            "2.0.0", "--class", CLASS, "--bootloader", "--layout", "nrf52833", status=1)
        self.assertIn("a copy of the bootloader 28552 besides its seals", ended.err)


if __name__ == "__main__":
    unittest.main()
