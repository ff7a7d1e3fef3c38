#!/usr/bin/env python3
"""Holds text, memory and instructions of sbd's decoder to bench/cost/budgets.toml.

    check.py build    the guests and the example firmware, in build/cost
    check.py size     text on Cortex-M0 and M4, of each further architecture, and memory at each budget
    check.py count    the example's patch decodes to the right image, within its instructions and stack
"""

import argparse
import pathlib
import sys
import tempfile
import tomllib

import guests

BUDGETS_FILE = pathlib.Path(__file__).resolve().parent / "budgets.toml"


def over(rows: list) -> list:
    """`rows`: (what, is, may be). Prints them; the errors are those above what they may be."""
    print(f"{'':<44}{'is':>9}{'budget':>9}")
    for what, value, bound in rows:
        print(f"{what:<44}{value:>9g}{bound:>9g}")
    return [f"{what}: {value:g}, {value - bound:g} over its budget" for what, value, bound in rows if value > bound]


def size_rows(budgets: dict, text, ram) -> list:
    """`text`(core, guest) and `ram`(core, budget) answer bytes."""
    rows = []
    for core in guests.CORES:
        plain = text(core, "sbd-4K")
        rows += [(f"text of sbd, {core}, {budget}", text(core, f"sbd-{budget}"), budgets["text"][core])
                 for budget in guests.BUDGETS]
        rows += [(f"text of {further} beside Thumb, {core}", text(core, f"sbd-4K-Thumb-{further}") - plain,
                  budgets["further"][core][further]) for further in guests.FURTHER]
    return rows + [(f"memory of sbd, m0, {budget}", ram("m0", budget), budgets["ram"][budget])
                   for budget in guests.BUDGETS]


def is_right(*what) -> bool:
    try:
        guests.count(*what)
    except guests.Failed:
        return False
    return True


def make_patch(programs: pathlib.Path, pair: tuple, ram: str, patch: pathlib.Path) -> pathlib.Path:
    guests.run(programs / "switchback", "diff", pair[1], pair[2], "-o", patch, "--format", "sbd", "--ram", ram)
    return patch


def check_count(budgets: dict, programs: pathlib.Path) -> list:
    pair = guests.example_pair()
    with tempfile.TemporaryDirectory() as folder:
        patch = make_patch(programs, pair, "4K", pathlib.Path(folder) / "patch")
        larger = make_patch(programs, pair, "16K", pathlib.Path(folder) / "larger")
        told = guests.count(programs, "m0", "sbd-4K", pair, patch)
        wrong_old = ("the new image in place of the old one", pair[2], pair[2])
        errors = [f"counted as right, although {why}" for why, core, decoder, images, from_patch in (
            ("the old image is another one", "m0", "sbd-4K", wrong_old, patch),
            ("the patch needs more memory", "m0", "sbd-4K", pair, larger),
            ("the decoder is compiled for a Cortex-M4", "m0", "../m4/sbd-4K", pair, patch),
        ) if is_right(programs, core, decoder, images, from_patch)]
    return errors + over([("instructions per byte, m0, 4K", told["instructions"] / told["new_bytes"], budgets["example"]["m0"]),
                 ("stack, m0, 4K", told["stack_bytes"], budgets["example"]["stack"])])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("build", "size", "count"))
    parser.add_argument("--bin", type=pathlib.Path, default=guests.ROOT / "build/dev/bin",
                        help="folder of switchback and decoder_count")
    options = parser.parse_args()
    budgets = tomllib.loads(BUDGETS_FILE.read_text())
    try:
        if options.what == "build":
            guests.build()
            guests.example_pair()
            errors = []
        elif options.what == "size":
            errors = over(size_rows(budgets, guests.text_bytes, guests.ram_bytes))
        else:
            errors = check_count(budgets, options.bin)
    except guests.Failed as problem:
        errors = [str(problem)]
    for error in errors:
        print(f"error: {error}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
