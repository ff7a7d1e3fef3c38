#!/usr/bin/env python3
"""The demo on an emulated board, from outside: what it found out, how it fails, what it leaves behind.

    board_demo_test.py SWITCHBACK BUILD [case…]    BUILD: the folder of the board's preset, which has the board's name
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

DEMO = pathlib.Path(__file__).resolve().parent.parent.parent / "scripts/demo.py"
SECONDS = 240  # bound of a run; one takes about 30
PROGRAM_BYTES = 256  # most that a board programs at once
RUNS = {"microbit": ("app 1.0.0 slot A", "app 1.1.0 slot A"),
        "smartfusion2": ("app 1.0.0 slot A", "app 1.1.0 slot B", "address 10.0.2.15", "tftp 10.0.2.2 delta.swb")}


def processes_of(session: int) -> list[str]:
    """Command lines of what still runs in a session."""
    left = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[3]) == session and fields[0] != "Z":
                left.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it ended meanwhile
            continue
    return left


class DemoTest(unittest.TestCase):
    switchback: pathlib.Path
    build: pathlib.Path

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="demo-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self, tool=None, **environment) -> subprocess.Popen:
        """In a session of its own, so that what it leaves behind is found."""
        command = [sys.executable, "-B", DEMO, "--board", self.build.name, "--tool", tool or self.switchback, "--build", self.build, "--work", self.folder,
                   "--report", self.folder / "report.html", "--json", self.folder / "facts.json"]
        demo = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                start_new_session=True, env=os.environ | environment)
        self.addCleanup(self.end, demo)
        return demo

    @staticmethod
    def end(demo: subprocess.Popen):
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGKILL)
        demo.wait()
        demo.stdout.close()

    def run_to_its_end(self, **how) -> tuple[int, str]:
        demo = self.start(**how)
        said, _ = demo.communicate(timeout=SECONDS)
        self.assertEqual(processes_of(demo.pid), [])
        return demo.returncode, said

    def facts(self) -> dict:
        return json.loads((self.folder / "facts.json").read_text())

    def tool_that(self, script: str) -> pathlib.Path:
        """The command, but for what `script` does with its words first."""
        file = self.folder / "tool"
        file.write_text(f'#!/bin/bash\n{script}\nexec {self.switchback} "$@"\n')
        file.chmod(0o755)
        return file


class ShowsEachStep(DemoTest):
    def test_what_it_found_out(self):
        status, said = self.run_to_its_end()
        self.assertEqual(status, 0, said)
        facts = self.facts()
        self.assertTrue(facts["ok"])
        self.assertEqual(facts["board"], self.build.name)
        self.assertEqual(facts["booted"], "1.0.0")

        cut, resumed = facts["cut"], facts["resumed"]
        self.assertEqual(cut["state"], "WRITING")
        self.assertLess(abs(cut["bytes_written"] - cut["image_bytes"] / 2), PROGRAM_BYTES)
        self.assertTrue(0 < cut["taken_bytes"] < cut["package_bytes"])
        self.assertEqual(resumed["state"], "STAGED")
        self.assertGreater(resumed["first_used_byte"], 0)
        # What was written before the cut and after it is the image and what the cut cost: less than a point to go on from
        # to the next.
        self.assertEqual(cut["bytes_written"] + resumed["bytes_written"] - cut["image_bytes"], resumed["bytes_again"])
        self.assertLess(resumed["bytes_again"], cut["image_bytes"] / 6)

        self.assertEqual(facts["trial"], {"version": "1.1.0", "tries_left": 2})
        self.assertEqual(facts["confirmed"], "1.1.0")
        self.assertEqual(facts["rolled_back"], {"from": "1.2.0", "to": "1.1.0", "starts": 3, "tries_left": [2, 1, 0]})
        self.assertEqual(facts["refused"], {"tampered": "bad_digest", "class": "wrong_class", "older": "older",
                                            "stranger": "unknown_key"})
        self.assertEqual(facts["at_end"], "1.1.0")
        self.assertLess(facts["sizes"]["delta"], facts["sizes"]["full"])
        self.look_at_what_is_said(said)
        self.look_at_the_report()

    def look_at_what_is_said(self, said: str):
        self.assertNotIn("\r", said)  # in a pipe a bar is lines
        self.assertNotIn("\033", said)
        self.assertRegex(said, r"sent +\[#+\] 100\.0 %")
        for line in (*RUNS[self.build.name], "refused: bad_digest", "refused: wrong_class", "refused: older"):
            self.assertIn(f"device | {line}\n", said)

    def look_at_the_report(self):
        report = (self.folder / "report.html").read_text()
        self.assertIn("power cut", report)
        self.assertIn('<pre class="console">', report)
        self.assertNotRegex(report, r"<script|<link|src=|@import|url\(")


class FailsInOneLine(DemoTest):
    def test_a_package_that_the_board_does_not_take(self):
        """The update is for another class: the board says so while it runs, and the demo too."""
        tool = self.tool_that('if [[ "$*" == *" delta.swb "* ]]; then set -- "${@/demo-device/another-device}"; fi')
        status, said = self.run_to_its_end(tool=tool)
        self.assertEqual(status, 1, said)
        self.assertRegex(said.splitlines()[-1], r"^   FAILED .*wrong_class")
        self.assertNotIn("Traceback", said)
        self.assertFalse(self.facts()["ok"])
        self.assertIn("wrong_class", self.facts()["failed"])

    def test_a_command_that_fails(self):
        status, said = self.run_to_its_end(tool=self.tool_that('[ "$1" = pack ] && { echo no room >&2; exit 4; }'))
        self.assertEqual(status, 1, said)
        self.assertRegex(said, r"FAILED exit status 4 instead of 0: switchback pack .*: no room\n$")


class EndsWhatItStarted(DemoTest):
    def test_when_it_is_ended(self):
        demo = self.start()
        for line in demo.stdout:
            if "update mode" in line:
                break
        self.assertTrue(any("qemu-system-arm" in command for command in processes_of(demo.pid)))
        demo.terminate()
        demo.communicate(timeout=SECONDS)
        self.assertEqual(demo.returncode, 128 + signal.SIGTERM)
        self.assertEqual(processes_of(demo.pid), [])


class SaysWhyThereIsNoBoard(DemoTest):
    def test_without_qemu(self):
        programs = self.folder / "programs"
        programs.mkdir()
        for name in ("cmake", "ninja", "python3", "arm-none-eabi-g++", "ccache"):
            if found := shutil.which(name):
                (programs / name).symlink_to(found)
        demo = self.start(tool=self.tool_that("exit 4"), PATH=str(programs))
        said, _ = demo.communicate(timeout=SECONDS)
        self.assertTrue(re.match(r"On a simulated device, not on an emulated board: the emulator qemu-system-arm is missing", said),
                        said)
        self.assertIn("Two firmware files", said)  # of the simulated demo, which fails at its first command here
        self.assertEqual(demo.returncode, 1)


def main() -> int:
    DemoTest.switchback, DemoTest.build = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    return 0 if unittest.main(argv=[sys.argv[0], *sys.argv[3:]], exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
