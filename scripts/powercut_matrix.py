#!/usr/bin/env python3
"""The power-cut check at full width: all schemes on all built-in parts, two cuts, lives at random, every state of a
device that rewrites images in place; two processes.

    powercut_matrix.py SWITCHBACK [--wide] [--seed N]

Exit status 1 when a life ended badly, an operation was not cut, or fewer cuts were made than FEWEST. --wide (make soak):
two cuts of every scheme on every small part, ten times as many lives at random, and every state of every scheme.
"""

import argparse
import concurrent.futures
import json
import subprocess
import sys
import time

SCHEMES = ("swap", "copy", "xip", "ram-load", "single", "inplace")
FEWEST = 5_000_000


def jobs_of(wide: bool, seed: int) -> list:
    """Each is the rest of a command line; the longest come first, so that both processes end at about the same time."""
    lives = "400" if wide else "40"
    small = ["--all"] if wide else ["--geometry", "small-1K-g4"]
    # Of an image that is rewritten in place no life with two cuts is told; all its states are explored instead.
    jobs = [["prove", "--scheme", "inplace"]]
    jobs += [["powercut", "--depth", "2", "--scheme", scheme, *small] for scheme in SCHEMES[:3]]
    jobs += [["powercut", "--scheme", scheme, "--all"] for scheme in SCHEMES]
    jobs += [["powercut", "--scheme", scheme, "--all", "--random", lives, "--seed", str(seed)] for scheme in SCHEMES]
    if wide:
        jobs += [["prove", "--scheme", scheme] for scheme in SCHEMES[:5]]
    else:
        jobs.append(["powercut", "--depth", "2", "--scheme", "xip", "--geometry", "small-2K-g32-ecc-blind"])
    return jobs


def run(program: str, job: list) -> dict:
    started = time.monotonic()
    done = subprocess.run([program, "sim", *job, "--json"], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"sim {' '.join(job)}: {done.stderr.strip()}")
    answer = json.loads(done.stdout)
    rows = answer if isinstance(answer, list) else [answer]
    result = {"job": " ".join(job), "failed": done.returncode != 0, "seconds": time.monotonic() - started,
              "cuts": 0 if job[0] == "prove" else sum(row["cuts"] for row in rows),
              "merged": sum(row.get("merged", 0) for row in rows),
              "story": next((row["first_failure"] for row in rows if "first_failure" in row), "")}
    if job[0] == "prove":
        result["story"] = "" if answer["proven"] else json.dumps(answer["devices"], indent=1)
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    started = time.monotonic()
    cuts = merged = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as processes:
        futures = [processes.submit(run, asked.program, job) for job in jobs_of(asked.wide, asked.seed)]
        for future in concurrent.futures.as_completed(futures):
            one = future.result()
            cuts += one["cuts"]
            merged += one["merged"]
            failed += one["failed"]
            print(f"{one['seconds']:6.0f} s {one['cuts']:>10,} cuts  {'FAILED' if one['failed'] else 'ok':<7}{one['job']}",
                  flush=True)
            if one["story"]:
                print(one["story"])
    print(f"{cuts:,} power cuts, {merged:,} of them joined a life already told, in {time.monotonic() - started:.0f} s; "
          f"{failed} jobs failed")
    if cuts < FEWEST:
        print(f"fewer than {FEWEST:,}")
    return 1 if failed or cuts < FEWEST else 0


if __name__ == "__main__":
    sys.exit(main())
