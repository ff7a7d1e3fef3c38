#!/usr/bin/env python3
"""Whole lives of an emulated board: what runs is what a device runs, sent by YMODEM over its console.

    board_test.py SWITCHBACK BUILD [case…]    BUILD: the folder of the microbit preset
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest
from collections.abc import Iterator
from typing import NamedTuple

import ymodem
from emulator import MICROBIT, Board, Failure
from receiving import TakesUpdatesWhileItWorks
from trials import CountsTries

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CLASS = "acme.example/thermostat"
LEDS = 0x50000504  # the pins of the display (nRF51 Series Reference Manual, GPIO: OUT)
RUNS = r"app {}\.0\.0 slot A\r\n"
CONFIRMED = RUNS + r"(?:\r\nFjord .*?> )?self-test passed\r\nconfirm: done\r\n"


class Built(NamedTuple):
    """An image: of which of the example's programs, and how it is signed."""

    version: int = 1
    program: str = "app"
    counter: int | None = None


RECEIVER = Built(program="receiver")


class Workshop:
    """Keys, signed images and packages, made once for all tests."""

    def __init__(self, switchback: pathlib.Path, build: pathlib.Path):
        self.switchback, self.build = switchback, build
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="board-test-"))
        self.run("key", "new", "--out", "vendor.pem")
        self.run("key", "new", "--out", "stranger.pem")
        self.packed: dict[tuple, bytes] = {}

    def close(self):
        shutil.rmtree(self.folder)

    def run(self, *words) -> str:
        ended = subprocess.run([self.switchback, *map(str, words)], cwd=self.folder, capture_output=True, text=True,
                               check=False)
        if ended.returncode != 0:
            raise Failure(f"{words}: {ended.stderr}")
        return ended.stdout

    def image(self, layout: str, version: int, counter: int | None = None, key="vendor", program="app") -> pathlib.Path:
        file = self.folder / f"{layout}_{program}_{version}_{counter}_{key}.img"
        if not file.exists():
            more = [] if counter is None else ["--security-counter", counter]
            self.run("image", "sign", self.build / f"bin/{layout}_{program}_v{version}.bin", "--layout",
                     self.layout(layout), "--key", f"{key}.pem", "--version", f"{version}.0.0", "-o", file, *more)
        return file

    def package(self, layout: str, version: int, *more, key="vendor", of_class=CLASS, counter=None, program="app",
                name="package") -> pathlib.Path:
        file = self.folder / f"{name}.swb"
        words = (self.image(layout, version, counter, key, program), "--key", f"{key}.pem", "--version", f"{version}.0.0",
                 "--class", of_class, *(more if "--layout" in more else (*more, "--layout", self.layout(layout))))
        if words not in self.packed:  # packing in place takes a rehearsal
            self.run("pack", *words, "-o", file)
            self.packed[words] = file.read_bytes()
        file.write_bytes(self.packed[words])
        return file

    def too_large(self, layout: str) -> pathlib.Path:
        """A package for a board with larger slots, its image twice as long as the slots of `layout`."""
        head, *regions = self.layout(layout).read_text().split("[[region]]")
        larger, end = head.replace('size = "256K"', 'size = "2M"'), 0
        for region in regions:
            name, size = re.search(r'name = "(\w+)"', region)[1], int(re.search(r'size = "(\d+)K"', region)[1])
            size += 200 if name in ("slot_a", "slot_b", "golden") else 0
            larger += f'[[region]]\nname = "{name}"\nflash = "internal"\noffset = "{end}K"\nsize = "{size}K"\n'
            end += size
        (self.folder / "larger.toml").write_text(larger)
        program = (self.build / f"bin/{layout}_app_v2.bin").read_bytes()
        (self.folder / "large.bin").write_bytes(program.ljust(200 * 1024, b"\xa5"))
        ours = ("--layout", "larger.toml", "--key", "vendor.pem", "--version", "2.0.0", "-o")
        self.run("image", "sign", "large.bin", *ours, "large.img")
        self.run("pack", "large.img", "--class", CLASS, *ours, "large.swb")
        return self.folder / "large.swb"

    def place(self, layout: str, region: str) -> int:
        """Where it begins in the part."""
        regions = tomllib.loads(self.layout(layout).read_text())["region"]
        offset = next(each["offset"] for each in regions if each["name"] == region)
        return int(offset[:-1]) * 1024 if isinstance(offset, str) else offset

    @staticmethod
    def layout(name: str) -> pathlib.Path:
        known = ROOT / f"layouts/{name}.toml"
        return known if known.exists() else ROOT / f"ports/microbit/{name}.toml"

    def flash(self, layout: str, bootloader: str, counter: int | None = None, program="app") -> bytes:
        file = self.folder / "flash.bin"
        image = self.image(layout, 1, counter, program=program)
        golden = ["--golden", image] if layout == "microbit_copy" else []
        subprocess.run([ROOT / "scripts/board_image.py", "--layout", self.layout(layout), "--bootloader",
                        self.build / f"bin/{bootloader}.bin", "--key", self.folder / "vendor.pub.pem", "--class", CLASS,
                        "--image", image, *golden, "--switchback", self.switchback,
                        "-o", file], check=True)
        return file.read_bytes()


def run_with(case: type[unittest.TestCase], workshop: type[Workshop], more: list[str] | None = None) -> int:
    """main() of a test of one board: SWITCHBACK BUILD [case…]. `more`: what comes behind, if that was looked at already."""
    case.shop = workshop(*(pathlib.Path(word).resolve() for word in sys.argv[1:3]))
    try:
        cases = sys.argv[3:] if more is None else more
        ended = unittest.main(module=sys.modules[case.__module__], argv=[sys.argv[0], *cases], exit=False)
        return 0 if ended.result.wasSuccessful() else 1
    finally:
        case.shop.close()


class LifeOfABoard(TakesUpdatesWhileItWorks, CountsTries):
    """The same for each scheme."""

    layout: str
    bootloader: str
    instead_of_too_old: str  # what the console says where slot A has an image that is older than the floor
    shop: Workshop
    machine = MICROBIT
    running_receiver = RECEIVER
    # The record of a try is written twice, of 32 words each, behind an erase of its page; the other three are erased,
    # and it is written a third time.
    in_the_record = (1 + 16, 1 + 32 + 16, 1 + 64 + 3 + 16)
    # Each instruction takes 1 us of the board's time: a minute without a sender passes in a second. Nothing for a
    # sender, who lives in ours.
    fast_time = ("-icount", "shift=10")

    @staticmethod
    def runs(version: int) -> str:
        return RUNS.format(version)

    @staticmethod
    def confirmed(version: int) -> str:
        return CONFIRMED.format(version)

    def refusals(self, source=Built()) -> Iterator[tuple[pathlib.Path, str]]:
        """Packages for a board that runs `source`, and why it does not take them. Each is gone when the next is asked for."""
        tampered = self.update_to(2, source=source)
        bytes_of = bytearray(tampered.read_bytes())
        bytes_of[-100] ^= 1
        tampered.write_bytes(bytes_of)
        yield tampered, "bad_digest"
        yield self.update_to(2, source=source, key="stranger"), "unknown_key"
        yield self.update_to(2, source=source, of_class="acme.example/oven"), "wrong_class"
        yield from self.refusals_of_scheme(source)

    def refusals_of_scheme(self, _source: Built) -> Iterator[tuple[pathlib.Path, str]]:
        yield self.shop.too_large(self.layout), "too_large"

    def board(self, counter: int | None = None, program="app") -> Board:
        board = Board(self.machine, self.shop.flash(self.layout, self.bootloader, counter, program))
        self.addCleanup(board.kill)
        board.start()
        board.wait_for(CONFIRMED.format(1))
        return board

    def program(self, version: int) -> pathlib.Path:
        return self.shop.build / f"bin/{self.layout}_app_v{version}.elf"

    def bootloader_elf(self) -> pathlib.Path:
        return self.shop.build / f"bin/{self.bootloader}.elf"

    def staged(self, version: int) -> Board:
        board = self.board()
        self.into_update_mode(board)
        # What was staged must not be tried yet: the board stands where it would restart.
        board.monitor.request("set-action", reboot="shutdown", shutdown="pause")
        ymodem.send_file(board.serial, self.update_to(version))
        board.wait_for(r"restart\r\n")
        return self.after_a_cut(board)

    def before_a_try(self, version: int) -> tuple[Board, int]:
        """The second: at the first the images are moved besides."""
        board = self.staged(version)
        board.monitor.request("cont")
        board.wait_for(self.runs(version))
        return self.after_a_cut(board), 1

    def after_a_cut(self, board: Board) -> Board:
        board.save()
        board.kill()
        board.power_on()
        return board

    def update_to(self, version: int, *more, source=Built(), **how) -> pathlib.Path:  # noqa: ARG002
        """A package as the scheme takes it, for a board that runs `source`. One that no board would take is not packed in
        place, as `pack` tries it: then `source` is what some board could run."""
        return self.shop.package(self.layout, version, *more, **how)

    def into_update_mode(self, board: Board):
        board.type("update")
        board.wait_for(r"update: done\r\n.*update mode: none\r\n")

    def send(self, board: Board, package: pathlib.Path, **how):
        self.into_update_mode(board)
        ymodem.send_file(board.serial, package, **how)
        board.wait_for(r"restart\r\n")

    def refused(self, board: Board, package: pathlib.Path, why: str):
        self.into_update_mode(board)
        self.refused_in_update_mode(board, package, why)

    def refused_in_update_mode(self, board: Board, package: pathlib.Path, why: str):
        with self.assertRaises(ymodem.Cancelled):
            ymodem.send_file(board.serial, package)
        board.wait_for(rf"refused: {why}\r\n")
        board.power_cycle()  # still asked to wait
        board.wait_for(r"update mode: none\r\n")

    def test_an_update_is_tried_and_confirmed_and_stays(self):
        board = self.board()
        self.send(board, self.update_to(2))
        board.wait_for(CONFIRMED.format(2))
        board.power_cycle()
        board.wait_for(CONFIRMED.format(2))

    def test_a_sender_of_somebody_else_works_too(self):
        """lrzsz."""
        if not shutil.which("sb"):
            self.skipTest("sb is missing (scripts/packages.txt)")
        board = self.board()
        self.into_update_mode(board)
        line = board.serial.peer
        line.setblocking(True)
        sent = subprocess.run(["sb", "--quiet", self.update_to(2)], stdin=line, stdout=line,
                              stderr=subprocess.PIPE, timeout=120, check=False)
        self.assertEqual(sent.returncode, 0, sent.stderr)
        board.wait_for(CONFIRMED.format(2))

    def test_blocks_that_are_spoilt_are_sent_again(self):
        board = self.board()
        self.send(board, self.update_to(2, program="receiver"), spoil={
            0: lambda data: data[:50] + b"\0" + data[51:], 1: lambda data: data[:700] + b"U" + data[701:],
            2: lambda data: data[:-1] + bytes([data[-1] ^ 1])})
        board.wait_for(CONFIRMED.format(2))

    def test_an_interrupted_transfer_goes_on_after_a_power_cut(self):
        board = self.board()
        package = self.update_to(2, program="receiver")
        self.into_update_mode(board)
        ymodem.send_file(board.serial, package, stop_after=8)
        board.power_cycle()
        board.wait_for(r"update mode: none\r\n")
        ymodem.send_file(board.serial, package)
        board.wait_for(CONFIRMED.format(2))

    def test_one_that_crashes_is_undone_after_three_tries(self):
        board = self.board()
        self.send(board, self.update_to(3))
        board.wait_for(CONFIRMED.format(1))
        self.assertNotIn(b"app 3", board.heard)

    def test_one_that_hangs_is_undone_after_three_power_cycles(self):
        board = self.board()
        self.send(board, self.update_to(4))
        for _ in range(3):
            board.wait_for(RUNS.format(4))
            board.power_cycle()
        board.wait_for(CONFIRMED.format(1))

    def test_one_that_finds_itself_unfit_is_undone(self):
        board = self.board()
        self.send(board, self.update_to(5))
        for _ in range(3):
            board.wait_for(RUNS.format(5) + r"self-test failed\r\n")
            board.power_cycle()
        board.wait_for(CONFIRMED.format(1))

    def test_after_a_failed_update_a_good_one_is_taken(self):
        board = self.board()
        self.send(board, self.update_to(3))
        board.wait_for(CONFIRMED.format(1))
        self.send(board, self.update_to(2))
        board.wait_for(CONFIRMED.format(2))

    def test_commands_of_the_console(self):
        board = self.board()
        board.type("version")
        board.wait_for(RUNS.format(1))
        board.type("nonsense")
        board.wait_for(r"\? version status receive update reset confirm crash hang\r\n")
        board.type("confirm")
        board.wait_for(r"confirm: done\r\n")
        board.type("crash")
        board.wait_for(CONFIRMED.format(1))

    # ---- refusals: each with its reason, the old image stays

    def test_what_is_not_for_this_board_is_refused(self):
        board = self.board()
        self.into_update_mode(board)
        for package, why in self.refusals():
            with self.subTest(why):
                self.refused_in_update_mode(board, package, why)
        self.assertNotIn(b"app 2", board.heard)

    def test_an_older_package_is_refused(self):
        board = self.board()
        self.send(board, self.update_to(2))
        board.wait_for(CONFIRMED.format(2))
        self.refused(board, self.update_to(1, program="receiver"), "older")

    def test_a_package_below_the_security_floor_is_refused(self):
        board = self.board(counter=5)
        self.refused(board, self.update_to(2, source=Built(counter=4), counter=4), "below_floor")

    # ---- version 6 is the newest, and its security counter lower than that of version 2

    def raised_floor(self) -> Board:
        """Runs version 2, which has confirmed itself and receives. Version 1, from which it came, has no counter."""
        board = self.receiver()
        self.send_to_program(board, self.update_to(2, source=RECEIVER, counter=5, program="receiver"))
        board.wait_for(r"staged; reset to try it\r\n")
        self.try_it(board)
        self.try_it(board)  # what is locked on trial is open from the next reset on
        return board

    def test_what_is_older_than_the_floor_that_an_update_raised_is_refused(self):
        board = self.raised_floor()
        like = Built(2, "receiver", counter=4)  # but for the counter what runs
        newest = self.update_to(6, source=like, counter=4)
        self.refused_by_program(board, newest, "below_floor")
        self.refused_by_program(board, self.update_to(1, source=RECEIVER), "older")
        newest = self.update_to(6, source=like, counter=4)
        self.refused(board, newest, "below_floor")
        self.assertNotIn(b"app 6", board.heard)

    def test_what_is_older_than_the_floor_does_not_run_though_it_stands_in_flash(self):
        board = self.raised_floor()
        board.save()
        board.kill()
        for counter, end in ((4, self.instead_of_too_old), (5, self.confirmed(6))):
            with self.subTest(counter=counter):
                image = self.shop.image(self.layout, 6, counter=counter).read_bytes()
                slot = self.shop.place(self.layout, "slot_a")
                flash = board.flash[:slot] + image + board.flash[slot + len(image):]
                forged = Board(self.machine, flash)
                self.addCleanup(forged.kill)
                forged.start()
                forged.wait_for(end)


class Swap(LifeOfABoard, unittest.TestCase):
    layout, bootloader = "microbit", "boot_swap"
    instead_of_too_old = r"update mode: nothing_bootable\r\n"  # slot B has version 1, which is older still

    def test_a_delta_is_installed(self):
        board = self.board()
        package = self.shop.package(self.layout, 2, "--from", self.shop.image(self.layout, 1))
        self.assertLess(package.stat().st_size, 3000)
        self.send(board, package)
        board.wait_for(CONFIRMED.format(2))


    def test_a_delta_comes_in_while_the_program_works(self):
        board = self.receiver()
        package = self.shop.package(self.layout, 2, "--from", self.shop.image(self.layout, 1, program="receiver"),
                                    program="receiver")
        self.assertLess(package.stat().st_size, 3000)
        self.send_to_program(board, package)
        board.wait_for(r"staged; reset to try it\r\n")
        self.try_it(board)

    def test_a_monitor_of_cold_rooms_goes_on_while_an_update_of_it_comes_in(self):
        board = self.board(program="monitor_receiver")
        package = self.shop.package(self.layout, 2, program="monitor_receiver")

        def pause(taken: int):
            if taken % 8192 == 0:  # the matrix of its display is lit row by row
                self.until_changed(lambda: board.word(LEDS), 6)

        self.send_to_program(board, package, progress=pause)
        board.wait_for(r"staged; reset to try it\r\n")
        self.try_it(board)


class Copy(LifeOfABoard, unittest.TestCase):
    layout, bootloader = "microbit_copy", "boot_copy"
    instead_of_too_old = CONFIRMED.format(2)  # slot B still has it, and it is copied once more


class InPlace(LifeOfABoard, unittest.TestCase):
    """While an image runs nothing but a patch is taken, with a patch back in it. Those of unlike programs are longer than
    those of likes."""

    layout, bootloader = "microbit_inplace", "boot_inplace"
    instead_of_too_old = r"update mode: nothing_bootable\r\n"

    def update_to(self, version: int, *more, source=Built(), **how) -> pathlib.Path:
        old = self.shop.image(self.layout, source.version, source.counter, how.get("key", "vendor"), source.program)
        return self.shop.package(self.layout, version, "--from", old, "--reverse", *more, **how)

    def refusals_of_scheme(self, source: Built) -> Iterator[tuple[pathlib.Path, str]]:
        old = self.shop.image(self.layout, 1, program=source.program)
        careless = self.shop.folder / "careless.toml"
        careless.write_text("accept_no_way_back = true\n" + self.shop.layout(self.layout).read_text())
        yield self.shop.package(self.layout, 2, "--from", old, "--layout", careless), "no_way_back"
        yield self.update_to(2, source=RECEIVER if source == Built() else Built()), "wrong_source"

    def test_a_whole_image_is_for_update_mode_where_nothing_runs_any_more(self):
        board = self.receiver()
        whole = self.shop.package(self.layout, 2)
        self.refused_by_program(board, whole, "bad_state")  # it would overwrite what runs
        board.save()
        board.kill()
        slot = self.shop.place(self.layout, "slot_a")
        board.flash = board.flash[:slot + 5000] + b"\0" + board.flash[slot + 5001:]
        board.start()
        board.wait_for(r"update mode: nothing_bootable\r\n")
        ymodem.send_file(board.serial, whole)
        board.wait_for(self.confirmed(2))


if __name__ == "__main__":
    sys.exit(run_with(LifeOfABoard, Workshop))
