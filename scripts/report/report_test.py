"""Tests of what the report draws: python3 -m unittest discover -s scripts/report -p '*_test.py' -t scripts"""
import io
import json
import os
import tempfile
import unittest
from xml.etree import ElementTree

from . import flash, flash_map, page
from .command import Answer, DemoFailure
from .screen import Progress, Screen
from .story import Refusal, Story

HOSTILE = '<script>alert("x")</script>&\'"'


def status(version="1.0.0"):
    def slot(role):
        return {"role": role, "version": version, "why": HOSTILE}
    return {"running_slot": "A", "state": "READY", "scheme": "xip", "tries_left": 0, "slots": {"A": slot("active"), "B": slot("empty")},
            "regions": [{"name": "boot", "flash": "chip", "offset": 0, "bytes": 32},
                        {"name": "slot_a", "flash": "chip", "offset": 32, "bytes": 160}],
            "flash": {"chip": {"units": [0, 1, 5, 2]}}}


class FlashTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.facts = {"chip": {"name": "chip", "address": 0x1000, "granule": 4,
                               "erase_map": [{"units": 2, "bytes": 32}, {"units": 2, "bytes": 64}]}}

    def take(self, cells, images, state=None, erased=0xFF, version="1.0.0"):
        with open(os.path.join(self.directory.name, "chip.flash"), "wb") as f:
            f.write(cells)
        with open(os.path.join(self.directory.name, "layout.toml"), "w", encoding="utf-8") as f:
            f.write(f'[[flash]]\nname = "chip"\nerased = {erased}\n')
        if state:
            with open(os.path.join(self.directory.name, "chip.state"), "w", encoding="utf-8") as f:
                json.dump(state, f)
        return flash.take("now", self.directory.name, status(version), self.facts, images)

    def test_units_of_unequal_size_are_compared_with_the_images(self):
        image = bytes(range(100, 140))
        cells = b"\xff" * 32 + image[:32] + image[32:] + b"\xff" * 56 + b"junk" + b"\xff" * 60
        first, second, third, fourth = self.take(cells, {"1.0.0": image}).parts[0].units
        self.assertEqual((first.region, first.content), ("boot", flash.ERASED))
        self.assertEqual((second.region, second.content, second.version), ("slot_a", flash.IMAGE, "1.0.0"))
        self.assertEqual((third.content, third.version, third.offset), (flash.IMAGE, "1.0.0", 64))
        self.assertEqual((fourth.content, fourth.version, fourth.erases), (flash.MIXED, None, 2))

    def test_parts_that_erase_to_zero(self):
        units = self.take(bytes(192), {"1.0.0": b"x"}, erased=0).parts[0].units
        self.assertEqual({u.content for u in units}, {flash.ERASED})

    def test_where_images_are_alike_the_slot_says_which_one_it_is(self):
        cells = b"\xff" * 32 + b"same" * 40
        for version in ("1.0.0", "2.0.0"):
            images = {v: b"same" * 40 for v in ("1.0.0", "2.0.0")}
            self.assertEqual(self.take(cells, images, version=version).parts[0].units[1].version, version)

    def test_what_comes_in_by_an_exchange_stands_a_unit_behind(self):
        at = {"name": "slot_b", "flash": "chip", "offset": 64, "bytes": 128}
        image = bytes(range(100, 164))
        self.assertEqual(flash.places_of(at, 128, 64, "swap"), (64, 0))
        self.assertEqual(flash.places_of(at, 128, 64, "xip"), (64,))
        self.assertEqual(flash.version_of(image, 0, {"1.0.0": image}, b"\xff"), "1.0.0")
        self.assertIsNone(flash.version_of(image, 64, {"1.0.0": image}, b"\xff"))

    def test_the_granule_that_the_cut_hit_marks_its_unit(self):
        units = self.take(b"\xff" * 192, {}, {"torn": [[17, 1]]}).parts[0].units
        self.assertEqual([u.torn for u in units], [False, False, True, False])

    def test_wear_of_another_part_is_an_error(self):
        self.facts["chip"]["erase_map"].pop()
        with self.assertRaises(ValueError):
            self.take(b"\xff" * 64, {})

    def test_the_map_has_a_cell_for_each_unit_and_is_well_formed(self):
        snapshot = self.take(b"\x01" * 192, {})
        for drawn in (flash_map.map_svg(snapshot, []), flash_map.map_svg(snapshot, [], heat=True)):
            root = ElementTree.fromstring(drawn)
            self.assertEqual(len([e for e in root.iter() if e.tag.endswith("title")]), 4)

    def test_the_picture_has_a_square_for_each_unit_of_each_moment(self):
        blank = self.take(b"\xff" * 192, {})
        root = ElementTree.fromstring(flash_map.picture([blank, blank], []))
        paths = [e.get("d") for e in root.iter() if e.tag.endswith("path")]
        self.assertEqual(sum(d.count("M") for d in paths), 8)

    def test_everything_that_comes_from_data_is_escaped(self):
        story = Story(Screen(io.StringIO()))
        story.snapshots = [self.take(b"\xff" * 192, {})]
        story.snapshots[0].title = HOSTILE
        story.add("boot", HOSTILE, HOSTILE, {"decision": HOSTILE, "cause": HOSTILE}, status(HOSTILE), (HOSTILE, 1, 2, 3),
                  [HOSTILE])
        story.refusals.append(Refusal(HOSTILE, HOSTILE, HOSTILE, HOSTILE))
        story.figures = {"order": ["1.0.0"], "title": HOSTILE, "subtitle": HOSTILE, "wear": HOSTILE, "footer": HOSTILE, "travels": HOSTILE,
                         "refused": HOSTILE,
                         "cards": [(HOSTILE, HOSTILE, HOSTILE)], "sizes": [(HOSTILE, 1, 1.0)]}
        html = page.html(story, [(HOSTILE, 1)])
        self.assertNotIn("<script", html)
        self.assertNotIn("http-equiv", html)
        self.assertNotIn("src=", html)


class Terminal(io.StringIO):
    def isatty(self):
        return True


class ProgressTest(unittest.TestCase):
    def lines(self, stream, done):
        clock = iter(range(100))
        progress = Progress(Screen(stream), "sent", 8000, lambda: next(clock))
        for count in done:
            progress.at(count)
        progress.end()
        return stream.getvalue()

    def test_in_a_pipe_it_is_a_line_each_quarter_and_one_where_it_ends(self):
        said = self.lines(io.StringIO(), range(0, 5001, 500))
        self.assertNotIn("\r", said)
        self.assertEqual([line.split("%")[0].split()[-1] for line in said.splitlines()], ["25.0", "50.0", "62.5"])

    def test_on_a_terminal_it_is_one_line_with_rate_and_time_left(self):
        said = self.lines(Terminal(), (2000, 4000))
        self.assertEqual(said.count("\n"), 1)
        self.assertTrue(said.startswith("\r"))
        self.assertIn("4,000 of 8,000 bytes  1.3 kB/s, 3.0 s left", said)


class StoryTest(unittest.TestCase):
    def test_a_check_that_does_not_hold_ends_the_demo(self):
        story = Story(Screen(io.StringIO()))
        story.equal(1, 1, "one is one")
        with self.assertRaises(DemoFailure):
            story.equal(1, 2, "one is two")
        self.assertEqual(story.checks, 1)

    def test_an_answer_without_the_field_is_a_failure(self):
        with self.assertRaises(DemoFailure):
            _ = Answer(0, {}, "")["digest"]


if __name__ == "__main__":
    unittest.main()
