#!/usr/bin/env python3
"""Brings the source of libraries of scripts/sources.txt to build/sources/NAME: fetch_source.py NAME…

It comes from Debian's source packages, by the machine's own apt sources and with lists of its own; the original archive
must have the SHA-256 that is written down here. What has been brought is not asked for again. Without a network, copy
NAME_VERSION.orig.tar.* to build/sources/ first.
"""

import argparse
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
STAMP = ".fetched"  # in the folder of a source: the SHA-256 of the archive that it came in


class Failed(Exception):
    """Says in one line what is wrong."""


class Pinned(NamedTuple):
    name: str
    version: str
    sha256: str

    @property
    def archive(self) -> str:
        return f"{self.name}_{self.version}.orig.tar.*"


def pinned(table: pathlib.Path, name: str) -> Pinned:
    for line in table.read_text().splitlines():
        fields = line.split()
        if fields[:1] == [name]:
            return Pinned(*fields[:3])
    raise Failed(f"{name} is not in {table.name}")


def source_entries(apt: pathlib.Path, to: pathlib.Path) -> None:
    """Writes what the machine takes packages from as what it takes sources from; both of apt's forms."""
    files = [apt / "sources.list", *(apt / "sources.list.d").glob("*.list"), *(apt / "sources.list.d").glob("*.sources")]
    for file in filter(pathlib.Path.is_file, files):
        text = re.sub(r"(?m)^Types:.*$", "Types: deb-src", file.read_text())
        (to / file.name).write_text(re.sub(r"(?m)^[ \t]*deb(-src)?(?=\s)", "deb-src", text))


def apt_get(work: pathlib.Path, *words: str) -> list[str]:
    """The machine's own lists stay as they are, and nothing needs root. Returns what went wrong on the way."""
    options = {"Dir::Etc::sourcelist": "/dev/null", "Dir::Etc::sourceparts": work / "entries",
               "Dir::State::lists": work / "lists", "Dir::Cache": work / "cache", "Acquire::Retries": 1,
               "Acquire::http::Timeout": 30, "Acquire::https::Timeout": 30}
    command = ["apt-get", *(f"-o{option}={value}" for option, value in options.items()), *words]
    try:
        ended = subprocess.run(command, cwd=work, env=os.environ | {"LC_ALL": "C"}, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    except FileNotFoundError as error:
        raise Failed("there is no apt-get") from error
    said = [line[3:] for line in ended.stdout.splitlines() if line.startswith(("E: ", "W: Failed to fetch "))]
    if ended.returncode != 0:
        raise Failed(said[0] if said else f"apt-get {words[0]} ended with {ended.returncode}")
    return said


def archives(folder: pathlib.Path, source: Pinned) -> list[pathlib.Path]:
    return [file for file in sorted(folder.glob(source.archive)) if file.suffix != ".asc"]


def download(source: Pinned, work: pathlib.Path, apt: pathlib.Path) -> pathlib.Path:
    for folder in ("entries", "lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    source_entries(apt, work / "entries")
    missed = apt_get(work, "update")  # one repository of many may be away
    try:
        apt_get(work, "source", "--only-source", "--tar-only", source.name)
    except Failed as error:
        raise Failed(missed[0] if missed else str(error)) from error
    found = archives(work, source)
    if not found:
        other = ", ".join(file.name for file in work.glob("*.tar.*"))
        raise Failed(f"apt gives {other}, scripts/sources.txt wants version {source.version}")
    return found[0]


def unpack(archive: pathlib.Path, to: pathlib.Path) -> pathlib.Path:
    """Returns the folder that the archive has its files in."""
    now = time.time()
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extraction_filter = tarfile.data_filter
        members = tar.getmembers()
        for member in members:
            member.mtime = now  # another version is new to the build, whenever it was packed
        tar.extractall(to, members)
    inside = list(to.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else to


def fetch(source: Pinned, into: pathlib.Path, apt: pathlib.Path) -> bool:
    """Whether there was something to do."""
    target = into / source.name
    if (target / STAMP).is_file() and (target / STAMP).read_text() == source.sha256:
        return False
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into) as folder:
        work = pathlib.Path(folder)
        work.chmod(0o755)  # apt downloads as a user of its own
        given = archives(into, source)
        archive = given[0] if given else download(source, work, apt)
        sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
        if sha256 != source.sha256:
            raise Failed(f"{archive.name} has the SHA-256 {sha256}, scripts/sources.txt wants {source.sha256}")
        made = unpack(archive, work / "unpacked")
        (made / STAMP).write_text(source.sha256)
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--table", type=pathlib.Path, default=ROOT / "scripts/sources.txt")
    parser.add_argument("--into", type=pathlib.Path, default=ROOT / "build/sources")
    parser.add_argument("--apt", type=pathlib.Path, default=pathlib.Path("/etc/apt"), help="where apt is set up")
    options = parser.parse_args()
    for name in options.names:
        try:
            source = pinned(options.table, name)
            if fetch(source, options.into.resolve(), options.apt):
                print(f"fetch_source: {name} {source.version} is in {options.into / name}")
        except (Failed, OSError, tarfile.TarError) as error:
            print(f"fetch_source: {name}: {error}; without a network, copy {name}_*.orig.tar.* to {options.into}",
                  file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
