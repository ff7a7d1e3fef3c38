"""docs.py finds what it is there for, on a program that knows one verb."""

import pathlib
import tempfile
import unittest

import docs

PROGRAM = """#!/bin/sh
case "$*" in
    "--help") echo "  key   keys" ;;
    "key --help") echo "  new   a key" ;;
    "key new --help") echo "  --out FILE   where" ;;
    *) exit 2 ;;
esac
"""

# document, whether there is a fault
CASES = [
    ("```\nswitchback key new --out a.pem\n```\n", False),
    ("```\nbuild/bin/switchback key new --out a.pem | cat --no\n```\n", False),
    ("```\nswitchback key new --in a.pem\n```\n", True),
    ("```\nswitchback key new \\\n  --in a.pem\n```\n", True),
    ("```\nswitchback lock new\n```\n", True),
    ("See `switchback key new --in X`.\n", True),
    ("See switchback go wrong, in prose.\n", False),
    ("See `make test`.\n", False),
    ("See `make fun`.\n", True),
    ("See [a](there.md) and [b](there.md#part) and [c](https://a.b/c).\n", False),
    ("See [a](gone.md).\n", True),
]


class Documents(unittest.TestCase):
    def test_faults_are_found_and_nothing_else(self):
        with tempfile.TemporaryDirectory() as place:
            root = pathlib.Path(place)
            program = root / "switchback"
            program.write_text(PROGRAM)
            program.chmod(0o755)
            (root / "Makefile").write_text("test: ## all\n")
            (root / "there.md").write_text("\n")
            for text, expected in CASES:
                with self.subTest(text=text):
                    (root / "README.md").write_text(text)
                    found = list(docs.faults(root / "README.md", root, str(program)))
                    self.assertEqual(bool(found), expected, found)


if __name__ == "__main__":
    unittest.main()
