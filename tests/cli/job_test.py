"""The main job: two programs become packages, a device takes them, tries the new image, confirms or switches back."""

import struct
import unittest

from command import CLASS, CommandTest, changed, program


class MainJob(CommandTest):
    def setUp(self):
        super().setUp()
        self.make_key()
        self.old = program(1)
        self.new = changed(self.old, 2)
        self.old_image = self.sign("old", self.old, "1.0.0")
        self.new_image = self.sign("new", self.new, "1.1.0+7", "--security-counter", "2")
        self.full = self.pack("full", self.new_image, "1.1.0+7")
        self.delta = self.pack("delta", self.new_image, "1.1.0+7", "--from", self.old_image)
        self.make_device(self.old_image)

    def install_and_boot(self, package):
        self.assertEqual(self.json_of("install", package, "--device", "dev")["result"], "staged")
        return self.json_of("device", "boot", "dev")

    def test_delta_is_much_smaller_than_the_full_package(self):
        self.assertLess(len(self.read(self.delta)), len(self.read(self.full)) / 3)
        self.assertLess(len(self.read(self.full)), len(self.read(self.new_image)))

    def test_either_package_ends_in_the_same_confirmed_image(self):
        for number, package in enumerate((self.full, self.delta)):
            device = self.make_device(self.old_image, name=f"dev{number}")
            self.assertEqual(self.json_of("device", "boot", device)["booted_slot"], "A")
            done = self.json_of("install", package, "--device", device)
            self.assertEqual(done["result"], "staged")
            self.assertEqual(done["accepted_bytes"], len(self.read(package)))
            self.assertEqual((done["resumed_from"], done["cut"], done["resent_bytes"]), (0, False, 0))
            boot = self.json_of("device", "boot", device)
            self.assertEqual((boot["booted_slot"], boot["decision"], boot["tries_left"]), ("B", "trial", 2))
            self.assertEqual(boot["version"], "1.1.0+7")
            self.run_it("device", "confirm", device)
            status = self.status(device)
            self.assertEqual((status["state"], status["running_slot"], status["security_floor"]), ("UPDATED", "B", 2))
            self.assertEqual(status["slots"]["B"]["role"], "active")
            self.run_it("device", "read", device, "--slot", "B", "-o", "b.img")
            self.assertEqual(self.read("b.img"), self.read(self.new_image))

    def test_an_image_that_nobody_confirms_runs_three_times_and_then_never(self):
        self.json_of("install", self.full, "--device", "dev")
        boots = self.json_of("device", "boot", "dev", "--times", 5)["boots"]
        self.assertEqual([b["booted_slot"] for b in boots], ["B", "B", "B", "A", "A"])
        self.assertEqual([b["decision"] for b in boots], ["trial", "trial", "trial", "switch_back", "active"])
        self.assertEqual([b["tries_left"] for b in boots], [2, 1, 0, 0, 0])
        self.assertEqual(boots[3]["cause"], "tries_exhausted")
        status = self.status()
        self.assertEqual((status["state"], status["cause"]), ("FAILED", "tries_exhausted"))
        self.run_it("device", "confirm", "dev", status=1)

    def test_a_pending_image_that_is_damaged_never_runs(self):
        self.json_of("install", self.full, "--device", "dev")
        cells = bytearray(self.read("dev/internal.flash"))
        cells[0x80000 + 5000] ^= 0x10
        self.write("dev/internal.flash", cells)
        slot = self.status()["slots"]["B"]
        self.assertEqual((slot["role"], slot["verified"], slot["bootable"]), ("pending", False, False))
        self.assertIn("bad_digest", slot["why"])
        boot = self.json_of("device", "boot", "dev")
        self.assertEqual((boot["booted_slot"], boot["decision"], boot["cause"]), ("A", "switch_back", "slot_invalid"))

    def test_a_damaged_active_image_falls_back_and_a_dead_device_waits_for_an_update(self):
        cells = bytearray(self.read("dev/internal.flash"))
        cells[0x8000 + 3000] ^= 1
        self.write("dev/internal.flash", cells)
        boot = self.json_of("device", "boot", "dev")
        self.assertEqual((boot["booted_slot"], boot["decision"], boot["cause"]),
                         (None, "update_mode", "nothing_bootable"))
        self.assertEqual(self.json_of("install", self.full, "--device", "dev")["result"], "staged")
        self.assertEqual(self.json_of("device", "boot", "dev")["booted_slot"], "B")

    def test_a_wiped_journal_still_boots(self):
        cells = bytearray(self.read("dev/internal.flash"))
        cells[0xF8000:0xFC000] = b"\xff" * 0x4000
        self.write("dev/internal.flash", cells)
        self.assertEqual(self.status()["state"], "LOST")
        boot = self.json_of("device", "boot", "dev")
        self.assertEqual((boot["booted_slot"], boot["decision"], boot["cause"]), ("A", "recovered", "journal_lost"))

    def test_confirm_is_only_for_the_image_that_runs(self):
        self.run_it("device", "confirm", "dev", status=1)
        self.json_of("device", "boot", "dev")
        self.run_it("device", "confirm", "dev", status=1)
        self.json_of("install", self.full, "--device", "dev")
        ended = self.run_it("device", "confirm", "dev", status=1)
        self.assertIn("device boot", ended.err)
        self.json_of("device", "boot", "dev")
        self.run_it("device", "confirm", "dev")
        self.run_it("device", "confirm", "dev")
        self.assertEqual(self.status()["state"], "UPDATED")

    def test_a_backup_below_the_floor_is_shown_as_not_bootable(self):
        self.install_and_boot(self.full)
        self.assertTrue(self.status()["slots"]["A"]["bootable"])
        self.run_it("device", "confirm", "dev")
        backup = self.status()["slots"]["A"]
        self.assertEqual((backup["role"], backup["verified"], backup["bootable"]), ("backup", True, False))
        self.assertIn("below_floor", backup["why"])

    def test_an_installation_on_a_device_that_is_off_goes_through_its_bootloader(self):
        ended = self.run_it("install", self.full, "--device", "dev")
        self.assertIn("the device was off", ended.err)
        ended = self.run_it("install", self.full, "--device", "dev")
        self.assertNotIn("the device was off", ended.err)

    def test_a_device_without_an_image_takes_its_first_one(self):
        self.run_it("device", "new", "empty", "--key", "vendor.pub.pem", "--class", CLASS)
        status = self.status("empty")
        self.assertEqual([status["slots"][s]["why"][:5] for s in "AB"], ["empty", "empty"])
        self.assertIsNone(self.json_of("device", "boot", "empty")["booted_slot"])
        self.json_of("install", self.full, "--device", "empty")
        self.assertEqual(self.json_of("device", "boot", "empty")["booted_slot"], "B")

    def test_update_after_update_alternates_the_slots(self):
        running = self.old_image
        for number in range(1, 5):
            image = self.sign(f"v{number}", changed(self.old, number), f"2.{number}.0")
            package = self.pack(f"v{number}", image, f"2.{number}.0", "--from", running)
            boot = self.install_and_boot(package)
            self.assertEqual(boot["booted_slot"], "BA"[(number - 1) % 2])
            self.run_it("device", "confirm", "dev")
            running = image
        self.run_it("device", "read", "dev", "--slot", "A", "-o", "a.img")
        self.assertEqual(self.read("a.img"), self.read(running))

    def test_wear_is_counted_by_erase_unit(self):
        before = self.status()
        self.install_and_boot(self.full)
        after = self.status()
        units = after["flash"]["internal"]["units"]
        self.assertEqual(len(units), 256)
        self.assertEqual(max(units), after["wear"]["max_erases"])
        self.assertEqual(sum(units), after["wear"]["total_erases"])
        slot_b = units[128:248]
        used = -(-len(self.read(self.new_image)) // 4096)
        self.assertEqual(slot_b, [1] * used + [0] * (120 - used))
        self.assertGreater(after["wear"]["total_erases"], before["wear"]["total_erases"])

    def test_a_link_that_loses_messages_only_costs_time(self):
        done = self.json_of("install", self.full, "--device", "dev", "--link", "ble", "--loss", "20%", "--seed", 5)
        self.assertEqual(done["result"], "staged")
        self.assertGreater(done["lost_messages"], 0)
        self.assertGreater(done["resent_bytes"], 0)
        self.assertEqual(done["sent_bytes"], done["received_bytes"] + done["resent_bytes"])
        again = self.make_device(self.old_image, name="again")
        clean = self.json_of("install", self.full, "--device", again, "--link", "ble")
        self.assertEqual((clean["lost_messages"], clean["resent_bytes"]), (0, 0))
        self.assertLess(clean["link_seconds"], done["link_seconds"])
        self.assertEqual(self.slot("B"), self.slot("B", again))

    def test_every_link_delivers_the_same_image(self):
        for link in ("uart", "ble", "zigbee", "nbiot", "lora", "nfc"):
            device = self.make_device(self.old_image, name=link)
            done = self.json_of("install", self.delta, "--device", device, "--link", link)
            self.assertEqual((done["result"], done["link"]), ("staged", link))
            self.run_it("device", "read", device, "--slot", "B", "-o", "b.img")
            self.assertEqual(self.read("b.img"), self.read(self.new_image))


class BoundImages(CommandTest):
    """The nRF52840 cannot remap: an image runs only in the slot that it was linked and signed for."""

    def image(self, name, version, address):
        body = program(hash(version) & 0xFF, start=address + 0x200)
        return self.sign(name, body, version, "--rom-fixed", hex(address))

    def setUp(self):
        super().setUp()
        self.make_key()
        self.for_a = self.image("a", "1.0.0", 0x8000)
        self.for_b = self.image("b", "1.1.0", 0x80000)
        self.make_device(self.for_a, "--layout", "nrf52840")

    def test_an_image_for_the_free_slot_is_taken(self):
        package = self.pack("b", self.for_b, "1.1.0", "--layout", "nrf52840")
        self.json_of("install", package, "--device", "dev")
        self.assertEqual(self.json_of("device", "boot", "dev")["booted_slot"], "B")

    def test_an_image_for_the_other_slot_is_refused_everywhere(self):
        again = self.image("again", "1.2.0", 0x8000)
        package = self.pack("again", again, "1.2.0")
        done = self.json_of("install", package, "--device", "dev", status=1)
        self.assertEqual((done["result"], done["cause"]), ("refused", "wrong_address"))
        self.assertEqual(self.json_of("device", "boot", "dev")["booted_slot"], "A")
        self.run_it("device", "new", "wrong", "--layout", "nrf52840", "--key", "vendor.pub.pem", "--image", self.for_b,
                    status=1)
        self.assertFalse(self.path("wrong").exists())

    def test_pack_refuses_an_image_that_no_slot_can_run(self):
        loose = self.sign("loose", program(9), "1.3.0")
        self.pack("loose", loose, "1.3.0", "--layout", "nrf52840", status=1)
        self.assertFalse(self.path("loose.swb").exists())
        elsewhere = self.image("elsewhere", "1.3.0", 0x20000)
        self.pack("elsewhere", elsewhere, "1.3.0", "--layout", "nrf52840", status=1)

    def test_a_reset_vector_outside_of_the_image_never_runs(self):
        body = program(3, start=0x8200)  # linked for slot A, signed for slot B
        self.assertEqual(struct.unpack_from("<I", body, 4)[0], 0x8301)
        image = self.sign("stray", body, "1.4.0", "--rom-fixed", "0x80000")
        package = self.pack("stray", image, "1.4.0")
        done = self.json_of("install", package, "--device", "dev", status=1)
        self.assertEqual(done["cause"], "wrong_address")
        self.assertEqual(self.json_of("device", "boot", "dev", "--times", 2)["booted_slot"], "A")

    def test_a_reset_vector_outside_of_the_image_is_told_where_the_layout_is_known(self):
        self.write("stray.bin", program(3, start=0x8200))
        told = self.run_it("image", "sign", "stray.bin", "--key", "vendor.pem", "--version", "1.4.0", "--layout",
                           "nrf52840", "--rom-fixed", "0x80000", "-o", "stray.img", status=1).err
        self.assertRegex(told, "reset vector .* 0x80000 .*wrong_address")
        self.assertFalse(self.path("stray.img").exists())
        image = self.sign("stray", program(3, start=0x8200), "1.4.0", "--rom-fixed", "0x80000")
        refused = self.run_it("pack", image, "-o", "stray.swb", "--key", "vendor.pem", "--version", "1.4.0", "--class",
                              "acme.example/thermostat", "--layout", "nrf52840", status=1).err
        self.assertIn("reset vector", refused)


if __name__ == "__main__":
    unittest.main()
