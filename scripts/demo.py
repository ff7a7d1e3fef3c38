#!/usr/bin/env python3
"""The main job, end to end: a new firmware gets to a device that loses its power, is tried, confirmed; bad ones are not.

    scripts/demo.py                        on an emulated board
    scripts/demo.py --simulated            on a simulated device, with the two releases of examples/app
    scripts/demo.py --old OLD --new NEW    on a simulated device, with any two raw images
    scripts/demo.py --picture [FILE.svg]   also draws the small flash map of the README, on a simulated device

Where no board can be emulated the simulated device is shown, and a line says why.
Exit status 0 when every step did what it must, 1 when one did not, 2 when the input does not fit.
"""
import argparse
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from demos import boards  # noqa: E402
from demos.board import BoardDemo  # noqa: E402
from demos.files import ROOT, WrongInput  # noqa: E402
from demos.simulated import SimulatedDemo  # noqa: E402
from report.command import DemoFailure  # noqa: E402


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--board", choices=boards.BOARDS, default="microbit", help="which one is emulated")
    parser.add_argument("--build", help="build of the board's programs that is there (without: scripts/build.sh makes it)")
    parser.add_argument("--json", help="also write what was found out on the board to this file")
    parser.add_argument("--simulated", action="store_true", help="a simulated device in place of a board")
    parser.add_argument("--old", help="raw image that a simulated device runs")
    parser.add_argument("--new", help="raw image that it is updated to")
    parser.add_argument("--layout", default="default", help="of the simulated device: shipped layout or FILE.toml")
    parser.add_argument("--tool", default=os.path.join(ROOT, "build", "bin", "switchback"), help="the command")
    parser.add_argument("--work", default=os.path.join(ROOT, "build", "demo"), help="work directory, cleaned by the demo")
    parser.add_argument("--report", default=os.path.join(ROOT, "demo-report.html"))
    parser.add_argument("--picture", nargs="?", const=os.path.join(ROOT, "docs", "pictures", "flash-map.svg"),
                        help="also draw the README's flash map")
    options = parser.parse_args(arguments)
    if bool(options.old) != bool(options.new):
        parser.error("give both files, --old and --new, or none")
    return options


def chosen(options):
    """The demo that is asked for and can be shown here."""
    if options.simulated or options.old or options.picture:
        return SimulatedDemo(options)
    reason = boards.why_not(options.board, options.build)
    if reason is None:
        return BoardDemo(options)
    demo = SimulatedDemo(options)
    demo.screen.line(f"On a simulated device, not on an emulated board: {reason}")
    return demo


def show(demo):
    """Exit status, and what failed."""
    try:
        demo.run()
    except WrongInput as problem:
        return 2, str(problem)
    except DemoFailure as problem:
        return 1, str(problem)
    except (OSError, KeyError, subprocess.SubprocessError) as problem:
        return 1, f"{type(problem).__name__}: {problem}"
    return 0, None


def main(arguments):
    # Who ends the demo ends what it started too: the way out is the same as after a failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    options = parse(arguments)
    demo = chosen(options)
    try:
        status, failed = show(demo)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    if failed:
        demo.screen.failed(failed)
    if options.json and isinstance(demo, BoardDemo):
        demo.write_facts(failed)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
