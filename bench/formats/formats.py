#!/usr/bin/env python3
"""Sizes, times and memory of every patch format beside the packaged tools, pair by pair, in one run.

    formats.py                       every pair of $SWITCHBACK_CORPUS, or the example firmware at two versions
    formats.py --only m3_ --quick    pairs whose name contains "m3_"; of the packaged tools only those that take seconds
    formats.py --speed 15            bsdiff and VCDIFF beside the tools of these formats, in turn, the best of 15
    formats.py --sweep cover         minimum cover length 4..32 (also: --sweep window, VCDIFF's window 4K..8M)

Each patch is applied and compared before it counts. Sizes are patch ÷ new; `*` marks pairs below 5 % with the best
format (maintenance releases). Results are kept as JSON in bench/results/.
"""

import argparse
import json
import math
import os
import pathlib
import sys
import tempfile

from measure import Failed, run, same
from peers import ours, packaged
from speed import compare

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MAINTENANCE = 0.05
COVERS = (4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32)
WINDOWS = ("4K", "8K", "16K", "32K", "64K", "256K", "1M", "8M")


def pairs_of(corpus: pathlib.Path, only: str, limit: int) -> list:
    """(name, old, new) of each folder with old.bin and new.bin, none larger than `limit` bytes."""
    found = []
    for folder in sorted(corpus.iterdir()):
        old, new = folder / "old.bin", folder / "new.bin"
        if only in folder.name and old.is_file() and new.is_file() and new.stat().st_size <= limit:
            found.append((folder.name, old, new))
    return found


def example_pairs(*versions) -> list:
    """The example firmware, built here, from each version to the next one."""
    images = []
    for version in versions:
        folder = ROOT / f"build/example-{version}"
        run("cmake", "-S", ROOT / "examples/app", "-B", folder, "-G", "Ninja", "--toolchain",
            ROOT / "cmake/arm-none-eabi.cmake", f"-DAPP_VERSION={version}")
        run("cmake", "--build", folder)
        images.append(folder / "app.bin")
    return [(f"example_{old}_{new}", *images[k:k + 2]) for k, (old, new) in enumerate(zip(versions, versions[1:]))]


def measure(peer, old: pathlib.Path, new: pathlib.Path, folder: pathlib.Path) -> dict:
    patch, made = folder / "patch", folder / "made"
    encode = run(*peer.make(str(old), str(new), str(patch)))
    decode = run(*peer.apply(str(old), str(patch), str(made)))
    if not same(made, new):
        raise Failed(f"{peer.name}: the patch does not give the new file")
    return {"patch_bytes": patch.stat().st_size, "encode_seconds": encode.seconds, "encode_bytes": encode.peak_bytes,
            "decode_seconds": decode.seconds, "decode_bytes": decode.peak_bytes}


def mean(values) -> float:
    """Geometric."""
    values = list(values)
    return math.exp(sum(math.log(value) for value in values) / len(values)) if values else math.nan


def table(peers: list, pairs: list, folder: pathlib.Path) -> list:
    width = max(len(name) for name, _, _ in pairs) + 2
    print(" " * width + "new bytes" + "".join(f"{peer.name:>20}" for peer in peers))
    rows = []
    for name, old, new in pairs:
        row = {"pair": name, "old_bytes": old.stat().st_size, "new_bytes": new.stat().st_size, "peers": {}}
        for peer in peers:
            try:
                row["peers"][peer.name] = measure(peer, old, new, folder)
            except Failed as problem:
                print(problem, file=sys.stderr)
        shares = {p: m["patch_bytes"] / row["new_bytes"] for p, m in row["peers"].items()}
        row["maintenance"] = min(shares.values(), default=1) < MAINTENANCE
        mark = "*" if row["maintenance"] else " "
        cells = "".join(f"{shares[peer.name]:>19.2%} " if peer.name in shares else f"{'-':>20}" for peer in peers)
        print(f"{name:<{width - 1}}{mark}{row['new_bytes']:>9}{cells}", flush=True)
        rows.append(row)
    return rows


def costs(peers: list, rows: list) -> None:
    """What each pair took: encoding / applying."""
    width = max(len(row["pair"]) for row in rows) + 2
    print("\nmilliseconds and MB at the peak, encoding / applying\n" + " " * width +
          "".join(f"{peer.name:>28}" for peer in peers))
    for row in rows:
        cells = ""
        for peer in peers:
            m = row["peers"].get(peer.name)
            cells += f"{'-':>28}" if m is None else "{:>11.0f} {:>4.0f} /{:>5.0f} {:>4.0f}".format(
                m["encode_seconds"] * 1e3, m["encode_bytes"] / 1e6, m["decode_seconds"] * 1e3,
                m["decode_bytes"] / 1e6)
        print(f"{row['pair']:<{width}}{cells}")


def summary(peers: list, rows: list) -> None:
    whole = [row for row in rows if len(row["peers"]) == len(peers)]
    print(f"\n{len(whole)} pairs, geometric means" + " " * 8 + "patch ÷ new   maintenance   encode s   encode MB"
          "   apply s   apply MB")
    for peer in peers:
        def figure(key, rows=whole):
            return mean(row["peers"][peer.name][key] for row in rows)
        share = mean(row["peers"][peer.name]["patch_bytes"] / row["new_bytes"] for row in whole)
        small = mean(row["peers"][peer.name]["patch_bytes"] / row["new_bytes"] for row in whole if row["maintenance"])
        print(f"  {peer.name:<28}{share:>12.2%}{small:>14.2%}{figure('encode_seconds'):>11.3f}"
              f"{figure('encode_bytes') / 1e6:>12.1f}{figure('decode_seconds'):>10.3f}"
              f"{figure('decode_bytes') / 1e6:>11.1f}")


def sweep(kind: str, switchback: str, pairs: list, folder: pathlib.Path) -> dict:
    """Means over the pairs for each value of one option."""
    if kind == "cover":
        settings = [(str(value), [name], ["--format", name, "--min-cover", str(value)])
                    for name in ("bsdiff", "endsley") for value in COVERS]
    else:
        settings = [(value, [form], ["--format", "vcdiff", "--compress", form, "--window", value])
                    for form in ("interleaved", "lzma") for value in WINDOWS]
    results = []
    for value, (what,), options in settings:
        shares, memory = [], []
        for _, old, new in pairs:
            made = run(switchback, "diff", old, new, "-o", folder / "patch", "--json", *options)
            answer = json.loads(made.output)
            shares.append(answer["patch_bytes"] / answer["new_bytes"])
            memory.append(answer["decoder_ram_bytes"])
        results.append({"what": what, "value": value, "share": mean(shares), "decoder_ram_bytes": max(memory)})
        print(f"{what:<14}{value:>6}{mean(shares):>10.3%}{max(memory):>12} bytes of decoder memory", flush=True)
    return {"sweep": kind, "pairs": [name for name, _, _ in pairs], "results": results}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=pathlib.Path, default=os.environ.get("SWITCHBACK_CORPUS") or None)
    parser.add_argument("--switchback", default=str(ROOT / "build/release/bin/switchback"))
    parser.add_argument("--only", default="", help="pairs whose name contains this")
    parser.add_argument("--largest", type=int, default=4 << 20, help="leave out pairs with a larger new file, bytes")
    parser.add_argument("--quick", action="store_true", help="without zstd, which takes longest")
    parser.add_argument("--sweep", choices=("cover", "window"))
    parser.add_argument("--speed", type=int, metavar="TIMES", help="beside bsdiff and xdelta3, each TIMES times")
    parser.add_argument("--out", type=pathlib.Path, help="JSON; by itself bench/results/formats[-WHAT].json")
    options = parser.parse_args()
    pairs = pairs_of(pathlib.Path(options.corpus), options.only, options.largest) if options.corpus \
        else example_pairs("1.0.0", "1.1.0")
    if not pairs:
        print(f"formats: no pair of files in {options.corpus}", file=sys.stderr)
        return 1
    kind = options.sweep or ("speed" if options.speed else "")
    out = options.out or ROOT / "bench/results" / f"formats{'-' + kind if kind else ''}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if options.sweep:
            result = sweep(options.sweep, options.switchback, pairs, folder)
        elif options.speed:
            result = {"rows": compare(options.switchback, pairs, folder, options.speed)}
        else:
            peers = ours(options.switchback) + [p for p in packaged() if not (options.quick and "zstd" in p.name)]
            rows = table(peers, pairs, folder)
            costs(peers, rows)
            summary(peers, rows)
            result = {"rows": rows}
    out.write_text(json.dumps(result, indent=1) + "\n")
    print(f"results: {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
