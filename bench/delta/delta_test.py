"""A short run of delta.py on a pair made here: the table, the JSON, the charts, and that a wrong patch does not count."""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

HERE = pathlib.Path(__file__).resolve().parent
SWITCHBACK = os.environ["SWITCHBACK"]
OURS = ("sbd 4K", "sbd 8K", "sbd 16K", "sbd 32K", "bsdiff", "endsley+lzma", "vcdiff+lzma", "vcdiff", "hdiff+lzma2",
        "hpatchlite+tuz")


class Delta(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = pathlib.Path(held.name)
        source = random.Random(1)
        old = bytes(source.choice(b"abcdefgh") for _ in range(6000))
        pair = self.folder / "corpus" / "made<here>"
        pair.mkdir(parents=True)
        (pair / "old.bin").write_bytes(old)
        (pair / "new.bin").write_bytes(old[:3000] + source.randbytes(100) + old[3000:])

    def run_it(self, *words, status=0):
        done = subprocess.run([sys.executable, "-B", HERE / "delta.py", "--corpus", self.folder / "corpus", "--quick",
                               "--switchback", SWITCHBACK, "--out", self.folder / "out.json", *words],
                              capture_output=True, text=True, check=False, timeout=200)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def test_every_format_is_measured_and_drawn(self):
        for name in ("bytes.svg", "bytes.html"):
            done = self.run_it("--chart", self.folder / name)
        self.assertIn("1 pairs, geometric means", done.stdout)
        result = json.loads((self.folder / "out.json").read_text())
        (row,) = result["rows"]
        self.assertEqual(row["new_bytes"], 6100)
        self.assertLessEqual(set(OURS), set(row["peers"]))
        for name, measured in row["peers"].items():
            self.assertTrue(100 < measured["patch_bytes"] < 6100 and measured["decode_bytes"] > 0, (name, measured))
        by_name = {m["name"]: m for m in result["means"]}
        self.assertAlmostEqual(by_name["sbd 16K"]["patch_bytes"], row["peers"]["sbd 16K"]["patch_bytes"], 6)
        drawn = xml.parse(self.folder / "bytes.svg").getroot()
        circles = drawn.findall(".//{http://www.w3.org/2000/svg}circle")
        self.assertEqual(len(circles), 2 * 4)  # the legend's and the pair's
        self.assertIn("made&lt;here&gt;", (self.folder / "bytes.html").read_text())

    def test_json_is_all_of_standard_output(self):
        self.assertEqual(json.loads(self.run_it("--json").stdout), json.loads((self.folder / "out.json").read_text()))

    def test_segments_are_swept(self):
        result = json.loads(self.run_it("--sweep", "segment", "--json").stdout)
        costs = {(cell["budget"], cell["segment"]): cell["cost"] for cell in result["sweep"]}
        self.assertEqual(len(costs), 10)
        self.assertEqual(costs["4K", "one"], 0)

    def test_slacks_are_swept(self):
        result = json.loads(self.run_it("--sweep", "slack", "--json").stdout)
        costs = {(cell["slack"], cell["segment"]): cell["cost"] for cell in result["sweep"]}
        self.assertEqual(len(costs), 18)
        for slack in ("64K", "32K", "16K"):
            self.assertLessEqual(costs[slack, "chosen"], min(costs[slack, size] for size in ("4K", "8K", "64K")) + 1e-9)

    def test_what_is_spent_is_drawn(self):
        drawing = self.folder / "spent.svg"
        subprocess.run([sys.executable, "-B", HERE / "spent_chart.py", drawing, "--corpus", self.folder / "corpus",
                        "--switchback", SWITCHBACK, "--level", "1"], check=True, timeout=200)
        bars = xml.parse(drawing).getroot().findall(".//{http://www.w3.org/2000/svg}title")
        self.assertEqual(len(bars), 6)
        self.assertIn("bytes, bit by bit: ", "".join(bar.text for bar in bars))

    def test_a_format_that_fails_is_told(self):
        wrapper = self.folder / "wrapper"
        wrapper.write_text(f"#!/bin/sh\ncase \"$*\" in *'--ram 8K'*) echo broken; exit 1;; esac\nexec '{SWITCHBACK}' \"$@\"\n")
        wrapper.chmod(0o755)
        done = self.run_it("--switchback", wrapper, status=1)
        self.assertIn("broken", done.stderr)
        (row,) = json.loads((self.folder / "out.json").read_text())["rows"]
        self.assertNotIn("sbd 8K", row["peers"])

    def test_no_pairs_is_an_error(self):
        self.run_it("--only", "nothing", status=1)


if __name__ == "__main__":
    unittest.main()
