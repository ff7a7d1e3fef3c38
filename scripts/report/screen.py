"""The demo's terminal: short lines, headings, colours and bars only where a person looks."""
import os
import sys
import time

COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class Screen:
    def __init__(self, stream=sys.stdout):
        self.stream = stream
        self.terminal = stream.isatty()
        self.colours = self.terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        self.headings = 0

    def paint(self, colour, text):
        return f"\033[{COLOURS[colour]}m{text}\033[0m" if self.colours else text

    def line(self, text=""):
        print(text, file=self.stream, flush=True)

    def heading(self, text):
        self.headings += 1
        self.line()
        self.line(self.paint("bold", f"{self.headings}. {text}"))

    def say(self, text):
        self.line(f"   {text}")

    def held(self, text):
        self.line(f"   {self.paint('green', 'ok')} {text}")

    def cut(self, text):
        self.line(f"   {self.paint('yellow', 'power cut')} {text}")

    def console(self, text):
        """A line of the device's own console."""
        self.line(f"   {self.paint('dim', 'device |')} {text}")

    def refused(self, text):
        self.line(f"   {self.paint('cyan', 'refused')} {text}")

    def failed(self, text):
        self.line(f"   {self.paint('red', 'FAILED')} {text}")

    def bar(self, label, done, total, width=32):
        """A bar that stays on the screen: how far a download got."""
        self.line(f"   {label:<8} {drawn(done, total, width)}")

    def progress(self, label, total):
        return Progress(self, label, total)


def drawn(done, total, width):
    filled = 0 if total == 0 else min(width, done * width // total)
    share = 0 if total == 0 else 100 * done / total
    return f"[{'#' * filled}{'.' * (width - filled)}] {share:5.1f} %  {done:,} of {total:,} bytes"


class Progress:
    """A transfer while it goes on: on a terminal a bar with rate and time left, in a pipe a line each quarter."""

    WIDTH = 32

    def __init__(self, screen, label, total, clock=time.monotonic):
        self.screen, self.label, self.total, self.clock = screen, label, total, clock
        self.started = clock()
        self.done = 0
        self.quarters = 0
        self.at(0)

    def at(self, done):
        self.done = done
        if self.screen.terminal:
            self.screen.stream.write(f"\r   {self.text()}\033[K")
            self.screen.stream.flush()
        elif (quarters := 4 * done // self.total if self.total else 4) > self.quarters:
            self.quarters = quarters
            self.screen.line(f"   {self.text()}")

    def text(self):
        seconds = self.clock() - self.started
        text = f"{self.label:<8} {drawn(self.done, self.total, self.WIDTH)}"
        if self.done == 0 or seconds <= 0:
            return text
        rate = self.done / seconds
        left = "" if self.done >= self.total else f", {(self.total - self.done) / rate:.1f} s left"
        return f"{text}  {rate / 1000:.1f} kB/s{left}"

    def end(self):
        """The line stays, as far as it got."""
        if self.screen.terminal:
            self.screen.line()
        elif self.done < self.total:
            self.screen.line(f"   {self.text()}")
