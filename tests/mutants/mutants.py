#!/usr/bin/env python3
"""Plants the bugs of mutants.toml one at a time and sees that the power-cut check catches each, and the exploration too.

    mutants.py BUILD [NAME…]

BUILD is a build of the tree with compile_commands.json and life_of. A mutant is compiled with the very command of the
file that it changes and linked before the library that the file comes from; the tree itself is not touched.
Exit status 1 when the unchanged program meets an objection, or when a mutant does not.
"""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MOST_OPERATIONS = 12  # of the story that an exploration tells: deeds and power cuts


def mutate(mutant: dict) -> str:
    text = (ROOT / mutant["file"]).read_text()
    if text.count(mutant["find"]) != 1:
        sys.exit(f"mutants.toml: {mutant['name']}: what it replaces stands {text.count(mutant['find'])} times in "
                 f"{mutant['file']}; bring it up to date")
    return text.replace(mutant["find"], mutant["replace"])


def compile_command(build: pathlib.Path, file: pathlib.Path, source: pathlib.Path, target: pathlib.Path) -> list:
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if pathlib.Path(entry["file"]) == file:
            words = shlex.split(entry["command"])
            words[words.index("-o") + 1] = str(target)
            return [str(source) if word == str(file) else word for word in words]
    sys.exit(f"{file} is not compiled in {build}")


def link_command(build: pathlib.Path, program: str) -> list:
    told = subprocess.run(["ninja", "-C", build, "-t", "commands", program], capture_output=True, text=True, check=True)
    line = told.stdout.strip().splitlines()[-1]
    return shlex.split(line.removeprefix(": && ").removesuffix(" && :"))


def link(build: pathlib.Path, changed: pathlib.Path, target: pathlib.Path, program: str = "life_of") -> None:
    words = link_command(build, program)
    words[words.index("-o") + 1] = str(target)
    first_library = next(i for i, word in enumerate(words) if word.endswith(".a"))
    words.insert(first_library, str(changed))
    subprocess.run(words, cwd=build, check=True)


def live(program: pathlib.Path, options: list) -> tuple:
    """Whether an objection was met, and what was printed."""
    done = subprocess.run([program, *options], capture_output=True, text=True, timeout=300, check=False)
    return done.returncode != 0, (done.stdout + done.stderr).strip()


def pack_refuses(command: pathlib.Path, folder: pathlib.Path) -> bool:
    """Whether `pack --prove`, with a device that has the bug, gives out no package and tells the story."""
    def run(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run([command, *words], cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    run("key", "new", "--out", "vendor.pem")
    for minor in range(2):
        (folder / "program.bin").write_bytes(bytes((7 * i + minor) % 251 for i in range(6000)))
        signed = run("image", "sign", "program.bin", "--key", "vendor.pem", "--version", f"1.{minor}.0", "--slot-size", "64K",
                     "--header-size", "0x200", "-o", f"{minor}.img")
        if signed.returncode != 0:
            sys.exit(signed.stderr)
    package = folder / "update.swb"
    package.unlink(missing_ok=True)
    told = run("pack", "1.img", "--from", "0.img", "-o", package.name, "--key", "vendor.pem", "--version", "1.1.0", "--class",
               "acme.example/sensor", "--layout", "stm32g4", "--prove")
    refused = told.returncode == 1 and "boot: runs the old image in slot A" in told.stderr and not package.exists()
    print(f"{'refused' if refused else 'PACKED':<8}{'by pack --prove':<44}{told.stderr.strip().splitlines()[-1][:200]}", flush=True)
    return refused


def is_caught(build: pathlib.Path, mutant: dict, folder: pathlib.Path) -> bool:
    file = ROOT / mutant["file"]
    source, changed, program = folder / file.name, folder / "changed.o", folder / "life"
    source.write_text(mutate(mutant))
    subprocess.run(compile_command(build, file, source, changed), cwd=build, check=True)
    link(build, changed, program)
    caught = found = True
    if "life" in mutant:
        caught, told = live(program, mutant["life"])
        caught = caught and mutant.get("says", "") in told
        if mutant.get("pack"):
            link(build, changed, folder / "switchback", "switchback")
            caught = pack_refuses(folder / "switchback", folder) and caught
        print(f"{'caught' if caught else 'MISSED':<8}{mutant['name']:<50}{told[:200]}", flush=True)
    if "prove" in mutant:
        proven_wrong, told = live(program, ["--prove", *mutant["prove"]])
        operations = re.search(r"(\d+) operations", told)
        found = proven_wrong and operations is not None and 0 < int(operations[1]) <= MOST_OPERATIONS
        found = found and mutant.get("says", "") in told
        lines = told.splitlines()
        print(f"{'found' if found else 'MISSED':<8}{mutant['name']:<50}{lines[0]}: {lines[-1].strip()}", flush=True)
    return caught and found


def main() -> int:
    build = pathlib.Path(sys.argv[1]).resolve()
    mutants = tomllib.loads((HERE / "mutants.toml").read_text())["mutant"]
    if sys.argv[2:]:
        mutants = [mutant for mutant in mutants if mutant["name"] in sys.argv[2:]]
    subprocess.run(["ninja", "-C", build, "life_of", "switchback"], check=True, stdout=subprocess.DEVNULL)
    whole = build / "bin" / "life_of"
    wrong = 0
    explorations = {("--prove", *mutant["prove"]) for mutant in mutants if "prove" in mutant}
    for options in {tuple(mutant["life"]) for mutant in mutants if "life" in mutant} | explorations:
        objected, told = live(whole, list(options))
        if objected:
            print(f"the product itself meets an objection with {' '.join(options)}: {told}")
            wrong += 1
    with tempfile.TemporaryDirectory() as folder:
        wrong += sum(not is_caught(build, mutant, pathlib.Path(folder)) for mutant in mutants)
    print(f"{len(mutants)} mutants, {wrong} not as they should be")
    return 1 if wrong or not mutants else 0


if __name__ == "__main__":
    os.environ.setdefault("CCACHE_DISABLE", "1")
    sys.exit(main())
