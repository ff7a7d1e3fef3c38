"""What makes and applies patches: our formats, and the packaged tools that they are compared with."""

import shutil
from typing import Callable, NamedTuple


class Peer(NamedTuple):
    name: str
    make: Callable[[str, str, str], list]  # old, new, patch: the command
    apply: Callable[[str, str, str], list]  # old, patch, made: the command
    reference: bool  # a packaged tool


def ours(switchback: str) -> list:
    def peer(name: str, *options) -> Peer:
        return Peer(name, lambda old, new, patch: [switchback, "diff", old, new, "-o", patch, *options],
                    lambda old, patch, made: [switchback, "patch", old, patch, "-o", made], False)

    return [peer("bsdiff", "--format", "bsdiff"), peer("endsley+lzma", "--format", "endsley"),
            peer("vcdiff+lzma", "--format", "vcdiff", "--compress", "lzma"),
            peer("vcdiff", "--format", "vcdiff", "--compress", "none"),
            peer("hdiff+lzma2", "--format", "hdiff"), peer("hpatchlite+tuz", "--format", "hpatchlite")]


def packaged() -> list:
    """Those that are installed here."""
    zstd = ["zstd", "-q", "-f", "--long=31", "--ultra"]
    known = [
        Peer("bsdiff (Debian)", lambda old, new, patch: ["bsdiff", old, new, patch],
             lambda old, patch, made: ["bspatch", old, made, patch], True),
        Peer("xdelta3 -9 -S lzma", lambda old, new, patch: ["xdelta3", "-f", "-9", "-S", "lzma", "-e", "-s", old, new, patch],
             lambda old, patch, made: ["xdelta3", "-f", "-d", "-s", old, patch, made], True),
        Peer("zstd --patch-from", lambda old, new, patch: [*zstd, "-22", f"--patch-from={old}", new, "-o", patch],
             lambda old, patch, made: [*zstd, "-d", f"--patch-from={old}", patch, "-o", made], True),
    ]
    return [peer for peer in known if shutil.which(peer.make("", "", "")[0])]
