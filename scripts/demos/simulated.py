"""The main job on a simulated device: two firmware files become a confirmed update of a device that loses its power."""
import os
import random
import shutil
import subprocess
import sys
import time

from report import flash, flash_map, page
from report.command import POWER_CUT, Command, DemoFailure
from report.screen import Screen
from report.story import Refusal, Story

from .files import ROOT, WrongInput, read, read_input, sha256, write

CLASS = "switchback.example/demo-device"
OTHER_CLASS = "switchback.example/another-device"
V1, V2, V3 = "1.0.0", "1.1.0", "1.2.0"
CUT_AT = 0.5  # of the flash operations that the install takes
LINK, LINK_NAME = "ble", "a BLE link"
BLOCK_BYTES = 512
CROSS_COMPILER = "arm-none-eabi-g++"


def made_up(size=48_000, changes=60):
    """Three files that stand for releases where none can be built: each has some of the bytes before it changed."""
    source = random.Random(1)
    files, data = {}, bytearray(source.randbytes(size))
    for version in (V1, V2, V3):
        files[version] = bytes(data)
        for _ in range(changes):
            at = source.randrange(size - 8)
            data[at:at + 8] = source.randbytes(8)
    return files


class Layout:
    """What the demo needs of `layout check`."""

    TLV_ROOM = 256  # more than digest, key hash and signature take

    def __init__(self, document):
        if not document["remap"]:
            raise WrongInput(f"layout '{document['name']}' has no remap: the demo needs one build that fits both slots")
        self.parts = {part["name"]: part for part in document["flash"]}
        self.slot = next(r for r in document["regions"] if r["name"] == "slot_a")
        self.header_bytes = document["header_bytes"]
        self.program_room = document["image_room_bytes"] - self.header_bytes - self.TLV_ROOM
        part = self.parts[self.slot["flash"]]
        self.end_of_flash = part["address"] + part["bytes"]
        self.unit_bytes = max(run["bytes"] for run in part["erase_map"])


class SimulatedDemo:
    def __init__(self, options):
        self.options = options
        self.work = os.path.join(options.work, "run")
        self.screen = Screen()
        self.story = Story(self.screen)
        self.tool = Command(os.path.abspath(options.tool), self.work, sys.stderr.isatty())
        self.digests = {}  # version → SHA-256 of its signed image
        self.signed = {}   # version → its bytes
        self.started = time.monotonic()

    # ---- what the steps lean on

    def path(self, name):
        return os.path.join(self.work, name)

    def status(self, device="device"):
        return self.tool.run("device", "status", device).document

    def slot_digest(self, slot):
        """SHA-256 of the image as it stands in the slot, read back from the device."""
        self.tool.run("device", "read", "device", "--slot", slot, "-o", "slot.bin")
        digest = sha256(read(self.path("slot.bin")))
        os.remove(self.path("slot.bin"))
        return digest

    def hold_slot(self, slot, version):
        self.story.equal(self.slot_digest(slot), self.digests[version], f"slot {slot} holds {version}, byte for byte")

    def snapshot(self, title, cut=False):
        images = {v: self.signed[v] for v in (V1, V2, V3)}
        self.story.snapshots.append(flash.take(title, self.path("device"), self.status(), self.layout.parts, images, cut))

    def boot(self, title, slot, version, decision, kind="boot", text=""):
        answer = self.tool.run("device", "boot", "device").document
        runs = f"slot {answer['booted_slot']} with {answer['version']}"
        self.screen.say(f"reset: the bootloader decides '{answer['decision']}' ({answer['cause']}) and starts {runs}")
        self.story.equal(answer["decision"], decision, f"it decided '{decision}'")
        self.story.equal(answer["booted_slot"], slot, f"slot {slot} runs")
        self.story.hold(answer["version"].split("+")[0] == version, f"version {version} runs", answer["version"])
        self.story.add(kind, title, text or f"The bootloader starts {runs}.", answer, self.status())
        return answer

    # ---- the steps

    def prepare(self):
        self.screen.heading("Two firmware files")
        shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work)
        self.layout = Layout(self.tool.run("layout", "check", self.options.layout).document)
        if self.options.old:
            raw = {V1: read_input(self.options.old), V2: read_input(self.options.new)}
            raw[V3] = raw[V2]
            if raw[V1] == raw[V2]:
                raise WrongInput("the two files are the same: there is nothing to update")
            self.names = (os.path.basename(self.options.old), os.path.basename(self.options.new))
        elif shutil.which(CROSS_COMPILER) is None:
            self.screen.say(f"{CROSS_COMPILER} is missing: no example is built, the three files are made up")
            raw = made_up()
            self.names = ("Made-up bytes", "the same with some changed")
        else:
            raw = {v: self.build_example(v) for v in (V1, V2, V3)}
            self.names = (f"The example monitor {V1}", V2)
        for version, name in ((V1, "old"), (V2, "new")):
            self.screen.say(f"{name}: {len(raw[version]):,} bytes, sha256 {sha256(raw[version])[:16]}…")
        for version, data in raw.items():
            self.check_room(version, data)
            write(self.path(f"app-{version}.bin"), data)

    def build_example(self, version):
        """The raw image of the example firmware, linked for slot A behind the image header."""
        directory = os.path.join(os.path.abspath(self.options.work), f"example-{version}")
        self.screen.say(f"building examples/app {version} for a Cortex-M0")
        slot = self.layout.slot
        address = slot["address"] + self.layout.header_bytes
        configure = ["cmake", "-S", os.path.join(ROOT, "examples", "app"), "-B", directory, "-G", "Ninja", "--toolchain",
                     os.path.join(ROOT, "cmake", "arm-none-eabi.cmake"), f"-DAPP_VERSION={version}",
                     f"-DAPP_BASE={address:#x}", f"-DAPP_ROOM={self.layout.program_room:#x}",
                     f"-DAPP_CONFIG_PAGES={self.layout.end_of_flash - 0x2000:#x}"]
        for command in (configure, ["cmake", "--build", directory]):
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            if done.returncode != 0:
                raise DemoFailure(f"{' '.join(command[:2])} failed:\n{done.stdout.decode()}")
        return read(os.path.join(directory, "app.bin"))

    def check_room(self, version, data):
        if len(data) > self.layout.program_room:
            raise WrongInput(f"the file for {version} has {len(data):,} bytes; a slot of layout '{self.options.layout}' "
                             f"takes programs of at most {self.layout.program_room:,}. Choose smaller files, or another "
                             "--layout.")
        least = 4 * self.layout.unit_bytes
        if len(data) < least:
            raise WrongInput(f"the file for {version} has {len(data):,} bytes; a download that is cut in the middle needs "
                             f"{least:,} or more")

    def sign_and_pack(self):
        self.screen.heading("Key, signed images, packages")
        self.tool.run("key", "new", "--out", "vendor.pem")
        for version in (V1, V2, V3):
            out = f"{version}.signed.bin"
            self.tool.run("image", "sign", f"app-{version}.bin", "--key", "vendor.pem", "--version", version,
                          "--slot-size", self.layout.slot["bytes"], "--header-size", self.layout.header_bytes, "-o", out)
            self.signed[version] = read(self.path(out))
            answer = self.tool.run("image", "verify", out, "--key", "vendor.pub.pem")
            self.digests[version] = answer["sha256"]
            self.story.equal(sha256(self.signed[version]), self.digests[version], f"{version} is signed and verifies")
        self.full = self.pack("full", V2)
        self.delta = self.pack("delta", V2, V1)
        if self.delta["source_sha256"] is None:
            self.screen.say("the two images have nothing in common: the smallest package is not a delta")
        saved = 1 - self.delta["package_bytes"] / len(self.signed[V2])
        self.screen.say(f"full package {self.full['package_bytes']:,} bytes ({self.full['payload_format']}), "
                        f"delta {self.delta['package_bytes']:,} bytes ({self.delta['payload_format']}): {saved:.1%} saved")
        self.story.add("do", "Key, images, packages", f"One ES256 key; {V1}, {V2} and {V3} signed; {V2} packed in full "
                       f"({self.full['payload_format']}) and as a delta from {V1} ({self.delta['payload_format']}), both so that a download can "
                       f"go on every {self.segment_bytes(len(self.signed[V2])) // 1024} KB of the image.")

    def segment_bytes(self, image_bytes):
        """A dozen points in the image from which a download can go on, each at an erase unit."""
        unit = self.layout.unit_bytes
        return -(-image_bytes // (12 * unit)) * unit

    def pack(self, name, version, source=None, *more):
        """Packs a signed image as NAME.swb; gives pack's answer."""
        arguments = ["pack", f"{version}.signed.bin", "-o", f"{name}.swb", "--key", "vendor.pem", "--version", version,
                     "--class", CLASS, "--layout", self.options.layout, "--block-size", BLOCK_BYTES,
                     "--segment", self.segment_bytes(len(self.signed[version]))]
        if source:
            arguments += ["--from", f"{source}.signed.bin"]
        return self.tool.run(*arguments, *more).document

    def make_device(self):
        self.screen.heading(f"A device in the field that runs {V1}")
        self.tool.run("device", "new", "device", "--layout", self.options.layout, "--key", "vendor.pub.pem",
                      "--class", CLASS, "--image", f"{V1}.signed.bin")
        self.boot("First start", "A", V1, "active")
        self.hold_slot("A", V1)
        self.snapshot(f"From the factory: {V1}")

    def rehearse(self):
        """The same update on copies of the device, with steady power: how many flash operations, how long."""
        self.screen.heading("Rehearsal on copies of it, with steady power")
        self.rehearsals = {}
        for name in ("full", "delta"):
            shutil.copytree(self.path("device"), self.path("copy"))
            answer = self.tool.run("install", f"{name}.swb", "--device", "copy", "--link", LINK, progress=True).document
            shutil.rmtree(self.path("copy"))
            self.story.equal(answer["result"], "staged", f"the {name} package installs: {answer['operations']:,} flash "
                             f"operations, {answer['link_seconds']:.1f} s over the link")
            self.rehearsals[name] = answer

    def cut_in_the_middle(self):
        self.screen.heading("The delta comes in, and the power is cut in the middle")
        cut_at = max(1, round(self.rehearsals["delta"]["operations"] * CUT_AT))
        answer = self.tool.run("install", "delta.swb", "--device", "device", "--link", LINK, "--power-cut", cut_at,
                               "--torn", "partial", expect=POWER_CUT, progress=True).document
        self.screen.cut(f"at flash operation {cut_at:,}; the unit in work is torn")
        total = answer["package_bytes"]
        self.screen.bar("accepted", answer["accepted_bytes"], total)
        self.story.hold(answer["cut"], "the install was cut, as asked")
        self.story.hold(0 < answer["accepted_bytes"] < total, "some of the package is recorded as accepted, not all")
        self.first = answer
        status = self.status()
        self.story.add("cut", f"The delta to {V2} comes in over {LINK_NAME}",
                       f"The power fails in the middle of flash operation {cut_at}: some of its bits are written, some not.",
                       answer, status,
                       (f"{answer['sent_bytes']:,} of {total:,} bytes were sent, {answer['accepted_bytes']:,} are recorded "
                        "as accepted", 0, answer["accepted_bytes"], total))
        self.snapshot("At the power cut", cut=True)
        self.boot("Power returns", "A", V1, "active", text=f"The half-written slot is left alone; {V1} runs as before.")
        self.hold_slot("A", V1)

    def go_on(self):
        self.screen.heading("The same delta again: it goes on where it stopped")
        answer = self.tool.run("install", "delta.swb", "--device", "device", "--link", LINK, progress=True).document
        total = answer["package_bytes"]
        self.screen.bar("before", answer["resumed_from"], total)
        self.screen.bar("after", answer["accepted_bytes"], total)
        self.story.equal(answer["result"], "staged", "the image is whole, verified and staged")
        self.story.hold(answer["resumed_from"] > 0, f"it went on at byte {answer['resumed_from']:,}, not at 0")
        self.story.hold(answer["resent_bytes"] <= total, f"{answer['resent_bytes']:,} bytes had to be sent again")
        self.second = answer
        self.hold_slot("B", V2)
        self.hold_slot("A", V1)
        self.story.add("resume", "The same delta again",
                       f"The device asks for the rest only; {answer['resent_bytes']:,} bytes travel a second time.", answer,
                       self.status(), (f"went on at byte {answer['resumed_from']:,}, then {answer['sent_bytes']:,} bytes "
                                       "were sent", answer["resumed_from"], answer["accepted_bytes"], total))

    def trial(self):
        self.screen.heading("Trial, and a power cut in the bootloader as well")
        answer = self.tool.run("device", "boot", "device", "--power-cut", 1, "--torn", "partial", expect=POWER_CUT).document
        self.screen.cut("at the first flash operation of the bootloader")
        self.story.add("cut", "Reset, to try the new image", "The power fails again, now while the bootloader writes its "
                       "record.", answer, self.status())
        self.boot("Power returns", "B", V2, "trial",
                  text="The record is made anew; the tries are lowered before the jump.")
        self.hold_slot("B", V2)
        confirmed = self.tool.run("device", "confirm", "device").document
        self.story.equal(confirmed["confirmed_slot"], "B", f"{V2} is confirmed")
        self.story.add("do", f"{V2} is confirmed", "From now on it is what the device goes back to.", None, self.status())
        self.boot("Reset", "B", V2, "active")
        self.snapshot(f"Confirmed: {V2}")

    def never_confirmed(self):
        self.screen.heading(f"{V3} comes, starts, and is never confirmed")
        self.pack("never", V3)
        answer = self.tool.run("install", "never.swb", "--device", "device", "--link", "ble", "--loss", "5%",
                               progress=True).document
        self.story.equal(answer["result"], "staged", f"{V3} is staged, over a radio link that lost "
                         f"{answer['lost_messages']:,} of {answer['messages']:,} messages")
        self.story.add("do", f"{V3} comes in over BLE, 5 % of the messages lost",
                       f"{answer['lost_messages']:,} of {answer['messages']:,} messages were lost and sent again.", answer,
                       self.status())
        for number in (1, 2, 3):
            self.boot(f"Trial boot {number} of 3", "A", V3, "trial", text=f"{V3} runs, and nobody confirms it.")
        answer = self.boot("Fourth boot", "B", V2, "switch_back", "back",
                           f"Three trial boots without a word: back to {V2}.")
        self.story.equal(answer["cause"], "tries_exhausted", "the cause is 'tries_exhausted'")
        self.hold_slot("B", V2)
        self.boot("Reset", "B", V2, "active")

    def refuse_all(self):
        self.screen.heading("Packages that must be refused")
        tampered = bytearray(read(self.path("full.swb")))
        tampered[len(tampered) // 2] ^= 0x01
        write(self.path("tampered.swb"), tampered)
        self.tool.run("pack", f"{V2}.signed.bin", "-o", "class.swb", "--key", "vendor.pem", "--version", V2, "--class",
                      OTHER_CLASS, "--layout", self.options.layout)
        self.pack("older", V1)
        if self.delta["source_sha256"] is None:  # the two have nothing in common: a real delta would be larger
            self.pack("delta", V2, V1, "--format", "endsley+lzma")
        self.tool.run("key", "new", "--out", "stranger.pem")
        self.tool.run("image", "sign", f"app-{V3}.bin", "--key", "stranger.pem", "--version", V3, "--slot-size",
                      self.layout.slot["bytes"], "--header-size", self.layout.header_bytes, "-o", "stranger.signed.bin")
        self.tool.run("pack", "stranger.signed.bin", "-o", "stranger.swb", "--key", "stranger.pem", "--version", V3,
                      "--class", CLASS, "--layout", self.options.layout)
        for package, done_to_it, causes in (
                ("class.swb", f"made for {OTHER_CLASS}", ("wrong_class",)),
                ("older.swb", f"{V1}, older than the confirmed {V2}", ("older",)),
                ("stranger.swb", "signed with a key that the device does not trust", ("unknown_key", "bad_signature")),
                ("delta.swb", f"a delta from {V1}, but {V2} runs", ("wrong_source",)),
                ("tampered.swb", "one bit in its middle is flipped", ("bad_digest",))):
            answer = self.refuse(package, done_to_it, causes)
            self.story.equal(answer["operations"], 0, "not one flash operation was made")

    def refuse(self, package, done_to_it, causes):
        """The device must say no, for the right reason, and run what it ran."""
        running = self.status()["running_slot"]
        before = self.slot_digest(running)
        answer = self.tool.run("install", package, "--device", "device", "--link", LINK, expect=None)
        if answer.status not in (1, 3):
            raise DemoFailure(f"{package} was not refused: exit status {answer.status}; {answer.message}")
        cause = answer["cause"]
        self.screen.refused(f"{package}: {done_to_it}")
        self.story.hold(cause in causes, f"the reason is '{cause}'", f"it should be {' or '.join(causes)}")
        after = self.status()
        self.story.hold(after["running_slot"] == running and self.slot_digest(running) == before,
                        "the running image is untouched")
        self.story.refusals.append(Refusal(package, done_to_it, cause, answer.message))
        self.story.add("refused", package, done_to_it[0].upper() + done_to_it[1:] + ".", {"cause": cause}, after)
        return answer

    def last_look(self):
        self.boot("Last reset", "B", V2, "active")
        self.hold_slot("B", V2)
        self.snapshot(f"At the end: {V3} was switched back, its slot is half overwritten by the tampered package")

    # ---- the end

    def summarise(self):
        wear = self.status()["wear"]
        raw, full, delta = len(self.signed[V2]), self.full["package_bytes"], self.delta["package_bytes"]
        saved = 1 - delta / raw
        seconds = time.monotonic() - self.started
        f = self.story.figures
        refused = len(self.story.refusals)
        cuts = sum(step.kind == "cut" for step in self.story.steps)
        self.screen.heading("Summary")
        for name, value in (
                ("old image", f"{len(self.signed[V1]):,} bytes"), ("new image", f"{raw:,} bytes"),
                ("full package", f"{full:,} bytes, {self.rehearsals['full']['link_seconds']:.1f} s over {LINK_NAME}"),
                ("delta package", f"{delta:,} bytes, {self.rehearsals['delta']['link_seconds']:.1f} s over {LINK_NAME}, "
                                  f"{saved:.1%} saved"),
                ("power cuts", f"{cuts}: one in the download, one in the bootloader"),
                ("recovered", f"{V1} ran on; the download went on at byte {self.second['resumed_from']:,} of {delta:,}"),
                ("sent again", f"{self.second['resent_bytes']:,} bytes"),
                ("switched back", f"from {V3}, never confirmed, to {V2} on the fourth boot"),
                ("refused", f"{refused} packages: " + ", ".join(r.cause for r in self.story.refusals)),
                ("wear", f"{wear['total_erases']:,} erases, at most {wear['max_erases']} of one unit"),
                ("checks", f"{self.story.checks}, all held"), ("time", f"{seconds:.1f} s")):
            self.screen.line(f"   {name:<14} {value}")
        f["order"] = [V1, V2, V3]
        f["title"] = f"From {V1} to {V2}, through two power cuts"
        f["subtitle"] = (f"{self.names[0]} → {self.names[1]} on a simulated device of layout '{self.options.layout}': "
                         "the real bootloader and installer code, on NOR flash that fails as NOR flash does.")
        f["cards"] = [
            (f"{saved:.1%}", "saved by the delta", f"{delta:,} instead of {raw:,} bytes"),
            (f"{self.second['resent_bytes']:,}", "bytes sent again", "after a cut in the middle"),
            (f"{cuts}", "cuts survived", "download and bootloader"),
            ("1", "switched back", f"{V3}, after 3 trial boots"),
            (f"{refused}", "refused", "packages, each for its reason"),
            (f"{wear['max_erases']}", "most erases of a unit", f"{wear['total_erases']:,} in total"),
        ]
        f["sizes"] = [("signed image", raw, None), ("full package", full, self.rehearsals["full"]["link_seconds"]),
                      ("delta package", delta, self.rehearsals["delta"]["link_seconds"])]
        f["travels"] = ("The same new image, as it is and in its two packages, each with its signatures and its chain of "
                        f"block digests; and how long each takes over {LINK_NAME}.")
        f["refused"] = ("After each of them the running image was what it had been, byte for byte. What was wrong in the "
                        "signed part was seen before the first flash operation; a damaged block is never decoded.")
        f["wear"] = (f"Erases of each unit since the device was made: {wear['total_erases']:,} in total, at most "
                     f"{wear['max_erases']} of one unit. The pages of the journal take turns.")
        f["footer"] = (f"Drawn by scripts/demo.py from this run's own data in {seconds:.1f} s; the flash maps from the "
                       "device's raw cells.")

    def write_report(self):
        path = os.path.abspath(self.options.report)
        with open(path, "w", encoding="utf-8") as out:
            out.write(page.html(self.story, self.tool.calls))
        self.screen.line()
        self.screen.line(f"   report: {os.path.relpath(path)}")
        if self.options.picture:
            with open(self.options.picture, "w", encoding="utf-8") as out:
                out.write(flash_map.picture(self.story.snapshots[:3], self.story.figures["order"]))
            self.screen.line(f"   picture: {self.options.picture}")

    def run(self):
        for step in (self.prepare, self.sign_and_pack, self.make_device, self.rehearse, self.cut_in_the_middle, self.go_on,
                     self.trial, self.never_confirmed, self.refuse_all, self.last_look, self.summarise, self.write_report):
            step()
