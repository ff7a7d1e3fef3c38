"""The main job on an emulated board: its real bootloader takes a delta over its line, loses its power in the middle, goes
on, tries, confirms, switches back from an image that crashes, and refuses what it must.
"""
import json
import os
import shutil
import subprocess
import sys
import time

from report import flash, page
from report.command import Command, DemoFailure
from report.screen import Screen
from report.story import Refusal, Story

from . import boards
from .bench import READER, Bench, Operations, PowerCut, Refused
from .files import ROOT, read, sha256, write

CLASS = "switchback.example/demo-device"
OTHER_CLASS = "switchback.example/another-device"
V1, V2, V3 = "1.0.0", "1.1.0", "1.2.0"
BLOCK_BYTES = 512
CUT_AT = 0.5   # of the new image
TRIES = 3      # of the layout; each is one start
MOST_CELL_BYTES = 4096  # of the flash maps; larger erase units are several cells
SEGMENT_BYTES = 1024    # least distance of points in the image from which a download can go on


class BoardDemo:
    def __init__(self, options):
        self.options = options
        self.entry = boards.BOARDS[options.board]
        self.work = os.path.join(os.path.abspath(options.work), "run")
        self.build = os.path.abspath(options.build or os.path.join(ROOT, "build", self.entry.preset))
        self.screen = Screen()
        self.story = Story(self.screen)
        self.tool = Command(os.path.abspath(options.tool), self.work, sys.stderr.isatty())
        self.bench = None
        self.facts = {"board": options.board}  # what --json writes
        self.started = time.monotonic()

    # ---- what the steps lean on

    def path(self, name):
        return os.path.join(self.work, name)

    def program(self, name):
        return os.path.join(self.build, "bin", name)

    def save(self):
        """The board stands still while its flash is read."""
        return self.bench.board.save()

    def status(self, **how):
        return self.bench.status(**how)

    def slot_of(self, version):
        """Where it runs. Images of scheme swap all run from A; else each release goes to the slot that does not run."""
        return "B" if version == V2 and not self.swaps else "A"

    def spare(self):
        """Where a package goes that comes to V2."""
        return "A" if self.slot_of(V2) == "B" else "B"

    def region(self, slot):
        return self.regions[f"slot_{slot.lower()}"]

    def app_says(self, version):
        return rf"app {version.replace('.', r'[.]')} slot {self.slot_of(version)}"

    def runs(self, version):
        """Waits for it to say that it does, and that it stays."""
        self.bench.wait_for(self.app_says(version))
        self.bench.wait_for("confirm: done")

    def hold_slot(self, name, version):
        """The image stands in the slot as it was signed, in the flash that was saved last."""
        offset, image = self.region(name)["offset"], self.signed[version]
        held = self.bench.cells[offset:offset + len(image)]
        self.story.equal(sha256(held), sha256(image), f"slot {name} holds {version}, byte for byte")

    def snapshot(self, title, status, hit=None):
        """`hit`: the offset of what the power cut tore."""
        # Nobody counts erases on a board.
        count = sum(run["units"] for run in self.drawn["erase_map"])
        status = status | {"flash": {self.part["name"]: {"units": [None] * count}}}
        taken = flash.take(title, self.path(READER), status, {self.part["name"]: self.drawn}, self.signed)
        for unit, behind in zip(taken.parts[0].units, taken.parts[0].units[1:] + [None], strict=True):
            if hit is not None and unit.offset <= hit and (behind is None or hit < behind.offset):
                unit.torn = True
        self.story.snapshots.append(taken)

    def look(self, kind, title, text, progress=None, cause=None, **how):
        """Saves the flash of a board that goes on, and notes the step."""
        self.save()
        self.bench.board.monitor.request("cont")
        status = self.status(**how)
        self.story.add(kind, title, text, {"cause": cause}, status, progress, self.bench.lines())
        return status

    # ---- the steps

    def prepare(self):
        self.screen.heading(f"A {self.entry.name} in QEMU: bootloader and three releases of its application")
        shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work)
        if not self.options.build:
            self.screen.say(f"building for the board (scripts/build.sh {self.entry.preset})")
            done = subprocess.run([os.path.join(ROOT, "scripts", "build.sh"), self.entry.preset], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, check=False)
            if done.returncode != 0:
                raise DemoFailure(f"scripts/build.sh {self.entry.preset} failed:\n{done.stdout.strip()}")
        self.started = time.monotonic()
        document = self.tool.run("layout", "check", self.entry.layout).document
        self.regions = {region["name"]: region for region in document["regions"]}
        self.parts = [part["name"] for part in document["flash"]]
        self.swaps = document["scheme"] == "swap"
        slots = self.region("A")["flash"]
        self.part = next(part for part in document["flash"] if part["name"] == slots)
        self.drawn = self.drawn_of(self.part)
        self.symbols = boards.emulator.symbols(self.program(self.entry.bootloader + ".elf"))
        self.screen.say(f"bootloader {self.entry.bootloader}: "
                        f"{os.path.getsize(self.program(self.entry.bootloader + '.bin')):,} bytes of "
                        f"{self.regions['boot']['bytes']:,}; it receives, verifies, decodes, "
                        f"{'exchanges' if self.swaps else 'starts either slot'}")

    def drawn_of(self, part):
        """What maps show of the flash part: all of it, or where units are large the part that has regions, in smaller cells."""
        if max(run["bytes"] for run in part["erase_map"]) <= MOST_CELL_BYTES:
            return part
        used = max(r["offset"] + r["bytes"] for r in self.regions.values() if r["flash"] == part["name"])
        return part | {"erase_map": [{"units": used // MOST_CELL_BYTES, "bytes": MOST_CELL_BYTES}]}

    def sign_and_pack(self):
        self.screen.heading("Key, signed images, packages")
        self.tool.run("key", "new", "--out", "vendor.pem")
        self.tool.run("key", "new", "--out", "stranger.pem")
        self.signed = {}
        for version in (V1, V2, V3):
            self.sign(version, "vendor", f"{version}.img")
            self.signed[version] = read(self.path(f"{version}.img"))
            self.tool.run("image", "verify", f"{version}.img", "--key", "vendor.pub.pem")
        self.full = self.pack("full", V2)
        self.delta = self.pack("delta", V2, "--from", f"{V1}.img", "--segment", self.segment_bytes())
        self.crash = self.pack("crash", V3, "--from", f"{V2}.img")
        image, full, delta = len(self.signed[V2]), self.full["package_bytes"], self.delta["package_bytes"]
        self.saved = 1 - delta / image
        self.story.hold(delta < full, f"image {image:,} bytes, full package {full:,}, delta {delta:,} "
                        f"({self.delta['payload_format']}): {self.saved:.1%} saved")
        self.facts["sizes"] = {"image": image, "full": full, "delta": delta}
        self.story.add("do", "Key, images, packages", f"One ES256 key; {V1}, {V2} and {V3} signed; {V2} packed as a delta "
                       f"from {V1} ({self.delta['payload_format']}), so that a download can go on every "
                       f"{self.segment_bytes():,} bytes of the image.")

    def sign(self, version, key, out):
        self.tool.run("image", "sign", self.program(self.entry.firmware[version] + ".bin"), "--layout", self.entry.layout,
                      "--key", f"{key}.pem", "--version", version, "-o", out)

    def programmed_bytes(self, version):
        """Of an image: whole granules."""
        granule = self.part["granule"]
        return -(-len(self.signed[version]) // granule) * granule

    def segment_bytes(self):
        """A dozen points in the image from which a download can go on."""
        return -(-len(self.signed[V2]) // (12 * SEGMENT_BYTES)) * SEGMENT_BYTES

    def pack(self, name, version, *more, key="vendor", of_class=CLASS, image=None):
        """Packs a signed image as NAME.swb; gives pack's answer."""
        return self.tool.run("pack", image or f"{version}.img", "-o", f"{name}.swb", "--key", f"{key}.pem", "--version",
                             version, "--class", of_class, "--layout", self.entry.layout, "--block-size", BLOCK_BYTES,
                             *more).document

    def boot_first(self):
        self.screen.heading(f"The board leaves the factory and boots {V1}")
        flash_file = self.path("board")
        composed = [os.path.join(ROOT, "scripts", "board_image.py"), "--layout", self.entry.layout, "--bootloader",
                    self.program(self.entry.bootloader + ".bin"), "--key", self.path("vendor.pub.pem"), "--class", CLASS,
                    "--image", self.path(f"{V1}.img"), "--switchback", self.tool.program, "-o", flash_file]
        done = subprocess.run(composed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise DemoFailure(f"the flash cannot be put together: {done.stdout.strip()}")
        self.tool.run("device", "new", READER, "--layout", self.entry.layout, "--key", "vendor.pub.pem", "--class", CLASS,
                      "--image", f"{V1}.img")
        parts = {part: read(os.path.join(flash_file, f"{part}.flash")) for part in self.parts} if len(self.parts) > 1 \
            else {self.part["name"]: read(flash_file)}
        self.bench = Bench(self.entry, parts, self.part["name"], self.symbols, self.tool, self.screen)
        self.bench.power()
        self.runs(V1)
        status = self.look("boot", "First start", f"The bootloader verifies {V1} and starts it.", running="A")
        self.hold_slot("A", V1)
        self.snapshot(f"From the factory: {V1}", status)
        self.facts["booted"] = V1

    def cut_in_the_middle(self):
        self.screen.heading(f"The delta to {V2} comes in over {self.entry.link}, and the power is cut in the middle")
        image_bytes = self.programmed_bytes(V2)
        self.bench.into_update_mode()
        first = Operations(self.region("B"), int(image_bytes * CUT_AT))
        with self.bench.watch(first):
            try:
                self.bench.push(self.path("delta.swb"), first)
                raise DemoFailure("the whole package came in before the power was cut")
            except PowerCut as cut:
                change = cut.change
        self.save()
        self.bench.cut()
        self.bench.tear(change)
        total = self.delta["package_bytes"]
        self.screen.cut(f"at flash operation {first.all + 1:,} of the download, with half the bits done of the "
                        f"{len(change.data)} bytes at {self.part['address'] + change.at:#x}; QEMU is killed, its flash is kept")
        self.story.hold(0 < first.taken < total, f"{first.taken:,} of {total:,} bytes of the package had come, "
                        f"{first.bytes:,} of {image_bytes:,} bytes of the image were written")
        self.hold_slot("A", V1)
        status = self.status()
        self.story.add("cut", f"The delta to {V2} comes in over {self.entry.link}",
                       f"The power fails in flash operation {first.all + 1:,}: {len(change.data)} bytes are half written. Slot A "
                       "is whole.",
                       None, status, (f"{first.taken:,} of {total:,} bytes were taken", 0, first.taken, total),
                       self.bench.lines())
        self.snapshot("At the power cut", status, change.at)
        self.first = first
        self.facts["cut"] = {"operation": first.all + 1, "taken_bytes": first.taken, "package_bytes": total,
                             "image_bytes": image_bytes, "bytes_written": first.bytes, "state": status["state"]}

    def go_on(self):
        self.screen.heading("The power returns; the same delta is sent again and goes on where it was")
        self.bench.power()
        self.bench.wait_for("update mode: none")
        second = Operations(self.region("B"))
        with self.bench.watch(second):
            self.bench.push(self.path("delta.swb"), second)
            self.bench.wait_for("restart")
        total, image_bytes = self.delta["package_bytes"], self.programmed_bytes(V2)
        again = self.first.bytes + second.bytes - image_bytes
        skipped = second.first_used or 0
        self.story.hold(0 < skipped, f"the sender began at byte 0 again; the first {skipped:,} bytes changed no cell "
                        "of the slot: the board had what they say")
        self.story.hold(0 < second.bytes < image_bytes, f"it went on writing in the image at byte {image_bytes - second.bytes:,} "
                        f"of {image_bytes:,}: {second.bytes:,} bytes, {again:,} of them a second time")
        self.second, self.again, self.skipped = second, again, skipped
        # The watch has stopped the board: its bootloader has not yet started again.
        self.save()
        status = self.status(stands="restarts")
        self.story.add("resume", "The same delta again", f"It is sent from its beginning; the board passes over what it has, "
                       f"writes {second.bytes:,} bytes, {again:,} of them again, verifies the whole image and asks for its trial.",
                       None, status, (f"of {total:,} bytes the first {skipped:,} changed nothing in the slot", skipped,
                                      second.taken, total), self.bench.lines())
        self.snapshot(f"{V2} is whole and waits for its trial", status)
        self.facts["resumed"] = {"first_used_byte": skipped, "bytes_written": second.bytes, "bytes_again": again,
                                 "erases": second.erases, "erases_before": self.first.erases, "state": status["state"]}

    def trial(self):
        self.screen.heading("A and B are exchanged, the new image is tried and confirms itself" if self.swaps else
                            "The new image is tried from slot B and confirms itself")
        self.bench.at_jump()
        self.save()
        slot = self.slot_of(V2)
        on_trial = self.status(running=slot)
        self.story.hold(on_trial["state"] == "TRIAL", f"the bootloader starts slot {slot} on trial, {on_trial['tries_left']} tries left",
                        on_trial["state"])
        self.hold_slot(slot, V2)
        self.story.add("boot", f"{V2} is started on trial", ("The images were exchanged. " if self.swaps else "") +
                       "The tries are lowered before the jump.", None, on_trial)
        self.bench.go_on()
        self.runs(V2)
        status = self.look("do", f"{V2} confirms itself", "It runs, tests itself, and says in the journal that it stays.",
                           running=slot)
        roles = {name: status["slots"][name]["role"] for name in (slot, self.spare())}
        self.story.equal(roles, {slot: "active", self.spare(): "backup"}, f"{V2} is confirmed, {V1} is the way back")
        self.snapshot(f"Confirmed: {V2}; {V1} is kept to go back to", status)
        self.bench.power_cycle()
        self.runs(V2)
        self.look("boot", "The power goes and comes", f"{V2} stays.", running=slot)
        self.facts |= {"trial": {"version": V2, "tries_left": on_trial["tries_left"]}, "confirmed": V2}

    def crashes(self):
        self.screen.heading(f"{V3} comes, crashes at each start, and is rolled back")
        self.bench.into_update_mode()
        flashes = []  # at each jump of the bootloader into an image
        with boards.Watch(self.bench.board, self.bench.jump(), lambda _: flashes.append(self.save())):
            self.bench.push(self.path("crash.swb"))
            self.bench.wait_for("restart")
            self.runs(V2)
        self.story.equal(len(flashes), TRIES + 1, f"the bootloader started an image {TRIES + 1} times before one spoke")
        tries = []
        for start, self.bench.board.flash in enumerate(flashes[:-1]):
            self.hold_slot(self.slot_of(V3), V3)
            status = self.status(running=self.slot_of(V3))
            tries.append(status["tries_left"])
            self.story.add("boot", f"Start {start + 1} of {V3}", f"It faults before its first word; {status['tries_left']} tries "
                           "left.", None, status)
        self.story.hold(tries == sorted(set(tries), reverse=True), f"tries left at each start: {', '.join(map(str, tries))}")
        status = self.look("back", f"Back to {V2}", f"After {TRIES} starts without a confirmation " +
                           ("A and B are exchanged again." if self.swaps else f"slot {self.slot_of(V2)} is started again."),
                           running=self.slot_of(V2))
        self.hold_slot(self.slot_of(V2), V2)
        self.snapshot(f"{V3} is out again, {V2} runs", status)
        self.facts["rolled_back"] = {"from": V3, "to": V2, "starts": len(tries), "tries_left": tries}

    def refuse_all(self):
        self.screen.heading("Packages that must be refused")
        self.pack("tampered", V3)
        tampered = bytearray(read(self.path("tampered.swb")))
        tampered[len(tampered) // 2] ^= 0x01
        write(self.path("tampered.swb"), tampered)
        self.pack("class", V3, of_class=OTHER_CLASS)
        self.pack("older", V1)
        self.sign(V3, "stranger", "stranger.img")
        self.pack("stranger", V3, key="stranger", image="stranger.img")
        self.bench.into_update_mode()
        self.facts["refused"] = {}
        for name, done_to_it, cause in (
                ("tampered", "one bit in its middle is flipped", "bad_digest"),
                ("class", f"made for {OTHER_CLASS}", "wrong_class"),
                ("older", f"{V1}, older than the confirmed {V2}", "older"),
                ("stranger", "signed with a key that the device does not trust", "unknown_key")):
            self.refuse(name, done_to_it, cause)

    def refuse(self, name, done_to_it, wanted):
        """The board must say no, for the right reason, and keep what it runs."""
        self.screen.refused(f"{name}.swb: {done_to_it}")
        seen = Operations(self.region(self.spare()))
        try:
            self.bench.push(self.path(f"{name}.swb"), seen)
            raise DemoFailure(f"{name}.swb was taken")
        except Refused as refused:
            cause = refused.cause
        self.story.equal(cause, wanted, f"the reason is '{wanted}'")
        self.look("refused", f"{name}.swb", done_to_it[0].upper() + done_to_it[1:] + ".", cause=cause, stands="update mode")
        self.hold_slot(self.slot_of(V2), V2)
        size = os.path.getsize(self.path(f"{name}.swb"))
        self.story.refusals.append(Refusal(f"{name}.swb", done_to_it, cause,
                                           f"refused: {cause} (after {seen.taken:,} of {size:,} bytes)"))
        self.facts["refused"][name] = cause

    def last_look(self):
        self.screen.heading("Nobody sends anything for a minute: the board starts what it had")
        self.bench.power_cycle(self.entry.fast_clock)
        self.bench.wait_for("restart")
        self.runs(V2)
        status = self.look("boot", "A minute without a sender", f"Update mode ends by itself and {V2} runs. (QEMU lets this "
                           "minute pass quickly: its clock counts instructions.)", running=self.slot_of(V2))
        self.hold_slot(self.slot_of(V2), V2)
        self.snapshot(f"At the end: half of the tampered package stands in slot {self.spare()} and is never started", status)
        self.facts["at_end"] = V2

    # ---- the end

    def summarise(self):
        image, full, delta = (self.facts["sizes"][name] for name in ("image", "full", "delta"))
        seconds = time.monotonic() - self.started
        self.facts |= {"checks": self.story.checks, "seconds": round(seconds, 1)}
        causes = [r.cause for r in self.story.refusals]
        self.screen.heading("Summary")
        for name, value in (
                ("image", f"{image:,} bytes; full package {full:,}, delta {delta:,}: {self.saved:.1%} saved"),
                ("power cut", f"at flash operation {self.first.all + 1:,} of the download, {self.first.bytes:,} of "
                              f"{image:,} bytes written"),
                ("resumed", f"{self.second.bytes:,} bytes were left to write, {self.again:,} of all were written twice"),
                ("confirmed", f"{V2}, by itself, in its trial"),
                ("rolled back", f"{V3}, which crashed {TRIES} times, to {V2}"),
                ("refused", f"{len(causes)} packages: " + ", ".join(causes)),
                ("checks", f"{self.story.checks}, all held"), ("time", f"{seconds:.1f} s")):
            self.screen.line(f"   {name:<14} {value}")
        self.story.figures |= self.figures(image, full, delta, causes, seconds)

    def figures(self, image, full, delta, causes, seconds):
        return {
            "order": [V1, V2, V3],
            "title": f"A {self.entry.name} goes from {V1} to {V2}, through a power cut",
            "subtitle": f"The bootloader {self.entry.bootloader} and its application on a {self.entry.name} that QEMU "
                        f"emulates, updated over {self.entry.link}. What is said after 'device' is its own console.",
            "cards": [
                (f"{self.saved:.1%}", "saved by the delta", f"{delta:,} instead of {image:,} bytes"),
                (f"{self.first.all + 1:,}", "flash operations", "until the power was cut"),
                (f"{self.second.bytes:,}", "bytes left to write", f"of {image:,}, after the cut"),
                (f"{self.again:,}", "bytes written twice", "what the cut cost"),
                ("1", "rolled back", f"{V3}, after {TRIES} starts"),
                (f"{len(causes)}", "refused", "packages, each for its reason")],
            "sizes": [("signed image", image, None), ("full package", full, None), ("delta package", delta, None)],
            "travels": "The same new image, as it is and in its two packages, each with its signatures and its chain of block "
                       "digests.",
            "refused": f"After each of them slot {self.slot_of(V2)} was what it had been, byte for byte. What was wrong in the "
                       f"signed part was seen before slot {self.spare()} was touched; a damaged block is never decoded.",
            "cell": self.cell_says(),
            "footer": f"Drawn by scripts/demo.py from this run's own data in {seconds:.1f} s; the flash maps from the cells "
                      "that QEMU kept. Flash operations were counted by the debugger, at the one function of the driver that "
                      "changes cells."}

    def cell_says(self):
        size = self.drawn["erase_map"][0]["bytes"]
        if self.drawn is self.part:
            return page.UNIT_CELL
        return f"A cell is {size // 1024} KB, of which the part erases {self.part['erase_map'][0]['bytes'] // size} at once"

    def write_report(self):
        path = os.path.abspath(self.options.report)
        with open(path, "w", encoding="utf-8") as out:
            out.write(page.html(self.story, self.tool.calls))
        self.screen.line()
        self.screen.line(f"   report: {os.path.relpath(path)}")

    def run(self):
        try:
            for step in (self.prepare, self.sign_and_pack, self.boot_first, self.cut_in_the_middle, self.go_on, self.trial,
                         self.crashes, self.refuse_all, self.last_look, self.summarise, self.write_report):
                step()
        except boards.emulator.Failure as problem:
            raise DemoFailure(str(problem)) from problem
        except Refused as refused:
            raise DemoFailure(f"the board refused a package that it must take: {refused.cause}") from refused
        finally:
            if self.bench:
                self.bench.cut()

    def write_facts(self, failed):
        with open(self.options.json, "w", encoding="utf-8") as out:
            json.dump(self.facts | {"ok": failed is None, "failed": failed}, out, indent=2)
