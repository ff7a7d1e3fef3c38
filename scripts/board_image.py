#!/usr/bin/env python3
"""Puts together what is flashed to a board: bootloader, identity, and a signed image in slot A.

    board_image.py --layout layouts/microbit.toml --bootloader boot.bin --key vendor.pub.pem \\
                   --class acme.example/thermostat --image v1.signed.bin [--golden v1.signed.bin] -o flash.bin

A layout of several parts gives a file each: -o FOLDER, and in it NAME.flash, which is also how a simulated device keeps them.

The identity is what the bootloader knows of its device (ports/identity.hpp): 104 bytes at the end of the region `boot`.
A file is as long as its part, and erased where nothing stands: no state of an earlier life is left. Offsets come from
the layout, by `switchback layout check`.
"""

import argparse
import base64
import json
import pathlib
import re
import subprocess
import sys
import uuid
import zlib

MAGIC = b"SBid"
IDENTITY_BYTES = 104
SPKI_BYTES = 91  # SubjectPublicKeyInfo of a P-256 key; the point X, Y is its end (RFC 5480)
SWITCHBACK = pathlib.Path(__file__).resolve().parent.parent / "build/dev/bin/switchback"


class Refused(Exception):
    """Says in one line what is wrong."""


def public_key(pem: str) -> bytes:
    found = re.search(r"-----BEGIN PUBLIC KEY-----(.*)-----END PUBLIC KEY-----", pem, re.S)
    der = base64.b64decode(found.group(1)) if found else b""
    if len(der) != SPKI_BYTES:
        raise Refused("the key is not a public P-256 key in PEM")
    return der[-64:]


def identity(key: bytes, device_class: str) -> bytes:
    """Vendor and class are UUIDs of version 5 (RFC 9562), as `switchback pack` makes them."""
    domain, slash, name = device_class.partition("/")
    if not (domain and slash and name):
        raise Refused(f"class {device_class} is not VENDOR-DOMAIN/CLASS-NAME")
    vendor = uuid.uuid5(uuid.NAMESPACE_DNS, domain)
    body = MAGIC + vendor.bytes + uuid.uuid5(vendor, name).bytes + key
    return body + zlib.crc32(body).to_bytes(4, "little")


def facts_of(layout: str, switchback: pathlib.Path) -> dict:
    ended = subprocess.run([switchback, "layout", "check", layout, "--json"], capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise Refused(ended.stderr.strip())
    return json.loads(ended.stdout)


def compose(facts: dict, contents: dict[str, bytes]) -> dict[str, bytes]:
    """Each flash part whole, by its name; `contents` by the names of regions."""
    parts = {part["name"]: bytearray([part["erased"]]) * part["bytes"] for part in facts["flash"]}
    regions = {region["name"]: region for region in facts["regions"]}
    for name, data in contents.items():
        if name not in regions:
            raise Refused(f"layout {facts['name']} has no region {name}")
        region, room = regions[name], regions[name]["bytes"]
        if len(data) > room:
            raise Refused(f"{len(data)} bytes do not fit region {name} of {room} bytes")
        parts[region["flash"]][region["offset"]:region["offset"] + len(data)] = data
    return {name: bytes(cells) for name, cells in parts.items()}


def write(parts: dict[str, bytes], to: pathlib.Path) -> None:
    if len(parts) == 1:
        to.write_bytes(*parts.values())
        return
    to.mkdir(exist_ok=True)
    for name, cells in parts.items():
        (to / f"{name}.flash").write_bytes(cells)


def boot_region(facts: dict, bootloader: bytes, identity_of_device: bytes) -> bytes:
    region = next(region for region in facts["regions"] if region["name"] == "boot")
    room = region["bytes"] - IDENTITY_BYTES
    if len(bootloader) > room:
        raise Refused(f"a bootloader of {len(bootloader)} bytes leaves no room for the identity: {room} bytes")
    return bootloader.ljust(room, b"\xff") + identity_of_device


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layout", required=True)
    parser.add_argument("--bootloader", required=True, type=pathlib.Path)
    parser.add_argument("--key", required=True, type=pathlib.Path)
    parser.add_argument("--class", required=True, dest="device_class")
    parser.add_argument("--image", type=pathlib.Path)
    parser.add_argument("--golden", type=pathlib.Path)
    parser.add_argument("--switchback", type=pathlib.Path, default=SWITCHBACK)
    parser.add_argument("-o", "--output", required=True, type=pathlib.Path)
    options = parser.parse_args()
    try:
        facts = facts_of(options.layout, options.switchback)
        own = identity(public_key(options.key.read_text()), options.device_class)
        contents = {"boot": boot_region(facts, options.bootloader.read_bytes(), own)}
        for region, file in (("slot_a", options.image), ("golden", options.golden)):
            if file:
                contents[region] = file.read_bytes()
        write(compose(facts, contents), options.output)
    except (Refused, OSError) as error:
        print(f"board_image: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
