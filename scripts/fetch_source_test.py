"""fetch_source.py with a repository in a folder: no network."""

import hashlib
import io
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent / "fetch_source.py"
ONE_LINE, DEB822 = "deb [trusted=yes] file:{} ./\n", "Types: deb\nURIs: file:{}\nSuites: ./\nTrusted: yes\n"


@unittest.skipUnless(shutil.which("apt-get"), "no apt-get")
class FetchSource(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.root = pathlib.Path(kept.name)
        self.root.chmod(0o755)
        self.repository, self.into = self.root / "repository", self.root / "sources"
        (self.root / "apt/sources.list.d").mkdir(parents=True)
        self.repository.mkdir()
        self.archive = self.publish("1.5")
        self.pin("1.5", self.archive)
        (self.root / "apt/sources.list").write_text(ONE_LINE.format(self.repository))

    def publish(self, version: str) -> pathlib.Path:
        """A source package `mill` of one file, as Debian describes one."""
        archive = self.repository / f"mill_{version}.orig.tar.gz"
        content = f"version {version}\n".encode()
        with tarfile.open(archive, "w:gz") as tar:
            entry = tarfile.TarInfo(f"mill-{version}/mill.c")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        description = self.repository / f"mill_{version}-1.dsc"
        description.write_text("not looked at\n")
        files = "".join(f" {hashlib.sha256(f.read_bytes()).hexdigest()} {f.stat().st_size} {f.name}\n"
                        for f in (description, archive))
        (self.repository / "Sources").write_text(
            f"Package: mill\nFormat: 3.0 (quilt)\nBinary: mill\nArchitecture: any\nVersion: {version}-1\n"
            f"Directory: .\nChecksums-Sha256:\n{files}\n")
        return archive

    def pin(self, version: str, archive: pathlib.Path):
        sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
        (self.root / "table.txt").write_text(f"# name, version, SHA-256\nmill {version} {sha256}  grinds\n")

    def fetch(self, name: str = "mill") -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, SCRIPT, name, "--table", self.root / "table.txt", "--into", self.into,
                               "--apt", self.root / "apt"], capture_output=True, text=True, check=False)

    def expect_refusal(self, what: str):
        ended = self.fetch()
        self.assertEqual(ended.returncode, 1, ended.stdout)
        self.assertIn(what, ended.stderr)
        self.assertEqual(ended.stderr.count("\n"), 1, ended.stderr)
        left = list(self.into.iterdir()) if self.into.exists() else []
        self.assertEqual(left, [], "nothing stays behind")

    def expect_version(self, version: str):
        ended = self.fetch()
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertEqual((self.into / "mill/mill.c").read_text(), f"version {version}\n")

    def test_takes_the_source_from_where_packages_come_from(self):
        self.expect_version("1.5")

    def test_reads_the_newer_form_of_apts_sources(self):
        (self.root / "apt/sources.list").unlink()
        (self.root / "apt/sources.list.d/debian.sources").write_text(DEB822.format(self.repository))
        self.expect_version("1.5")

    def test_asks_no_second_time(self):
        self.expect_version("1.5")
        shutil.rmtree(self.repository)
        self.expect_version("1.5")

    def test_another_version_takes_the_place_of_the_old_one(self):
        self.expect_version("1.5")
        self.pin("1.6", self.publish("1.6"))
        self.expect_version("1.6")

    def test_refuses_an_archive_that_is_not_the_pinned_one(self):
        self.pin("1.5", SCRIPT)
        self.expect_refusal("SHA-256")

    def test_says_which_version_there_is(self):
        self.publish("1.6")
        self.expect_refusal("mill_1.6.orig.tar.gz")

    def test_says_what_to_do_without_a_network(self):
        shutil.rmtree(self.repository)
        self.expect_refusal("Failed to fetch")
        self.expect_refusal("copy mill_*.orig.tar.* to")

    def test_takes_an_archive_that_was_copied_there(self):
        self.into.mkdir()
        shutil.move(self.archive, self.into)
        shutil.rmtree(self.repository)
        self.expect_version("1.5")

    def test_refuses_a_name_that_is_not_pinned(self):
        ended = self.fetch("bakery")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("bakery is not in table.txt", ended.stderr)


if __name__ == "__main__":
    unittest.main()
