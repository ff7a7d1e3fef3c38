#!/usr/bin/env python3
"""Draws a sweep that formats.py measured: chart.py SWEEP.json CHART.svg"""

import json
import pathlib
import sys

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 620, 300, 60, 40, 30
COLOURS = ("#2b6cb0", "#dd6b20", "#6b46c1", "#2f855a")


def chart(sweep: dict) -> str:
    names = list(dict.fromkeys(result["what"] for result in sweep["results"]))
    values = list(dict.fromkeys(result["value"] for result in sweep["results"]))
    shares = [result["share"] for result in sweep["results"]]
    low, high = min(shares), max(shares)
    low, high = low - (high - low) / 10, high + (high - low) / 10

    def x(value: str) -> float:
        return LEFT + (WIDTH - LEFT - 120) * values.index(value) / max(len(values) - 1, 1)

    def y(share: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - share) / (high - low)

    parts = [f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' width='{WIDTH}' height='{HEIGHT}' "
             "font-family='system-ui,sans-serif' font-size='12'>", f"<text x='{LEFT}' y='18'>patch ÷ new image, mean</text>"]
    for step in range(5):
        share = low + (high - low) * step / 4
        parts.append(f"<path d='M{LEFT} {y(share):.1f}H{WIDTH - 120}' stroke='#e2e8f0'/>"
                     f"<text x='{LEFT - 6}' y='{y(share) + 4:.1f}' text-anchor='end'>{share:.1%}</text>")
    for value in values:
        parts.append(f"<text x='{x(value):.1f}' y='{HEIGHT - 18}' text-anchor='middle'>{value}</text>")
    for name, colour in zip(names, COLOURS):
        points = [(x(r["value"]), y(r["share"])) for r in sweep["results"] if r["what"] == name]
        parts.append(f"<path d='M{' L'.join(f'{a:.1f} {b:.1f}' for a, b in points)}' fill='none' stroke='{colour}' "
                     f"stroke-width='2'/><text x='{points[-1][0] + 8:.1f}' y='{points[-1][1] + 4:.1f}' fill='{colour}'>"
                     f"{name}</text>")
    return "\n".join(parts + ["</svg>"]) + "\n"


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    pathlib.Path(sys.argv[2]).write_text(chart(json.loads(pathlib.Path(sys.argv[1]).read_text())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
