#!/usr/bin/env python3
"""Runs both releases of the example firmware on an emulated micro:bit (QEMU) and talks to its console.

    board_test.py --build DIR          builds 1.0.0 and 1.1.0 there and runs them; exit status 77: a tool is missing

Every wait has a bound; only the process that was started here is ended, by its own handle.
"""
import argparse
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
APP = os.path.dirname(HERE)
ROOT = os.path.dirname(os.path.dirname(APP))
SKIPPED = 77
FLASH_BYTES = 256 * 1024


class Board:
    """An emulated board with its UART on a socket."""

    def __init__(self, flash, directory):
        self.path = os.path.join(directory, "uart")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path)
        listener.listen(1)
        listener.settimeout(20)
        self.process = subprocess.Popen(
            ["qemu-system-arm", "-M", "microbit", "-kernel", flash, "-display", "none", "-monitor", "none",
             "-nic", "none", "-icount", "shift=6",  # 64 ns an instruction, however busy this machine is; idle time is skipped
             "-serial", f"unix:{self.path}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            self.uart, _ = listener.accept()
        except socket.timeout:
            self.stop()
            raise SystemExit("QEMU did not open its UART: " + self.process.stdout.read().decode()) from None
        finally:
            listener.close()
        self.seen = ""

    def wait_for(self, text, seconds=30):
        """Everything received up to and with `text`."""
        until = time.monotonic() + seconds
        while text not in self.seen:
            left = until - time.monotonic()
            if left <= 0 or self.process.poll() is not None:
                raise SystemExit(f"waited for {text!r}; the console said:\n{self.seen}")
            ready, _, _ = select.select([self.uart], [], [], left)
            if ready:
                self.seen += self.uart.recv(4096).decode("latin-1")
        end = self.seen.index(text) + len(text)
        before, self.seen = self.seen[:end], self.seen[end:]
        return before

    def type(self, line, seconds=30):
        """Types a line; gives the answer without echo and prompt."""
        for byte in (line + "\r").encode():
            self.uart.sendall(bytes([byte]))
            self.wait_for("\r" if byte == 13 else chr(byte), seconds)  # the echo paces us, as a person would
        return self.wait_for("\n> ", seconds).strip("\r\n> ")

    def stop(self):
        self.process.kill()
        self.process.wait(timeout=10)


def build(directory, version):
    subprocess.run(["cmake", "-S", APP, "-B", directory, "-G", "Ninja", f"-DAPP_VERSION={version}",
                    "--toolchain", os.path.join(ROOT, "cmake", "arm-none-eabi.cmake")],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", directory], check=True, stdout=subprocess.DEVNULL)
    return os.path.join(directory, "app.bin")


def expect(answer, *parts):
    for part in parts:
        if part not in answer:
            raise SystemExit(f"expected {part!r} in:\n{answer}")


def whole_flash(image, directory):
    """A file of the part's whole flash: the image, then erased. (What QEMU is not given, it reads as zeros.)"""
    with open(image, "rb") as f:
        content = f.read()
    path = os.path.join(directory, "flash.bin")
    with open(path, "wb") as f:
        f.write(content.ljust(FLASH_BYTES, b"\xff"))
    return path


def talk(board, version):
    """Banner, self-test and the console's commands, as a person at a terminal would try them."""
    expect(board.wait_for("type 'help'\r\n> "), f"monitor {version} on nRF51822", "RAM, March C-               ok",
           "image in flash, CRC-32      ok", "clocks agree                ok", "filters, known answer       ok",
           "self-test: passed")
    expect(board.type("version"), version, "CRC-32")
    expect(board.type("help"), "sensors", "set")
    expect(board.type("sensors"), "air", "compressor")
    expect(board.type("status"), "self-test passed", "starts")
    expect(board.type("set setpoint 2.5"), "2.5 C")
    expect(board.type("set setpoint 200"), "out of range")
    expect(board.type("save"), "saved as revision 1")
    expect(board.type("selftest"), "self-test: passed")
    expect(board.type("log"), "started", "configuration saved")
    expect(board.type("bus 11 03 00 00 00 01"), "11 03 02 00 19")
    with_trend = version != "1.0.0"
    expect(board.type("trend"), "humidity" if with_trend else "no command 'trend'")
    expect(board.type("tasks"), "second")


def run(image, version):
    with tempfile.TemporaryDirectory() as directory:
        board = Board(whole_flash(image, directory), directory)
        try:
            talk(board, version)
        finally:
            board.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", metavar="DIR", required=True)
    options = parser.parse_args()
    for tool in ("qemu-system-arm", "arm-none-eabi-g++", "ninja", "cmake"):
        if not shutil.which(tool):
            print(f"skipped: {tool} is not installed")
            return SKIPPED
    for version in ("1.0.0", "1.1.0"):
        run(build(os.path.join(options.build, version), version), version)
        print(f"{version}: banner, self-test and console answer on the emulated board")
    return 0


if __name__ == "__main__":
    sys.exit(main())
