"""Each verb by itself: help, wrong use, JSON, what it leaves when it fails."""

import json
import lzma
import pathlib
import os
import subprocess
import unittest

from command import CLASS, SPARSE, SWITCHBACK, CommandTest, changed, program, some

VERBS = (("key", "new"), ("key", "show"), ("image", "sign"), ("image", "verify"), ("diff",), ("patch",), ("pack",),
         ("inspect",), ("verify",), ("device", "new"), ("device", "boot"), ("device", "status"), ("device", "confirm"),
         ("device", "read"), ("install",), ("factory-reset",), ("layout", "check"), ("layout", "gen"))


def base128(number: int) -> bytes:
    """A number as VCDIFF writes it."""
    last, number = number & 0x7F, number >> 7
    return (base128(number)[:-1] + bytes([base128(number)[-1] | 0x80]) if number else b"") + bytes([last])


class Conventions(CommandTest):
    def test_every_help_has_an_example_of_its_verb(self):
        for verb in VERBS + ((), ("key",), ("image",), ("device",), ("layout",)):
            ended = self.run_it(*verb, "--help")
            self.assertIn("Example:\n  switchback " + " ".join(verb), ended.out, verb)
            self.assertEqual(ended.err, "")

    def test_every_verb_takes_json(self):
        for verb in VERBS:
            self.assertIn("--json", self.run_it(*verb, "--help").out)

    def test_wrong_use_is_status_2_and_one_line(self):
        wrong = ((), ("nosuch",), ("key",), ("key", "new"), ("key", "new", "--out"), ("image", "sign", "x"),
                 ("diff", "a", "b"), ("pack", "x"), ("device", "boot"), ("device", "boot", "d", "--times", "0"),
                 ("device", "read", "d", "--slot", "C", "-o", "x"), ("install", "p", "--device", "d", "--link", "smoke"),
                 ("install", "p", "--device", "d", "--loss", "120%"), ("verify", "x", "--nosuch"),
                 ("key", "show", "k", "--format", "xml"), ("diff", "a", "b", "-o", "p", "--ram", "16Q"))
        for words in wrong:
            ended = self.run_it(*words, status=2)
            self.assertEqual(len(ended.err.strip().split("\n")), 1, ended.err)
            self.assertEqual(ended.out, "")

    def test_a_word_that_is_no_verb_is_named(self):
        self.assertIn("no verb 'frob'", self.run_it("frob", status=2).err)
        self.assertIn("no verb 'frob'", self.run_it("device", "frob", "dev", status=2).err)
        self.assertNotIn("no verb", self.run_it("device", status=2).err)

    def test_an_error_is_one_json_document_too(self):
        answer = self.json_of("inspect", "nosuch", status=4)
        self.assertEqual(set(answer["error"]), {"what", "where", "fix", "exit"})
        self.assertEqual((answer["error"]["where"], answer["error"]["exit"]), ("nosuch", 4))
        self.assertEqual(self.json_of("inspect", status=2)["error"]["exit"], 2)

    def test_missing_files_are_the_environment(self):
        for words in (("key", "show", "none"), ("image", "verify", "none", "--key", "none"),
                      ("diff", "none", "none", "-o", "p"), ("verify", "none", "--key", "none"),
                      ("device", "status", "none"), ("install", "none", "--device", "none"),
                      ("layout", "check", "none.toml")):
            self.run_it(*words, status=4)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_an_answer_that_cannot_be_written_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([SWITCHBACK, "layout", "check", "default"], stdout=full, stderr=subprocess.PIPE,
                                  check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn(b"standard output", done.stderr)

    def test_no_progress_bar_in_a_pipe(self):
        self.write("a", program(1, 400000))
        self.write("b", changed(program(1, 400000), 2))
        ended = self.run_it("diff", "a", "b", "-o", "p")
        self.assertEqual(ended.err, "")


class Files(CommandTest):
    def test_an_output_that_is_an_input_is_refused(self):
        self.make_key()
        self.write("a", program(1))
        self.write("b", program(2))
        self.run_it("diff", "a", "b", "-o", "b", status=2)
        self.run_it("diff", "a", "b", "-o", "./a", status=2)
        self.run_it("image", "sign", "a", "--key", "vendor.pem", "--version", "1.0", "--slot-size", "64K", "-o", "a",
                    status=2)
        self.assertEqual(self.read("a"), program(1))

    def test_a_failure_leaves_an_older_output_alone(self):
        self.write("old", program(1))
        self.write("patch", b"not a patch")
        self.write("out", b"precious")
        self.run_it("patch", "old", "patch", "-o", "out", status=3)
        self.assertEqual(self.read("out"), b"precious")
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["old", "out", "patch"])

    def test_an_output_in_a_folder_that_is_not_there_fails(self):
        self.write("a", program(1))
        self.run_it("diff", "a", "a", "-o", "nosuch/p", status=4)

    def test_devices_are_written_to_and_not_replaced(self):
        self.write("a", program(1))
        self.run_it("diff", "a", "a", "-o", "/dev/null")
        self.assertFalse(os.path.isfile("/dev/null"))

    def test_a_link_is_followed(self):
        self.write("a", program(1))
        self.write("target", b"")
        self.path("link").symlink_to("target")
        self.run_it("diff", "a", "a", "-o", "link")
        self.assertTrue(self.path("link").is_symlink())
        self.assertGreater(len(self.read("target")), 0)


class Keys(CommandTest):
    def test_a_key_is_made_once_and_kept_from_others(self):
        self.make_key()
        self.assertEqual(self.path("vendor.pem").stat().st_mode & 0o777, 0o600)
        before = self.read("vendor.pem")
        self.run_it("key", "new", "--out", "vendor.pem", status=2)
        self.assertEqual(self.read("vendor.pem"), before)

    def test_both_halves_show_the_same_key(self):
        self.make_key()
        self.assertEqual(self.json_of("key", "show", "vendor.pem"), {**self.json_of("key", "show", "vendor.pub.pem"),
                                                                     "key": "vendor.pem"})
        self.assertEqual(self.run_it("key", "show", "vendor.pem").out, self.read("vendor.pub.pem").decode())
        text = self.run_it("key", "show", "vendor.pub.pem", "--format", "c").out
        self.assertIn("const unsigned char vendor_key[64]", text)
        self.assertEqual(text.count("0x"), 96)

    def test_what_is_no_key_is_refused(self):
        self.write("x.pem", b"hello")
        self.run_it("key", "show", "x.pem", status=3)


class Images(CommandTest):
    def setUp(self):
        super().setUp()
        self.make_key()
        self.write("app.bin", program(1))

    def sign_it(self, *more, status=0):
        return self.run_it("image", "sign", "app.bin", "--key", "vendor.pem", "--version", "1.2.3+4", "-o", "app.img",
                           *more, status=status)

    def test_sign_and_verify(self):
        self.sign_it("--slot-size", "0x1e000", "--security-counter", "7", "--rom-fixed", "0x8000")
        answer = self.json_of("image", "verify", "app.img", "--key", "vendor.pub.pem")
        self.assertEqual((answer["verified"], answer["version"], answer["security_counter"], answer["rom_fixed"]),
                         (True, "1.2.3+4", 7, 0x8000))

    def test_wrong_options(self):
        self.sign_it("--slot-size", "16K", status=1)
        self.sign_it(status=2)
        self.sign_it("--slot-size", "64K", "--version", "1.2.3.4", status=2)
        self.sign_it("--slot-size", "64K", "--header-size", "8", status=2)
        self.sign_it("--slot-size", "0", status=2)
        self.assertFalse(self.path("app.img").exists())

    def test_an_image_is_not_signed_twice(self):
        self.sign_it("--slot-size", "64K")
        self.run_it("image", "sign", "app.img", "--key", "vendor.pem", "--version", "1.2.3", "--slot-size", "64K", "-o",
                    "twice.img", status=3)
        self.assertFalse(self.path("twice.img").exists())

    def test_verify_says_no(self):
        self.sign_it("--slot-size", "64K")
        self.make_key("other")
        self.assertFalse(self.json_of("image", "verify", "app.img", "--key", "other.pub.pem", status=1)["verified"])
        image = bytearray(self.read("app.img"))
        image[1000] ^= 1
        self.write("bad.img", image)
        self.run_it("image", "verify", "bad.img", "--key", "vendor.pub.pem", status=1)
        self.write("short.img", self.read("app.img")[:-1])
        self.run_it("image", "verify", "short.img", "--key", "vendor.pub.pem", status=3)
        self.run_it("image", "verify", "app.bin", "--key", "vendor.pub.pem", status=3)


class Patches(CommandTest):
    def test_every_format_gives_the_new_file_back(self):
        self.write("old", program(1, 60000))
        self.write("new", changed(program(1, 60000), 2))
        choices = {"bsdiff": ("bzip2",), "endsley": ("lzma", "none", "bzip2"), "lzma": ("lzma",),
                   "vcdiff": ("lzma", "none", "interleaved"), "hpatchlite": ("tuz", "none"),
                   "hdiff": ("lzma2", "lzma", "zlib", "zstd", "bzip2", "none")}
        every = [("--format", name, "--compress", packing) for name in choices for packing in choices[name]]
        for options in ((), ("--ram", "4K", "--segment", "8K"), ("--format", "vcdiff", "--window", "4K"), *some(every)):
            answer = self.json_of("diff", "old", "new", "-o", "p", *options)
            self.assertLessEqual({"format", "old_bytes", "new_bytes", "patch_bytes", "decoder_ram_bytes", "seconds"},
                                 set(answer))
            self.assertEqual(answer["patch_bytes"], len(self.read("p")))
            self.run_it("patch", "old", "p", "-o", "made")
            self.assertEqual(self.read("made"), self.read("new"))
            info = self.json_of("inspect", "p")
            self.assertEqual((info["kind"], info["format"]), ("patch", answer["format"]))
            made = info["diff_bytes"] + info["extra_bytes"] + info["self_bytes"] + info["run_bytes"]
            self.assertEqual(made, len(self.read("new")), options)
            self.assertEqual(sum(b["covers"] for b in info["cover_histogram"]), info["covers"])

    def test_a_patch_is_made_in_little_memory(self):
        self.write("old", program(1, 60000))
        self.write("new", changed(program(1, 60000), 2))
        for name in ("bsdiff", "endsley"):
            answer = self.json_of("diff", "old", "new", "-o", "p", "--format", name, "--memory", "40M")
            self.assertEqual(answer["patch_bytes"], len(self.read("p")))
            self.run_it("patch", "old", "p", "-o", "made")
            self.assertEqual(self.read("made"), self.read("new"))
        self.run_it("diff", "old", "new", "-o", "q", "--format", "hpatchlite", "--memory", "64M", status=2)
        self.run_it("diff", "old", "new", "-o", "q", "--format", "bsdiff", "--memory", "4M", status=2)
        self.assertFalse(self.path("q").exists())

    def test_a_patch_has_a_page_with_its_cover_map(self):
        self.write("old", program(1, 60000))
        self.write("new", changed(program(1, 60000), 2))
        self.run_it("diff", "old", "new", "-o", "p")
        self.run_it("inspect", "p", "--html", "p.html")
        page = self.read("p.html").decode()
        self.assertIn("aria-label='cover map'", page)
        self.assertIn("<path d='M", page)
        self.run_it("inspect", "old", "--html", "x.html", status=2)
        self.run_it("inspect", "p", "--html", "p", status=2)
        self.assertFalse(self.path("x.html").exists())

    def test_options_that_no_encoder_has(self):
        self.write("old", program(1))
        for options in (("--format", "nosuch"), ("--compress", "rar"), ("--ram", "3K"),
                        ("--format", "vcdiff", "--window", "100")):
            self.run_it("diff", "old", "old", "-o", "p", *options, status=2)
        self.assertFalse(self.path("p").exists())

    @unittest.skipIf(SPARSE, "sanitizers take more memory than that by themselves")
    def test_a_small_patch_does_not_unpack_to_all_memory(self):
        packer = lzma.LZMACompressor(preset=0)
        plain_bytes = 200 << 20
        packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(plain_bytes >> 20)) + packer.flush()
        section = base128(plain_bytes) + packed
        window = base128(1) + b"\4" + base128(0) + base128(0) + base128(len(section)) + section  # addresses are packed
        self.write("bomb", b"\xd6\xc3\xc4\0\1\2" + b"\0" + base128(len(window)) + window)
        self.write("old", b"")
        limited = ["sh", "-c", 'ulimit -v 150000; exec "$0" patch old bomb -o made', SWITCHBACK]
        done = subprocess.run(limited, cwd=self.folder, capture_output=True, check=False)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.check_error_line(done.stderr.decode())

    def test_broken_patches(self):
        self.write("old", program(1))
        self.write("new", changed(program(1), 2))
        self.run_it("diff", "old", "new", "-o", "p")
        whole = self.read("p")
        for length in (10, 30, len(whole) - 1):
            self.write("cut", whole[:length])
            self.run_it("patch", "old", "cut", "-o", "made", status=3)
        self.assertFalse(self.path("made").exists())


class Packages(CommandTest):
    def setUp(self):
        super().setUp()
        self.make_key()
        self.old_image = self.sign("old", program(1), "1.0.0")
        self.new_image = self.sign("new", changed(program(1), 2), "1.1.0", "--security-counter", "3")

    def test_inspect_tells_what_scripts_ask_for(self):
        full = self.json_of("inspect", self.pack("full", self.new_image, "1.1.0"))
        delta = self.json_of("inspect", self.pack("delta", self.new_image, "1.1.0", "--from", self.old_image))
        old, new = (self.json_of("inspect", image) for image in (self.old_image, self.new_image))
        for package in (full, delta):
            self.assertEqual((package["kind"], package["version"], package["sequence"]),
                             ("package", "1.1.0", (1 << 56) + (1 << 48)))
            self.assertEqual(package["image_bytes"], len(self.read(self.new_image)))
            self.assertEqual(package["image_sha256"], new["sha256"])
            self.assertTrue(package["payload_whole"])
            self.assertIn("class", package)
            self.assertGreater(package["payload_bytes"], 0)
        self.assertEqual((full["payload_format"], full["source_sha256"]), ("lzma", None))
        self.assertEqual((delta["payload_format"], delta["source_sha256"]), ("sbd", old["sha256"]))

    def test_pack_refuses_contradictions(self):
        self.pack("x", self.new_image, "1.2.0", status=1)
        self.pack("x", self.new_image, "1.1.0", "--security-counter", "4", status=1)
        self.pack("x", self.new_image, "one", status=2)
        self.pack("x", self.new_image, "1.1.0", "--format", "endsley", status=2)
        self.pack("x", self.new_image, "1.1.0", "--format", "nosuch", status=2)
        self.pack("x", self.new_image, "1.1.0", of_class="no-domain", status=2)
        self.pack("x", "new.bin", "1.1.0", status=3)
        self.make_key("other")
        self.pack("x", self.new_image, "1.1.0", key="other", status=1)
        self.assertFalse(self.path("x.swb").exists())

    def test_sequence_replaces_the_version(self):
        package = self.pack("x", self.new_image, "1.1.0", "--sequence", "77")
        self.assertEqual(self.json_of("inspect", package)["sequence"], 77)
        self.pack("x", self.new_image, "9.9.9", "--sequence", "77", status=1)
        for number in ("-1", "010x", "99999999999999999999999"):
            self.pack("x", self.new_image, "1.1.0", "--sequence", number, status=2)

    def test_layout_chooses_the_smallest(self):
        sizes = {name: len(self.read(self.pack(name, self.new_image, "1.1.0", "--from", self.old_image, "--format", name)))
                 for name in ("raw", "lzma", "endsley", "endsley+lzma", "sbd")}
        best = self.pack("best", self.new_image, "1.1.0", "--from", self.old_image, "--layout", "default")
        self.assertLessEqual(len(self.read(best)), min(sizes.values()) + 4)

    def test_a_layout_says_how_large_a_decoder_of_sbd_may_be(self):
        shipped = pathlib.Path(__file__).resolve().parents[2] / "layouts/default.toml"
        self.write("sbd4k.toml", shipped.read_bytes().replace(b"sbd:16K", b"sbd:4K"))
        package = self.pack("small", self.new_image, "1.1.0", "--from", self.old_image, "--layout", "sbd4k.toml")
        told = self.json_of("inspect", package)
        self.assertEqual((told["payload_format"], told["decoder_ram_bytes"]), ("sbd", 4096))
        self.make_device(self.old_image, "--layout", "sbd4k.toml", name="small")
        self.assertEqual(self.json_of("install", package, "--device", "small")["result"], "staged")
        self.assertEqual(self.json_of("device", "boot", "small")["booted_slot"], "B")
        larger = self.pack("larger", self.new_image, "1.1.0", "--from", self.old_image, "--layout", "default")
        self.assertEqual(self.json_of("inspect", larger)["decoder_ram_bytes"], 16384)
        other = self.make_device(self.old_image, "--layout", "sbd4k.toml", name="other")
        self.assertIn("no_decoder", self.run_it("install", larger, "--device", other, status=1).err)

    def test_verify_reaches_the_image(self):
        delta = self.pack("delta", self.new_image, "1.1.0", "--from", self.old_image)
        without = self.json_of("verify", delta, "--key", "vendor.pub.pem", "--class", CLASS)
        self.assertEqual((without["verified"], without["image_checked"]), (True, False))
        answer = self.json_of("verify", delta, "--key", "vendor.pub.pem", "--class", CLASS, "--old", self.old_image)
        self.assertEqual((answer["verified"], answer["image_checked"]), (True, True))

    def test_verify_says_no_for_a_device_that_is_ahead(self):
        newer = self.sign("newer", program(3), "1.2.0", "--security-counter", "3")
        package = self.pack("x", self.new_image, "1.1.0")
        self.assertIn("older", self.run_it("verify", package, "--key", "vendor.pub.pem", "--old", newer, status=1).err)
        floor = self.sign("floor", program(3), "1.0.0", "--security-counter", "4")
        self.assertIn("below_floor",
                      self.run_it("verify", package, "--key", "vendor.pub.pem", "--old", floor, status=1).err)
        self.run_it("verify", package, "--key", "vendor.pub.pem", "--old", self.new_image)


class Layouts(CommandTest):
    def test_shipped_layouts_are_good(self):
        for name in ("default", "nrf52840"):
            answer = self.json_of("layout", "check", name)
            self.assertEqual((answer["kind"], answer["name"], answer["image_room_bytes"]), ("layout", name, 480 << 10))
            self.assertEqual(answer["journal"]["pages"], 4)
            self.assertGreater(answer["journal"]["updates_to_rated_cycles"], 1000)
            self.assertEqual(answer["resent_bytes_per_cut"], 4096)
            self.assertEqual(answer["resent_bytes_per_cut_by_decoder"]["endsley"], 4096)
            self.assertEqual(answer["resent_bytes_per_cut_by_decoder"]["endsley+lzma:20K"], 65536)
            self.assertIn("region", self.run_it("layout", "check", name).out)

    def test_a_bad_layout_is_told_with_its_line(self):
        self.write("bad.toml", b'name = "x"\nscheme = "xip"\nremap = treu\n')
        ended = self.run_it("layout", "check", "bad.toml", status=3)
        self.assertIn("bad.toml:3", ended.err)
        self.run_it("layout", "check", "nosuch", status=3)


class Inspecting(CommandTest):
    def test_devices_and_their_journals(self):
        self.make_key()
        image = self.sign("old", program(1), "1.0.0")
        self.make_device(image)
        answer = self.json_of("inspect", "dev")
        self.assertEqual((answer["kind"], answer["slots"]["A"]["role"]), ("device", "active"))
        self.assertTrue(answer["journal"]["sealed"])
        newest = answer["journal"]["records"][0]
        self.assertEqual((newest["state"], newest["active"]), ("READY", "A"))
        self.write("journal.bin", self.read("dev/internal.flash")[0xF8000:0xFC000])
        dump = self.json_of("inspect", "journal.bin")
        self.assertEqual((dump["kind"], dump["records"]), ("journal", answer["journal"]["records"]))

    def test_layouts(self):
        self.make_key()
        self.make_device(self.sign("old", program(1), "1.0.0"))
        self.assertEqual(self.json_of("inspect", "dev/layout.toml")["kind"], "layout")

    def test_what_is_nothing_known(self):
        self.write("x", b"hello world")
        self.run_it("inspect", "x", status=3)
        self.write("empty", b"")
        self.run_it("inspect", "empty", status=3)


class Devices(CommandTest):
    def setUp(self):
        super().setUp()
        self.make_key()
        self.image = self.sign("old", program(1), "1.0.0")

    def test_status_tells_what_scripts_ask_for(self):
        self.make_device(self.image)
        status = self.status()
        self.assertLessEqual({"state", "running_slot", "cause", "tries_left", "security_floor", "slots", "wear"},
                             set(status))
        for slot in status["slots"].values():
            self.assertLessEqual({"role", "version", "sha256", "verified", "bootable", "why"}, set(slot))
        self.assertEqual(status["slots"]["A"]["sha256"], self.json_of("inspect", self.image)["sha256"])

    def test_new_leaves_nothing_when_it_fails(self):
        self.run_it("device", "new", "d", "--key", "vendor.pub.pem", "--image", "old.bin", status=3)
        self.run_it("device", "new", "d", "--key", "vendor.pub.pem", "--layout", "nosuch", status=3)
        self.make_key("other")
        self.run_it("device", "new", "d", "--key", "other.pub.pem", "--image", self.image, status=1)
        self.assertFalse(self.path("d").exists())
        self.make_device(self.image)
        before = self.read("dev/internal.flash")
        self.run_it("device", "new", "dev", "--key", "vendor.pub.pem", status=2)
        self.assertEqual(self.read("dev/internal.flash"), before)

    def test_damaged_directories_are_told(self):
        for file in ("device.json", "internal.flash", "internal.state", "layout.toml"):
            name = f"dev-{file}"
            self.make_device(self.image, name=name)
            self.write(f"{name}/{file}", b"{")
            self.run_it("device", "status", name, status=3)
            if file.startswith("internal"):
                self.path(f"{name}/{file}").unlink()
                self.run_it("device", "status", name, status=3)

    @unittest.skipIf(os.geteuid() == 0, "nothing is closed to root")
    def test_a_device_that_cannot_be_written_can_be_read(self):
        self.make_device(self.image)
        self.path("dev/.lock").unlink()
        self.path("dev").chmod(0o555)
        self.assertEqual(self.status()["slots"]["A"]["role"], "active")
        self.run_it("device", "boot", "dev", status=4)
        self.path("dev").chmod(0o755)

    def test_a_write_that_was_killed_is_finished_or_forgotten(self):
        self.make_device(self.image)
        self.path("dev/.saving").mkdir()
        self.write("dev/.saving/internal.flash", b"half")
        self.assertEqual(self.status()["running_slot"], None)
        self.assertFalse(self.path("dev/.saving").exists())
        self.path("dev/.committed").mkdir()
        self.write("dev/.committed/ram.json", json.dumps({"running": "A", "decision": 0, "cause": 0}).encode())
        self.write("dev/.committed/.removals", b"")
        self.assertEqual(self.status()["running_slot"], "A")
        self.assertFalse(self.path("dev/.committed").exists())

    def test_reading_an_empty_slot_says_no(self):
        self.make_device(self.image)
        self.run_it("device", "read", "dev", "--slot", "B", "-o", "b", status=1)
        self.assertFalse(self.path("b").exists())
        self.run_it("device", "read", "dev", "--slot", "B", "--whole", "-o", "b")
        self.assertEqual(self.read("b"), b"\xff" * (480 << 10))


if __name__ == "__main__":
    unittest.main()
