"""Processor time and memory beside the packaged tool of the same format: each command in turn, the best counts."""

import math
import pathlib
import shutil

from measure import Failed, run, same

CLASSES = ((160 << 10, "below 160 KB"), (1 << 20, "below 1 MB"), (4 << 20, "below 4 MB"), (1 << 62, "from 4 MB on"))
WHAT = ("bsdiff: encode", "bsdiff: apply", "vcdiff: apply", "vcdiff+lzma: apply")


def best(runs: list) -> dict:
    return {"seconds": min(r.seconds for r in runs), "processor_seconds": min(r.processor_seconds for r in runs),
            "peak_bytes": sorted(r.peak_bytes for r in runs)[len(runs) // 2]}


def duel(repeat: int, ours: list, theirs: list) -> dict:
    """Ours, theirs, ours, theirs …: what else the machine does meets both."""
    runs = [(run(*ours), run(*theirs)) for _ in range(repeat)]
    return {"ours": best([r[0] for r in runs]), "theirs": best([r[1] for r in runs])}


def patches(old, new, folder: pathlib.Path) -> dict:
    """A patch of each packaged tool: both sides apply the same one."""
    made = {"bsdiff": folder / "bs", "none": folder / "none", "lzma": folder / "lzma"}
    run("bsdiff", old, new, made["bsdiff"])
    for packing in ("none", "lzma"):
        run("xdelta3", "-f", "-9", "-S", packing, "-e", "-s", old, new, made[packing])
    return made


def measure(switchback: str, old, new, folder: pathlib.Path, repeat: int) -> dict:
    made = patches(old, new, folder)
    out, their_out = folder / "out", folder / "their_out"
    row = {WHAT[0]: duel(repeat, [switchback, "diff", old, new, "-o", out, "--format", "bsdiff"],
                         ["bsdiff", old, new, their_out])}
    for what, patch in zip(WHAT[1:], made.values()):
        theirs = ["bspatch", old, their_out, patch] if patch.name == "bs" else \
            ["xdelta3", "-f", "-d", "-s", old, patch, their_out]
        row[what] = duel(repeat, [switchback, "patch", old, patch, "-o", out], theirs)
        if not same(out, new):
            raise Failed(f"{what}: not the new file")
    return row


def mean(values) -> float:
    """Geometric."""
    values = list(values)
    return math.exp(sum(math.log(value) for value in values) / len(values))


def line(name: str, rows: list) -> str:
    cells = []
    for what in WHAT:
        def of(side, key, what=what):
            return mean(row["what"][what][side][key] for row in rows)
        cells.append(f"{of('ours', 'processor_seconds') * 1e3:8.2f} :{of('theirs', 'processor_seconds') * 1e3:8.2f} ms"
                     f"{of('ours', 'peak_bytes') / 2**20:7.1f} :{of('theirs', 'peak_bytes') / 2**20:6.1f} MB")
    return f"{name:<34}" + " |".join(cells)


def compare(switchback: str, pairs: list, folder: pathlib.Path, repeat: int) -> list:
    """Prints a row for each pair and the means; ours stands before theirs."""
    missing = [tool for tool in ("bsdiff", "bspatch", "xdelta3") if not shutil.which(tool)]
    if missing:
        raise Failed(f"not installed: {', '.join(missing)}")
    print(" " * 34 + "  ".join(f"{what + ', ours : theirs':<38}" for what in WHAT))
    rows = []
    for name, old, new in pairs:
        size = new.stat().st_size
        times = max(3, repeat if size < 1 << 20 else repeat // 3)
        rows.append({"pair": name, "new_bytes": size, "repeat": times,
                     "what": measure(switchback, old, new, folder, times)})
        print(line(name, rows[-1:]), flush=True)
    print("\ngeometric means; ms of processor time, of all threads")
    least = 0
    for limit, name in CLASSES:
        part = [row for row in rows if least <= row["new_bytes"] < limit]
        least = limit
        if part:
            print(line(f"{len(part)} {name}", part))
    print(line(f"all {len(rows)}", rows))
    return rows
