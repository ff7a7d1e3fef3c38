"""Devices that wait: for an update where there is one slot, for a better supply; images that run from RAM; the format of
the application's data."""

import unittest

from command import CLASS, CommandTest, changed, program

SWAP = b"""
name = "battery"
cpu = "cortex-m"
scheme = "swap"
header_size = 0x100
decoders = ["endsley", "raw"]
[supply]
low_millivolts = 2500
[[flash]]
name = "main"
address = 0x08000000
size = "256K"
erase_unit = "2K"
granule = 2
rated_cycles = 10000
[[region]]
name = "boot"
flash = "main"
offset = 0
size = "32K"
[[region]]
name = "slot_a"
flash = "main"
offset = "32K"
size = "64K"
[[region]]
name = "slot_b"
flash = "main"
offset = "96K"
size = "66K"
[[region]]
name = "journal"
flash = "main"
offset = "162K"
size = "8K"
[[region]]
name = "golden"
flash = "main"
offset = "170K"
size = "64K"
"""
SINGLE = SWAP.replace(b'"swap"', b'"single"').replace(
    b'[[region]]\nname = "slot_b"\nflash = "main"\noffset = "96K"\nsize = "66K"\n', b"")


class Waiting(CommandTest):
    layout = "battery.toml"
    header = 0x100
    start = 0x08008100

    def setUp(self):
        super().setUp()
        self.make_key()
        self.write("battery.toml", SWAP)
        self.write("single.toml", SINGLE)
        body = program(1, 20000, start=self.start)
        self.old = self.sign_for("old", body, "1.0.0")
        self.new = self.sign_for("new", changed(body, 2), "1.1.0")
        self.package = self.pack_for("new", self.new, "1.1.0")

    def sign_for(self, name, body, version, *more):
        return self.sign(name, body, version, "--header-size", self.header, *more, slot="48K")

    def pack_for(self, name, image, version):
        return self.pack(name, image, version, "--layout", self.layout, "--format", "raw")

    def device(self, *more):
        """One that runs the old image."""
        self.make_device(self.old, "--layout", self.layout, *more)
        self.assertEqual(self.boot(), ("A", "1.0.0", "active", "none"))

    def golden(self):
        return "--golden", self.sign_for("golden", program(3, 5000, start=self.start), "0.9.0")

    def boot(self, *more):
        told = self.json_of("device", "boot", "dev", *more)
        return told["booted_slot"], told["version"], told["decision"], told["cause"]

    def install(self, *more, status=0):
        return self.json_of("install", self.package, "--device", "dev", *more, status=status)

    def supply(self, millivolts):
        return self.json_of("device", "supply", "dev", millivolts)

    def image_in(self, slot):
        self.run_it("device", "read", "dev", "--slot", slot, "-o", "seen.img")
        return self.read("seen.img")


class FirstPackage(Waiting):
    """A device that has no image of its own yet says what it waits for."""
    layout = "microbit_copy"
    header = 0x200
    start = 0xB200

    def waits(self):
        told = self.json_of("device", "boot", "dev")
        return told["booted_slot"], told["cause"], told["waits_for"], self.run_it("device", "boot", "dev").out

    def test_with_nothing_in_its_slots(self):
        self.make_device(None, "--layout", self.layout)
        self.assertEqual(self.waits(), (None, "nothing_bootable", "package",
                                        "nothing runs: update mode, nothing_bootable; it waits for a package\n"))
        self.install("--power-cut", 30, status=5)
        self.assertEqual(self.waits(), (None, "nothing_bootable", "rest_of_download",
                                        "nothing runs: update mode, nothing_bootable; it waits for the rest of a download\n"))
        self.assertEqual(self.install()["result"], "staged")
        self.assertEqual(self.boot(), ("A", "1.1.0", "trial", "none"))
        self.assertIsNone(self.json_of("device", "boot", "dev")["waits_for"])

    def test_with_its_factory_image(self):
        """It ran in place of the empty slot: that is why the state is FAILED, and no update did."""
        self.make_device(None, "--layout", self.layout, *self.golden())
        self.assertEqual(self.boot(), ("A", "0.9.0", "fallback", "active_invalid"))
        self.assertEqual(self.run_it("device", "boot", "dev").out,
                         "slot A runs, version 0.9.0: active, in place of one that did not verify: active_invalid\n")
        self.run_it("device", "update-mode", "dev")
        self.assertEqual(self.waits(), (None, "none", "package", "nothing runs: update mode, as asked; it waits for a package\n"))
        self.assertEqual(self.status()["state"], "FAILED")


class Single(Waiting):
    layout = "stm32f072"

    def wait_for_update(self):
        self.assertEqual(self.json_of("device", "update-mode", "dev")["request"], "update_mode")
        self.assertEqual(self.boot(), (None, None, "update_mode", "none"))

    def test_the_slot_that_runs_is_not_written_and_the_way_is_told(self):
        self.device()
        ended = self.run_it("install", self.package, "--device", "dev", status=1)
        self.assertIn("the only slot runs", ended.err)
        self.assertIn("'switchback device update-mode dev' and 'switchback device boot dev'", ended.err)
        answer = self.install(status=1)
        self.assertEqual((answer["result"], answer["cause"], answer["accepted_bytes"]), ("refused", "bad_state", 0))
        self.assertEqual(self.image_in("A"), self.read(self.old))

    def test_an_update_is_received_where_it_runs_and_goes_on_after_a_cut(self):
        self.device()
        self.assertEqual(list(self.status()["slots"]), ["A"])
        self.wait_for_update()
        self.assertEqual(self.status()["slots"]["A"]["role"], "active", "nothing came in yet")
        cut = self.install("--power-cut", 40, "--torn", "partial", status=5)
        self.assertGreater(cut["accepted_bytes"], 0)
        ended = self.run_it("device", "boot", "dev")
        self.assertEqual(ended.out, "nothing runs: update mode; it waits for the rest of a download\n")
        status = self.status()
        self.assertEqual((status["state"], status["running_slot"], status["request"]), ("WRITING", None, "update_mode"))
        self.assertIn("under way", status["slots"]["A"]["why"])
        done = self.install()
        self.assertEqual(done["result"], "staged")
        self.assertGreater(done["resumed_from"], 1000)
        self.assertLess(done["sent_bytes"], done["package_bytes"] - 2048)
        self.assertEqual(self.status()["slots"]["A"]["role"], "pending")
        self.assertEqual(self.status()["request"], "none")
        self.assertEqual(self.boot(), ("A", "1.1.0", "trial", "none"))
        self.assertEqual(self.install()["result"], "staged", "who sends it once more is told that it is there")
        self.run_it("device", "confirm", "dev")
        self.assertEqual(self.image_in("A"), self.read(self.new))
        for _ in range(4):
            self.assertEqual(self.boot(), ("A", "1.1.0", "active", "none"))

    def test_cuts_in_a_row_end_with_the_new_image(self):
        self.device()
        self.wait_for_update()
        for at, torn in ((1, "nothing"), (4, "partial"), (9, "zeroed"), (14, "blank-weak"), (19, "complete-weak")):
            self.install("--power-cut", at, "--torn", torn, status=5)
            self.assertIn(self.boot(), ((None, None, "update_mode", "none"), (None, None, "update_mode", "nothing_bootable")))
        self.install()
        self.assertEqual(self.boot(), ("A", "1.1.0", "trial", "none"))
        self.run_it("device", "confirm", "dev")
        self.assertEqual(self.image_in("A"), self.read(self.new))

    def test_update_mode_is_left_and_entered_again(self):
        self.device()
        said = self.run_it("device", "update-mode", "dev", "--leave").out
        self.assertTrue(said.startswith("update mode was not asked for"), said)
        for _ in range(2):
            self.wait_for_update()
            self.assertIn("asked    update mode at each boot", self.run_it("device", "status", "dev").out)
            self.assertEqual(self.run_it("device", "boot", "dev").out, "nothing runs: update mode, as asked; it waits for a package\n")
            self.assertEqual(self.json_of("device", "update-mode", "dev", "--leave")["request"], "none")
            self.assertEqual(self.boot(), ("A", "1.0.0", "active", "none"))

    def test_a_low_battery_pauses_it_and_does_not_take_the_old_image(self):
        self.device()
        self.wait_for_update()
        self.supply(2200)
        paused = self.install(status=1)
        self.assertEqual((paused["result"], paused["cause"], paused["accepted_bytes"]), ("paused", "low_battery", 0))
        self.assertEqual((self.status()["state"], self.status()["slots"]["A"]["role"]), ("READY", "active"))
        self.supply(3000)
        paused = self.install("--low-battery", 30, status=1)
        self.assertEqual(paused["result"], "paused")
        self.assertEqual(self.boot(), (None, None, "update_mode", "none"))
        self.supply(3000)
        self.assertGreater(self.install()["resumed_from"], 0)
        self.assertEqual(self.boot(), ("A", "1.1.0", "trial", "none"))

    def test_half_a_download_never_runs_even_when_update_mode_is_left(self):
        self.device()
        self.wait_for_update()
        self.install("--power-cut", 40, status=5)
        self.boot()
        self.run_it("device", "update-mode", "dev", "--leave")
        self.assertEqual(self.boot(), (None, None, "update_mode", "nothing_bootable"))
        self.assertGreater(self.install()["resumed_from"], 0)
        self.assertEqual(self.boot(), ("A", "1.1.0", "trial", "none"))

    def test_an_image_that_does_not_confirm_leaves_update_mode(self):
        self.device()
        self.wait_for_update()
        self.install()
        self.assertIn("staged", self.run_it("device", "update-mode", "dev", status=1).err)
        for _ in range(3):
            self.assertEqual(self.boot(), ("A", "1.1.0", "trial", "none"))
        for _ in range(2):
            self.assertEqual(self.boot(), (None, None, "update_mode", "tries_exhausted"))
        self.assertIn("waits for an update already", self.run_it("device", "update-mode", "dev", status=1).err)
        self.package = self.pack_for("rescue", self.old, "1.0.0")
        self.install()
        self.assertEqual(self.boot(), ("A", "1.0.0", "trial", "none"))

    def test_an_image_that_does_not_confirm_is_replaced_by_the_factory_image(self):
        self.layout = "single.toml"
        self.device(*self.golden())
        self.wait_for_update()
        self.install()
        for _ in range(3):
            self.boot()
        self.assertEqual(self.boot(), ("A", "0.9.0", "switch_back", "tries_exhausted"))

    def test_a_delta_is_refused_and_the_reason_told(self):
        self.layout = "single.toml"
        self.device(*self.golden())
        self.wait_for_update()
        self.pack("delta", self.new, "1.1.0", "--from", self.old, "--format", "endsley")
        ended = self.run_it("install", "delta.swb", "--device", "dev", status=1)
        self.assertIn("the device has one slot", ended.err)
        self.assertIn("pack without --from", ended.err)
        self.assertEqual(self.image_in("A"), self.read(self.old))

    def test_an_off_device_that_was_asked_to_wait_takes_the_update_at_once(self):
        self.device()
        self.run_it("device", "update-mode", "dev")
        self.path("dev/ram.json").unlink()
        ended = self.run_it("install", self.package, "--device", "dev")
        self.assertIn("its bootloader waits in update mode", ended.err)


class UpdateMode(Waiting):
    def test_a_device_with_two_slots_waits_too_and_keeps_its_image(self):
        self.device()
        self.run_it("device", "update-mode", "dev")
        for _ in range(2):
            self.assertEqual(self.boot(), (None, None, "update_mode", "none"))
        self.install()
        self.assertEqual(self.boot(), ("A", "1.1.0", "trial", "none"))
        self.assertEqual(self.image_in("B"), self.read(self.old))

    def test_a_device_without_power_cannot_be_asked(self):
        self.make_device(self.old, "--layout", self.layout)
        for words in (("update-mode", "dev"), ("update-mode", "dev", "--leave"), ("data-format", "dev", 1)):
            self.assertIn("device boot", self.run_it("device", *words, status=1).err)


class RamLoad(Waiting):
    layout = "smartfusion2"
    header = 0x200
    start = 0x20004200

    def test_an_image_is_tried_from_ram_and_switched_back_from(self):
        self.device()
        self.install()
        self.assertEqual(self.status()["slots"]["B"]["role"], "pending")
        for _ in range(3):
            self.assertEqual(self.boot(), ("B", "1.1.0", "trial", "none"))
        self.assertEqual(self.boot(), ("A", "1.0.0", "switch_back", "tries_exhausted"))
        self.assertEqual(self.image_in("A"), self.read(self.old))
        self.install()
        self.boot()
        self.run_it("device", "confirm", "dev")
        self.assertEqual(self.boot(), ("B", "1.1.0", "active", "none"))

    def test_images_may_be_bound_to_the_memory_and_to_nothing_else(self):
        body = program(4, 9000, start=self.start)
        self.old = self.sign_for("bound", body, "1.0.0", "--rom-fixed", "0x20004000")
        self.device()
        self.new = self.sign_for("astray", changed(body, 5), "1.2.0", "--rom-fixed", "0x80040000")
        self.pack("astray", self.new, "1.2.0", "--format", "raw")
        ended = self.run_it("install", "astray.swb", "--device", "dev", status=1)
        self.assertIn("wrong_address", ended.err)
        self.assertEqual(self.boot()[:2], ("A", "1.0.0"))

    def test_an_image_larger_than_the_memory_is_refused_before_anything_is_written(self):
        self.device()
        large = self.sign("large", program(6, 50000, start=self.start), "2.0.0", "--header-size", self.header, slot="64K")
        self.assertIn("a slot 49152", self.run_it("pack", large, "-o", "large.swb", "--key", "vendor.pem", "--version",
                                               "2.0.0", "--class", CLASS, "--layout", self.layout, status=1).err)
        self.pack("large", large, "2.0.0", "--format", "raw")
        self.assertIn("too_large", self.run_it("install", "large.swb", "--device", "dev", status=1).err)
        self.assertEqual(self.status()["state"], "READY")

    def test_the_factory_image_is_restored_and_run_from_ram(self):
        self.device(*self.golden())
        told = self.json_of("factory-reset", "--device", "dev")
        self.assertEqual((told["booted_slot"], told["version"], told["decision"]), ("A", "0.9.0", "factory_reset"))


class LowBattery(Waiting):
    def test_a_download_pauses_and_goes_on_where_it_was(self):
        self.device()
        paused = self.install("--low-battery", 50, status=1)
        self.assertEqual((paused["result"], paused["cause"], paused["cut"]), ("paused", "low_battery", False))
        self.assertEqual(paused["error"]["exit"], 1)
        status = self.status()
        self.assertEqual((status["state"], status["cause"], status["supply_millivolts"]), ("WRITING", "low_battery", 2499))
        self.assertEqual(self.boot(), ("A", "1.0.0", "active", "low_battery"))
        ended = self.run_it("install", self.package, "--device", "dev", status=1)
        self.assertIn("paused: the supply is too low", ended.err)
        self.assertIn("'switchback device supply dev MILLIVOLTS'", ended.err)
        self.assertEqual(self.supply(3000)["supply_millivolts"], 3000)
        self.assertIn("not any more: install again", self.run_it("device", "status", "dev").out)
        done = self.install()
        self.assertEqual(done["result"], "staged")
        self.assertGreater(done["resumed_from"], 4000)
        self.assertGreaterEqual(done["resumed_from"], paused["accepted_bytes"])
        self.assertLessEqual(done["resent_bytes"], 3 * 1024 + 1040 + 1024)
        self.assertGreater(done["resent_bytes"], 0, "the block in which it paused came in before")
        self.assertEqual(self.status()["cause"], "none")
        self.assertEqual(self.boot(), ("A", "1.1.0", "trial", "none"))

    def test_a_low_battery_erases_no_unit_of_a_slot(self):
        self.device()
        self.supply(2499)
        before = self.status()
        self.install(status=1)
        after = self.status()
        slots = {r["name"]: (r["offset"] // 2048, (r["offset"] + r["bytes"]) // 2048) for r in after["regions"]}
        for name in ("slot_a", "slot_b", "golden"):
            units = slice(*slots[name])
            self.assertEqual(before["flash"]["main"]["units"][units], after["flash"]["main"]["units"][units], name)
        units = slice(*slots["journal"])
        self.assertNotEqual(before["flash"]["main"]["units"][units], after["flash"]["main"]["units"][units],
                            "the journal's are: it says why the update waits")

    def test_the_threshold_itself_is_not_low(self):
        self.device()
        self.assertNotIn("low:", self.run_it("device", "supply", "dev", 2500).out)
        self.assertEqual(self.install()["result"], "staged")
        self.assertIn("2499 mV, low: no erase of a slot begins below 2500 mV",
                      self.run_it("device", "supply", "dev", 2499).out)

    def test_an_exchange_that_waits_lets_the_old_image_run(self):
        self.device()
        self.install()
        self.supply(2000)
        for _ in range(4):
            self.assertEqual(self.boot(), ("A", "1.0.0", "active", "low_battery"))
        self.assertIn("low_battery: what erases flash waits", self.run_it("device", "boot", "dev").out)
        self.assertEqual((self.status()["state"], self.status()["tries_left"]), ("STAGED", 3))
        self.supply(3000)
        self.assertEqual(self.boot(), ("A", "1.1.0", "trial", "none"))

    def test_an_exchange_that_was_begun_pauses_at_its_next_step(self):
        self.device()
        self.install()
        self.assertEqual(self.boot("--low-battery", 30), (None, None, "update_mode", "low_battery"))
        self.assertEqual(self.json_of("device", "boot", "dev")["waits_for"], "better_supply")
        done = self.status()["steps"]["done"]
        self.assertGreater(done, 0)
        self.assertEqual(self.boot(), (None, None, "update_mode", "low_battery"))
        self.assertEqual(self.status()["steps"]["done"], done)
        self.supply(3000)
        self.assertEqual(self.boot(), ("A", "1.1.0", "trial", "none"))
        self.assertEqual((self.image_in("A"), self.image_in("B")), (self.read(self.new), self.read(self.old)))

    def test_a_factory_reset_waits_and_is_done_at_a_later_boot(self):
        self.device(*self.golden())
        self.supply(2000)
        ended = self.run_it("factory-reset", "--device", "dev", status=1)
        self.assertIn("the factory reset waits", ended.err)
        told = self.json_of("factory-reset", "--device", "dev", status=1)
        self.assertEqual((told["booted_slot"], told["version"], told["cause"]), ("A", "1.0.0", "low_battery"))
        self.assertEqual(told["request"], "factory_reset")
        self.assertEqual(self.boot(), ("A", "1.0.0", "active", "low_battery"))
        self.assertIn("asked    a factory reset at the next boot", self.run_it("device", "status", "dev").out)
        self.supply(3000)
        self.assertEqual(self.boot(), ("A", "0.9.0", "factory_reset", "none"))
        self.assertEqual(self.status()["request"], "none")

    def test_one_that_keeps_the_data_says_so_while_it_waits(self):
        self.device(*self.golden())
        self.supply(2000)
        told = self.json_of("factory-reset", "--device", "dev", "--keep-data", status=1)
        self.assertEqual(told["request"], "factory_image")
        self.assertIn("the user's data stay", self.run_it("device", "status", "dev").out)

    def test_a_layout_that_takes_no_care_has_no_battery_to_set(self):
        self.write("battery.toml", SWAP.replace(b"[supply]\nlow_millivolts = 2500\n", b""))
        self.device()
        self.assertIn("low_millivolts", self.run_it("device", "supply", "dev", 2000, status=1).err)
        self.assertIn("low_millivolts",
                      self.run_it("install", self.package, "--device", "dev", "--low-battery", 3, status=2).err)
        self.assertNotIn("battery", self.run_it("device", "status", "dev").out.replace("layout battery", ""))

    def test_a_new_device_is_not_low_whatever_its_threshold(self):
        self.write("battery.toml", SWAP.replace(b"2500", b"11000"))
        self.device()
        self.assertEqual(self.status()["supply_millivolts"], 11000)
        self.assertEqual(self.install()["result"], "staged")


class StrikesThatMiss(Waiting):
    def test_each_verb_says_that_it_did_not_strike(self):
        self.device(*self.golden())
        beyond = ("--power-cut", 100000, "--low-battery", 100000)
        for words in (("install", self.package, "--device", "dev"), ("device", "boot", "dev"),
                      ("device", "confirm", "dev"), ("factory-reset", "--device", "dev")):
            err = self.run_it(*words, *beyond).err
            self.assertIn("the power was not cut: the verb took ", err, words)
            self.assertIn("the battery did not run low: the verb took ", err, words)
            self.assertEqual(self.run_it("device", "boot", "dev").err, "")

    def test_a_confirmation_and_a_factory_reset_are_cut_as_asked(self):
        self.device(*self.golden())
        self.install()
        self.boot()
        cut = self.json_of("device", "confirm", "dev", "--power-cut", 1, "--torn", "nothing", status=5)
        self.assertEqual((cut["confirmed_slot"], cut["decision"], cut["cause"]), (None, "cut", "power_lost"))
        self.assertIsNone(self.status()["running_slot"])
        self.assertEqual(self.boot(), ("A", "1.1.0", "trial", "none"))
        self.run_it("device", "confirm", "dev")
        asked = set()
        for at in (1, 25):
            cut = self.json_of("factory-reset", "--device", "dev", "--power-cut", at, "--torn", "nothing", status=5)
            self.assertIsNone(cut["booted_slot"])
            asked.add(cut["asked"])
            self.assertEqual(self.boot()[1], "0.9.0" if cut["asked"] else "1.1.0")
        self.assertEqual(asked, {False, True})


class DataFormat(Waiting):
    def test_a_switch_back_tells_that_the_data_are_newer(self):
        self.device()
        self.assertEqual(self.status()["data_format"], 0)
        self.assertEqual(self.json_of("device", "data-format", "dev", 3)["data_format"], 3)
        self.install()
        self.boot()
        told = self.json_of("device", "data-format", "dev", 4)
        self.assertEqual((told["data_format"], told["data_newer"]), (4, True))
        self.boot("--times", 2)
        told = self.json_of("device", "boot", "dev")
        self.assertEqual((told["decision"], told["data_newer"]), ("switch_back", True))
        status = self.status()
        self.assertEqual((status["data_format"], status["data_newer"]), (4, True))
        self.assertIn("data_newer: the data are of the newer image", self.run_it("device", "boot", "dev").out)
        self.assertIn("data     format 4, data_newer", self.run_it("device", "status", "dev").out)
        self.assertFalse(self.json_of("device", "data-format", "dev", 3)["data_newer"], "it found its way with them")
        self.assertNotIn("data_newer", self.run_it("device", "boot", "dev").out)

    def test_a_confirmed_image_has_its_own_data(self):
        self.device()
        self.install()
        self.boot()
        self.run_it("device", "data-format", "dev", 1)
        told = self.json_of("device", "confirm", "dev")
        self.assertEqual((told["data_format"], told["data_newer"]), (1, False))

    def test_a_factory_reset_that_erases_the_data_forgets_their_format(self):
        for more, left in ((("--keep-data",), 5), ((), 0)):
            self.make_device(self.old, "--layout", self.layout, *self.golden(), name=f"reset{left}")
            self.run_it("device", "boot", f"reset{left}")
            self.run_it("device", "data-format", f"reset{left}", 5)
            told = self.json_of("factory-reset", "--device", f"reset{left}", *more)
            self.assertEqual(told["data_format"], left)

    def test_formats_are_0_to_127_and_only_what_runs_registers_them(self):
        self.device()
        for wrong in (128, -1, "x"):
            self.run_it("device", "data-format", "dev", wrong, status=2)
        self.run_it("device", "update-mode", "dev")
        self.boot()
        self.assertIn("no application runs", self.run_it("device", "data-format", "dev", 1, status=1).err)


if __name__ == "__main__":
    unittest.main()
