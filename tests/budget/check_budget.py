#!/usr/bin/env python3
"""What core costs a device and what it asks of it, read from the archives of the device build.

    check_budget.py needs BUILD         undefined symbols: only what every C library and compiler gives
    check_budget.py size BUILD BUDGETS  flash of each room against its budget; no RAM at all outside of objects
    check_budget.py lines CORE          lines of code of core without delta and link
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

TOOL = "arm-none-eabi-"
GIVEN = re.compile(r"mem(cpy|set|cmp|move)|__aeabi_\w+|__gnu_thumb1_case_\w+")
IN_FLASH = re.compile(r"\.(text|rodata|ARM\.ex)")
IN_RAM = re.compile(r"\.(data|bss|tdata|tbss)")
START_UP = re.compile(r"\.(init|fini|preinit)_array|\.ctors|\.dtors")
CORE_LINES = 4911  # 21 of them: what no program may write while an image runs (boot/locks.hpp)
FREE_ROOMS = ("delta", "link")


def tool(name: str, *arguments) -> str:
    return subprocess.run([TOOL + name, *map(str, arguments)], capture_output=True, text=True, check=True).stdout


def undefined(archive: pathlib.Path) -> set:
    """Symbols that some object of the archive uses and none defines."""
    used, defined = set(), set()
    for line in tool("nm", archive).splitlines():
        fields = line.split()
        if len(fields) == 2 and fields[0] in "Uw":
            used.add(fields[1])
        elif len(fields) == 3:
            defined.add(fields[2])
    return used - defined


def sections(inputs: list) -> dict:
    """Bytes by section of the inputs linked into one object, so that what objects share counts once."""
    with tempfile.TemporaryDirectory() as place:
        merged = pathlib.Path(place) / "merged.o"
        tool("ld", "-r", "-o", merged, "--whole-archive", *inputs)
        rows = [line.split() for line in tool("size", "-A", merged).splitlines()]
    return {row[0] + f"#{at}": int(row[1]) for at, row in enumerate(rows) if len(row) == 3 and row[1].isdigit()}


def total(found: dict, kind: re.Pattern) -> int:
    return sum(size for name, size in found.items() if kind.match(name))


def part_objects(archive: pathlib.Path, pattern: str, place: pathlib.Path) -> list:
    names = [name for name in tool("ar", "t", archive).split() if re.search(pattern, name)]
    if names:
        subprocess.run([TOOL + "ar", "x", archive.resolve(), *names], cwd=place, check=True)
    return [place / name for name in names]


def check_needs(build: pathlib.Path) -> list:
    strange = sorted(name for name in undefined(build / "libswitchback_core.a") if not GIVEN.fullmatch(name))
    return [f"core leaves {name} undefined: a device has no such function" for name in strange]


def check_size(build: pathlib.Path, budgets_file: pathlib.Path) -> list:
    budgets = tomllib.loads(budgets_file.read_text())
    rooms = {path.stem.removeprefix("libsb_"): path
             for folder in ("core", "capi") for path in (build / folder).rglob("libsb_*.a")}
    errors, rows = [], []

    def hold(name: str, found: dict, budget) -> None:
        size = total(found, IN_FLASH)
        rows.append((name, size, budget))
        if budget is None:
            errors.append(f"{name}: no budget in {budgets_file.name}")
        elif size > budget:
            errors.append(f"{name}: {size} bytes, {size - budget} over its budget")
        if total(found, IN_RAM):
            errors.append(f"{name}: {total(found, IN_RAM)} bytes of static RAM; core has no globals")
        if total(found, START_UP):
            errors.append(f"{name}: code that would have to run before main")

    for name, archive in sorted(rooms.items()):
        hold(name, sections([archive]), budgets["rooms"].get(name))
    for name, part in budgets.get("parts", {}).items():
        with tempfile.TemporaryDirectory() as place:
            objects = part_objects(rooms[part["room"]], part["objects"], pathlib.Path(place)) if part["room"] in rooms else []
            if objects:
                hold(f"  {part['room']}/{name}", sections(objects), part["bytes"])
            else:
                errors.append(f"{part['room']}/{name}: no such object, its budget holds nothing")
    errors += [f"{name}: a budget, but no such room" for name in budgets["rooms"] if name not in rooms]
    print(f"{'room':<20}{'bytes':>8}{'budget':>8}")
    for name, size, budget in rows:
        print(f"{name:<20}{size:>8}{budget if budget is not None else '-':>8}")
    print(f"{'all':<20}{sum(size for name, size, _ in rows if not name.startswith(' ')):>8}")
    return errors


def is_code(line: str) -> bool:
    """Neither empty nor a comment alone."""
    return line.strip() != "" and not line.strip().startswith("//")


def check_lines(core: pathlib.Path) -> list:
    counts = {}
    for path in sorted(core.rglob("*.?pp")):
        room = path.relative_to(core).parts[0]
        if room not in FREE_ROOMS and not re.search(r"(_test|testing)$", path.stem):
            counts[room] = counts.get(room, 0) + sum(map(is_code, path.read_text().splitlines()))
    for room, lines in counts.items():
        print(f"{room:<20}{lines:>8}")
    lines = sum(counts.values())
    print(f"{'all':<20}{lines:>8}  of {CORE_LINES}")
    return [] if 0 < lines < CORE_LINES else [f"core without {' and '.join(FREE_ROOMS)}: {lines} lines"]


def main() -> int:
    checks = {"needs": check_needs, "size": check_size, "lines": check_lines}
    if len(sys.argv) < 3 or sys.argv[1] not in checks:
        print(__doc__, file=sys.stderr)
        return 2
    errors = checks[sys.argv[1]](*map(pathlib.Path, sys.argv[2:]))
    for error in errors:
        print(f"error: {error}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
