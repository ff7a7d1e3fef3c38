#!/usr/bin/env python3
"""Draws where the bytes of sbd patches go, as `switchback inspect` tells it: a bar for each pair.

    spent_chart.py spent.svg                    every pair of $SWITCHBACK_CORPUS, or the example firmware
    spent_chart.py spent.svg --only m4_,avr_    pairs whose name contains one of these
"""

import argparse
import html
import json
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench/formats"))

from formats import example_pairs, pairs_of  # noqa: E402
from measure import Failed, run  # noqa: E402

ROW, BAR, LEFT, RIGHT, TOP, AXIS = 24, 16, 250, 90, 44, 560
VERSIONS = ("1.0.0", "1.0.1", "1.1.0", "2.0.0")
PARTS = (("hit or not", ("hits", "blocks"), "#5b6ee1"), ("where the pointer goes", ("jump_flags", "jumps"), "#d99a1c"),
         ("other candidate or not", ("alternatives",), "#c2569b"), ("bytes, bit by bit", ("bytes",), "#139a81"),
         ("block map", ("block_map",), "#667085"), ("rest of the frame", ("preamble", "segment_lengths", "remainder"),
                                                    "#c3c9d3"))


def spent(switchback: str, pair: tuple, level: int, folder: pathlib.Path) -> dict:
    name, old, new = pair
    patch = folder / "patch"
    run(switchback, "diff", old, new, "-o", patch, "--format", "sbd", "--level", str(level))
    told = json.loads(run(switchback, "inspect", patch, "--old", old, "--json").output)
    return {"pair": name, "patch_bytes": told["patch_bytes"], "bits": told["account"]["bits"]}


def chart(rows: list) -> str:
    height, width = TOP + ROW * len(rows) + 12, LEFT + AXIS + RIGHT
    drawn = [f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}' "
             "font-family='system-ui,sans-serif' font-size='12'>", f"<rect width='{width}' height='{height}' fill='#fff'/>"]
    x = 12.0
    for title, _, colour in PARTS:
        drawn.append(f"<rect x='{x:.1f}' y='12' width='11' height='11' fill='{colour}'/>"
                     f"<text x='{x + 16:.1f}' y='22'>{title}</text>")
        x += 34 + 6.6 * len(title)
    for k, row in enumerate(rows):
        y, x, bits = TOP + ROW * k, float(LEFT), sum(row["bits"].values())
        drawn.append(f"<text x='{LEFT - 10}' y='{y + 13}' text-anchor='end'>{html.escape(row['pair'])}</text>")
        for title, names, colour in PARTS:
            part = sum(row["bits"][name] for name in names)
            wide = AXIS * max(part, 0) / bits
            drawn.append(f"<rect x='{x:.1f}' y='{y}' width='{wide:.1f}' height='{BAR}' fill='{colour}'>"
                         f"<title>{title}: {part / 8:.0f} bytes</title></rect>")
            x += wide
        drawn.append(f"<text x='{LEFT + AXIS + 8}' y='{y + 13}'>{row['patch_bytes']} bytes</text>")
    return "\n".join(drawn) + "\n</svg>\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("svg", type=pathlib.Path)
    parser.add_argument("--corpus", type=pathlib.Path, default=os.environ.get("SWITCHBACK_CORPUS") or None)
    parser.add_argument("--switchback", default=str(ROOT / "build/release/bin/switchback"))
    parser.add_argument("--only", default="", help="parts of names of pairs, with commas between them")
    parser.add_argument("--level", type=int, default=6)
    options = parser.parse_args()
    pairs = pairs_of(options.corpus, "", 4 << 20) if options.corpus else example_pairs(*VERSIONS)
    pairs = [pair for pair in pairs if any(part in pair[0] for part in options.only.split(","))]
    with tempfile.TemporaryDirectory() as name:
        rows = [spent(options.switchback, pair, options.level, pathlib.Path(name)) for pair in pairs]
    if not rows:
        print("spent_chart: no such pair", file=sys.stderr)
        return 1
    options.svg.write_text(chart(rows))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as why:
        sys.exit(f"spent_chart: {why}")
