"""The verbs of the simulator: power cuts told on built-in parts, layouts and programs of the user's."""

import re
import unittest

from command import CommandTest, program

FIELDS = {"scheme", "geometry", "cuts", "outcomes", "max_boots_to_settle", "max_steps_to_settle", "seconds", "distinct_states", "merged",
          "operations", "operations_hit", "max_unit_erases"}


LAYOUT = """name = "{name}"
scheme = "xip"
remap = true
header_size = 0x200
block_size = 1024
tries = 3
decoders = [{decoders}]

[[flash]]
name = "f"
address = 0
size = "32K"
erase_unit = "1K"
granule = 4
erased = 0xFF
rated_cycles = 10000

[[region]]
name = "boot"
flash = "f"
offset = 0
size = "6K"

[[region]]
name = "slot_a"
flash = "f"
offset = "6K"
size = "6K"

[[region]]
name = "slot_b"
flash = "f"
offset = "12K"
size = "6K"

[[region]]
name = "journal"
flash = "f"
offset = "18K"
size = "4K"

{more}"""


class Powercut(CommandTest):
    def powercut(self, *words, status=0):
        return self.json_of("sim", "powercut", *words, status=status)

    def check_whole(self, answer: dict):
        self.assertLessEqual(FIELDS, answer.keys())
        self.assertEqual(answer["operations_hit"], answer["operations"])
        self.assertEqual(sum(answer["outcomes"].values()), answer["cuts"])
        self.assertEqual(answer["outcomes"]["dead"], 0)
        self.assertGreater(answer["cuts"], 10 * answer["operations"])
        self.assertGreater(answer["merged"], answer["cuts"] // 2)

    def test_each_scheme_has_its_outcomes(self):
        for scheme in ("xip", "swap", "copy"):
            answer = self.powercut("--scheme", scheme, "--geometry", "small-1K-g4")
            self.check_whole(answer)
            self.assertEqual((answer["scheme"], answer["geometry"]), (scheme, "small-1K-g4"))
            outcomes = answer["outcomes"]
            self.assertGreater(outcomes["old"], 0)
            self.assertEqual(outcomes["update_mode"] > 0, scheme == "copy")
            self.assertTrue(outcomes["new"] and outcomes["golden"])
            self.assertEqual(sum(life["cuts"] for life in answer["lives"]), answer["cuts"])

    def test_one_slot_is_updated_through_update_mode_and_never_dead(self):
        answer = self.powercut("--scheme", "single", "--geometry", "small-1K-g4")
        self.check_whole(answer)
        lives = {(life["story"], life["package"]): life for life in answer["lives"]}
        self.assertEqual(lives["update", "raw"]["outcomes"]["new"], lives["update", "raw"]["cuts"])
        self.assertEqual(lives["revert", "raw"]["outcomes"]["update_mode"], lives["revert", "raw"]["cuts"])
        self.assertIn(("update mode, left", "none"), lives)
        self.assertTrue(answer["outcomes"]["golden"] and answer["outcomes"]["old"])

    def test_lives_at_random_have_up_to_eight_cuts_and_their_seed_is_told(self):
        answer = self.powercut("--scheme", "xip", "--geometry", "small-512-g1", "--random", "40", "--seed", "7")
        self.assertEqual((answer["seed"], answer["outcomes"]["dead"]), (7, 0))
        lives = 40 * len(answer["lives"])
        self.assertEqual(sum(answer["outcomes"].values()), lives)
        self.assertGreater(answer["cuts"], 2 * lives)

    def test_programs_of_the_users_raw_or_signed(self):
        self.make_key()
        old, new = program(1, 5000), program(2, 5200)
        self.write("old.bin", old)
        self.sign("new", new, "2.0.0")
        answer = self.powercut("--scheme", "xip", "--old", "old.bin", "--new", "new.img")
        self.check_whole(answer)
        ended = self.run_it("sim", "powercut", "--scheme", "xip", "--old", "old.bin", status=2)
        self.assertIn("--new", ended.err)

    def test_a_layout_brings_its_scheme(self):
        self.write("old.bin", program(1, 3000))
        self.write("new.bin", program(2, 3000))
        answer = self.powercut("--layout", "default", "--old", "old.bin", "--new", "new.bin")
        self.check_whole(answer)
        self.assertEqual((answer["scheme"], answer["geometry"]), ("xip", "default"))
        ended = self.run_it("sim", "powercut", "--layout", "default", "--scheme", "swap", status=2)
        self.assertIn("xip", ended.err)
        self.run_it("sim", "powercut", "--geometry", "none-such", status=2)

    def test_a_layout_is_told_only_what_it_has_room_and_decoders_for(self):
        self.write("plain.toml", LAYOUT.format(name="plain", decoders='"raw"', more="").encode())
        answer = self.powercut("--layout", "plain.toml")
        self.check_whole(answer)
        told = {(life["story"], life["package"]) for life in answer["lives"]}
        self.assertEqual(told, {("update", "raw"), ("update, journal wiped", "raw"), ("revert", "raw"),
                                ("revert, journal wiped", "raw")})
        self.assertEqual(answer["outcomes"]["golden"], 0)
        golden = '[[region]]\nname = "golden"\nflash = "f"\noffset = "22K"\nsize = "6K"\n'
        self.write("golden.toml", LAYOUT.format(name="golden", decoders='"endsley", "raw"', more=golden).encode())
        answer = self.powercut("--layout", "golden.toml")
        self.check_whole(answer)
        told = {(life["story"], life["package"]) for life in answer["lives"]}
        self.assertIn(("factory reset", "none"), told)
        self.assertIn(("update, factory image", "endsley"), told)
        self.assertNotIn("sbd:4K", {package for _, package in told})

    def test_a_name_cannot_speak_to_the_terminal(self):
        self.write("rude.toml", LAYOUT.format(name="a\\u001b[31mb\\u0085c", decoders='"raw"', more="").encode())
        told = self.run_it("sim", "powercut", "--layout", "rude.toml", "--html", "rude.html")
        self.assertIn("a?[31mb?c", told.out)
        for text in (told.out, told.err, self.read("rude.html").decode()):
            self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")

    def test_images_that_run_from_ram_are_cut_too(self):
        answer = self.powercut("--scheme", "ram-load", "--geometry", "small-1K-g4")
        self.check_whole(answer)
        self.assertTrue(answer["outcomes"]["old"] and answer["outcomes"]["golden"])

    def test_the_page_stands_alone(self):
        self.run_it("sim", "powercut", "--scheme", "copy", "--geometry", "small-1K-g4", "--html", "report.html")
        page = self.read("report.html").decode()
        self.assertIn("prefers-color-scheme:dark", page)
        self.assertNotRegex(page, r"(src|href)=|https?://|@import")  # nothing from elsewhere
        self.assertEqual(len(re.findall(r"<svg", page)), 2)
        self.assertIn("through update mode", page)


class Prove(CommandTest):
    def prove(self, *words, status=0):
        return self.json_of("sim", "prove", "--cuts", "1", *words, status=status)

    def test_no_state_of_any_scheme_is_left_and_none_breaks_a_promise(self):
        for scheme in ("xip", "single"):
            answer = self.prove("--scheme", scheme)
            self.assertEqual((answer["scheme"], answer["proven"], answer["cuts_in_a_row"]), (scheme, True, 1))
            plain, golden = answer["devices"]
            self.assertEqual((plain["factory_image"], golden["factory_image"]), (False, True))
            self.assertGreater(plain["states"], 1000)
            self.assertGreater(golden["states"], plain["states"])
            self.assertEqual(plain["states"] + golden["states"], answer["states"])
            self.assertGreater(plain["transitions"], plain["states"])

    def test_in_place_update_mode_is_explored_for_itself(self):
        answer = self.json_of("sim", "prove", "--cuts", "0", "--scheme", "inplace")
        self.assertTrue(answer["proven"])
        told = [(d["factory_image"], d["update_mode_asked_for"], d["cuts_in_a_row"]) for d in answer["devices"]]
        self.assertEqual(told, [(False, True, 0), (True, False, 0)])

    def test_a_layout_brings_its_kind_of_flash(self):
        answer = self.prove("--layout", "stm32g4")
        self.assertEqual((answer["layout"], answer["proven"], len(answer["devices"])), ("stm32g4", True, 1))
        one_slot = self.json_of("sim", "prove", "--cuts", "0", "--layout", "nrf51822_inplace")
        self.assertEqual((one_slot["scheme"], one_slot["proven"]), ("inplace", True))
        ended = self.run_it("sim", "prove", "--layout", "stm32g4", "--scheme", "swap", status=2)
        self.assertIn(answer["scheme"], ended.err)

    def test_wrong_use_is_told(self):
        self.assertIn("xip swap copy ram-load single", self.run_it("sim", "prove", "--scheme", "none-such", status=2).err)
        self.assertIn("--scheme", self.run_it("sim", "prove", status=2).err)
        self.run_it("sim", "prove", "--scheme", "xip", "--cuts", "9", status=2)


if __name__ == "__main__":
    unittest.main()
