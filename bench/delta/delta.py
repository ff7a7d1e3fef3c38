#!/usr/bin/env python3
"""sbd at each memory of the device, beside the other formats and the packaged tools, pair by pair, in one run.

    delta.py                         every pair of $SWITCHBACK_CORPUS, or the example firmware at several versions
    delta.py --quick --only m4_      level 1, without the packaged zstd; pairs whose name contains "m4_"
    delta.py --level 9 --segment one smallest patches, that start nowhere but at their beginning
    delta.py --sweep segment         what segments of 16K … 128K cost beside one segment, at 4K and 16K of memory
    delta.py --sweep slack           what updating in place costs, by the flash beside the larger image and by segment
    delta.py --chart bytes.html      a chart beside the table (.svg: the chart alone)

Each patch is applied and compared before it counts. Sizes are bytes of the whole patch. `>` marks the smallest that a
packaged tool or another format makes. Speeds are of the command, with its start, in MB of the new image per second.
Results are kept as JSON in bench/results/.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench/formats"))

from delta_chart import chart, page  # noqa: E402
from formats import example_pairs, mean, measure, pairs_of  # noqa: E402
from measure import Failed  # noqa: E402
from peers import Peer, ours, packaged  # noqa: E402

BUDGETS = ("4K", "8K", "16K", "32K")
SWEPT_BUDGETS = ("4K", "16K")
SWEPT_SEGMENTS = ("16K", "32K", "64K", "128K", "one")
SWEPT_SLACKS = ("64K", "32K", "16K")
SWEPT_IN_PLACE = ("4K", "8K", "16K", "32K", "64K", "chosen")
VERSIONS = ("1.0.0", "1.0.1", "1.1.0", "2.0.0")


def sbd(switchback: str, budget: str, level: int, segment: str, name: str) -> Peer:
    """`segment`: a size, "one", or nothing: what the encoder chooses."""
    def make(old: str, new: str, patch: str) -> list:
        size = str(max(os.path.getsize(new), 1024)) if segment == "one" else segment
        return [switchback, "diff", old, new, "-o", patch, "--format", "sbd", "--ram", budget, "--level", str(level),
                *(["--segment", size] if size else [])]

    return Peer(name, make, lambda old, patch, made: [switchback, "patch", old, patch, "-o", made], False)


def in_place(switchback: str, slack: str, level: int, segment: str) -> Peer:
    """`segment`: a size, or "chosen" by the encoder."""
    def make(old: str, new: str, patch: str) -> list:
        larger = max(os.path.getsize(old), os.path.getsize(new))
        memory = larger + int(slack[:-1]) * 1024
        return [switchback, "diff", old, new, "-o", patch, "--format", "sbd", "--level", str(level), "--in-place",
                "--memory", str(memory), *([] if segment == "chosen" else ["--segment", segment])]

    return Peer(f"{slack}/{segment}", make, lambda old, patch, made: [switchback, "patch", old, patch, "-o", made],
                False)


def contest(switchback: str, options) -> list:
    """All that a table compares; those of sbd first."""
    others = [peer for peer in ours(switchback) + packaged() if not (options.quick and "zstd" in peer.name)]
    return [sbd(switchback, budget, options.level, options.segment, f"sbd {budget}") for budget in BUDGETS] + others


def swept(switchback: str, options) -> list:
    if options.sweep == "slack":
        return [sbd(switchback, "16K", options.level, "one", "two slots")] + [
            in_place(switchback, slack, options.level, segment)
            for slack in SWEPT_SLACKS for segment in SWEPT_IN_PLACE]
    return [sbd(switchback, budget, options.level, segment, f"{budget}/{segment}")
            for budget in SWEPT_BUDGETS for segment in SWEPT_SEGMENTS]


def measured(peers: list, pair: tuple, folder: pathlib.Path) -> dict:
    name, old, new = pair
    row = {"pair": name, "old_bytes": old.stat().st_size, "new_bytes": new.stat().st_size, "peers": {}}
    for peer in peers:
        try:
            row["peers"][peer.name] = measure(peer, old, new, folder)
        except Failed as problem:
            print(f"delta: {name}: {problem}", file=sys.stderr)
    return row


def best_other(row: dict) -> str:
    """The smallest that is not sbd's; empty when there is none."""
    others = {name: m["patch_bytes"] for name, m in row["peers"].items() if not name.startswith("sbd ")}
    return min(others, key=others.get) if others else ""


def table(peers: list, pairs: list, folder: pathlib.Path, mark) -> list:
    width = max(len(name) for name, _, _ in pairs) + 2
    widths = [max(len(peer.name) + 2, 10) for peer in peers]
    print(" " * width + f"{'new bytes':>10}" + "".join(f"{p.name:>{w}}" for p, w in zip(peers, widths)), flush=True)
    rows = []
    for pair in pairs:
        rows.append(measured(peers, pair, folder))
        row, marked = rows[-1], mark(rows[-1])
        cells = ""
        for peer, w in zip(peers, widths):
            m = row["peers"].get(peer.name)
            text = "-" if m is None else (">" if peer.name == marked else "") + str(m["patch_bytes"])
            cells += f"{text:>{w}}"
        print(f"{row['pair']:<{width}}{row['new_bytes']:>10}{cells}", flush=True)
    return rows


def whole(peers: list, rows: list) -> list:
    return [row for row in rows if len(row["peers"]) == len(peers)]


def means(peers: list, rows: list) -> list:
    """Of the pairs that all managed; geometric, but the largest memory."""
    rows = whole(peers, rows)
    found = []
    for peer in peers if rows else []:
        def of(key, peer=peer):
            return [row["peers"][peer.name][key] for row in rows]

        def speed(key, of=of):
            return mean(row["new_bytes"] / 1e6 / seconds for row, seconds in zip(rows, of(key)))

        best = [row["peers"][best_other(row)]["patch_bytes"] if best_other(row) else None for row in rows]
        found.append({
            "name": peer.name, "patch_bytes": mean(of("patch_bytes")),
            "share": mean(made / row["new_bytes"] for row, made in zip(rows, of("patch_bytes"))),
            "beside_best_other": None if None in best else mean(a / b for a, b in zip(of("patch_bytes"), best)),
            "encode_mb_per_second": speed("encode_seconds"), "decode_mb_per_second": speed("decode_seconds"),
            "encode_bytes": max(of("encode_bytes")), "decode_bytes": max(of("decode_bytes"))})
    return found


def print_means(found: list, pairs: int) -> None:
    print(f"\n{pairs} pairs, geometric means; memory: the largest\n" + " " * 24 +
          "      bytes  patch ÷ new  ÷ best other  encode MB/s  decode MB/s  encode MB  decode MB")
    for m in found:
        beside = "-" if m["beside_best_other"] is None else f"{m['beside_best_other']:.3f}"
        print(f"  {m['name']:<22}{m['patch_bytes']:>11.0f}{m['share']:>13.2%}{beside:>14}"
              f"{m['encode_mb_per_second']:>13.2f}{m['decode_mb_per_second']:>13.1f}"
              f"{m['encode_bytes'] / 1e6:>11.1f}{m['decode_bytes'] / 1e6:>11.1f}")


def print_sweep(peers: list, rows: list, sweep: str) -> list:
    """What each segment size costs, at each memory beside one segment; in place, beside two slots and one segment."""
    rows = whole(peers, rows)
    found = []
    lines, columns = (SWEPT_SLACKS, SWEPT_IN_PLACE) if sweep == "slack" else (SWEPT_BUDGETS, SWEPT_SEGMENTS)
    print(f"\n{len(rows)} pairs, geometric means: bytes, and beside one segment" +
          (" in two slots" if sweep == "slack" else "") + f"\n{'':>8}" +
          "".join(f"{segment:>19}" for segment in columns))
    for name in lines if rows else ():
        line = f"{name:>8}"
        for segment in columns:
            made = [row["peers"][f"{name}/{segment}"]["patch_bytes"] for row in rows]
            one = [row["peers"]["two slots" if sweep == "slack" else f"{name}/one"]["patch_bytes"] for row in rows]
            cost = mean(a / b for a, b in zip(made, one)) - 1
            found.append({"slack" if sweep == "slack" else "budget": name, "segment": segment,
                          "patch_bytes": mean(made), "cost": cost})
            line += f"{mean(made):>10.0f} {cost:>+7.2%} "
        print(line)
    return found


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=pathlib.Path, default=os.environ.get("SWITCHBACK_CORPUS") or None)
    parser.add_argument("--switchback", default=str(ROOT / "build/release/bin/switchback"))
    parser.add_argument("--only", default="", help="pairs whose name contains this")
    parser.add_argument("--largest", type=int, default=4 << 20, help="leave out pairs with a larger new file, bytes")
    parser.add_argument("--smallest", type=int, default=0, help="leave out pairs with a smaller new file, bytes")
    parser.add_argument("--quick", action="store_true", help="sbd at level 1, without zstd, which takes longest")
    parser.add_argument("--level", type=int, help="of sbd; by itself 6, with --quick 1")
    parser.add_argument("--segment", default="", help="of sbd: a size, or 'one'; by itself what the encoder chooses")
    parser.add_argument("--sweep", choices=("segment", "slack"))
    parser.add_argument("--chart", type=pathlib.Path, help="a .svg or .html file to write")
    parser.add_argument("--json", action="store_true", help="the results on standard output instead of the table")
    parser.add_argument("--out", type=pathlib.Path, help="JSON; by itself bench/results/delta[-SWEEP].json")
    options = parser.parse_args()
    options.level = options.level or (1 if options.quick else 6)
    return options


def main() -> int:
    options = parse()
    answer = sys.stdout
    if options.json:
        sys.stdout = sys.stderr  # the table is what a person watches meanwhile
    pairs = pairs_of(pathlib.Path(options.corpus), options.only, options.largest) if options.corpus \
        else example_pairs(*VERSIONS)
    pairs = [pair for pair in pairs if pair[2].stat().st_size >= options.smallest]
    if not pairs:
        print(f"delta: no pair of files in {options.corpus}", file=sys.stderr)
        return 1
    peers = (swept if options.sweep else contest)(options.switchback, options)
    with tempfile.TemporaryDirectory() as name:
        rows = table(peers, pairs, pathlib.Path(name), (lambda row: "") if options.sweep else best_other)
    result = {"level": options.level, "segment": options.segment, "rows": rows}
    if options.sweep:
        result["sweep"] = print_sweep(peers, rows, options.sweep)
    else:
        result["means"] = means(peers, rows)
        print_means(result["means"], len(whole(peers, rows)))
        if options.chart:
            draw = page if options.chart.suffix == ".html" else chart
            options.chart.write_text(draw(result))
    out = options.out or ROOT / "bench/results" / f"delta{'-' + options.sweep if options.sweep else ''}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n")
    print(f"results: {out}")
    if options.json:
        print(json.dumps(result, indent=1), file=answer)
    return 0 if all(len(row["peers"]) == len(peers) for row in rows) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as why:
        sys.exit(f"delta: {why}")
