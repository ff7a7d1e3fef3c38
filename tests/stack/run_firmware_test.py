"""The runner's comparison finds what it is there for."""

import unittest

import run_firmware


class Comparison(unittest.TestCase):
    def test_within_limits(self):
        self.assertEqual(run_firmware.compare({"stack: a": 10, "b": 0}, {"stack: a": 10, "b": 1}), [])

    def test_over_a_limit(self):
        self.assertEqual(run_firmware.compare({"a": 11}, {"a": 10}), ["a: 11 bytes, 1 over its limit"])

    def test_no_limit_and_no_measurement(self):
        self.assertEqual(run_firmware.compare({"a": 1}, {"b": 1}),
                         ["a: measured, but without a limit", "b: a limit, but not measured"])

    def test_only_whole_lines_count(self):
        self.assertEqual(run_firmware.measured("qemu: warning\nstack: a b = 12\nx = -\n= 3\n"), {"stack: a b": 12})


if __name__ == "__main__":
    unittest.main()
