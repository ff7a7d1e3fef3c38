"""Builds the guests (bench/cost/guest) and the example firmware, makes patches, and runs decoder_count on them."""

import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PLACE = ROOT / "build/cost"
CORES = {"m0": "cortex-m0", "m4": "cortex-m4"}
BUDGETS = ("4K", "8K", "16K", "32K")
FURTHER = ("A64", "Xtensa", "RiscV", "Avr", "Tc32")


class Failed(Exception):
    pass


def run(*command) -> str:
    """What the command prints. Raises Failed with the end of it when its status is not 0."""
    ended = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           check=False)
    if ended.returncode != 0:
        told = "\n".join((ended.stdout + ended.stderr).strip().split("\n")[-30:])
        raise Failed(f"{pathlib.Path(command[0]).name}: status {ended.returncode}\n{told}")
    return ended.stdout


def cross_build(source: pathlib.Path, place: pathlib.Path, *options) -> None:
    run("cmake", "-S", source, "-B", place, "-G", "Ninja", "--toolchain", ROOT / "cmake/arm-none-eabi.cmake", *options)
    run("cmake", "--build", place)


def build() -> None:
    for core, cpu in CORES.items():
        cross_build(ROOT / "bench/cost/guest", PLACE / core, f"-DGUEST_CPU={cpu}")


def guest(core: str, name: str) -> pathlib.Path:
    return PLACE / core / f"{name}.elf"


def example_pair() -> tuple:
    """(name, old, new): the example firmware at two versions, built here."""
    for version in ("1.0.0", "1.1.0"):
        cross_build(ROOT / "examples/app", PLACE / f"example-{version}", f"-DAPP_VERSION={version}")
    return ("example", PLACE / "example-1.0.0/app.bin", PLACE / "example-1.1.0/app.bin")


def corpus_pairs(corpus: pathlib.Path, only: str, largest: int) -> list:
    """Pairs with Thumb code, by PAIRS.tsv, none larger than `largest` bytes."""
    found = []
    for line in (corpus / "PAIRS.tsv").read_text().splitlines()[1:]:
        name, _, kind = line.split("\t")[:3]
        old, new = corpus / name / "old.bin", corpus / name / "new.bin"
        if not kind.startswith("cortex-") or only not in name or not old.is_file() or not new.is_file():
            continue
        if new.stat().st_size <= largest:
            found.append((name, old, new))
    return found


def count(programs: pathlib.Path, core: str, name: str, pair: tuple, patch: pathlib.Path) -> dict:
    """What decoding takes; see bench/cost/count.cpp. The image that was made is compared there."""
    told = json.loads(run(programs / "decoder_count", guest(core, name), core, pair[1], patch, pair[2]))
    if not told["right"]:
        raise Failed(f"{pair[0]}, {name} on {core}: {told['status']}")
    found = sections(guest(core, name))
    return told | {"text_bytes": found[".decoder"], "helper_bytes": found[".helpers"]}


def sections(elf: pathlib.Path) -> dict:
    rows = [line.split() for line in run("arm-none-eabi-size", "-A", elf).splitlines()]
    return {row[0]: int(row[1]) for row in rows if len(row) == 3 and row[1].isdigit()}


def text_bytes(core: str, name: str) -> int:
    return sections(guest(core, name))[".decoder"]


def ram_bytes(core: str, budget: str) -> int:
    """The decoder object, which has all its memory inside."""
    for line in run("arm-none-eabi-nm", "-S", guest(core, f"sbd-{budget}")).splitlines():
        fields = line.split()
        if fields[-1] == "decoder_memory":
            return int(fields[1], 16)
    raise Failed(f"sbd-{budget} on {core}: no decoder_memory")
