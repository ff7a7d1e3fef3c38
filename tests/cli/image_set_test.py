"""Image sets: a program and what belongs to it, in two flash parts, updated and undone as one."""

import unittest

from command import CommandTest, changed, program

LAYOUT = """name = "two_parts"
scheme = "swap"
header_size = 0x200
decoders = ["endsley", "raw"]
flash = [{ name = "main", address = 0x08000000, size = "64K", erase_unit = "1K", granule = 4, rated_cycles = 10000 },
         { name = "nor", address = 0x90000000, size = "128K", erase_unit = "4K", granule = 8, rated_cycles = 100000 }]
set = [{ name = "firmware", components = [
         { name = "app", flash = "main", offset = "8K", size = "16K" },
         { name = "pictures", flash = "nor", offset = "4K", size = "12K" } ] }]
region = [{ name = "boot", flash = "main", offset = 0, size = "8K" },
          { name = "slot_a", flash = "firmware", offset = 0, size = "28K" },
          { name = "slot_b", flash = "nor", offset = "64K", size = "32K" },
          { name = "journal", flash = "main", offset = "56K", size = "8K" }]
"""
APP = program(1, 9000)
PICTURES = program(2, 7000)


class ImageSets(CommandTest):
    def setUp(self):
        super().setUp()
        self.make_key()
        self.write("two.toml", LAYOUT.encode())
        self.parts = {"1.0.0": (APP, PICTURES), "2.0.0": (changed(APP, 3), changed(PICTURES, 4))}
        self.images = {version: self.sign_set(version) for version in self.parts}

    def sign_set(self, version: str, *more, status=0) -> str:
        for name, data in zip(("app", "pictures"), self.parts[version]):
            self.write(f"{name}-{version}.bin", data)
        return self.sign_files(version, f"app-{version}.bin", "--component", f"pictures=pictures-{version}.bin", *more,
                               status=status)

    def sign_files(self, version: str, app: str, *more, layout="two.toml", status=0) -> str:
        self.run_it("image", "sign", app, *more, *(("--layout", layout) if layout else ()), "--key", "vendor.pem",
                    "--version", version, "-o", f"{version}.img", status=status)
        return f"{version}.img"

    def device(self) -> str:
        name = self.make_device(self.images["1.0.0"], "--layout", "two.toml")
        self.assertEqual(self.json_of("device", "boot", name)["booted_slot"], "A")
        return name

    def package(self) -> str:
        return self.pack("up", self.images["2.0.0"], "2.0.0", "--from", self.images["1.0.0"], "--layout", "two.toml")

    def version_in_flash(self) -> str:
        """Of both components, from the bytes of the parts; they must be of one version."""
        main, nor = self.read("dev/main.flash"), self.read("dev/nor.flash")
        found = [version for version, (app, pictures) in self.parts.items()
                 if main[8192 + 512:8192 + 512 + len(app)] == app and nor[4096:4096 + len(pictures)] == pictures]
        self.assertEqual(len(found), 1, "the components are of two versions, or of none")
        return found[0]

    def test_both_components_are_new_after_an_update_and_old_where_it_does_not_prove_itself(self):
        self.device()
        self.run_it("install", self.package(), "--device", "dev")
        self.assertEqual(self.version_in_flash(), "1.0.0")
        self.assertEqual(self.json_of("device", "boot", "dev")["version"], "2.0.0")
        self.assertEqual(self.version_in_flash(), "2.0.0")
        told = self.json_of("device", "boot", "dev", "--times", 3)
        self.assertEqual((told["version"], told["cause"]), ("1.0.0", "tries_exhausted"))
        self.assertEqual(self.version_in_flash(), "1.0.0")
        self.run_it("install", "up.swb", "--device", "dev")
        self.run_it("device", "boot", "dev")
        self.run_it("device", "confirm", "dev")
        self.assertEqual(self.json_of("device", "boot", "dev", "--times", 5)["version"], "2.0.0")
        self.assertEqual(self.version_in_flash(), "2.0.0")

    def test_no_cut_leaves_one_component_new_and_the_other_old(self):
        self.device()
        package = self.package()
        self.run_it("install", package, "--device", "dev", "--power-cut", 5, status=5)
        self.run_it("device", "boot", "dev")
        self.assertEqual(self.version_in_flash(), "1.0.0")
        self.run_it("install", package, "--device", "dev")
        for at in (3, 9, 15, 21, 27, 29):  # of what is left
            self.run_it("device", "boot", "dev", "--power-cut", at, status=5)
        self.assertEqual(self.json_of("device", "boot", "dev")["version"], "2.0.0")
        self.assertEqual(self.version_in_flash(), "2.0.0")

    def test_the_image_names_its_components(self):
        told = self.json_of("image", "verify", self.images["1.0.0"], "--key", "vendor.pub.pem")
        self.assertEqual(told["components"], [{"name": "app", "offset": 0x200, "bytes": len(APP)},
                                              {"name": "pictures", "offset": 16384, "bytes": len(PICTURES)}])
        text = self.run_it("image", "verify", self.images["1.0.0"], "--key", "vendor.pub.pem").out
        self.assertIn(f"holds    pictures: {len(PICTURES)} bytes at 0x4000 of the image", text)
        checked = self.json_of("layout", "check", "two.toml")
        self.assertEqual([c["room_bytes"] for c in checked["sets"][0]["components"]], [16384 - 512, 12288])

    def test_what_cannot_be_a_set_is_refused(self):
        app = "app-1.0.0.bin"
        picture = "pictures=pictures-1.0.0.bin"
        for words, layout, says, status in (
                ((), "two.toml", "component 'pictures' of set 'firmware' is missing", 3),
                (("--component", picture, "--component", picture), "two.toml", "given twice", 2),
                (("--component", picture, "--component", "radio=" + app), "two.toml", "no component 'radio'", 3),
                (("--component", "pictures"), "two.toml", "not NAME=FILE", 2),
                (("--component", "pictures=none.bin"), "two.toml", "none.bin", 4),
                (("--component", picture, "--header-size", "0x400"), "two.toml", "headers of 512 bytes", 2),
                (("--component", picture), "default", "have no components", 2),
                (("--component", picture, "--slot-size", "64K"), None, "without a layout", 2),
                ((), None, "--slot-size", 2)):
            more = (*words, *(("--layout", layout) if layout else ()))
            ended = self.run_it("image", "sign", app, *more, "--key", "vendor.pem", "--version", "1.0.0", "-o", "x.img",
                                status=status)
            self.assertIn(says, ended.err, words)
            self.assertFalse(self.path("x.img").exists())
        self.write("large.bin", bytes(12289))
        ended = self.run_it("image", "sign", app, "--component", "pictures=large.bin", "--layout", "two.toml", "--key",
                            "vendor.pem", "--version", "1.0.0", "-o", "x.img", status=3)
        self.assertIn("component 'pictures' has 12289 bytes, its place 12288", ended.err)


if __name__ == "__main__":
    unittest.main()
