#!/usr/bin/env python3
"""What runs of a port whose flash the emulator does not write (ports/stm32f4): its bootloader reads what a simulated device
of the same layout left in flash, verifies it and starts it, or says why not.

    stm32f4_test.py SWITCHBACK BUILD    BUILD: the folder of the stm32f4 preset
"""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from board_test import CLASS, ROOT, Workshop, run_with
from emulator import NETDUINO_PLUS_2, Board
from recorder import jump_of

RUNS = r"app {}\.0\.0 slot A\r\nself-test passed\r\nconfirm: "
LAYOUT = ROOT / "ports/stm32f4/board.toml"
SLOT_A = 384 * 1024
HEADER_BYTES = 512  # of images for the layout
# Images that MCUboot's imgtool signed, and its key: of other people, so not in the tree (tests/support/shared_files.hpp).
IMGTOOL = pathlib.Path(os.environ.get("SWITCHBACK_SHARED") or ROOT.parent / "shared") / "fixtures/mcuboot"


def header_bytes(image: pathlib.Path) -> int:
    """What the image's header says of its own length (docs/format.md)."""
    return int.from_bytes(image.read_bytes()[8:10], "little")


class Programs(Workshop):
    """As the others, but the layout stands in the port's own folder."""

    def signed(self, version: int, key: str = "vendor") -> pathlib.Path:
        file = self.folder / f"{version}_{key}.img"
        self.run("image", "sign", self.build / f"bin/app_v{version}.bin", "--layout", LAYOUT, "--key", f"{key}.pem",
                 "--version", f"{version}.0.0", "-o", file)
        return file

    def new_board(self, image: pathlib.Path, key: pathlib.Path | None = None) -> bytes:
        file = self.folder / "flash.bin"
        subprocess.run([ROOT / "scripts/board_image.py", "--layout", LAYOUT, "--bootloader",
                        self.build / "bin/boot_receives.bin", "--key", key or self.folder / "vendor.pub.pem", "--class", CLASS,
                        "--image", image, "--switchback", self.switchback, "-o", file], check=True)
        return file.read_bytes()

    def after_an_update(self) -> bytes:
        """What a simulated device has in flash that exchanged version 1 for version 2 and was told that it is good."""
        device = self.folder / "device"
        shutil.rmtree(device, ignore_errors=True)
        self.run("pack", self.signed(2), "--layout", LAYOUT, "--key", "vendor.pem", "--version", "2.0.0", "--class", CLASS,
                 "-o", "2.swb")
        self.run("device", "new", device, "--layout", LAYOUT, "--key", "vendor.pub.pem", "--class", CLASS, "--image",
                 self.signed(1))
        self.run("device", "boot", device)
        self.run("install", "2.swb", "--device", device)
        self.run("device", "boot", device)
        self.run("device", "confirm", device)
        self.run("device", "boot", device)
        return (device / "internal.flash").read_bytes()


class ReadOnly(unittest.TestCase):
    shop: Programs

    def board(self, flash: bytes) -> Board:
        board = Board(NETDUINO_PLUS_2, flash)
        self.addCleanup(board.kill)
        board.start()
        return board

    def test_a_new_board_runs_its_image_though_nothing_can_be_recorded(self):
        board = self.board(self.shop.new_board(self.shop.signed(1)))
        board.wait_for(RUNS.format(1) + r"journal_lost\r\n")

    def test_it_reads_the_journal_and_the_image_that_a_simulated_device_left(self):
        bootloader = self.shop.new_board(self.shop.signed(1))[:48 * 1024]
        board = self.board(bootloader + self.shop.after_an_update()[48 * 1024:])
        board.wait_for(RUNS.format(2) + r"done\r\n")
        board.type("status")
        board.wait_for(r"status: at rest, last update: none failed\r\n")

    def test_an_image_with_one_bit_changed_does_not_run(self):
        flash = bytearray(self.shop.new_board(self.shop.signed(1)))
        flash[SLOT_A + 5000] ^= 1
        board = self.board(bytes(flash))
        board.wait_for(r"update mode: nothing_bootable\r\n")
        self.assertNotIn(b"app", board.heard)

    def test_images_that_imgtool_signed_are_started(self):
        """Programs for another address: it is seen that the bootloader verifies them and jumps."""
        images = [image for image in sorted(IMGTOOL.glob("*.signed.bin")) if header_bytes(image) == HEADER_BYTES]
        if not images:
            self.skipTest(f"no fixtures in {IMGTOOL}")
        vectors = NETDUINO_PLUS_2.flash_address + SLOT_A + HEADER_BYTES
        for image in images:
            with self.subTest(image=image.name):
                board = Board(NETDUINO_PLUS_2, self.shop.new_board(image, IMGTOOL / "test-ec-p256.pub.pem"))
                self.addCleanup(board.kill)
                board.power_on()
                board.stop_at(jump_of(self.shop.build / "bin/boot_receives.elf"))
                self.assertEqual(board.debugger.registers()[0], vectors)

    def test_an_image_of_somebody_else_does_not_run(self):
        board = self.board(self.shop.new_board(self.shop.signed(1, "stranger")))
        board.wait_for(r"update mode: nothing_bootable\r\n")
        self.assertNotIn(b"app", board.heard)


if __name__ == "__main__":
    sys.exit(run_with(ReadOnly, Programs))
