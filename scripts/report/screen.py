"""The demo's terminal: short lines, headings, colours and bars only where a person looks."""
import os
import sys

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

    def refused(self, text):
        self.line(f"   {self.paint('cyan', 'refused')} {text}")

    def failed(self, text):
        self.line(f"   {self.paint('red', 'FAILED')} {text}")

    def bar(self, label, done, total, width=32):
        """A bar that stays on the screen: how far a download got."""
        filled = 0 if total == 0 else min(width, done * width // total)
        share = 0 if total == 0 else 100 * done / total
        self.line(f"   {label:<8} [{'#' * filled}{'.' * (width - filled)}] {share:5.1f} %  {done:,} of {total:,} bytes")
