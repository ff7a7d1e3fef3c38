#!/usr/bin/env python3
"""What decoding costs on Cortex-M0 and M4: instructions per byte of the new image, stack, memory, text and the
patch's bytes, pair by pair, with geometric means. The decoders are core's own, run by decoder_count.

    cost.py                        every Thumb pair of $SWITCHBACK_CORPUS, or the example firmware at two versions
    cost.py --only m4_ --json      pairs whose name contains "m4_"; one JSON document
    cost.py --write docs/sizes.md  the same, and the tables of that page are written anew
    cost.py --profile PAIR         where the instructions and the bytes of text go, by function; --lines: by line

Needs switchback and decoder_count of one build (--bin); the guests are built by the way, in build/cost.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile

import guests
import profile_of
import report


class Bench:
    def __init__(self, options, folder: pathlib.Path):
        self.options, self.folder = options, folder
        told = guests.run(options.bin / "switchback", "diff", "--help")
        # with --speed there is one patch for each core, and the smallest, which both decode
        self.classes = {"smallest": tuple(guests.CORES)}
        if "--speed" in told:
            self.classes.update({core: (core,) for core in guests.CORES})
        self.has_speed = "--speed" in told

    def patch(self, pair: tuple, form: str, ram: str, speed: str) -> pathlib.Path:
        made = self.folder / f"{pair[0]}.{form}.{ram}.{speed}"
        if not made.exists():
            more = ["--speed", speed] if form == "sbd" and self.has_speed else []
            more += ["--level", self.options.level] if form == "sbd" and self.options.level else []
            guests.run(self.options.bin / "switchback", "diff", pair[1], pair[2], "-o", made, "--format", form,
                       "--ram", ram, *more)
        return made

    def rows(self, pair: tuple):
        """One for each decoder, class of speed and core."""
        todo = [("sbd", f"sbd-{ram}", ram, speed, core) for ram in self.options.ram
                for speed, cores in self.classes.items() for core in cores]
        if not self.options.only_sbd:
            todo += [("endsley", "endsley-lzma-16K", "16K", "-", core) for core in guests.CORES]
        for form, decoder, ram, speed, core in todo:
            told = guests.count(self.options.bin, core, decoder, pair, self.patch(pair, form, ram, speed))
            yield {"pair": pair[0], "decoder": decoder, "speed": speed, "core": core, "new_bytes": told["new_bytes"],
                   "patch_bytes": told["patch_bytes"], "instructions": told["instructions"],
                   "per_byte": told["instructions"] / told["new_bytes"], "stack_bytes": told["stack_bytes"],
                   "decoder_bytes": told["decoder_bytes"], "text_bytes": told["text_bytes"],
                   "helper_bytes": told["helper_bytes"]}


def measure(bench: Bench, pairs: list, tell) -> tuple:
    rows, errors = [], []
    for pair in pairs:
        try:
            mine = list(bench.rows(pair))
        except guests.Failed as problem:
            errors.append(f"{pair[0]}: {problem}")
            print(errors[-1], file=sys.stderr)
            continue
        rows += mine
        tell(mine)
    return rows, errors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=pathlib.Path, default=os.environ.get("SWITCHBACK_CORPUS") or None)
    parser.add_argument("--bin", type=pathlib.Path, default=guests.ROOT / "build/dev/bin")
    parser.add_argument("--only", default="", help="pairs whose name contains this")
    parser.add_argument("--largest", type=int, default=4 << 20, help="leave out pairs with a larger new file, bytes")
    parser.add_argument("--ram", nargs="+", default=["4K", "16K"], choices=guests.BUDGETS)
    parser.add_argument("--level", help="of the encoder of sbd")
    parser.add_argument("--only-sbd", action="store_true", help="without endsley+lzma")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--write", type=pathlib.Path, metavar="PAGE", help="write the tables of this page anew")
    parser.add_argument("--profile", metavar="PAIR", help="where it goes, for one pair")
    parser.add_argument("--lines", action="store_true", help="with --profile: by line of source")
    options = parser.parse_args()
    options.only = options.profile or options.only
    pairs = guests.corpus_pairs(options.corpus, options.only, options.largest) if options.corpus else [guests.example_pair()]
    if not pairs:
        print(f"cost: no such pair with Thumb code in {options.corpus}", file=sys.stderr)
        return 1
    try:
        guests.build()
        with tempfile.TemporaryDirectory() as name:
            bench = Bench(options, pathlib.Path(name))
            if options.profile:
                profile_of.tell(bench, pairs[0])
                return 0
            tell = (lambda rows: None) if options.json else report.tell_pair
            rows, errors = measure(bench, pairs, tell)
    except guests.Failed as problem:
        print(f"cost: {problem}", file=sys.stderr)
        return 1
    result = {"rows": rows, "means": report.means(rows), "sizes": report.sizes(), "errors": errors}
    if options.json:
        print(json.dumps(result, indent=1))
    else:
        report.tell_means(result)
    if options.write and not errors:
        options.write.write_text(report.rewritten(options.write.read_text(), result))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
