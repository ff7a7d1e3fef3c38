"""Draws what delta.py measured: a row for each pair, a mark for each patch, its size on a logarithmic axis."""

import html
import math

ROW, LEFT, RIGHT, TOP, AXIS = 20, 250, 30, 76, 640
SBD = ("#90cdf4", "#4299e1", "#2b6cb0", "#1a365d")
OTHERS = ("#dd6b20", "#6b46c1", "#2f855a", "#b7791f", "#c53030", "#d53f8c", "#4a5568", "#718096", "#a0aec0")


def colours(names: list) -> dict:
    of_sbd = [name for name in names if name.startswith("sbd ")]
    others = [name for name in names if name not in of_sbd]
    return {**dict(zip(of_sbd, SBD)), **{name: OTHERS[k % len(OTHERS)] for k, name in enumerate(others)}}


def mark(name: str, x: float, y: float, colour: str, title: str) -> str:
    shape = f"<circle cx='{x:.1f}' cy='{y:.1f}' r='5' fill='{colour}'>" if name.startswith("sbd ") else \
        f"<path d='M{x:.1f} {y - 5:.1f}v10' stroke='{colour}' stroke-width='3'>"
    return f"{shape}<title>{html.escape(title)}</title></{'circle' if 'circle' in shape else 'path'}>"


def legend(names: list, colour: dict) -> str:
    parts, x, y = [], LEFT, 16
    for name in names:
        wide = 24 + 7.2 * len(name)
        if x + wide > LEFT + AXIS:
            x, y = LEFT, y + 18
        parts.append(mark(name, x, y - 4, colour[name], name) + f"<text x='{x + 9:.1f}' y='{y}'>{html.escape(name)}</text>")
        x += wide
    return "\n".join(parts)


def chart(result: dict) -> str:
    rows = [row for row in result["rows"] if row["peers"]]
    names = list(dict.fromkeys(name for row in rows for name in row["peers"]))
    colour = colours(names)
    sizes = [max(m["patch_bytes"], 1) for row in rows for m in row["peers"].values()] or [1]
    low, high = math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes) + 1))
    height, width = TOP + ROW * len(rows) + 34, LEFT + AXIS + RIGHT

    def x(size: float) -> float:
        return LEFT + AXIS * (math.log10(max(size, 1)) - low) / max(high - low, 1)

    parts = [f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' "
             f"height='{height}' font-family='system-ui,sans-serif' font-size='12'>",
             f"<rect width='{width}' height='{height}' fill='#fff'/>", legend(names, colour)]
    for power in range(low, high + 1):
        for step in (1, 2, 5):
            size = step * 10**power
            if size > 10**high:
                continue
            parts.append(f"<path d='M{x(size):.1f} {TOP - 8}V{height - 30}' stroke='{'#cbd5e0' if step == 1 else '#edf2f7'}'/>"
                         f"<text x='{x(size):.1f}' y='{height - 14}' text-anchor='middle'>{short(size)}</text>")
    for k, row in enumerate(rows):
        y = TOP + ROW * k + ROW / 2
        ends = sorted(m["patch_bytes"] for m in row["peers"].values())
        parts.append(f"<text x='{LEFT - 10}' y='{y + 4:.1f}' text-anchor='end'>{html.escape(row['pair'])}</text>"
                     f"<path d='M{x(ends[0]):.1f} {y:.1f}H{x(ends[-1]):.1f}' stroke='#e2e8f0'/>")
        for name in reversed(list(row["peers"])):
            size = row["peers"][name]["patch_bytes"]
            parts.append(mark(name, x(size), y, colour[name], f"{name}: {size} bytes"))
    return "\n".join(parts + ["</svg>"]) + "\n"


def short(size: int) -> str:
    return f"{size // 1000000} MB" if size >= 1000000 else f"{size // 1000} KB" if size >= 1000 else f"{size} B"


def page(result: dict) -> str:
    """The chart and the tables, in a page that stands by itself."""
    names = list(dict.fromkeys(name for row in result["rows"] for name in row["peers"]))
    head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    body = ""
    for row in result["rows"]:
        smallest = min((m["patch_bytes"] for m in row["peers"].values()), default=0)
        cells = ""
        for name in names:
            size = row["peers"].get(name, {}).get("patch_bytes")
            cells += "<td>-</td>" if size is None else f"<td{' class=best' if size == smallest else ''}>{size}</td>"
        body += f"<tr><th>{html.escape(row['pair'])}</th><td>{row['new_bytes']}</td>{cells}</tr>\n"
    means = "".join(
        f"<tr><th>{html.escape(m['name'])}</th><td>{m['patch_bytes']:.0f}</td><td>{m['share']:.2%}</td>"
        f"<td>{m['encode_mb_per_second']:.2f}</td><td>{m['decode_mb_per_second']:.1f}</td>"
        f"<td>{m['encode_bytes'] / 1e6:.1f}</td><td>{m['decode_bytes'] / 1e6:.1f}</td></tr>\n" for m in result["means"])
    return f"""<!doctype html>
<html lang='en'><meta charset='utf-8'><title>Patches of each format</title>
<style>
body{{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:1400px;padding:0 1em;color:#1a202c}}
h1{{font-size:1.4em}} h2{{font-size:1.1em}} div{{overflow-x:auto}} table{{border-collapse:collapse;font-size:13px}}
td,th{{padding:.15em .6em;text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}}
tr>th:first-child{{text-align:left;font-weight:normal}} tr:nth-child(even){{background:#f7fafc}}
.best{{font-weight:bold}}
</style>
<h1>Bytes of each format's patch</h1>
<p>sbd at level {result['level']}, segments: {result['segment'] or 'as the encoder chooses'}. Dots: sbd at each memory
of the device; strokes: the other formats and the packaged tools. The axis is logarithmic.</p>
<div>{chart(result)}</div>
<h2>Geometric means; memory: the largest</h2>
<div><table><tr><th></th><th>bytes</th><th>patch ÷ new</th><th>encode MB/s</th><th>decode MB/s</th><th>encode MB</th>
<th>decode MB</th></tr>
{means}</table></div>
<h2>Bytes by pair</h2>
<div><table><tr><th></th><th>new file</th>{head}</tr>
{body}</table></div></html>
"""
