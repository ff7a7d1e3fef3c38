"""The budget checks find what they are there for: each case compiles a small fault and expects its name."""

import pathlib
import subprocess
import tempfile
import unittest

import check_budget


class Planted(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.build = pathlib.Path(place.name)
        (self.build / "core").mkdir()

    def archive(self, source: str, path: str) -> None:
        text, obj = self.build / "unit.cpp", self.build / "lzma_unit.o"
        text.write_text(source)
        subprocess.run(["arm-none-eabi-g++", "-std=c++23", "-Os", "-mcpu=cortex-m0", "-mthumb", "-ffreestanding",
                        "-fno-exceptions", "-fno-rtti", "-c", text, "-o", obj], check=True)
        check_budget.tool("ar", "rcs", self.build / path, obj)

    def size_errors(self, source: str, budgets: str) -> str:
        self.archive(source, "core/libsb_delta.a")
        limits = self.build / "budgets.toml"
        limits.write_text(budgets)
        return "\n".join(check_budget.check_size(self.build, limits))

    def test_heap_and_abort_are_named(self):
        self.archive("extern \"C\" void abort(); int* f() { abort(); return new int; }", "libswitchback_core.a")
        errors = "\n".join(check_budget.check_needs(self.build))
        self.assertIn("abort", errors)
        self.assertIn("_Znwj", errors)

    def test_compiler_helpers_and_memory_functions_pass(self):
        self.archive("#include <string.h>\nunsigned f(void* a, void* b, unsigned n) { memmove(a, b, n); "
                     "return n / *static_cast<unsigned*>(a); }", "libswitchback_core.a")
        self.assertEqual(check_budget.check_needs(self.build), [])

    def test_a_room_over_its_budget_fails(self):
        table = "extern const unsigned char t[100]; const unsigned char t[100] = {1};"
        self.assertIn("over its budget", self.size_errors(table, "[rooms]\ndelta = 99"))
        self.assertEqual(self.size_errors(table, "[rooms]\ndelta = 100"), "")

    def test_a_room_without_budget_fails(self):
        self.assertIn("no budget", self.size_errors("int f() { return 1; }", "[rooms]"))

    def test_a_part_has_its_own_bound(self):
        part = "[rooms]\ndelta = 900\n[parts.lzma]\nroom = 'delta'\nobjects = 'lzma'\nbytes = 99"
        self.assertIn("delta/lzma", self.size_errors("extern const char t[100]; const char t[100] = {1};", part))

    def test_globals_and_constructors_fail(self):
        self.assertIn("static RAM", self.size_errors("int counter; int f() { return ++counter; }", "[rooms]\ndelta = 900"))
        self.assertIn("before main", self.size_errors("int g(); extern int v; int v = g();", "[rooms]\ndelta = 900"))

    def test_lines_are_bounded(self):
        core = self.build / "core"
        (core / "base").mkdir()
        (core / "base/long.cpp").write_text("int x;\n" * check_budget.CORE_LINES)
        self.assertNotEqual(check_budget.check_lines(core), [])
        (core / "base/long.cpp").rename(core / "base/long_test.cpp")
        (core / "base/short.cpp").write_text("int x;\n" + "\n// words\n" * check_budget.CORE_LINES)
        self.assertEqual(check_budget.check_lines(core), [])


if __name__ == "__main__":
    unittest.main()
