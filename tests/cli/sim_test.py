"""The verbs of the simulator: power cuts told on built-in parts, layouts and programs of the user's."""

import re
import unittest

from command import CommandTest, program

FIELDS = {"scheme", "geometry", "cuts", "outcomes", "max_boots_to_settle", "seconds", "distinct_states", "merged",
          "operations", "operations_hit", "max_unit_erases"}


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
            self.assertEqual(outcomes["old"] > 0, scheme != "copy")
            self.assertEqual(outcomes["update_mode"] > 0, scheme == "copy")
            self.assertTrue(outcomes["new"] and outcomes["golden"])
            self.assertEqual(sum(life["cuts"] for life in answer["lives"]), answer["cuts"])

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

    def test_the_page_stands_alone(self):
        self.run_it("sim", "powercut", "--scheme", "copy", "--geometry", "small-1K-g4", "--html", "report.html")
        page = self.read("report.html").decode()
        self.assertIn("prefers-color-scheme:dark", page)
        self.assertNotRegex(page, r"(src|href)=|https?://|@import")  # nothing from elsewhere
        self.assertEqual(len(re.findall(r"<svg", page)), 2)
        self.assertIn("through update mode", page)


if __name__ == "__main__":
    unittest.main()
