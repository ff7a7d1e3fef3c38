"""What every board whose program takes updates by itself does: it works on meanwhile, looks at what it gets as its
bootloader would, and goes on after a cut."""

import pathlib
from collections.abc import Callable

import ymodem
from emulator import Board, Failure, symbols

LOOKS = 100_000  # bound of looking for something to change


class TakesUpdatesWhileItWorks:
    """Besides what LifeOfABoard has."""

    running_receiver: object  # what updates start from

    def receiver(self, counter: int | None = None) -> Board:
        return self.board(counter, program="receiver")

    def send_to_program(self, board: Board, package: pathlib.Path, **how):
        board.type("receive")
        board.wait_for(r"receiving, and working on\r\n")
        ymodem.send_file(board.serial, package, **how)

    def try_it(self, board: Board):
        board.type("reset")
        board.wait_for(self.confirmed(2))

    def refused_by_program(self, board: Board, package: pathlib.Path, why: str):
        with self.assertRaises(ymodem.Cancelled):
            self.send_to_program(board, package)
        board.wait_for(rf"refused: {why}\r\n")
        self.assertGreater(self.beats(board), 0)

    @staticmethod
    def beats(board: Board) -> int:
        board.type("beats")
        said = board.wait_for(r"beats: \d+\r\n")
        return int(said.split()[-1])

    @staticmethod
    def until_changed(look: Callable[[], int], times: int):
        """Waits until what `look` sees has changed so often."""
        last = look()
        for _ in range(LOOKS):
            now = look()
            times -= now != last
            last = now
            if times == 0:
                return
        raise Failure("the program stands still")

    def test_an_update_comes_in_while_the_program_works(self):
        board = self.receiver()
        package = self.update_to(2, source=self.running_receiver)
        heart = symbols(self.shop.build / f"bin/{self.layout}_receiver_v1.elf")["sb_heart_beats"]

        def pause(taken: int):
            if taken % 4096 == 0:  # between two blocks the sender waits for a few beats
                self.until_changed(lambda: board.word(heart), 3)

        self.send_to_program(board, package, progress=pause)
        said = board.wait_for(r"worked on \d+ times meanwhile\r\nstaged; reset to try it\r\n")
        # Its work has a turn for each byte, at the least.
        self.assertGreater(int(said.split("worked on ")[1].split()[0]), package.stat().st_size)
        board.type("version")
        board.wait_for(self.runs(1))
        self.try_it(board)
        board.type("receive")
        board.wait_for(r"receive: after a reset\r\n")
        board.type("status")
        board.wait_for(r"status: at rest, last update: none failed\r\n")

    def test_what_the_bootloader_refuses_the_program_refuses_and_works_on(self):
        board = self.receiver()
        for package, why in self.refusals(self.running_receiver):
            with self.subTest(why):
                self.refused_by_program(board, package, why)
        self.assertNotIn(b"app 2", board.heard)
        self.send_to_program(board, self.update_to(2, source=self.running_receiver))
        board.wait_for(r"staged; reset to try it\r\n")
        self.try_it(board)

    def test_after_a_cut_of_the_supply_the_program_runs_and_receiving_goes_on(self):
        board = self.receiver()
        package = self.update_to(2, source=self.running_receiver)
        self.send_to_program(board, package, stop_after=8)
        board.power_cycle()
        board.wait_for(self.confirmed(1))
        self.send_to_program(board, package)
        said = board.wait_for(r"went on at byte \d+\r\nstaged; reset to try it\r\n")
        # At most one block and one erase unit come in again.
        self.assertGreaterEqual(int(said.split("went on at byte ")[1].split()[0]), 5 * 1024)
        board.power_cycle()
        board.wait_for(self.confirmed(2))

    def test_blocks_that_are_spoilt_are_sent_to_the_program_again(self):
        board = self.receiver()
        self.send_to_program(board, self.update_to(2, source=self.running_receiver), spoil={
            0: lambda data: data[:50] + b"\0" + data[51:], 2: lambda data: data[:-1] + bytes([data[-1] ^ 1])})
        board.wait_for(r"staged; reset to try it\r\n")
        self.try_it(board)

    def test_without_a_sender_the_program_has_its_console_back_after_a_minute(self):
        board = Board(self.machine, self.shop.flash(self.layout, self.bootloader, program="receiver"), self.fast_time)
        self.addCleanup(board.kill)
        board.start()
        board.wait_for(self.confirmed(1))
        board.type("receive")
        board.wait_for(r"nobody sent anything\r\n")
        self.assertGreater(self.beats(board), 50 * 100)  # a hundred times a second
