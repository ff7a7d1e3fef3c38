#!/usr/bin/env python3
"""What the documents tell a reader to type exists: docs.py ROOT SWITCHBACK.

Commands in README.md, CONTRIBUTING.md, SECURITY.md and docs/: each `switchback VERB --option` is asked of the program's own --help,
each `make TARGET` of the Makefile, each relative link of the tree.
"""

import functools
import pathlib
import re
import subprocess
import sys
from typing import Iterator

COMMAND = re.compile(r"(?:^|[\s`/])switchback((?: +[^\s`|;&#<>()]+)+)")
TARGET = re.compile(r"(?:^|`)make ([a-z]+)", re.M)
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def joined(text: str) -> str:
    """A command that goes on in the next line is one command."""
    return re.sub(r"\\\n\s*", " ", text)


def shell_lines(text: str) -> Iterator[str]:
    """Lines of fenced blocks and inline code: what is meant to be typed."""
    for block in re.findall(r"(?ms)^```[a-z]*\n(.*?)^```", text):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^```.*?^```", "", text))


@functools.cache
def help_of(program: str, verbs: tuple) -> str | None:
    asked = subprocess.run([program, *verbs, "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           check=False)
    return asked.stdout if asked.returncode == 0 else None


def command_faults(program: str, words: list) -> Iterator[str]:
    top = help_of(program, ())
    verbs = []
    for word in words:
        text = help_of(program, tuple(verbs))
        if not re.fullmatch(r"[a-z][a-z-]*", word) or not re.search(rf"^\s+{re.escape(word)}\b", text or "", re.M):
            break
        verbs.append(word)
    if top is None or (not verbs and re.fullmatch(r"[a-z][a-z-]*", words[0])):
        yield f"switchback has no verb {words[0]}"
        return
    text = help_of(program, tuple(verbs)) or ""
    for word in words:
        option = re.match(r"\[?(--[a-z][a-z-]*)", word)
        if option and not re.search(rf"{re.escape(option.group(1))}\b", text):
            yield f"switchback {' '.join(verbs)} has no {option.group(1)}"


def faults(path: pathlib.Path, root: pathlib.Path, program: str) -> Iterator[str]:
    text = joined(path.read_text())
    for line in shell_lines(text):
        for match in COMMAND.finditer(line):
            yield from command_faults(program, match.group(1).split())
    targets = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(), re.M))
    for name in TARGET.findall("\n".join(shell_lines(text))):
        if name not in targets:
            yield f"make has no target {name}"
    for link in LINK.findall(text):
        if not (path.parent / link).exists():
            yield f"a link to nothing: {link}"


def main() -> int:
    root, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    names = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
    documents = [p for p in (*(root / name for name in names), *sorted((root / "docs").glob("*.md"))) if p.exists()]
    found = [f"{path.relative_to(root)}: {fault}" for path in documents for fault in faults(path, root, program)]
    print("\n".join(found + [f"docs: {len(documents)} documents, {len(found)} faults"]))
    return 1 if found or not documents else 0


if __name__ == "__main__":
    sys.exit(main())
