"""Runs the `switchback` command and takes its JSON answers; every call is kept for the report."""
import json
import shlex
import subprocess

POWER_CUT = 5  # exit status: the simulated power was cut, as asked


class DemoFailure(Exception):
    """A step did not do what it must."""


class Answer:
    def __init__(self, status, document, message):
        self.status = status
        self.document = document
        self.message = message  # what stood on standard error, without the program's name

    def __getitem__(self, key):
        if key not in self.document:
            raise DemoFailure(f"the answer has no field '{key}': {self.document}")
        return self.document[key]


class Command:
    def __init__(self, program, directory, show_progress):
        self.program = program
        self.directory = directory
        self.show_progress = show_progress
        self.calls = []

    def run(self, *arguments, expect=0, progress=False):
        """Runs a verb in the work directory. DemoFailure unless its exit status is `expect` (None: any)."""
        arguments = [str(a) for a in arguments]
        visible = progress and self.show_progress  # the bar goes to the terminal, not into a pipe
        done = subprocess.run([self.program, *arguments, "--json"], cwd=self.directory, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=None if visible else subprocess.PIPE, timeout=300,
                              check=False)
        message = "" if done.stderr is None else done.stderr.decode("utf-8", "replace").strip()
        shown = "switchback " + shlex.join(arguments)
        self.calls.append((shown, done.returncode))
        if expect is not None and done.returncode != expect:
            raise DemoFailure(f"exit status {done.returncode} instead of {expect}: {shown}: {' '.join(message.split())}")
        try:
            document = json.loads(done.stdout) if done.stdout.strip() else {}
        except ValueError as e:
            raise DemoFailure(f"the answer is not JSON ({e}): {shown}") from None
        return Answer(done.returncode, document, message.removeprefix("switchback: "))
