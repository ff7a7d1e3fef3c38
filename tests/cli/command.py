"""What the tests of the command share: running it, making keys and images, a folder that goes away."""

import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import tempfile
import unittest

SWITCHBACK = os.environ["SWITCHBACK"]
SPARSE = "SPARSE" in os.environ  # slow builds look at some cases of each kind
CLASS = "acme.example/thermostat"


def program(seed: int, size: int = 20000, start: int = 0x08008200) -> bytes:
    """A program as a linker lays it out: stack pointer, reset vector, then code that is not random all over."""
    source = random.Random(seed)
    words = [source.randrange(1 << 32) for _ in range(256)]
    body = b"".join(struct.pack("<I", words[source.randrange(256)]) for _ in range(size // 4 - 2))
    return struct.pack("<II", 0x20001000, start + 0x101) + body


def changed(old: bytes, seed: int) -> bytes:
    """The next version of a program: some words differ, some are new."""
    source = random.Random(seed)
    new = bytearray(old)
    for _ in range(40):
        at = source.randrange(16, len(new) - 4)
        new[at] ^= 1 << source.randrange(8)
    at = source.randrange(16, len(new) // 4) * 4
    return bytes(new[:at]) + source.randbytes(200) + bytes(new[at:])


def some(cases) -> list:
    """All cases, or each fourth of them."""
    return list(cases)[:: 4 if SPARSE else 1]


class Ended:
    """What a run of the command left."""

    def __init__(self, done: subprocess.CompletedProcess):
        self.status = done.returncode
        self.out = done.stdout.decode()
        self.err = done.stderr.decode()

    @property
    def json(self) -> dict:
        return json.loads(self.out)


class CommandTest(unittest.TestCase):
    """Each test has a folder of its own, in which the command runs."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="switchback-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name: str) -> pathlib.Path:
        return self.folder / name

    def write(self, name: str, data: bytes) -> str:
        self.path(name).write_bytes(data)
        return name

    def read(self, name: str) -> bytes:
        return self.path(name).read_bytes()

    def run_it(self, *words, status=0) -> Ended:
        """Runs the command; its exit status must be `status`."""
        ended = Ended(subprocess.run([SWITCHBACK, *map(str, words)], cwd=self.folder, capture_output=True,
                                     stdin=subprocess.DEVNULL, timeout=300, check=False))
        self.assertEqual(ended.status, status, f"{words}\nstdout: {ended.out}\nstderr: {ended.err}")
        if status not in (0, 5):
            self.check_error_line(ended.err)
        return ended

    def json_of(self, *words, status=0) -> dict:
        """Runs the command with --json: standard output is one document and nothing else."""
        return self.run_it(*words, "--json", status=status).json

    def check_error_line(self, err: str):
        """The last line on standard error: what, where, and after a semicolon what to do."""
        line = err.strip().split("\n")[-1]
        self.assertTrue(line.startswith("switchback: "), err)
        self.assertIn("; ", line)
        self.assertNotIn("\033", err)

    # ---- what many tests start from

    def make_key(self, name="vendor"):
        self.run_it("key", "new", "--out", f"{name}.pem")

    def sign(self, name: str, body: bytes, version: str, *more, key="vendor", slot="480K") -> str:
        self.write(f"{name}.bin", body)
        self.run_it("image", "sign", f"{name}.bin", "--key", f"{key}.pem", "--version", version, "--slot-size", slot,
                    "-o", f"{name}.img", *more)
        return f"{name}.img"

    def pack(self, name: str, image: str, version: str, *more, key="vendor", of_class=CLASS, status=0) -> str:
        self.run_it("pack", image, "-o", f"{name}.swb", "--key", f"{key}.pem", "--version", version, "--class", of_class,
                    *more, status=status)
        return f"{name}.swb"

    def make_device(self, image: str | None, *more, name="dev") -> str:
        more = more if image is None else ("--image", image, *more)
        self.run_it("device", "new", name, "--key", "vendor.pub.pem", "--class", CLASS, *more)
        return name

    def status(self, device="dev") -> dict:
        return self.json_of("device", "status", device)

    def slot(self, name: str, device="dev") -> bytes:
        """The whole slot, whatever it holds."""
        self.run_it("device", "read", device, "--slot", name, "--whole", "-o", "slot.raw")
        return self.read("slot.raw")
