"""What tests of the SmartFusion2 SOM share: its workshop, and servers that its packages come from."""

import pathlib
import shutil
import socket
import subprocess
import unittest

from board_test import CLASS, ROOT, Workshop, run_with
from emulator import SECONDS, Failure, SpiBoard
from file_power_cuts import CONFIRMED, RUNS
from tftp import HOST

LAYOUT = "smartfusion2_board"


class Sf2Workshop(Workshop):
    """Packages go to a folder of their own, where TFTP servers find them."""

    def __init__(self, switchback: pathlib.Path, build: pathlib.Path):
        super().__init__(switchback, build)
        self.folder.chmod(0o755)
        self.files = self.folder / "tftp"
        self.files.mkdir(mode=0o755)

    @property
    def network(self) -> str:
        """QEMU's own server, at HOST."""
        return f"user,restrict=off,tftp={self.files}"

    def offer(self, version: int, *more, name="update", **how) -> pathlib.Path:
        file = self.files / f"{name}.swb"
        shutil.copyfile(self.package(LAYOUT, version, *more, **how), file)
        file.chmod(0o644)
        return file

    def flash(self, _layout: str, bootloader: str, counter: int | None = None) -> dict[str, bytes]:
        to = self.folder / "flash"
        subprocess.run([ROOT / "scripts/board_image.py", "--layout", self.layout(LAYOUT), "--bootloader",
                        self.build / f"bin/{bootloader}.bin", "--key", self.folder / "vendor.pub.pem", "--class", CLASS,
                        "--image", self.image(LAYOUT, 1, counter), "--switchback", self.switchback, "-o", to], check=True)
        return {name: (to / f"{name}.flash").read_bytes() for name in ("envm", "spi")}

    def board(self, bootloader="sf2_network", counter: int | None = None, network: str | None = None) -> SpiBoard:
        """Runs version 1, which has confirmed itself."""
        board = SpiBoard(self.flash(LAYOUT, bootloader, counter), self.network if network is None else network)
        board.start()
        board.wait_for(CONFIRMED.format(1, "A"))
        return board


def into_update_mode(board: SpiBoard):
    board.type("update")
    board.wait_for(r"update: done\r\n.*update mode: none\r\n")


def fetch(board: SpiBoard, name: str, server: str = HOST):
    board.type(f"tftp {server} {name}")


class Daemon:
    """A TFTP server of Debian's on loopback, at a port of its own."""

    COMMANDS = {"in.tftpd": lambda port, folder: ["-L", "--user", "nobody", "--address", f"127.0.0.1:{port}", "--secure",
                                                  folder],
                "atftpd": lambda port, folder: ["--daemon", "--no-fork", "--port", str(port), "--bind-address", "127.0.0.1",
                                                "--user", "nobody", folder]}

    @classmethod
    def known(cls) -> list[pathlib.Path]:
        """Those that are installed, and the one that scripts/setup.sh unpacked; one may stand under the other's name too."""
        folders = ("/usr/sbin", "/usr/bin", str(ROOT / "build/tools/usr/sbin"))
        found = (shutil.which(name, path=folder) for folder in folders for name in cls.COMMANDS)
        paths = (pathlib.Path(path).resolve() for path in found if path)
        return sorted({path.name: path for path in paths if path.name in cls.COMMANDS}.values())

    def __init__(self, program: pathlib.Path, folder: pathlib.Path):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        arguments = self.COMMANDS[program.name](self.port, folder)
        self.process = subprocess.Popen([program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)

    def wait_until_it_answers(self):
        """Asks for a file that is not there until it says so."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(0.1)
            for _ in range(10 * SECONDS):
                asking.sendto(b"\0\1nothing\0octet\0", ("127.0.0.1", self.port))
                try:
                    if asking.recvfrom(600)[0][:2] == b"\0\5":
                        return
                except TimeoutError:
                    continue
        raise Failure("the TFTP server does not answer")

    def __enter__(self):
        try:
            self.wait_until_it_answers()
        except Failure:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(SECONDS)


def run_tests(case: type[unittest.TestCase]) -> int:
    return run_with(case, Sf2Workshop)
