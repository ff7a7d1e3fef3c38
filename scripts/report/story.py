"""The record of a run: its steps, what was checked, what was refused, and the figures of the summary."""
from .command import DemoFailure


class Step:
    """One thing that happened. `kind` is do, boot, cut, resume, back or refused."""

    def __init__(self, kind, title, text="", answer=None, status=None, progress=None, console=()):
        self.kind = kind
        self.title = title
        self.text = text
        self.answer = answer or {}  # the bootloader's or installer's own words: decision, cause, …
        self.status = status        # of the device, after the step
        self.progress = progress    # (label, before, after, total) in bytes of the package
        self.console = console      # lines that the device said meanwhile


class Refusal:
    def __init__(self, package, done_to_it, cause, message):
        self.package = package
        self.done_to_it = done_to_it
        self.cause = cause
        self.message = message


class Story:
    def __init__(self, screen):
        self.screen = screen
        self.steps = []
        self.refusals = []
        self.snapshots = []
        self.figures = {}
        self.checks = 0

    def add(self, *args, **kwargs):
        self.steps.append(Step(*args, **kwargs))

    def hold(self, condition, text, otherwise=""):
        """A check: says `text` when it holds, ends the demo when it does not."""
        if not condition:
            raise DemoFailure(f"does not hold: {text}" + (f" ({otherwise})" if otherwise else ""))
        self.checks += 1
        self.screen.held(text)

    def equal(self, value, wanted, text):
        self.hold(value == wanted, text, f"{value!r} instead of {wanted!r}")
