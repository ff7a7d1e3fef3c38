#!/usr/bin/env python3
"""Runs every benchmark of build/release and keeps what it measured as JSON in bench/results/."""

import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("only", nargs="*", help="names of benchmarks; all when none is given")
    options = parser.parse_args()
    lines = [line.split("\t") for line in (options.build / "benches.txt").read_text().splitlines() if line]
    chosen = [(name, program) for name, program in lines if not options.only or name in options.only]
    if not chosen:
        print("bench: no benchmark", file=sys.stderr)
        return 1
    results = ROOT / "bench/results"
    results.mkdir(exist_ok=True)
    failed = 0
    for name, program in chosen:
        print(f"== {name}", flush=True)
        ended = subprocess.run([program, f"--benchmark_out={results / name}.json", "--benchmark_out_format=json"],
                               stdin=subprocess.DEVNULL, check=False)
        failed |= ended.returncode
    print(f"results: {results.relative_to(ROOT)}/")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
