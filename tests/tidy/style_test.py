"""Each rule of style.py finds what it is there for and leaves its neighbour alone."""

import unittest

import style

HEADER = "// what it is for\n#pragma once\n"


def long_function(lines: int, row: str) -> str:
    return "int f(int a) {\n" + row * (lines - 2) + "}\n"


# path, text, whether there is a finding
CASES = [
    ("docs/a.md", "see /home" + "/me/x\n", True),
    ("docs/a.md", "see build/home/x and https://a.b/home/x\n", False),
    ("core/base/a.cpp", "#ifdef NDEBUG\n", True),
    ("core/base/a.cpp", "#define X 1\n", True),
    ("core/base/result.hpp", HEADER + "#define X 1\n", False),
    ("core/base/result.hpp", HEADER + "#undef X\n", True),
    ("tools/a/a.cpp", "#ifdef NDEBUG\n", False),
    ("core/base/a.cpp", "// #if in a comment\n", False),
    ("tools/a/a.hpp", HEADER + "using namespace std;\n", True),
    ("tools/a/a.cpp", "using namespace std;\n", False),
    ("tools/a/a.hpp", "// no guard\n", True),
    ("core/base/a.hpp", "#pragma once\n", True),
    ("core/base/a.cpp", "auto* p = new Thing;\n", True),
    ("core/base/a.cpp", "auto* p = new (room) Thing;\n", False),
    ("core/base/a.cpp", "Thing(const Thing&) = delete;\n", False),
    ("core/base/a.cpp", "// a new Thing\n", False),
    ("core/base/a.cpp", "free(p);\n", True),
    ("core/base/a.cpp", "return r.value();\n", True),
    ("core/base/a.cpp", "return r.value_or(1);\n", False),
    ("core/base/a_test.cpp", "return r.value();\n", False),
    ("core/base/a.cpp", "    static int count = 0;\n", True),
    ("core/base/a.cpp", "    static constexpr int count = 0;\n", False),
    ("core/base/a.cpp", "    static_assert(true);\n", False),
    ("core/base/a.cpp", "#include <array>\n", False),
    ("core/base/a.cpp", "#include <vector>\n", True),
    ("core/flash/a.cpp", '#include "core/base/b.hpp"\n', False),
    ("core/base/a.cpp", '#include "core/flash/b.hpp"\n', True),
    ("core/journal/a.cpp", '#include "core/crypto/b.hpp"\n', True),
    ("core/manifest/a.cpp", '#include "core/delta/decoder.hpp"\n', False),
    ("core/manifest/a.cpp", '#include "core/delta/lzma.hpp"\n', True),
    ("core/install/a.cpp", '#include "core/manifest/b.hpp"\n', False),
    ("core/install/a.cpp", '#include "sim/flash/b.hpp"\n', True),
    ("core/install/a_test.cpp", '#include "sim/flash/b.hpp"\n', False),
    ("core/install/a_testing.hpp", '#pragma once\n#include "sim/flash/b.hpp"\n', False),
    ("tools/a/a.cpp", '#include "b.hpp"\n', True),
    ("tools/a/a.cpp", "namespace {\n" + long_function(style.FUNCTION_LINES + 1, "    a++;\n") + "}\n", True),
    ("tools/a/a.cpp", "namespace {\n" + long_function(style.FUNCTION_LINES, "    a++;\n") + "}\n", False),
    ("tools/a/a.cpp", long_function(200, "    case A: return 1;\n"), False),
    ("tools/a/a.cpp", long_function(200, "    case A:\n        return \"a\";\n"), False),
    ("tools/a/a.cpp", "struct A {\n" + long_function(style.FUNCTION_LINES + 1, "    if (a) { a++; }\n") + "};\n", True),
    ("tools/a/a.cpp", "int a;\n" * (style.FILE_LINES + 1), True),
    ("tools/a/a.cpp", "int a; \n", True),
    ("tools/a/a.cpp", "int a;", True),
    ("tools/a/a.cpp", 'auto s = "a \\" // b {"; char c = \'"\'; auto n = 1\'000;\n', False),
]


class EachRule(unittest.TestCase):
    def test_finds_its_fault_and_nothing_else(self):
        for path, text, expected in CASES:
            with self.subTest(path=path, text=text[:60]):
                findings = style.check(path, text)
                self.assertEqual(bool(findings), expected, findings)

    def test_names_the_line(self):
        self.assertEqual(style.check("core/base/a.cpp", "// one\n\n  x.value();\n")[0].line, 3)

    def test_a_comment_does_not_move_lines(self):
        text = 'a; /* two\nlines */ b; // c\nd("x");\n'
        self.assertEqual(style.without_comments(text).count("\n"), text.count("\n"))


if __name__ == "__main__":
    unittest.main()
