#!/usr/bin/env python3
"""What a bootloader takes while it works: RAM by painting it, instructions by a clock that counts them.

    cost_test.py SWITCHBACK BUILD
"""

import contextlib
import pathlib
import sys
import tomllib
import unittest
from collections.abc import Iterator

import ymodem
from board_test import CONFIRMED, Workshop, run_with
from emulator import MICROBIT, Board, symbols
from recorder import jump_of

BOOTLOADERS = {"microbit": "boot_swap", "microbit_copy": "boot_copy"}
BUDGETS = tomllib.loads((pathlib.Path(__file__).parent / "budgets.toml").read_text())
TIMER_CAPTURE, TIMER_VALUE = 0x40008040, 0x40008540  # ports/microbit/registers.hpp: microseconds since port::start()
SNIPPET = bytes.fromhex("0860" "1a68" "fee7")  # str r0, [r1]; ldr r2, [r3]; b .
INSTRUCTIONS_A_MICROSECOND = 1000  # -icount shift=0: one a nanosecond


def microseconds(board: Board) -> int:
    """Has the processor, which stands, read the timer; it cannot go on afterwards."""
    at = board.machine.ram_address
    board.debugger.write(at, SNIPPET)
    board.debugger.set_registers(r0=1, r1=TIMER_CAPTURE, r3=TIMER_VALUE, r15=at)
    board.stop_at(at + 4)
    return board.debugger.registers()[2]


class Cost(unittest.TestCase):
    shop: Workshop

    def ram_of(self, layout: str, bootloader: str, *packing, version=2, end=2) -> int:
        """While it receives `version` and brings it to where it runs, and back again if that is how it ends."""
        with Board(MICROBIT, self.shop.flash(layout, bootloader)) as board:
            board.start()
            board.wait_for(CONFIRMED.format(1))
            package = self.shop.package(layout, version, *packing)
            board.type("update")
            board.wait_for(r"update mode: none\r\n")
            ymodem.send_file(board.serial, package)
            board.wait_for(CONFIRMED.format(end))
            return board.ram_used()

    def check(self, name: str, what: str, value: float):
        print(f"{name:<30}{what:<20}{value:>12,.6g} of {BUDGETS[name][what]:,}")
        self.assertLessEqual(value, BUDGETS[name][what], f"{name}: {what}")

    def test_ram_of_the_one_that_copies(self):
        self.check("boot_copy", "ram", self.ram_of("microbit_copy", "boot_copy"))

    def test_ram_of_the_one_that_takes_deltas(self):
        used = self.ram_of("microbit", "boot_swap", "--from", self.shop.image("microbit", 1))
        self.check("boot_swap", "ram", used)

    def test_ram_of_the_one_that_rewrites_there_and_back(self):
        image = self.shop.image("microbit_inplace", 1)
        used = max(self.ram_of("microbit_inplace", "boot_inplace", "--from", image, "--reverse", version=version, end=end)
                   for version, end in ((2, 2), (3, 1)))
        self.check("boot_inplace", "ram", used)

    def ram_of_program(self, layout: str, program: str, *packing) -> int:
        """One that receives an update while it works."""
        with Board(MICROBIT, self.shop.flash(layout, BOOTLOADERS[layout],
                                             program=program)) as board:
            board.start()
            board.wait_for(CONFIRMED.format(1))
            board.paint_free_ram(self.shop.build / f"bin/{layout}_{program}_v1.elf")
            board.type("receive")
            board.wait_for(r"working on\r\n")
            ymodem.send_file(board.serial, self.shop.package(layout, 2, *packing, program=program))
            board.wait_for(r"staged; reset to try it\r\n")
            return board.ram_used()

    def test_ram_of_programs_that_receive(self):
        delta = ("--from", self.shop.image("microbit", 1, program="receiver"))
        for name, used in (("microbit_receiver_v1", self.ram_of_program("microbit", "receiver", *delta)),
                           ("microbit_copy_receiver_v1", self.ram_of_program("microbit_copy", "receiver")),
                           ("microbit_monitor_receiver_v1", self.ram_of_program("microbit", "monitor_receiver"))):
            with self.subTest(name):
                self.check(name, "ram", used)

    @contextlib.contextmanager
    def second_start(self, name: str, layout="microbit", program="app") -> Iterator[Board]:
        """Stands at reset. The first start has no journal, and verifies more than once."""
        with Board(MICROBIT, self.shop.flash(layout, name, program=program), ("-icount", "shift=0")) as board:
            board.start()
            board.wait_for(r"confirm: done\r\n")
            board.save()
            board.kill()
            board.power_on()
            yield board

    def start_of_a_verified_image(self, name: str, layout="microbit"):
        with self.second_start(name, layout) as board:
            board.stop_at(jump_of(self.shop.build / f"bin/{name}.elf"))
            used = board.ram_used()
            self.check(name, "ram", used)
            self.check(name, "boot_instructions", microseconds(board) * INSTRUCTIONS_A_MICROSECOND / 1e6)

    def instructions_of_verifying(self, name: str) -> int:
        """One signature, from the call to its return. The processor does not go on once the clock was read: two runs."""
        names = symbols(self.shop.build / f"bin/{name}.elf")
        called = next(address for symbol, address in names.items() if "p256_verify" in symbol)
        spent = []
        for whole in (False, True):
            with self.second_start(name) as board:
                board.stop_at(called)
                if whole:
                    board.stop_at(board.debugger.registers()[14])
                spent.append(microseconds(board))
        return (spent[1] - spent[0]) * INSTRUCTIONS_A_MICROSECOND

    def test_a_signature(self):
        for name in ("boot_verify", "boot_verify_m15", "boot_verify_i15"):
            with self.subTest(name):
                self.check(name, "signature_instructions", self.instructions_of_verifying(name) / 1e6)

    def test_each_kilobyte_of_an_image(self):
        jump = jump_of(self.shop.build / "bin/boot_verify.elf")
        spent, kilobytes = [], []
        for program in ("app", "monitor"):
            with self.second_start("boot_verify", program=program) as board:
                board.stop_at(jump)
                spent.append(microseconds(board) * INSTRUCTIONS_A_MICROSECOND)
            kilobytes.append((self.shop.build / f"bin/microbit_{program}_v1.bin").stat().st_size / 1024)
        # Signatures differ in what they take: by 1 %, which makes the slope uncertain by a tenth of the budget.
        self.check("boot_verify", "instructions_a_kilobyte", (spent[1] - spent[0]) / (kilobytes[1] - kilobytes[0]))

    def test_a_verified_image_starts(self):
        self.start_of_a_verified_image("boot_verify")

    def test_a_verified_image_starts_from_the_only_slot(self):
        self.start_of_a_verified_image("boot_single", "microbit_single")

    def test_a_verified_image_starts_with_ecdsa_of_bearssl(self):
        for name in ("boot_verify_m15", "boot_verify_i15"):
            with self.subTest(name):
                self.start_of_a_verified_image(name)


if __name__ == "__main__":
    sys.exit(run_with(Cost, Workshop))
