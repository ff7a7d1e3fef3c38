#!/usr/bin/env python3
"""Runs every benchmark of build/release and keeps what it measured as JSON in bench/results/."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Benchmarks that are scripts: they write to bench/results/ themselves.
SCRIPTS = {"delta": [ROOT / "bench/delta/delta.py", "--quick"]}

# Programs with a clock of their own: what they measure is the same on every machine.
COUNTED = {"install_time": "bin/install_time"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("only", nargs="*", help="names of benchmarks; all when none is given")
    options = parser.parse_args()
    lines = [line.split("\t") for line in (options.build / "benches.txt").read_text().splitlines() if line]
    chosen = [(name, program) for name, program in lines if not options.only or name in options.only]
    scripts = {name: command for name, command in SCRIPTS.items() if not options.only or name in options.only}
    counted = {name: program for name, program in COUNTED.items() if not options.only or name in options.only}
    if not chosen and not scripts and not counted:
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
    for name, program in counted.items():
        print(f"== {name}", flush=True)
        failed |= subprocess.run([options.build / program, "--out", results / f"{name}.json"],
                                 stdin=subprocess.DEVNULL, check=False).returncode
    for name, command in scripts.items():
        print(f"== {name}", flush=True)
        if not os.environ.get("SWITCHBACK_CORPUS") and not shutil.which("arm-none-eabi-g++"):
            print("left out: it needs a corpus ($SWITCHBACK_CORPUS) or arm-none-eabi-g++")
            continue
        failed |= subprocess.run([sys.executable, *command, "--switchback", options.build / "bin/switchback"],
                                 stdin=subprocess.DEVNULL, check=False).returncode
    print(f"results: {results.relative_to(ROOT)}/")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
