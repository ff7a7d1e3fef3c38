"""What every board does whose supply goes during the trials of an update: a cut is no verdict, and costs one of its
tries at most."""

import re

from emulator import Board, symbols

TRIES = 3


class CountsTries:
    """A case says how its board is staged and cut (the methods at the end), `runs()` and `confirmed()`."""

    # Numbers of flash operations of a start that records a try: in each of the record's three copies.
    in_the_record: tuple[int, ...]

    def test_a_trial_that_is_cut_short_may_be_repeated_and_confirmed_as_long_as_there_are_tries(self):
        first_write = symbols(self.program(2))["sb_flash_operation"]
        for cuts in range(TRIES + 1):
            with self.subTest(cuts=cuts):
                board = self.staged(2)
                for _ in range(cuts):
                    # The last moment: the image has tested itself, and the record of its confirmation begins.
                    board.stop_at(first_write)
                    self.assertIn("self-test passed", self.said(board))
                    board = self.after_a_cut(board)
                board.monitor.request("cont")
                if cuts < TRIES:
                    board.wait_for(self.confirmed(2))
                    self.expect_cause(board, "none failed")
                else:
                    board.wait_for(self.confirmed(1))
                    self.expect_cause(board, "tries_exhausted")

    def test_a_cut_while_a_try_is_recorded_never_costs_two_and_never_gives_one_more(self):
        operation = symbols(self.bootloader_elf())["sb_flash_operation"]
        for number in self.in_the_record:
            with self.subTest(operation=number):
                board, begun = self.before_a_try(4)
                board.stop_at(operation, number)
                board = self.after_a_cut(board)
                self.assertIn(begun + self.tries_until_back(board), (TRIES - 1, TRIES))

    def tries_until_back(self, board: Board) -> int:
        """Of version 4, which hangs: each time it runs the supply goes."""
        board.monitor.request("cont")
        for tries in range(2 * TRIES):
            said = board.wait_for(self.runs(4) + "|" + self.confirmed(1))
            if not re.search(self.runs(4), said):
                self.expect_cause(board, "tries_exhausted")
                return tries
            board = self.after_a_cut(board)
            board.monitor.request("cont")
        return 2 * TRIES

    @staticmethod
    def expect_cause(board: Board, cause: str):
        board.type("status")
        board.wait_for(rf"status: at rest, last update: {cause}\r\n")

    @staticmethod
    def said(board: Board) -> str:
        """Up to where the board stands."""
        return board.wait_for(r"self-test passed\r\n(?:confirm: )?")

    def staged(self, version: int) -> Board:
        """Stands at reset, with an update in slot B that was never tried."""
        raise NotImplementedError

    def before_a_try(self, version: int) -> tuple[Board, int]:
        """Stands at reset, and all that is written until the image starts is the record of a try. How many there were."""
        return self.staged(version), 0

    def after_a_cut(self, board: Board) -> Board:
        """The supply goes while the board stands or runs; stands at reset again."""
        raise NotImplementedError
