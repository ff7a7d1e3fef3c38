"""What a device refuses: nothing is written to a slot, the running image stays, the reason is said."""

import unittest

from command import CLASS, CommandTest, changed, program, some


class Refusals(CommandTest):
    def setUp(self):
        super().setUp()
        self.make_key()
        self.make_key("other")
        self.old_image = self.sign("old", program(1), "1.5.0", "--security-counter", "4")
        self.new_image = self.sign("new", changed(program(1), 2), "1.6.0", "--security-counter", "5")
        self.good = self.pack("good", self.new_image, "1.6.0")
        self.make_device(self.old_image)
        self.json_of("device", "boot", "dev")
        self.slots = self.slot("A"), self.slot("B")

    def refused(self, package, cause, status=1):
        """The device refuses `package`, keeps what it has, and takes a good one afterwards."""
        done = self.json_of("install", package, "--device", "dev", status=status)
        self.assertEqual((done["result"], done["cause"]), ("refused", cause))
        self.assertEqual(done["error"]["exit"], status)
        self.assertEqual((self.slot("A"), self.slot("B")), self.slots)
        now = self.status()
        self.assertEqual((now["running_slot"], now["slots"]["A"]["bootable"]), ("A", True))
        self.assertEqual(self.json_of("device", "boot", "dev")["booted_slot"], "A")

    def tearDown(self):
        self.json_of("install", self.good, "--device", "dev")
        self.assertEqual(self.json_of("device", "boot", "dev")["booted_slot"], "B")
        super().tearDown()

    def verify(self, package, status, *more):
        answer = self.json_of("verify", package, "--key", "vendor.pub.pem", *more, status=status)
        self.assertEqual(answer["verified"], status == 0)
        return answer

    def test_wrong_class(self):
        package = self.pack("x", self.new_image, "1.6.0", of_class="acme.example/toaster")
        self.refused(package, "wrong_class")
        self.verify(package, 1, "--class", CLASS)
        self.verify(package, 0, "--class", "acme.example/toaster")

    def test_wrong_key(self):
        image = self.sign("x", program(3), "1.7.0", key="other")
        package = self.pack("x", image, "1.7.0", key="other")
        self.refused(package, "unknown_key")
        self.verify(package, 1)

    def test_wrong_source(self):
        stranger = self.sign("stranger", program(9), "1.5.0")
        package = self.pack("x", self.new_image, "1.6.0", "--from", stranger)
        self.refused(package, "wrong_source")
        self.verify(package, 1, "--old", self.old_image)
        self.verify(package, 0, "--old", stranger)

    def test_older_version(self):
        image = self.sign("x", program(3), "1.4.9", "--security-counter", "5")
        self.refused(self.pack("x", image, "1.4.9"), "older")

    def test_older_security_counter(self):
        image = self.sign("x", program(3), "1.7.0", "--security-counter", "3")
        self.refused(self.pack("x", image, "1.7.0"), "below_floor")

    def test_image_larger_than_the_slot(self):
        image = self.sign("x", program(3, 600000), "1.7.0", "--security-counter", "5", slot="1M")
        self.refused(self.pack("x", image, "1.7.0", "--format", "raw"), "too_large")
        self.pack("y", image, "1.7.0", "--layout", "default", status=1)

    def test_payload_that_the_device_cannot_decode(self):
        self.write("small.toml", self.small_layout())
        device = self.make_device(self.old_image, "--layout", "small.toml", name="small")
        package = self.pack("x", self.new_image, "1.6.0", "--format", "lzma", "--segment", "1M")
        done = self.json_of("install", package, "--device", device, status=1)
        self.assertEqual(done["cause"], "no_decoder")
        told = self.run_it("install", package, "--device", device, status=1).err
        self.assertRegex(told, r"needs 19936 bytes of memory; the device decodes \S")
        self.pack("y", self.new_image, "1.6.0", "--format", "endsley", "--from", self.old_image, "--layout",
                  "small.toml", status=1)
        fitting = self.pack("z", self.new_image, "1.6.0", "--from", self.old_image, "--layout", "small.toml")
        self.assertLessEqual(self.json_of("inspect", fitting)["decoder_ram_bytes"], 8 << 10)
        self.json_of("install", fitting, "--device", device)

    @staticmethod
    def small_layout():
        regions = (("boot", 0, 32), ("slot_a", 32, 480), ("slot_b", 512, 480), ("journal", 992, 16))
        return ('name = "small"\nscheme = "xip"\nremap = true\nheader_size = 512\ndecoders = ["endsley+lzma:8K", "lzma:8K"]\n'
                '[[flash]]\nname = "internal"\naddress = 0\nsize = "1M"\nerase_unit = "4K"\ngranule = 4\n'
                'rated_cycles = 1000\n' +
                "".join(f'[[region]]\nname = "{name}"\nflash = "internal"\noffset = "{at}K"\nsize = "{size}K"\n'
                        for name, at, size in regions)).encode()

    def test_truncated_package(self):
        whole = self.read(self.good)
        for length in some((0, 1, 100, len(whole) // 2, len(whole) - 1)):
            package = self.write("cut.swb", whole[:length])
            self.refused(package, "truncated", status=3)
            self.verify(package, 3)

    def test_package_with_bytes_behind_its_end(self):
        package = self.write("long.swb", self.read(self.good) + b"x")
        self.refused(package, "trailing_data", status=3)
        self.verify(package, 3)

    def test_flipped_bits_of_the_envelope(self):
        whole = self.read(self.good)
        for at in some((0, 1, 2, 5, 20, 60, 100, 150, 200, 300, 400, 500, 550)):
            damaged = bytearray(whole)
            damaged[at] ^= 0x04
            self.write("flip.swb", damaged)
            ended = self.run_it("install", "flip.swb", "--device", "dev", "--json", status=self.either(damaged))
            self.assertEqual(ended.json["result"], "refused", at)
            self.assertEqual((self.slot("A"), self.slot("B")), self.slots, at)

    def either(self, damaged):
        """Exit status of verify on such a package: 1 or 3, and the same as the device's."""
        self.write("either.swb", damaged)
        for status in (1, 3):
            try:
                self.run_it("verify", "either.swb", "--key", "vendor.pub.pem", status=status)
                return status
            except AssertionError:
                continue
        self.fail("verify took a damaged package")
        return 0

    def test_flipped_bits_of_the_payload_never_reach_a_confirmed_image(self):
        whole = self.read(self.good)
        for at in (700, len(whole) // 2, len(whole) - 1):
            damaged = bytearray(whole)
            damaged[at] ^= 1
            package = self.write("flip.swb", damaged)
            done = self.json_of("install", package, "--device", "dev", status=1)
            self.assertEqual((done["result"], done["cause"]), ("refused", "bad_digest"))
            self.verify(package, 1)
            self.assertEqual((self.slot("A"), self.slot("B")), self.slots)
            self.assertEqual(self.json_of("device", "boot", "dev")["booted_slot"], "A")

    def test_what_is_no_package_at_all(self):
        for name in (self.new_image, "vendor.pem"):
            self.refused(name, "malformed", status=3)
            self.verify(name, 3)

    def test_the_way_back_is_not_overwritten_while_on_trial(self):
        device = self.make_device(self.old_image, name="trial")
        self.json_of("install", self.good, "--device", device)
        self.json_of("device", "boot", device)
        third = self.pack("third", self.sign("third", changed(program(1), 3), "1.7.0", "--security-counter", "5"), "1.7.0")
        done = self.json_of("install", third, "--device", device, status=1)
        self.assertEqual(done["cause"], "not_confirmed")
        self.json_of("install", self.good, "--device", device)  # the one on trial: it is there already
        self.assertEqual(self.status(device)["state"], "TRIAL")

    def test_a_truncated_package_costs_a_staged_update_nothing(self):
        self.json_of("install", self.good, "--device", "dev")
        newer = self.pack("newer", self.sign("newer", changed(program(1), 4), "1.8.0", "--security-counter", "5"), "1.8.0")
        package = self.write("cut.swb", self.read(newer)[:-1])
        self.json_of("install", package, "--device", "dev", status=3)
        self.assertEqual(self.status()["state"], "STAGED")

    def test_an_output_never_overwrites_the_device(self):
        self.run_it("device", "read", "dev", "--slot", "A", "-o", "dev/internal.flash", status=2)
        self.assertEqual(self.slot("A"), self.slots[0])


if __name__ == "__main__":
    unittest.main()
