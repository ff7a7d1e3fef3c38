#!/usr/bin/env python3
"""Where the bytes of the bootloaders go, and whether each keeps its bound.

    sizes.py BUILD BUDGETS [--table]     --table: the table of docs/porting.md

A byte belongs to the row that the name of its function or constant fits: link-time optimisation puts all files of a
program together, so that a map of objects would say nothing. What is inlined counts where it went.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tomllib

# Of what a row of the table is made: its name, and the namespaces and names that are its own. The first that fits counts.
ROWS = [
    ("ECDSA P-256", r"sb::p256::|^br_i15"),
    ("SHA-256", r"sha2|sha256|^K$|^IV|br_range_(dec|enc)32|BearsslCrypto"),
    ("IP, UDP, DHCP (lwIP) and Ethernet", r"^(dhcp|etharp|ethernet|udp|ip4|ip_|pbuf|mem_|memp|netif|inet|lwip|sys_|timeout|next_timeout|"
                                          r"do_memp|lfree|ram|free_etharp|plug_holes|broadcast_)|Network::|sb_lwip|send_link|take_frame|take_datagram|"
                                          r"port::.*(ethernet|frame)"),
    ("TFTP", r"[Tt]ftp|sb::bootloader::NetworkUpdate|Desk"),
    ("FAT, and a file of it", r"sb::Fat|SdTransfer|SdUpdate|partition|are_free"),
    ("YMODEM and update mode", r"Ymodem|sb::bootloader::(Incoming|install_device|[dD]rain|leave|stop_)|crc16"),
    ("delta decoder", r"sb::sbd::|SbdDecoder|sb::Decoder|sbd_decoder"),
    ("in place: rewriting, marks, staged patches", r"Rewrit|Marks|judge_staging|check_kept|patch_staging|"
                                                   r"sb::(turn_to_image|(keep|open|check)_staged|reverse_(area|of))"),
    ("install session", r"InstallSession|sb::Making|SlotWriter|WrittenImage|RawDecoder|make_decoder|make_raw|raw_decoder|"
                        r"kept|staged|install"),
    ("package: SUIT, COSE, CBOR", r"Cbor|sign1|Sign1|parse_(override|common|install|manifest|descriptor|envelope)|Package|"
                                  r"package|envelope|check_policy|ChainReader|Manifest|Descriptor|chain"),
    ("journal", r"Journal|sb::State::|encode_|decode_state|record|crc32"),
    ("image", r"Image|image|take_integer|hash_range|der_|signature|check_slot|check_fit"),
    ("boot decision and movers", r"sb::Boot|decide|Mover|Step|steps_of|Arrangement|after_plan|slot_objection|view_of|"
                                 r"BootView|go_on_from|with_a|steady_view|sb::\(anonymous namespace\)::put"),
    ("flash and board", r"sb::port::|microbit|smartfusion2|lm3s6965|RomFlash|sb_flash_operation|Region|FlashMap|Geometry|vector|Reset|sb_forward|erase_map"),
    ("compiler's library", r"^__|^mem|^strlen"),
]
OTHER = "the rest: main, console, constants"


def sections(elf: pathlib.Path) -> dict[str, int]:
    listed = subprocess.run(["arm-none-eabi-size", elf], capture_output=True, text=True, check=True).stdout
    text, data, bss, *_ = map(int, re.findall(r"\d+", listed.splitlines()[1]))
    return {"flash": text + data, "static": data + bss}


def rows(elf: pathlib.Path) -> dict[str, int]:
    listed = subprocess.run(["arm-none-eabi-nm", "-S", "-C", elf], capture_output=True, text=True, check=True).stdout
    found = dict.fromkeys([name for name, _ in ROWS], 0)
    for bytes_of, symbol in re.findall(r"^[0-9a-f]+ ([0-9a-f]+) [tTrRvVwW] (.+)$", listed, re.M):
        name = next((row for row, pattern in ROWS if re.search(pattern, symbol)), None)
        if name:
            found[name] += int(bytes_of, 16)
    found[OTHER] = sections(elf)["flash"] - sum(found.values())
    return found


def table(elves: list[pathlib.Path]) -> str:
    each = [rows(elf) for elf in elves]
    lines = ["| bytes of flash | " + " | ".join(f"`{elf.stem}`" for elf in elves) + " |", "|---" * (len(elves) + 1) + "|"]
    for name in each[0]:
        if not any(column[name] for column in each):
            continue
        lines.append(f"| {name} | " + " | ".join(str(column[name]) if column[name] else "–" for column in each) + " |")
    lines.append("| **together** | " + " | ".join(f"**{sections(elf)['flash']}**" for elf in elves) + " |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("budgets", type=pathlib.Path)
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    budgets = tomllib.loads(options.budgets.read_text())
    elves = {name: options.build / f"bin/{name}.elf" for name in budgets}
    if options.table:
        print(table([elf for name, elf in elves.items() if "beside" not in budgets[name]]), end="")
        return 0
    errors = 0
    for name, elf in elves.items():
        used = sections(elf)["flash"]
        print(f"{name:<20}{used:>8} of {budgets[name]['flash']:>8} bytes of flash")
        errors += used > budgets[name]["flash"]
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
