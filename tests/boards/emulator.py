"""A board in QEMU, as a test sees it: flash to put in and to read out, a console, power to cut at an exact operation.

QEMU starts without a loader (its loader would undo flash writes at each reset), flash is written through the debugger
while the processor stands still. All three sockets are ours and QEMU connects to them, so nothing is polled and nothing
sleeps: each wait ends with an event or with its bound.
"""

import json
import pathlib
import re
import select
import socket
import subprocess
import tempfile
import time

SECONDS = 60  # bound of every wait; most end within one
PIECE = 2000  # bytes the debugger writes at a time; QEMU takes packets of 4096 characters
PAINT = 0xC5


class Failure(Exception):
    """What the board did not do."""


class Channel:
    """A socket that QEMU connects to, and reading from it until something is there."""

    def __init__(self, path: pathlib.Path):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(1)
        self.listener.settimeout(SECONDS)
        self.peer = None
        self.pending = b""
        self.beside = []  # what is served while this channel is waited for: a Watch, a server

    def accept(self):
        self.peer, _ = self.listener.accept()
        self.listener.close()

    def send(self, data: bytes):
        self.peer.settimeout(SECONDS)
        self.peer.sendall(data)

    def more(self, until: float) -> bool:
        """Whether bytes came in before the time `until`."""
        while True:
            ready, _, _ = select.select([self, *self.beside], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                return False
            if self in ready:
                break
            ready[0].serve()
        data = self.peer.recv(65536)
        self.pending += data
        return bool(data)

    def fileno(self) -> int:
        return self.peer.fileno()

    def take(self, pattern: bytes, seconds: float = SECONDS) -> bytes:
        """All up to and with the first match of `pattern`."""
        until = time.monotonic() + seconds
        while not (match := re.search(pattern, self.pending, re.S)):
            if not self.more(until):
                raise Failure(f"no {pattern!r} within {seconds} s; so far {self.pending[-600:]!r}")
        taken, self.pending = self.pending[:match.end()], self.pending[match.end():]
        return taken

    def forget_all_but_last(self):
        """Of the bytes that came and that nobody has taken."""
        while self.more(time.monotonic()):
            pass
        self.pending = self.pending[-1:]

    def close(self):
        (self.peer or self.listener).close()


class Debugger(Channel):
    """The remote protocol of gdb, as far as it is needed."""

    def request(self, text: str) -> str:
        body = text.encode()
        self.send(b"$" + body + b"#%02x" % (sum(body) % 256))
        while True:
            answer = self.packet()
            if not re.match(r"T[0-9a-f]{2}", answer) or text == "?":  # a stop that was told late
                return answer

    def packet(self) -> str:
        packet = self.take(rb"\$[^#]*#..")
        self.send(b"+")
        return packet[packet.index(b"$") + 1:-3].decode()

    def expect_ok(self, text: str):
        if (answer := self.request(text)) != "OK":
            raise Failure(f"the debugger answers {answer!r} to {text[:40]!r}")

    def write(self, address: int, data: bytes):
        for at in range(0, len(data), PIECE):
            piece = data[at:at + PIECE]
            self.expect_ok(f"M{address + at:x},{len(piece):x}:{piece.hex()}")

    def read(self, address: int, count: int) -> bytes:
        pieces = (self.request(f"m{address + at:x},{min(PIECE, count - at):x}") for at in range(0, count, PIECE))
        return bytes.fromhex("".join(pieces))

    def registers(self) -> list[int]:
        """r0 to r15."""
        words = bytes.fromhex(self.request("g"))
        return [int.from_bytes(words[at:at + 4], "little") for at in range(0, 64, 4)]

    def set_registers(self, **values: int):
        """By the names r0 to r15."""
        words = bytearray.fromhex(self.request("g"))
        for name, value in values.items():
            at = 4 * int(name[1:])
            words[at:at + 4] = value.to_bytes(4, "little")
        self.expect_ok("G" + words.hex())

    def resume(self):
        self.send(b"$c#63")

    def stopped(self) -> str:
        """Waits until the processor stands."""
        while not re.match(r"T[0-9a-f]{2}", answer := self.packet()):
            if answer:
                raise Failure(f"the debugger says {answer!r} where a stop was expected")
        return answer


class Monitor(Channel):
    """QMP: QEMU's own control. What it tells unasked is kept in `events`."""

    def __init__(self, path: pathlib.Path):
        super().__init__(path)
        self.events: list[dict] = []

    def accept(self):
        super().accept()
        self.take(rb"\n")
        self.request("qmp_capabilities")

    def request(self, command: str, **arguments):
        self.send(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = json.loads(self.take(rb"\n"))
            if "error" in answer:
                raise Failure(f"{command}: {answer['error']}")
            if "return" in answer:
                return answer["return"]
            if "event" in answer:
                self.events.append(answer)


class Machine:
    """What of a board the emulator must know."""

    def __init__(self, name: str, flash_address: int, flash_bytes: int, ram_address: int, ram_bytes: int):
        self.name = name
        self.flash_address, self.flash_bytes = flash_address, flash_bytes
        self.ram_address, self.ram_bytes = ram_address, ram_bytes


# Of their 64 KB of RAM, what is not for images.
SMARTFUSION2 = Machine("emcraft-sf2", 0x60000000, 256 * 1024, 0x20000000, 24 * 1024)
LM3S6965 = Machine("lm3s6965evb", 0, 256 * 1024, 0x20000000, 24 * 1024)
MICROBIT = Machine("microbit", 0, 256 * 1024, 0x20000000, 16 * 1024)
# An STM32F405, whose flash is read-only here: its controller is not modelled.
NETDUINO_PLUS_2 = Machine("netduinoplus2", 0x08000000, 1024 * 1024, 0x20000000, 128 * 1024)
# Its PSRAM is a file (see in_file()), and what is flashed is what the board's controller loads when power comes on.
MPS2 = Machine("mps2-an385,memory-backend=psram", 0, 64 * 1024, 0x20000000, 64 * 1024)


def in_file(psram: pathlib.Path) -> tuple[str, ...]:
    """Options for the board MPS2: all that its processor writes to PSRAM is in the file at once, and outlives kill()."""
    return "-object", f"memory-backend-file,id=psram,size=16M,mem-path={psram},share=on"


class Board:
    """A board with `flash` as it stands now, without power until start() or debug() is called."""

    network = "none"  # of QEMU's -nic

    def __init__(self, machine: Machine, flash: bytes, options: tuple[str, ...] = ()):
        self.machine, self.flash, self.options = machine, flash, options
        self.process = None
        self.heard = b""  # all that the console said

    # ---- power

    def power_on(self):
        """Stands at reset afterwards."""
        self.folder = tempfile.TemporaryDirectory(prefix="board-")
        path = pathlib.Path(self.folder.name)
        self.serial, self.debugger, self.monitor = (
            kind(path / name) for kind, name in ((Channel, "serial"), (Debugger, "gdb"), (Monitor, "qmp")))
        command = ["qemu-system-arm", "-M", self.machine.name, "-S", "-display", "none", "-nodefaults", "-nic", self.network,
                   "-chardev", f"socket,id=serial,path={path}/serial", "-serial", "chardev:serial",
                   "-chardev", f"socket,id=qmp,path={path}/qmp", "-mon", "chardev=qmp,mode=control",
                   "-chardev", f"socket,id=gdb,path={path}/gdb", "-gdb", "chardev:gdb", *self.flash_files(path), *self.options]
        with (path / "errors").open("wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        try:
            for channel in (self.serial, self.monitor, self.debugger):
                channel.accept()
            self.debugger.request("?")
            self.write_flash()
            self.debugger.write(self.machine.ram_address, bytes([PAINT]) * self.machine.ram_bytes)
            self.monitor.request("system_reset")
        except (OSError, Failure) as error:
            said = (path / "errors").read_text(errors="replace")
            self.kill()
            raise Failure(f"QEMU did not start: {error} {said}") from error

    def flash_files(self, _folder: pathlib.Path) -> list[str]:
        """What QEMU is told of flash that it keeps in files."""
        return []

    def write_flash(self):
        self.debugger.write(self.machine.flash_address, self.flash)

    def start(self):
        self.power_on()
        self.monitor.request("cont")

    def killed(self):
        """QEMU has just ended; its folder is still there."""

    def kill(self):
        """The supply is gone, at once. What was not saved before is lost."""
        if self.process:
            self.process.kill()
            self.process.wait(SECONDS)
            self.killed()
            for channel in (self.serial, self.debugger, self.monitor):
                channel.close()
            self.folder.cleanup()
            self.process = None

    def save(self) -> bytes:
        """Stops the processor and reads the flash."""
        self.monitor.request("stop")
        file = pathlib.Path(self.folder.name) / "flash"
        self.monitor.request("memsave", val=self.machine.flash_address, size=self.machine.flash_bytes,
                             filename=str(file), **{"cpu-index": 0})
        self.flash = file.read_bytes()
        return self.flash

    def power_cycle(self):
        self.save()
        self.kill()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    # ---- console

    def wait_for(self, pattern: str, seconds: float = SECONDS) -> str:
        """What the console says up to the next match of `pattern`."""
        said = self.serial.take(pattern.encode(), seconds)
        self.heard += said
        # QEMU's main loop looks anew whether the part takes bytes; without, it may sleep on what we send next.
        self.monitor.request("query-status")
        return said.decode(errors="replace")

    def type(self, line: str):
        self.serial.send(line.encode() + b"\r")

    # ---- debugger

    def stop_at(self, address: int, times: int = 1):
        """From a board that stands: runs until `address` was reached `times` times, and stands there."""
        for _ in range(times):
            self.debugger.expect_ok(f"Z1,{address & ~1:x},2")
            self.debugger.resume()
            self.debugger.stopped()
            self.debugger.expect_ok(f"z1,{address & ~1:x},2")
            if _ + 1 < times:
                self.step()

    def step(self):
        self.debugger.send(b"$s#73")
        self.debugger.stopped()

    def word(self, address: int) -> int:
        """Of memory or of a register, while the board runs."""
        told = self.monitor.request("human-monitor-command", **{"command-line": f"xp /1wx {address:#x}"})
        return int(told.split(":")[1], 16)

    def paint_free_ram(self, elf: pathlib.Path):
        """What is neither variables nor stack of the program `elf`, which runs and goes on."""
        self.monitor.request("stop")
        begin = symbols(elf)["__bss_end__"]
        end = self.debugger.registers()[13] - 64
        self.debugger.write(begin, bytes([PAINT]) * (end - begin))
        self.monitor.request("cont")

    def ram_used(self) -> int:
        """Bytes of RAM that no longer hold the paint, the gap between variables and stack counted out: the longest run
        of paint is what nobody touched. The processor stands afterwards."""
        self.monitor.request("stop")
        ram = self.debugger.read(self.machine.ram_address, self.machine.ram_bytes)
        runs = (match.end() - match.start() for match in re.finditer(bytes([PAINT]) + b"+", ram))
        return len(ram) - max(runs, default=0)


class FileBoard(Board):
    """A board with a ROM, and a medium that QEMU keeps in a file: what it holds survives every end of QEMU.
    `flash`: both by their names, as they are called below."""

    board: Machine
    rom: str
    medium: str
    interface: str  # of QEMU's -drive

    ERASE, PROGRAM = 0xD8, 0x02  # commands of the part: ports/smartfusion2/spi_nor.cpp

    def __init__(self, flash: dict[str, bytes], network: str = "none", options: tuple[str, ...] = ()):
        super().__init__(self.board, dict(flash), options)
        self.network = network

    def flash_files(self, folder: pathlib.Path) -> list[str]:
        for name, cells in self.flash.items():
            (folder / f"{name}.flash").write_bytes(cells)
        return ["-device", f"loader,file={folder}/{self.rom}.flash,addr={self.machine.flash_address:#x},force-raw=on",
                "-drive", f"if={self.interface},format=raw,file={self.file}"]

    def write_flash(self):
        """QEMU has the files."""

    def killed(self):
        self.flash[self.medium] = self.file.read_bytes()

    @property
    def file(self) -> pathlib.Path:
        return pathlib.Path(self.folder.name) / f"{self.medium}.flash"

    def save(self) -> dict[str, bytes]:
        self.monitor.request("stop")  # writes out what is under way
        self.killed()
        return dict(self.flash)


class SpiBoard(FileBoard):
    """The SmartFusion2 SOM with its SPI flash."""

    board, rom, medium, interface = SMARTFUSION2, "envm", "spi", "mtd"


class CardBoard(FileBoard):
    """The EK-LM3S6965 with a card: its area and its FAT volume."""

    board, rom, medium, interface = LM3S6965, "internal", "card", "sd"


def symbols(elf: pathlib.Path) -> dict[str, int]:
    listed = subprocess.run(["arm-none-eabi-nm", elf], capture_output=True, text=True, check=True).stdout
    return {name: int(value, 16) for value, _, name in re.findall(r"^([0-9a-f]+) (\w) (\S+)$", listed, re.M)}
