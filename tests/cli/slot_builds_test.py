"""One package with a build for each slot, for parts that cannot remap: the nRF52840."""

import unittest

from command import CLASS, CommandTest, SPARSE, changed, program

ADDRESS = {"a": 0x8000, "b": 0x80000}


def linked(seed: int, slot: str) -> bytes:
    """A program as it is linked for a slot: some of its words are addresses in itself."""
    start = ADDRESS[slot] + 0x200
    body = bytearray(program(seed, 12000, start))
    for at in range(64, len(body) - 4, 60):
        body[at:at + 4] = (start + at % 1024).to_bytes(4, "little")
    return bytes(body)


class SlotBuilds(CommandTest):
    def setUp(self):
        super().setUp()
        self.make_key()
        self.builds = {"1.0.0": self.sign_both("1.0.0", 0), "1.1.0": self.sign_both("1.1.0", 2)}

    def sign_both(self, version: str, seed: int, *more) -> dict:
        made = {}
        for slot, address in ADDRESS.items():
            body = linked(1, slot) if seed == 0 else changed(linked(1, slot), seed)
            made[slot] = self.sign(f"{version}-{slot}", body, version, "--rom-fixed", hex(address), *more)
        return made

    def pack_both(self, version: str, *more, old=None, layout="nrf52840", status=0) -> str:
        new = self.builds[version]
        sources = () if old is None else ("--from", self.builds[old]["a"], "--from-slot-b", self.builds[old]["b"])
        return self.pack(f"{version}-from-{old}", new["a"], version, "--slot-b", new["b"], *sources, "--layout", layout,
                         *more, status=status)

    def device(self) -> str:
        name = self.make_device(self.builds["1.0.0"]["a"], "--layout", "nrf52840")
        self.assertEqual(self.json_of("device", "boot", name)["booted_slot"], "A")
        return name

    def image_in(self, slot: str) -> bytes:
        self.run_it("device", "read", "dev", "--slot", slot, "-o", "seen.img")
        return self.read("seen.img")

    def update_to(self, version: str, package: str, slot: str):
        """Installs, tries and confirms; what runs is the build for that slot, byte by byte."""
        done = self.json_of("install", package, "--device", "dev")
        self.assertEqual(done["result"], "staged")
        build = next(build for build in self.json_of("inspect", package)["builds"] if build["slot"] == slot)
        wire = build["payload_bytes"] + 16 * (build["blocks"] - 1)
        envelope = done["package_bytes"] - sum(one["payload_bytes"] + 16 * (one["blocks"] - 1)
                                               for one in self.json_of("inspect", package)["builds"])
        self.assertEqual(done["sent_bytes"], envelope + wire, "nothing is sent that is for the other slot")
        self.assertLessEqual(envelope, 1024)
        told = self.json_of("device", "boot", "dev")
        self.assertEqual((told["booted_slot"], told["version"], told["decision"]), (slot, version, "trial"))
        self.assertEqual(self.json_of("device", "confirm", "dev")["confirmed_slot"], slot)
        self.assertEqual(self.image_in(slot), self.read(self.builds[version][slot.lower()]))
        self.assertEqual(self.status()["slots"][slot]["role"], "active")

    def test_a_device_goes_from_a_to_b_to_a_and_takes_the_build_for_the_slot_that_it_writes(self):
        self.builds["1.2.0"] = self.sign_both("1.2.0", 3)
        for whole in (True, False):
            self.device()
            self.update_to("1.1.0", self.pack_both("1.1.0", old=None if whole else "1.0.0"), "B")
            self.update_to("1.2.0", self.pack_both("1.2.0", old=None if whole else "1.1.0"), "A")
            self.assertEqual(self.status()["slots"]["B"]["role"], "backup")
            self.path("dev").rename(self.path(f"dev-{whole}"))

    def test_an_image_that_is_not_confirmed_gives_way_to_the_other_slot(self):
        self.device()
        self.run_it("install", self.pack_both("1.1.0", old="1.0.0"), "--device", "dev")
        told = self.json_of("device", "boot", "dev", "--times", 4)
        self.assertEqual((told["booted_slot"], told["version"], told["cause"]), ("A", "1.0.0", "tries_exhausted"))

    def test_a_download_that_is_cut_goes_on_in_its_own_payload(self):
        package = self.pack_both("1.1.0", "--format", "raw")
        second = self.json_of("inspect", package)["builds"][1]["chain_from"]
        for number, cut in enumerate((20, 38) if SPARSE else (20, 26, 32, 38)):
            self.device()
            done = self.json_of("install", package, "--device", "dev", "--power-cut", cut, "--loss", "10%", "--link", "ble",
                                status=5)
            self.assertGreater(done["accepted_bytes"], second)
            self.assertEqual(self.json_of("device", "boot", "dev")["version"], "1.0.0")
            again = self.json_of("install", package, "--device", "dev")
            self.assertEqual(again["resumed_from"], done["accepted_bytes"])
            self.assertLess(again["sent_bytes"], len(self.read(self.builds["1.1.0"]["b"])))
            self.assertEqual(self.image_in("B"), self.read(self.builds["1.1.0"]["b"]))
            self.path("dev").rename(self.path(f"dev{number}"))

    def test_a_delta_from_something_else_is_refused(self):
        self.builds["0.9.0"] = self.sign_both("0.9.0", 5)
        self.device()
        done = self.json_of("install", self.pack_both("1.1.0", old="0.9.0"), "--device", "dev", status=1)
        self.assertEqual((done["result"], done["cause"]), ("refused", "wrong_source"))

    def test_inspect_and_verify_tell_of_both(self):
        package = self.pack_both("1.1.0", old="1.0.0")
        told = self.json_of("inspect", package, "--key", "vendor.pub.pem")
        self.assertTrue(told["verified"] and told["payload_whole"] and told["strict_profile"])
        sha = {slot: {version: self.json_of("inspect", images[slot])["sha256"] for version, images in self.builds.items()}
               for slot in "ab"}
        self.assertEqual([(one["slot"], one["image_sha256"], one["source_sha256"]) for one in told["builds"]],
                         [("A", sha["a"]["1.1.0"], sha["b"]["1.0.0"]), ("B", sha["b"]["1.1.0"], sha["a"]["1.0.0"])])
        self.assertEqual(told["image_sha256"], told["builds"][0]["image_sha256"])
        text = self.run_it("inspect", package).out
        self.assertIn("slot     A", text)
        self.assertIn("slot     B", text)

        old = self.builds["1.0.0"]
        verify = ("verify", package, "--key", "vendor.pub.pem", "--class", CLASS)
        self.assertFalse(self.json_of(*verify)["image_checked"])
        for images in (("a",), ("b",), ("a", "b")):
            named = [word for slot in images for word in ("--old", old[slot])]
            self.assertTrue(self.json_of(*verify, *named)["image_checked"])
        ended = self.run_it(*verify, "--old", self.builds["1.1.0"]["a"], status=1)
        self.assertIn("wrong_source", ended.err)
        whole = self.pack_both("1.1.0")
        self.assertTrue(self.json_of("verify", whole, "--key", "vendor.pub.pem")["image_checked"])

    def test_a_damaged_payload_is_found_whichever_slot_it_is_for(self):
        package = self.pack_both("1.1.0")
        good = bytearray(self.read(package))
        builds = self.json_of("inspect", package)["builds"]
        end = len(good)
        for at in (end - 1, end - builds[1]["payload_bytes"] - 500):
            bad = bytearray(good)
            bad[at] ^= 1
            self.write("bad.swb", bytes(bad))
            self.assertFalse(self.json_of("inspect", "bad.swb")["payload_whole"])
            self.run_it("verify", "bad.swb", "--key", "vendor.pub.pem", status=1)

    def test_pack_refuses_builds_that_do_not_belong_together(self):
        new, old = self.builds["1.1.0"], self.builds["1.0.0"]
        loose = self.sign("loose", linked(1, "b"), "1.1.0")
        counted = self.sign("counted", linked(1, "b"), "1.1.0", "--rom-fixed", "0x80000", "--security-counter", "3")
        on_nrf = ("--layout", "nrf52840")
        cases = (
            ((new["a"], "--slot-b", new["a"]), "the same address"),
            ((new["a"], "--slot-b", loose), "not bound"),
            ((new["a"], "--slot-b", old["b"]), "version"),
            ((new["a"], "--slot-b", counted), "counter"),
            ((new["b"], "--slot-b", new["a"], *on_nrf), "wrong_address"),
            ((new["a"], "--slot-b", new["a"], *on_nrf), "for slot B"),
            ((new["a"], "--slot-b", new["b"], "--layout", "default"), "one build"),
            ((new["a"], "--slot-b", new["b"], "--layout", "nrf51822"), "one build"),
            ((new["a"], "--slot-b", new["b"], "--from", old["b"], "--from-slot-b", old["a"]), "--from-slot-b"),
        )
        for words, reason in cases:
            ended = self.run_it("pack", *words, "-o", "x.swb", "--key", "vendor.pem", "--version", "1.1.0", "--class",
                                CLASS, status=1)
            self.assertIn(reason, ended.err.strip().split("\n")[-1])
        for words in ((new["a"], "--slot-b", new["b"], "--from", old["a"]),
                      (new["a"], "--slot-b", new["b"], "--from-slot-b", old["b"]),
                      (new["a"], "--from", old["a"], "--from-slot-b", old["b"])):
            self.run_it("pack", *words, "-o", "x.swb", "--key", "vendor.pem", "--version", "1.1.0", "--class", CLASS,
                        status=2)
        self.assertFalse(self.path("x.swb").exists())

    def test_pack_says_when_only_one_slot_is_served(self):
        ended = self.run_it("pack", self.builds["1.1.0"]["b"], "-o", "b.swb", "--key", "vendor.pem", "--version", "1.1.0",
                            "--class", CLASS, "--layout", "nrf52840")
        self.assertIn("--slot-b", ended.err)


if __name__ == "__main__":
    unittest.main()
