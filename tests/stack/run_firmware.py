#!/usr/bin/env python3
"""Runs the stack firmware in QEMU and compares what it measured with the limits.

    run_firmware.py ELF FIXTURE LIMITS
"""

import pathlib
import re
import subprocess
import sys
import tomllib

MACHINE = ["qemu-system-arm", "-M", "mps2-an385", "-nographic", "-nic", "none", "-monitor", "none", "-serial", "none",
           "-semihosting-config", "enable=on,target=native"]
FIXTURE_ADDRESS = 0x21000000  # PSRAM; fixture_begin of firmware.ld
SECONDS = 120  # it takes one or two; a machine under load gets patience, a firmware that hangs does not get more
CPU_ARCH = "v6S-M"  # as readelf names the Cortex-M0's


class Failure(Exception):
    pass


def check_architecture(elf: pathlib.Path) -> None:
    """QEMU's machine has an M3, which would run more than a Cortex-M0 can."""
    attributes = subprocess.run(["arm-none-eabi-readelf", "-A", elf], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"Tag_CPU_arch: (\S+)", attributes)
    if found != [CPU_ARCH]:
        raise Failure(f"{elf.name} is built for {found or 'an unknown architecture'}, not for {CPU_ARCH}")


def run(elf: pathlib.Path, fixture: pathlib.Path) -> str:
    command = [*MACHINE, "-kernel", elf,
               "-device", f"loader,file={fixture},addr={FIXTURE_ADDRESS:#x},force-raw=on"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True) as machine:
        try:
            output, _ = machine.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            machine.kill()
            output, _ = machine.communicate()
            raise Failure(f"no end after {SECONDS} s; so far:\n{output}") from None
    if machine.returncode != 0:
        raise Failure(f"the firmware left with status {machine.returncode} (see enum Trouble):\n{output}")
    return output


def measured(output: str) -> dict[str, int]:
    return {name: int(value) for name, value in re.findall(r"^(.+) = (\d+)$", output, re.M)}


def compare(values: dict[str, int], limits: dict[str, int]) -> list[str]:
    errors = [f"{name}: {values[name]} bytes, {values[name] - limits[name]} over its limit"
              for name in values.keys() & limits.keys() if values[name] > limits[name]]
    errors += [f"{name}: measured, but without a limit" for name in values.keys() - limits.keys()]
    errors += [f"{name}: a limit, but not measured" for name in limits.keys() - values.keys()]
    return sorted(errors)


def print_table(values: dict[str, int], limits: dict[str, int]) -> None:
    print(f"{'':<50}{'bytes':>8}{'limit':>8}")
    for name, value in values.items():
        print(f"{name:<50}{value:>8}{limits.get(name, '-'):>8}")


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    elf, fixture, limits_file = map(pathlib.Path, sys.argv[1:])
    limits = tomllib.loads(limits_file.read_text())
    try:
        check_architecture(elf)
        values = measured(run(elf, fixture))
    except Failure as failure:
        print(f"error: {failure}")
        return 1
    print_table(values, limits)
    errors = compare(values, limits)
    for error in errors:
        print(f"error: {error}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
