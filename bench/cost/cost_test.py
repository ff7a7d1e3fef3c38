"""The checks of bench/cost fail when they must, and the page is rewritten where it says."""

import contextlib
import io
import unittest

import check
import guests
import report

BUDGETS = {"text": {"m0": 100, "m4": 90}, "further": dict.fromkeys(guests.CORES, dict.fromkeys(guests.FURTHER, 10)),
           "ram": {"4K": 4096, "8K": 8192, "16K": 16384, "32K": 32768}}


def size_errors(more_text=(), more_ram=0) -> str:
    def text(core, name):
        at_budget = BUDGETS["text"][core] + (10 if "Thumb-" in name else 0)
        return at_budget + (1 if (core, name) in more_text else 0)
    with contextlib.redirect_stdout(io.StringIO()):
        return "\n".join(check.over(check.size_rows(BUDGETS, text, lambda _, ram: BUDGETS["ram"][ram] + more_ram)))


def row(core: str, per_byte: float, pair="one") -> dict:
    return {"pair": pair, "decoder": "sbd-4K", "speed": "smallest", "core": core, "new_bytes": 10, "patch_bytes": 4,
            "instructions": per_byte * 10, "per_byte": per_byte, "stack_bytes": 7, "decoder_bytes": 4096,
            "text_bytes": 99, "helper_bytes": 1}


class Checks(unittest.TestCase):
    def test_what_stands_at_its_budget_passes(self):
        self.assertEqual(size_errors(), "")

    def test_text_over_its_budget_is_named_with_its_core_and_budget(self):
        self.assertIn("text of sbd, m4, 32K: 91, 1 over", size_errors({("m4", "sbd-32K")}))

    def test_an_architecture_over_its_budget_is_named(self):
        self.assertIn("text of Xtensa beside Thumb, m0", size_errors({("m0", "sbd-4K-Thumb-Xtensa")}))

    def test_memory_over_its_budget_is_named(self):
        self.assertIn("memory of sbd, m0, 4K: 4097, 1 over", size_errors(more_ram=1))


class Reports(unittest.TestCase):
    def test_means_are_geometric_and_keep_the_largest(self):
        made = report.means([row("m0", 100), row("m0", 400, "two")])
        self.assertAlmostEqual(made[0]["per_byte"], 200)
        self.assertEqual((made[0]["most"], made[0]["pairs"]), (400, 2))

    def test_only_the_marked_section_of_a_page_is_written(self):
        rows = [row("m0", 100), row("m4", 50)]
        result = {"rows": rows, "means": report.means(rows), "sizes": {"m0": dict.fromkeys(guests.FURTHER, 5)}}
        page = report.rewritten(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", result)
        self.assertTrue(page.startswith("before\n") and page.endswith("\nafter\n"))
        self.assertNotIn("old\n", page)
        self.assertIn("| `sbd` 4K, smallest | 4096 | 99 | 99 | 7 | 7 | 100 | 50 | 100 | 50 | 4 |", page)
        self.assertEqual(report.rewritten(page, result), page)

    def test_a_page_without_marks_is_refused(self):
        with self.assertRaises(guests.Failed):
            report.rewritten("no marks", {"rows": [], "means": [], "sizes": {}})


if __name__ == "__main__":
    unittest.main()
