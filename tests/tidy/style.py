#!/usr/bin/env python3
"""The rules of the house that no compiler knows, run as a test: style.py ROOT.

Each rule is a function from a file to findings. Which files it looks at stands beside it in RULES.
"""

import pathlib
import re
import sys
from typing import Callable, Iterator, NamedTuple

FOLDERS = ("core", "capi", "ports", "bootloader", "sim", "tools", "tests", "bench", "fuzz", "examples", "scripts", "docs", "layouts", "cmake")
TEXT = {".cpp", ".hpp", ".c", ".h", ".py", ".sh", ".md", ".txt", ".toml", ".cmake", ".json", ".cddl", ".ld", ".s"}
CODE = {".cpp", ".hpp"}

# Which room of core may include which (docs/design.md). `None`: all of them.
LAYERS = {
    "base": set(),
    "flash": {"base"},
    "crypto": {"base"},
    "delta": {"base"},
    "link": {"base"},
    "journal": {"flash", "base"},
    "plan": {"journal", "flash", "base"},
    "image": {"flash", "crypto", "base"},
    "manifest": {"crypto", "base", "delta/decoder.hpp"},
    "boot": {"journal", "plan", "image", "flash", "crypto", "base"},
    "stage0": {"flash", "base"},
    "install": None,
}
# What of the standard library works without an operating system and without a heap.
FREESTANDING = set("""algorithm array bit climits compare concepts cstddef cstdint cstring expected initializer_list
    iterator limits new numeric optional span string_view tuple type_traits utility variant version""".split())
MACRO_HEADER = "core/base/result.hpp"
FUNCTION_LINES, FILE_LINES = 80, 500


def is_for_tests(path: str) -> bool:
    """Tests and what only they include run on the host, where the whole library is at hand."""
    name = pathlib.PurePath(path).stem
    return name.endswith(("_test", "_testing")) or name == "testing"


class File(NamedTuple):
    path: str  # from the root, with slashes
    text: str
    code: str  # the same without comments and without the insides of literals, line for line

    @property
    def room(self) -> str:
        return self.path.split("/")[1]

    @property
    def is_core(self) -> bool:
        return self.path.startswith("core/") and self.suffix in CODE and not is_for_tests(self.path)

    @property
    def suffix(self) -> str:
        return pathlib.PurePath(self.path).suffix


class Finding(NamedTuple):
    path: str
    line: int
    what: str


LITERAL = re.compile(r'R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', re.S)


def without_comments(text: str) -> str:
    """Comments go, literals become empty, lines stay where they are."""
    def keep_lines(match: re.Match) -> str:
        found = match.group()
        filler = "" if found.startswith("/") else '""'
        return filler + "\n" * found.count("\n")
    # The names in #include lines are wanted.
    parts = re.split(r"(?m)^(\s*#\s*include[^\n]*)$", text)
    return "".join(part if at % 2 else LITERAL.sub(keep_lines, part) for at, part in enumerate(parts))


def matches(file: File, pattern: str, what: str, text: str | None = None) -> Iterator[Finding]:
    for match in re.finditer(pattern, file.code if text is None else text, re.M):
        before = (file.code if text is None else text)[:match.start()]
        yield Finding(file.path, before.count("\n") + 1, what.format(match.group().strip()))


def absolute_paths(file: File) -> Iterator[Finding]:
    yield from matches(file, r"(?<![\w.])/(work|home|root|Users)/\w", "a path of somebody's machine: {}", file.text)


def preprocessor(file: File) -> Iterator[Finding]:
    allowed = "pragma once|include" + ("|define" if file.path == MACRO_HEADER else "")
    yield from matches(file, rf"^[ \t]*#[ \t]*(?!(?:{allowed})\b)\w+.*", "preprocessor in core: {}")


def using_namespace(file: File) -> Iterator[Finding]:
    if file.suffix == ".hpp":
        yield from matches(file, r"\busing\s+namespace\b", "`using namespace` in a header")


def pragma_once(file: File) -> Iterator[Finding]:
    if file.suffix == ".hpp" and not re.search(r"^#pragma once$", file.text, re.M):
        yield Finding(file.path, 1, "a header without #pragma once")


def header_says_what_it_is_for(file: File) -> Iterator[Finding]:
    if file.suffix == ".hpp" and not file.text.startswith("//"):
        yield Finding(file.path, 1, "a header of core begins with what it is for")


def heap_and_throwing(file: File) -> Iterator[Finding]:
    yield from matches(file, r"\bnew\s+[A-Za-z_:]|\bdelete\s+\w|\bdelete\[\]|\b(malloc|calloc|realloc|free)\s*\(",
                       "the heap in core: {}")
    yield from matches(file, r"\.value\(\)", "value() throws; test, then use *")
    yield from matches(file, r"\b(throw|try|dynamic_cast|typeid|goto)\b", "not in core: {}")
    yield from matches(file, r"^ {4,}static\s+(?!constexpr|_assert)[\w:<>]+\s+\w+\s*(=|;|\{)", "a static variable: {}")
    yield from matches(file, r"\bassert\s*\(", "no assertion in core decides on input or I/O: {}")


def layering(file: File) -> Iterator[Finding]:
    may = LAYERS.get(file.room, set())
    for match in re.finditer(r'^#include ([<"])([^">]+)[">]', file.code, re.M):
        line, name = file.code[:match.start()].count("\n") + 1, match.group(2)
        if match.group(1) == "<":
            if name not in FREESTANDING:
                yield Finding(file.path, line, f"<{name}> is not for a device without system")
            continue
        if not name.startswith("core/"):
            yield Finding(file.path, line, f"core includes {name}")
            continue
        _, room, rest = name.split("/", 2)
        if room != file.room and may is not None and room not in may and f"{room}/{rest}" not in may:
            yield Finding(file.path, line, f"{file.room} may not lean on {name}")


def own_includes_from_root(file: File) -> Iterator[Finding]:
    if not file.path.startswith("examples/"):
        yield from matches(file, r'^#include "[^/"]+"', "includes start at the root of the project: {}")
        yield from matches(file, r'^#include "\.\.?/', "includes start at the root of the project: {}")


def functions(code: str) -> Iterator[tuple[int, int, str]]:
    """(first line, lines, head) of each function body that stands in a namespace or a class."""
    stack, head_from, line_of_head = [], 0, 1
    for match in re.finditer(r"[{};]", code):
        at, what = match.start(), match.group()
        if what == "{":
            head = code[head_from:at]
            inside = bool(stack) and stack[-1][0] != "scope"
            container = re.search(r"\b(namespace|class|struct|union|enum|extern)\b[^()]*$", head)
            kind = "inner" if inside else "scope" if container and not head.rstrip().endswith(")") else "function"
            stack.append((kind, head_from + len(head) - len(head.lstrip()), head.strip()))
        elif what == "}" and stack:
            kind, start, head = stack.pop()
            if kind == "function" and "(" in head:
                line_of_head = code[:start].count("\n") + 1
                yield line_of_head, code[start:at].count("\n") + 1, head
        head_from = at + 1


def is_row(line: str) -> bool:
    """A line of a table: a case, its answer, or one initialiser."""
    return bool(re.match(r'\s*(case\b.*:(\s*return\b.*;)?|return "";|\{.*\},?)\s*$', line))


def long_functions(file: File) -> Iterator[Finding]:
    lines = file.code.splitlines()
    for first, count, head in functions(file.code):
        rows = sum(is_row(line) for line in lines[first - 1:first - 1 + count])
        if count - rows > FUNCTION_LINES:
            name = re.sub(r"\s+", " ", head)[-60:]
            yield Finding(file.path, first, f"a function of {count - rows} lines: {name}")


def long_files(file: File) -> Iterator[Finding]:
    if file.text.count("\n") > FILE_LINES:
        yield Finding(file.path, FILE_LINES, f"a file of {file.text.count(chr(10))} lines; is it still one idea?")


def line_ends(file: File) -> Iterator[Finding]:
    if file.suffix in CODE:
        yield from matches(file, r"[ \t]+$", "white space at the end of the line", file.text)
    if file.text and not file.text.endswith("\n"):
        yield Finding(file.path, file.text.count("\n") + 1, "no line end at the end of the file")


class Rule(NamedTuple):
    check: Callable[[File], Iterator[Finding]]
    applies: Callable[[File], bool]


def is_code(file: File) -> bool:
    return file.suffix in CODE


def anything(_: File) -> bool:
    return True


def in_core(file: File) -> bool:
    return file.is_core


RULES = [
    Rule(absolute_paths, anything),
    Rule(line_ends, anything),
    Rule(preprocessor, in_core),
    Rule(heap_and_throwing, in_core),
    Rule(layering, in_core),
    Rule(header_says_what_it_is_for, in_core),
    Rule(using_namespace, is_code),
    Rule(pragma_once, is_code),
    Rule(own_includes_from_root, is_code),
    Rule(long_functions, is_code),
    Rule(long_files, is_code),
]


def check(path: str, text: str) -> list[Finding]:
    file = File(path, text, without_comments(text) if pathlib.PurePath(path).suffix in CODE else text)
    return [finding for rule in RULES if rule.applies(file) for finding in rule.check(file)]


def sources(root: pathlib.Path) -> Iterator[pathlib.Path]:
    yield from (path for path in root.iterdir() if path.is_file() and path.suffix in TEXT)
    for folder in FOLDERS:
        yield from (path for path in sorted((root / folder).rglob("*")) if path.is_file() and path.suffix in TEXT)


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    own = pathlib.Path(__file__).resolve().parent  # names what it forbids
    files = [path for path in sources(root) if path.parent != own]
    findings = [finding for path in files
                for finding in check(path.relative_to(root).as_posix(), path.read_text(errors="replace"))]
    for finding in findings:
        print(f"{finding.path}:{finding.line}: {finding.what}")
    print(f"style: {len(files)} files, {len(findings)} findings")
    return 1 if findings or not files else 0


if __name__ == "__main__":
    sys.exit(main())
