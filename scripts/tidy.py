#!/usr/bin/env python3
"""clang-tidy over the project's own translation units, as build/asan compiles them.

A unit is checked again only when something it depends on changed: its text, the project headers it reaches, its
compile command, .clang-tidy or clang-tidy itself. Passed units are remembered in build/tidy/<hash>.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
CLANG_TIDY = "clang-tidy-19"
# Tests, fuzzers and benchmarks: names, and what finds defects quickly. GoogleTest's macros cost the rest of the checks
# more time than all the code under test.
TEST_CHECKS = ",".join("""-* readability-identifier-naming readability-container-size-empty readability-duplicate-include
    bugprone-use-after-move bugprone-unused-return-value bugprone-unused-raii bugprone-infinite-loop bugprone-sizeof-*
    bugprone-string-* bugprone-dangling-handle bugprone-move-forwarding-reference bugprone-narrowing-conversions
    modernize-use-override modernize-use-nullptr performance-for-range-copy google-explicit-constructor
    cppcoreguidelines-pro-type-cstyle-cast cppcoreguidelines-slicing""".split())


def reached(source: pathlib.Path, seen: dict) -> set:
    """The project files that `source` includes, itself too."""
    found, todo = set(), [source]
    while todo:
        path = todo.pop()
        if path in found:
            continue
        found.add(path)
        if path not in seen:
            names = [name.decode() for name in INCLUDE.findall(path.read_bytes())]
            candidates = [base / name for name in names for base in (ROOT, path.parent)]
            seen[path] = [c.resolve() for c in candidates if c.is_file()]
        todo += seen[path]
    return found


def is_generated(source: pathlib.Path) -> bool:
    """Files of the build, but for those that only include several of ours."""
    return source.is_relative_to(ROOT / "build") and source.parent.name != "Unity"


def fingerprint(entry: dict, common: bytes, seen: dict) -> str:
    digest = hashlib.sha256(common + entry["command"].encode())
    for path in sorted(reached(pathlib.Path(entry["file"]), seen)):
        digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()


def sources(entry: dict) -> list:
    """The project's translation units that an entry compiles."""
    path = pathlib.Path(entry["file"])
    if path.parent.name != "Unity":
        return [path]
    return [pathlib.Path(name.decode()) for name in INCLUDE.findall(path.read_bytes())]


def check(entry: dict, build: pathlib.Path) -> subprocess.CompletedProcess:
    command = [CLANG_TIDY, "--quiet", "--warnings-as-errors=*", "-p", str(build), entry["file"]]
    inside = sources(entry)[0].relative_to(ROOT)
    if inside.stem.endswith("_test") or inside.parts[0] in ("fuzz", "bench"):
        command.insert(1, f"--checks={TEST_CHECKS}")
    elif inside.parts[0] != "core":
        # The path analysis is for what runs on a device; what runs on a host runs under the sanitizers. Units
        # that the build gathers include .cpp files.
        command.insert(1, "--checks=-clang-analyzer-*,-bugprone-suspicious-include")
    return subprocess.run(command, capture_output=True, text=True, check=False)


def new_findings(output: str, told: set) -> str:
    """What `output` says that was not told before: a header's finding comes back with each unit that includes it."""
    blocks = re.split(r"(?m)^(?=\S+:\d+:\d+: (?:error|warning): )", output)
    fresh = [block for block in blocks if block.split("\n", 1)[0] not in told]
    told.update(block.split("\n", 1)[0] for block in blocks)
    return "".join(fresh)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=ROOT / "build/asan", type=pathlib.Path)
    parser.add_argument("--jobs", default=os.cpu_count(), type=int)
    parser.add_argument("--all", action="store_true", help="forget what passed before")
    parser.add_argument("only", nargs="*", help="parts of file names")
    options = parser.parse_args()

    cache = ROOT / "build/tidy"
    cache.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, check=True).stdout
    common = version + (ROOT / ".clang-tidy").read_bytes() + TEST_CHECKS.encode()
    entries = json.loads((options.build / "compile_commands.json").read_text())
    entries = [e for e in entries if not is_generated(pathlib.Path(e["file"]))]
    if options.only:
        entries = [e for e in entries if any(part in str(path) for path in sources(e) for part in options.only)]
    seen: dict = {}
    marks = {e["file"]: cache / fingerprint(e, common, seen) for e in entries}
    due = [e for e in entries if options.all or not marks[e["file"]].exists()]
    print(f"tidy: {len(entries)} units, {len(due)} to check", flush=True)

    failed, told = 0, set()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for entry, result in zip(due, pool.map(lambda e: check(e, options.build), due)):
            if result.returncode == 0:
                marks[entry["file"]].touch()
                continue
            failed += 1
            text = result.stdout.replace(str(ROOT) + "/", "") or result.stderr
            print(new_findings(text, told), end="", flush=True)
    print(f"tidy: {failed} of {len(entries)} units with findings" if failed else "tidy: clean")
    if not entries:
        print("tidy: no translation unit found", file=sys.stderr)
    return 1 if failed or not entries else 0


if __name__ == "__main__":
    sys.exit(main())
