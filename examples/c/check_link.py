#!/usr/bin/env python3
"""What a program in C for a device holds of the library: check_link.py PROGRAM. The one decoder that it names, no other,
and no memory but its own."""

import re
import subprocess
import sys

NAMED = "switchback_decoder_sbd_thumb_4k"
OWN_RAM = 4096 + 64  # the decoder's work memory


def main() -> int:
    program = sys.argv[1]
    listed = subprocess.run(["arm-none-eabi-nm", "-S", program], capture_output=True, text=True, check=True).stdout
    names = [line.split()[-1] for line in listed.splitlines()]
    decoders = [name for name in names if name.startswith("switchback_decoder_")]
    makers = [name for name in names if re.search(r"make_\w*_decoder", name)]
    ram = sum(int(line.split()[1], 16) for line in listed.splitlines() if re.search(r" [bBdD] ", line) and len(line.split()) == 4)
    print(f"decoders: {decoders}; made by {len(makers)}; RAM: {ram} bytes")
    return 0 if decoders == [NAMED] and len(makers) == 1 and ram <= OWN_RAM else 1


if __name__ == "__main__":
    sys.exit(main())
