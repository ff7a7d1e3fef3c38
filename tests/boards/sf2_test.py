#!/usr/bin/env python3
"""Whole lives of an emulated SmartFusion2 SOM: images run from RAM, packages come from a TFTP server or by YMODEM.

    sf2_test.py SWITCHBACK BUILD [case…]    BUILD: the folder of the smartfusion2 preset
"""

import pathlib
import sys
import tomllib
import unittest

import ymodem
from emulator import SpiBoard
from sf2 import CONFIRMED, HOST, LAYOUT, RUNS, Daemon, Sf2Workshop, fetch, into_update_mode, run_tests

BUDGETS = tomllib.loads((pathlib.Path(__file__).parent / "sf2_budgets.toml").read_text())


class Sf2(unittest.TestCase):
    shop: Sf2Workshop

    def board(self, *words, **how) -> SpiBoard:
        board = self.shop.board(*words, **how)
        self.addCleanup(board.kill)
        return board

    def update(self, board: SpiBoard, file: pathlib.Path):
        into_update_mode(board)
        fetch(board, file.name)
        board.wait_for(r"restart\r\n")

    def refused(self, board: SpiBoard, file: pathlib.Path, why: str):
        """By its reason; the board still waits, also after a power cut, and takes a good one."""
        into_update_mode(board)
        fetch(board, file.name)
        board.wait_for(rf"refused: {why}\r\n")
        board.power_cycle()
        board.wait_for(r"update mode: none\r\n")

    def test_an_update_from_a_server_is_tried_and_confirmed_and_stays(self):
        board = self.board()
        self.update(board, self.shop.offer(2))
        board.wait_for(CONFIRMED.format(2, "B"))
        board.power_cycle()
        board.wait_for(CONFIRMED.format(2, "B"))

    def test_servers_of_debian_work_too(self):
        programs = Daemon.known()
        if not programs:
            self.skipTest("neither in.tftpd nor atftpd is here (scripts/packages.txt)")
        file = self.shop.offer(2)
        for program in programs:
            with self.subTest(program=program), Daemon(program, self.shop.files) as server:
                board = self.board()
                into_update_mode(board)
                fetch(board, file.name, f"{HOST}:{server.port}")
                board.wait_for(CONFIRMED.format(2, "B"))

    def test_after_some_silence_the_server_of_dhcp_is_asked(self):
        board = self.board()
        self.shop.offer(2).rename(self.shop.files / "UPDATE.SWB")
        self.addCleanup((self.shop.files / "UPDATE.SWB").unlink)
        into_update_mode(board)
        board.wait_for(r"tftp 10\.0\.2\.2 UPDATE\.SWB\r\n.*restart\r\n")
        board.wait_for(CONFIRMED.format(2, "B"))

    def test_an_update_over_the_console(self):
        for bootloader in ("sf2_network", "sf2_serial"):
            with self.subTest(bootloader=bootloader):
                board = self.board(bootloader)
                into_update_mode(board)
                ymodem.send_file(board.serial, self.shop.package(LAYOUT, 2))
                board.wait_for(CONFIRMED.format(2, "B"))

    def test_a_delta_is_installed(self):
        board = self.board()
        file = self.shop.offer(2, "--from", self.shop.image(LAYOUT, 1))
        self.assertLess(file.stat().st_size, 3000)
        self.update(board, file)
        board.wait_for(CONFIRMED.format(2, "B"))

    def test_one_that_crashes_is_undone_after_three_tries(self):
        board = self.board()
        self.update(board, self.shop.offer(3))
        board.wait_for(CONFIRMED.format(1, "A"))
        self.assertNotIn(b"app 3", board.heard)

    def test_one_that_never_confirms_is_undone_after_three_power_cycles(self):
        board = self.board()
        self.update(board, self.shop.offer(5))
        for _ in range(3):
            board.wait_for(RUNS.format(5, "B") + r"self-test failed\r\n")
            board.power_cycle()
        board.wait_for(CONFIRMED.format(1, "A"))

    def test_updates_go_to_either_slot(self):
        board = self.board()
        self.update(board, self.shop.offer(2))
        board.wait_for(CONFIRMED.format(2, "B"))
        self.update(board, self.shop.offer(5))
        for _ in range(3):
            board.wait_for(RUNS.format(5, "A"))
            board.power_cycle()
        board.wait_for(CONFIRMED.format(2, "B"))

    # ---- refusals

    def test_a_package_that_was_tampered_with_is_refused(self):
        file = self.shop.offer(2)
        spoilt = bytearray(file.read_bytes())
        spoilt[9000] ^= 1
        file.write_bytes(spoilt)
        self.refused(self.board(), file, "bad_digest")

    def test_a_package_for_another_class_is_refused(self):
        self.refused(self.board(), self.shop.offer(2, of_class="acme.example/oven"), "wrong_class")

    def test_a_package_signed_by_a_stranger_is_refused(self):
        self.refused(self.board(), self.shop.offer(2, key="stranger"), "unknown_key")

    def test_an_older_package_is_refused_and_a_newer_one_is_taken(self):
        board = self.board()
        self.update(board, self.shop.offer(2))
        board.wait_for(CONFIRMED.format(2, "B"))
        self.refused(board, self.shop.offer(1), "older")
        fetch(board, self.shop.offer(5).name)
        board.wait_for(RUNS.format(5, "A"))

    def test_what_the_server_does_not_have_is_told(self):
        board = self.board()
        into_update_mode(board)
        fetch(board, "nothing.swb")
        board.wait_for(r"the server's error \d\r\nrefused: io\r\n")
        fetch(board, self.shop.offer(2).name)
        board.wait_for(CONFIRMED.format(2, "B"))

    def test_a_line_that_is_no_request_is_told(self):
        board = self.board()
        into_update_mode(board)
        board.type("tftp here update.swb")
        board.wait_for(r"\? tftp SERVER\[:PORT\] NAME\r\n")

    def test_a_cable_that_is_not_there_is_waited_for_only_so_long(self):
        board = self.board(network="none")
        into_update_mode(board)
        fetch(board, "update.swb")
        board.wait_for(r"refused: io\r\n")

    # ---- cost

    def test_bootloaders_keep_their_ram(self):
        for bootloader in BUDGETS:
            with self.subTest(bootloader=bootloader):
                board = self.board(bootloader)
                if bootloader != "sf2_verify":
                    into_update_mode(board)
                    file = self.shop.offer(2, "--from", self.shop.image(LAYOUT, 1))
                    if bootloader == "sf2_serial":
                        ymodem.send_file(board.serial, file)
                    else:
                        fetch(board, file.name)
                    board.wait_for(CONFIRMED.format(2, "B"))
                used, most = board.ram_used(), BUDGETS[bootloader]["ram"]
                print(f"{bootloader:<16}{used:>8} of {most:>8} bytes of RAM")
                self.assertLessEqual(used, most)


if __name__ == "__main__":
    sys.exit(run_tests(Sf2))
