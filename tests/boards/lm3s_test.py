#!/usr/bin/env python3
"""Whole lives of an emulated EK-LM3S6965: its slots stand on an SD card, and updates come as the card's file UPDATE.SWB.

    lm3s_test.py SWITCHBACK BUILD [case…]    BUILD: the folder of the lm3s6965 preset
"""

import pathlib
import sys
import tomllib
import unittest

import ymodem
from board_test import run_with
from emulator import CardBoard
from file_power_cuts import CONFIRMED, RUNS
from lm3s import LAYOUT, SLOTS, TAKES, CardWorkshop

BUDGETS = tomllib.loads((pathlib.Path(__file__).parent / "lm3s_budgets.toml").read_text())
NOT_AGAIN = r"card: UPDATE\.SWB is not tried again: {}\r\n"
INSTALLED = r"card: UPDATE\.SWB was installed\r\n"


class Card(unittest.TestCase):
    shop: CardWorkshop

    def board(self, **how) -> CardBoard:
        board = self.shop.board(**how)
        self.addCleanup(board.kill)
        return board

    def package(self, version: int, *more, **how) -> pathlib.Path:
        return self.shop.package(LAYOUT, version, *more, **how)

    def refused(self, board: CardBoard, file: pathlib.Path, why: str, runs: int = 1, slot: str = "A"):
        """By its reason; the same file costs the next starts nothing, and what ran runs."""
        self.shop.insert(board, file)
        board.wait_for(TAKES + rf"(\d+ %\r\n)*refused: {why}\r\n" + CONFIRMED.format(runs, slot))
        for _ in range(2):
            board.save()
            before = board.flash["card"]
            board.kill()
            board.start()
            board.wait_for(r"^" + NOT_AGAIN.format(why) + CONFIRMED.format(runs, slot))
            board.save()
            self.assertEqual(board.flash["card"], before, "the card was written")

    # ---- what is taken

    def test_an_update_is_tried_and_confirmed_and_stays(self):
        board = self.board()
        self.shop.insert(board, self.package(2))
        said = board.wait_for(TAKES + r".*restart\r\n" + CONFIRMED.format(2, "B"))
        self.assertIn("50 %\r\n", said)
        board.power_cycle()
        board.wait_for(r"^" + INSTALLED + CONFIRMED.format(2, "B"))

    def test_each_kind_of_card_is_read(self):
        for how in (("--no-table",), ("--fat", "32"), ("--fat", "32", "--no-table")):
            with self.subTest(how=how):
                board = self.board(how=how)
                self.shop.insert(board, self.package(2))
                board.wait_for(CONFIRMED.format(2, "B"))
                board.kill()

    def test_updates_go_to_either_slot_and_a_delta_is_one(self):
        board = self.board()
        self.shop.insert(board, self.package(2))
        board.wait_for(CONFIRMED.format(2, "B"))
        delta = self.package(5, "--from", self.shop.image(LAYOUT, 2))
        self.assertLess(delta.stat().st_size, 3000)
        self.shop.insert(board, delta)
        for _ in range(3):
            board.wait_for(RUNS.format(5, "A") + r"self-test failed\r\n")
            board.power_cycle()
        board.wait_for(NOT_AGAIN.format("tries_exhausted") + CONFIRMED.format(2, "B"))

    def test_an_empty_device_gets_its_first_image(self):
        board = CardBoard(self.shop.flash(with_image=False))
        self.addCleanup(board.kill)
        board.flash["card"] = self.shop.with_file(board.flash["card"], self.package(2))
        board.start()
        board.wait_for(r"update mode: nothing_bootable\r\n" + TAKES + r".*restart\r\n.*self-test passed\r\nconfirm: done\r\n")

    def test_a_file_that_was_installed_is_again_where_its_image_is_lost(self):
        board = CardBoard(self.shop.flash(with_image=False))
        self.addCleanup(board.kill)
        board.flash["card"] = self.shop.with_file(board.flash["card"], self.package(2))
        board.start()
        board.wait_for(r"app 2\.0\.0 slot (A|B)\r\nself-test passed\r\nconfirm: done\r\n")
        board.save()
        board.kill()
        card = bytearray(board.flash["card"])
        for slot in SLOTS:
            card[slot + 1024] ^= 0xFF
        board.flash["card"] = bytes(card)
        board.start()
        board.wait_for(r"update mode: nothing_bootable\r\n" + TAKES + r".*restart\r\n.*self-test passed\r\nconfirm: done\r\n")
        board.power_cycle()
        board.wait_for(r"^" + INSTALLED + r"app 2")

    def test_in_update_mode_what_runs_is_not_installed_again(self):
        board = self.board()
        self.shop.insert(board, self.package(2))
        board.wait_for(CONFIRMED.format(2, "B"))
        board.type("update")
        board.wait_for(r"update mode: none\r\n" + TAKES + r"card: that is what runs\r\nC")

    def test_in_update_mode_a_sender_is_waited_for_where_no_file_is(self):
        board = self.board()
        board.type("update")
        board.wait_for(r"update mode: none\r\n")
        ymodem.send_file(board.serial, self.package(2))
        board.wait_for(CONFIRMED.format(2, "B"))

    # ---- what is not taken twice

    def test_one_that_crashes_is_undone_and_not_started_again(self):
        board = self.board()
        self.shop.insert(board, self.package(3))
        board.wait_for(TAKES + r".*restart\r\n" + NOT_AGAIN.format("tries_exhausted") + CONFIRMED.format(1, "A"))
        board.power_cycle()
        board.wait_for(r"^" + NOT_AGAIN.format("tries_exhausted") + CONFIRMED.format(1, "A"))
        self.assertNotIn(b"app 3", board.heard)
        self.shop.insert(board, self.package(2))
        board.wait_for(CONFIRMED.format(2, "B"))

    def test_one_that_failed_is_taken_again_where_somebody_asks(self):
        board = self.board()
        self.shop.insert(board, self.package(3))
        board.wait_for(NOT_AGAIN.format("tries_exhausted") + CONFIRMED.format(1, "A"))
        board.type("update")
        board.wait_for(r"update mode: none\r\n" + TAKES + r".*restart\r\n")
        board.wait_for(CONFIRMED.format(1, "A"))

    def test_what_runs_already_is_not_installed(self):
        board = self.board()
        self.shop.insert(board, self.package(1))
        board.wait_for(TAKES + r"card: that is what runs\r\n" + CONFIRMED.format(1, "A"))
        board.power_cycle()
        board.wait_for(r"^" + INSTALLED + CONFIRMED.format(1, "A"))

    # ---- refusals

    def test_a_package_that_was_tampered_with_is_refused_until_a_good_one_takes_its_place(self):
        board = self.board()
        file = self.package(2)
        good = file.read_bytes()
        file.write_bytes(good[:9000] + bytes([good[9000] ^ 1]) + good[9001:])
        self.refused(board, file, "bad_digest")
        file.write_bytes(good[:-1])  # the same package, copied in part
        self.refused(board, file, "truncated")
        file.write_bytes(good)
        self.shop.insert(board, file)
        board.wait_for(CONFIRMED.format(2, "B"))

    def test_a_package_for_another_class_is_refused(self):
        self.refused(self.board(), self.package(2, of_class="acme.example/oven"), "wrong_class")

    def test_a_package_signed_by_a_stranger_is_refused(self):
        self.refused(self.board(), self.package(2, key="stranger"), "unknown_key")

    def test_an_older_package_is_refused(self):
        board = self.board()
        self.shop.insert(board, self.package(2))
        board.wait_for(CONFIRMED.format(2, "B"))
        self.refused(board, self.package(1), "older", 2, "B")

    def test_what_is_no_package_is_refused(self):
        file = self.shop.folder / "text.swb"
        file.write_bytes(b"not a package\n" * 100)
        self.refused(self.board(), file, "malformed")

    # ---- cards that are not as they should be

    def test_a_card_whose_blocks_are_somebody_elses_is_left_alone(self):
        board = CardBoard(self.shop.flash())
        self.addCleanup(board.kill)
        card = bytearray(board.flash["card"])
        card[446 + 8:446 + 12] = (100).to_bytes(4, "little")  # the FAT partition begins within the area
        board.flash["card"] = bytes(card)
        board.start()
        board.wait_for(r"update mode: nothing_bootable\r\ncard: malformed\r\n")
        with self.assertRaises(ymodem.Cancelled):
            ymodem.send_file(board.serial, self.package(2))
        board.wait_for(r"refused: io\r\n")
        board.save()
        self.assertEqual(board.flash["card"], bytes(card))

    def test_a_card_that_comes_in_later_is_looked_at_too(self):
        board = CardBoard(self.shop.flash(with_image=False))
        self.addCleanup(board.kill)
        board.start()
        board.wait_for(r"update mode: nothing_bootable\r\n")
        card = bytearray(board.flash["card"])
        card[446 + 8:446 + 12] = (100).to_bytes(4, "little")
        foreign = board.file.with_name("foreign.img")
        foreign.write_bytes(card)
        board.monitor.request("human-monitor-command", **{"command-line": f"change sd0 {foreign} raw"})
        with self.assertRaises(ymodem.Cancelled):
            ymodem.send_file(board.serial, self.package(2))
        board.wait_for(r"refused: io\r\n")
        board.monitor.request("stop")
        self.assertEqual(foreign.read_bytes(), bytes(card))

    def test_a_card_without_a_partition_table_still_starts(self):
        board = self.board()
        board.save()
        board.kill()
        board.flash["card"] = bytes(512) + board.flash["card"][512:]
        board.start()
        board.wait_for(r"card: malformed\r\n" + CONFIRMED.format(1, "A"))

    # ---- power, cost

    def test_an_update_that_was_cut_goes_on(self):
        board = self.board()
        self.shop.insert(board, self.package(2))
        board.wait_for(r"50 %\r\n")
        board.kill()
        board.start()
        said = board.wait_for(TAKES + r".*restart\r\n" + CONFIRMED.format(2, "B"))
        self.assertNotIn("20 %", said)
        self.assertIn("60 %", said)

    def test_the_bootloader_keeps_its_ram(self):
        board = self.board()
        self.shop.insert(board, self.package(2, "--from", self.shop.image(LAYOUT, 1)))
        board.wait_for(CONFIRMED.format(2, "B"))
        used, most = board.ram_used(), BUDGETS["lm3s_card"]["ram"]
        print(f"lm3s_card: {used} of {most} bytes of RAM")
        self.assertLessEqual(used, most)


if __name__ == "__main__":
    sys.exit(run_with(Card, CardWorkshop))
