"""What tests of the EK-LM3S6965 share: its workshop, and its cards."""

import pathlib
import subprocess

from board_test import CLASS, ROOT, Workshop
from emulator import CardBoard
from file_power_cuts import CONFIRMED

LAYOUT = "lm3s6965"
AREA = slice(128 * 512, 640 * 512)  # of a card (ports/lm3s6965/card_flash.cpp)
SLOTS = (128 * 512 + 64 * 1024, 128 * 512 + 128 * 1024)  # A and B of the layout, on a card
TAKES = r"card: UPDATE\.SWB, \d+ bytes\r\n"


class CardWorkshop(Workshop):
    def flash(self, _layout: str = LAYOUT, bootloader: str = "lm3s_card", counter: int | None = None,
              with_image: bool = True, how: tuple[str, ...] = ()) -> dict[str, bytes]:
        """The ROM, and a card without a file. `how`: words of card_image.py."""
        to, card = self.folder / "flash", self.folder / "card.img"
        image = ["--image", self.image(LAYOUT, 1, counter)] if with_image else []
        subprocess.run([ROOT / "scripts/board_image.py", "--layout", self.layout(LAYOUT), "--bootloader",
                        self.build / f"bin/{bootloader}.bin", "--key", self.folder / "vendor.pub.pem", "--class", CLASS,
                        *image, "--switchback", self.switchback, "-o", to], check=True)
        subprocess.run([ROOT / "scripts/card_image.py", "--area", to / "card.flash", *how, "-o", card], check=True)
        return {"internal": (to / "internal.flash").read_bytes(), "card": card.read_bytes()}

    def with_file(self, card: bytes, file: pathlib.Path | None) -> bytes:
        """The card with this UPDATE.SWB, or with none; the area stays."""
        path = self.folder / "card.img"
        path.write_bytes(card)
        words = ["--file", file] if file else []
        subprocess.run([ROOT / "scripts/card_image.py", "--into", path, *words], check=True)
        return path.read_bytes()

    def board(self, **how) -> CardBoard:
        """Runs version 1, which has confirmed itself; no file is on the card."""
        board = CardBoard(self.flash(**how))
        board.start()
        board.wait_for(CONFIRMED.format(1, "A"))
        return board

    def insert(self, board: CardBoard, file: pathlib.Path | None):
        """The board is switched off, its card gets the file, and it is switched on."""
        board.save()
        board.kill()
        board.flash["card"] = self.with_file(board.flash["card"], file)
        board.start()
