#!/usr/bin/env python3
"""What a bootloader locks before it starts an image: the emulator does not model the nRF51's MPU, so each write to its
registers is watched, up to the jump.

    protect_test.py SWITCHBACK BUILD    BUILD: the folder of the microbit preset
"""

import pathlib
import sys
import tomllib
import unittest

import ymodem
from board_test import CONFIRMED, Workshop, run_with
from emulator import MICROBIT, Board, Failure
from recorder import jump_of

PROTENSET = 0x40000600  # nRF51 Series Reference Manual 3.0, chapter MPU: two registers, a bit for each 4 KB
BLOCK = 4096
BYTES = {"K": 1024}


def number(value: int | str) -> int:
    return value if isinstance(value, int) else int(value[:-1]) * BYTES[value[-1]]


def blocks_in(layout: pathlib.Path, *names: str) -> set[int]:
    """Of 4 KB, those that lie in one of these regions as a whole."""
    blocks = set()
    for region in tomllib.loads(layout.read_text())["region"]:
        if region["name"] in names:
            begin = number(region["offset"])
            end = begin + number(region["size"])
            blocks |= {block for block in range(64) if begin <= block * BLOCK and (block + 1) * BLOCK <= end}
    return blocks


def stored(board: Board) -> tuple[int, int]:
    """Address and value of the store that the processor stands at (STR, Thumb)."""
    registers = board.debugger.registers()
    code = int.from_bytes(board.debugger.read(registers[15], 2), "little")
    if code >> 11 == 0b01100:
        return registers[code >> 3 & 7] + (code >> 6 & 31) * 4, registers[code & 7]
    if code >> 9 == 0b0101000:
        return registers[code >> 3 & 7] + registers[code >> 6 & 7], registers[code & 7]
    raise Failure(f"{code:#06x} at {registers[15]:#x} is no store of a word")


def locked_at_the_jump(board: Board, jump: int) -> set[int]:
    """From a board that stands at reset until it starts an image."""
    locked = set()
    board.debugger.expect_ok(f"Z1,{jump & ~1:x},2")
    while True:
        board.debugger.expect_ok(f"Z2,{PROTENSET:x},8")
        board.debugger.resume()
        board.debugger.stopped()
        if board.debugger.registers()[15] == jump & ~1:
            break
        board.debugger.expect_ok(f"z2,{PROTENSET:x},8")
        address, value = stored(board)
        board.step()
        locked |= {(address - PROTENSET) * 8 + bit for bit in range(32) if value >> bit & 1}
    board.debugger.expect_ok(f"z1,{jump & ~1:x},2")
    board.debugger.expect_ok(f"z2,{PROTENSET:x},8")
    return locked


class Protect(unittest.TestCase):
    shop: Workshop

    def test_what_an_image_must_not_write_is_locked_before_it_starts(self):
        for layout, bootloader, at_rest in (("microbit", "boot_swap", ("boot", "slot_a")),
                                            ("microbit_copy", "boot_copy", ("boot", "slot_a", "golden"))):
            with self.subTest(bootloader), Board(MICROBIT, self.shop.flash(layout, bootloader)) as board:
                file = self.shop.layout(layout)
                jump = jump_of(self.shop.build / f"bin/{bootloader}.elf")
                board.power_on()
                self.assertEqual(locked_at_the_jump(board, jump), blocks_in(file, *at_rest))
                board.debugger.resume()
                board.wait_for(CONFIRMED.format(1))
                package = self.shop.package(layout, 2)
                board.type("update")
                board.wait_for(r"update mode: none\r\n")
                self.receive_and_stand_at_reset(board, package)
                self.assertEqual(locked_at_the_jump(board, jump), blocks_in(file, *at_rest, "slot_b"), "on trial")

    def receive_and_stand_at_reset(self, board: Board, package: pathlib.Path):
        ymodem.send_file(board.serial, package)
        board.wait_for(r"restart\r\n")
        board.save()
        board.kill()
        board.power_on()


if __name__ == "__main__":
    sys.exit(run_with(Protect, Workshop))
