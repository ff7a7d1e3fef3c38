#!/usr/bin/env python3
"""Runs every libFuzzer target of build/asan for some seconds and tells what each executed, reached and found.

Inputs that reach new code are kept in build/fuzz/<name>/corpus and are where the next run starts; the inputs in
fuzz/<name>/seeds are read, never written. An input that breaks a target is kept in build/fuzz/<name>/ and named with the
command that shows it again.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Fuzzer(NamedTuple):
    name: str
    program: pathlib.Path
    folder: pathlib.Path
    max_len: int


class Outcome(NamedTuple):
    fuzzer: Fuzzer
    passed: bool
    runs: int
    edges: int
    kept: int
    found: list
    log: pathlib.Path


def listed(build: pathlib.Path) -> list:
    lines = (build / "fuzzers.txt").read_text().split("\n")
    fields = [line.split("\t") for line in lines if line]
    return [Fuzzer(name, pathlib.Path(program), pathlib.Path(folder), int(limit))
            for name, program, folder, limit in fields]


def run(fuzzer: Fuzzer, seconds: int) -> Outcome:
    place = ROOT / "build/fuzz" / fuzzer.name
    corpus = place / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    command = [fuzzer.program, f"-max_total_time={seconds}", f"-max_len={fuzzer.max_len}", "-timeout=20",
               "-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={place}/"]
    tokens = fuzzer.folder / "tokens.dict"
    if tokens.exists():
        command.append(f"-dict={tokens}")
    command += [corpus, fuzzer.folder / "seeds"]
    log = place / "log.txt"
    with log.open("w") as out:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False)
    text = log.read_text(errors="replace")
    runs = re.findall(r"stat::number_of_executed_units:\s*(\d+)", text)
    edges = re.findall(r"cov: (\d+)", text)
    return Outcome(fuzzer, result.returncode == 0, int(runs[-1]) if runs else 0, int(edges[-1]) if edges else 0,
                   len(list(corpus.iterdir())), re.findall(r"Test unit written to (\S+)", text), log)


def report(outcome: Outcome) -> None:
    verdict = "ok" if outcome.passed else "FOUND A FAULT"
    print(f"{outcome.fuzzer.name:<16}{outcome.runs:>12}{outcome.edges:>9}{outcome.kept:>9}  {verdict}", flush=True)
    if outcome.passed:
        return
    print("\n".join(outcome.log.read_text(errors="replace").splitlines()[-40:]))
    for artifact in (pathlib.Path(name).relative_to(ROOT) for name in outcome.found):
        print(f"again: {outcome.fuzzer.program.relative_to(ROOT)} {artifact}")
        print(f"when it is mended, keep the input: cp {artifact} {outcome.fuzzer.folder.relative_to(ROOT)}/seeds/")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=int(os.environ.get("FUZZ_SECONDS") or 60))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/asan")
    parser.add_argument("only", nargs="*", help="names of fuzzers; all when none is given")
    options = parser.parse_args()
    fuzzers = [f for f in listed(options.build) if not options.only or f.name in options.only]
    if not fuzzers:
        print("fuzz: no target", file=sys.stderr)
        return 1
    print(f"{'fuzzer':<16}{'executions':>12}{'edges':>9}{'corpus':>9}   ({options.seconds} s each)", flush=True)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(lambda f: run(f, options.seconds), fuzzers))
    for outcome in outcomes:
        report(outcome)
    idle = [o.fuzzer.name for o in outcomes if o.passed and o.runs == 0]
    if idle:
        print(f"fuzz: nothing was executed by: {' '.join(idle)}", file=sys.stderr)
    return 0 if all(o.passed for o in outcomes) and not idle else 1


if __name__ == "__main__":
    sys.exit(main())
