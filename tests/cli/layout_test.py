"""The verbs about layouts: what check says of the shipped ones and of bad ones, what gen writes, that a device
of every layout takes an update."""

import pathlib
import re
import unittest

from command import CommandTest, program

LAYOUTS = pathlib.Path(__file__).resolve().parents[2] / "layouts"


class Check(CommandTest):
    def test_every_shipped_one_is_good(self):
        for file in sorted(LAYOUTS.glob("*.toml")):
            answer = self.json_of("layout", "check", file.stem)
            self.assertEqual((answer["kind"], answer["name"]), ("layout", file.stem))
            rooms = answer["image_room_by_scheme"]
            self.assertGreaterEqual(rooms[answer["scheme"]], answer["image_room_bytes"])
            self.assertLessEqual(rooms["swap"], rooms["copy"])
            self.assertGreater(answer["journal"]["updates_to_rated_cycles"], 1000)
            self.assertGreater(answer["slots"]["updates_to_rated_cycles"], 1000)
            self.assertEqual(answer["swap_unit_bytes"] != 0, answer["scheme"] == "swap")
            slots = {region["name"]: region["bytes"] for region in answer["regions"]}
            self.assertEqual("slot_b" in slots, answer["scheme"] not in ("single", "inplace"))
            self.assertEqual(answer["load"] is not None, answer["scheme"] == "ram-load")
            if answer["scheme"] == "swap":
                self.assertGreaterEqual(slots["slot_b"], slots["slot_a"] + answer["swap_unit_bytes"])

    def test_the_text_names_the_way_back_and_the_price_of_swap(self):
        self.assertIn("factory image is copied", self.run_it("layout", "check", "stm32f103").out)
        text = self.run_it("layout", "check", "stm32f407").out
        self.assertIn("units of 128K", text)
        self.assertIn("copied back", text)

    def test_the_text_names_where_images_run_and_what_is_not_there(self):
        self.assertIn("copied to 48K of RAM at 0x20004000 and run there", self.run_it("layout", "check", "smartfusion2").out)
        text = self.run_it("layout", "check", "stm32f072").out
        self.assertIn("receives images in slot A, the only one", text)
        self.assertIn("slot: 1 erase an update: 10000 updates", text)
        self.assertIn("below 2300 mV no erase of a slot begins", text)
        self.assertIn("none: a new image that fails leaves the device in update mode", text)
        answer = self.json_of("layout", "check", "stm32f072")
        self.assertEqual((answer["low_battery_millivolts"], answer["way_back"]), (2300, "none"))
        self.assertEqual(self.json_of("layout", "check", "smartfusion2")["load"], {"address": 0x20004000, "bytes": 49152})

    def test_what_the_new_tables_refuse_is_told_with_its_line(self):
        text = (LAYOUTS / "smartfusion2.toml").read_text()
        self.write("far.toml", text.replace("address = 0x20004000", "address = 0x20003000").encode())
        line = text[:text.index("[load]\n")].count("\n") + 1
        ended = self.run_it("layout", "check", "far.toml", status=3)
        self.assertIn("[load] overlaps [ram]", ended.err)
        self.assertIn(f"far.toml:{line}", ended.err)

    def test_a_bad_scheme_is_told_with_its_line(self):
        text = (LAYOUTS / "stm32f407.toml").read_text()
        self.write("small.toml", text.replace('size = "384K"', 'size = "256K"').encode())
        line = text[:text.index('[[region]]\nname = "slot_b"')].count("\n") + 1
        ended = self.run_it("layout", "check", "small.toml", status=3)
        self.assertIn(f"small.toml:{line}", ended.err)
        self.assertIn("make slot_b 384K or slot_a 128K", ended.err)


class Gen(CommandTest):
    def test_writes_both_files_and_says_so(self):
        answer = self.json_of("layout", "gen", "stm32f407", "--ld", "app.ld", "--hpp", "board.hpp")
        self.assertEqual((answer["ld"], answer["hpp"]), ("app.ld", "board.hpp"))
        self.assertIn(answer["layout_crc"], self.read("board.hpp").decode())
        script = self.read("app.ld").decode()
        self.assertIn("ORIGIN = 0x08040200, LENGTH = 0x3fc00", script)
        self.run_it("layout", "gen", "stm32f407", "--ld", "boot.ld", "--program", "boot")
        self.assertIn('REGION_ALIAS("program", boot)', self.read("boot.ld").decode())

    def test_what_cannot_be_leaves_no_file(self):
        self.run_it("layout", "gen", "default", status=2)
        self.run_it("layout", "gen", "default", "--ld", "x", "--hpp", "x", status=2)
        self.run_it("layout", "gen", "default", "--ld", "x", "--program", "c", status=2)
        self.run_it("layout", "gen", "stm32f407", "--ld", "x", "--hpp", "y", "--program", "b", status=3)
        self.write("own.toml", (LAYOUTS / "default.toml").read_bytes())
        self.run_it("layout", "gen", "own.toml", "--hpp", "own.toml", status=2)
        self.assertEqual(self.read("own.toml"), (LAYOUTS / "default.toml").read_bytes())
        self.run_it("layout", "gen", "default", "--hpp", "no/such/place.hpp", status=4)
        self.assertFalse((self.folder / "x").exists() or (self.folder / "y").exists())


class Devices(CommandTest):
    def test_every_layout_makes_a_device_that_takes_an_update(self):
        self.make_key()
        for file in sorted(LAYOUTS.glob("*.toml")):
            with self.subTest(layout=file.stem):
                self.life_of(self.json_of("layout", "check", file.stem))

    def erases(self, device, slot):
        """Of each unit of the slot."""
        state = self.json_of("inspect", device)
        region = next(region for region in state["regions"] if region["name"] == slot)
        facts = self.json_of("layout", "check", f"{device}/layout.toml")
        of_set = [one["components"] for one in facts["sets"] if one["name"] == region["flash"]]
        counts = []
        for place in of_set[0] if of_set else [region]:
            part = next(part for part in facts["flash"] if part["name"] == place["flash"])
            ends = 0
            units = [run["bytes"] for run in part["erase_map"] for _ in range(run["units"])]
            for bytes_, count in zip(units, state["flash"][place["flash"]]["units"], strict=True):
                if place["offset"] <= ends < place["offset"] + place["bytes"]:
                    counts.append(count)
                ends += bytes_
        return counts

    def life_of(self, facts):
        name = facts["name"]
        address = {region["name"]: region["address"] for region in facts["regions"]}
        header = facts["header_bytes"]

        def sign(version, slot, seed):
            where = facts["load"]["address"] if facts["load"] else address[slot if not facts["remap"] else "slot_a"]
            bound = () if facts["remap"] else ("--rom-fixed", hex(where))
            return self.sign(f"{name}-{version}", program(seed, start=where + header), version, "--header-size", header,
                             *bound, slot=facts["image_room_bytes"])
        bootloader = ()
        if facts["bootloader_room_bytes"]:
            at = address["bootloader_a"]
            bootloader = ("--bootloader", self.sign(f"{name}-boot", program(9, start=at + header), "1.0.0", "--header-size",
                                                    header, "--rom-fixed", hex(at), slot=facts["bootloader_room_bytes"]))
        old = sign("1.0.0", "slot_a", 1)
        golden = ("--golden", old) if facts["golden_room_bytes"] and facts["remap"] else ()
        device = self.make_device(old, "--layout", name, *bootloader, *golden, name=name)
        self.assertEqual(self.json_of("device", "boot", device)["version"], "1.0.0")
        in_place = facts["scheme"] == "inplace"
        slots = "A" if in_place or facts["scheme"] == "single" else "AB"
        before = {slot: self.erases(device, f"slot_{slot.lower()}") for slot in slots}  # the factory's
        keeps = facts["scheme"] == "single" and facts["way_back"] == "reverse_patch"
        patch = ("--from", f"{name}-1.0.0.img", "--reverse") if in_place or keeps else ()
        package = self.pack(name, sign("1.1.0", "slot_b", 2), "1.1.0", "--layout", name, *patch)
        if facts["scheme"] == "single":
            self.run_it("device", "update-mode", device)
            self.run_it("device", "boot", device)
        self.run_it("install", package, "--device", device)
        self.assertEqual(self.json_of("device", "boot", device)["version"], "1.1.0")
        self.run_it("device", "confirm", device)
        self.assertEqual(self.json_of("device", "boot", device)["version"], "1.1.0")
        told = facts["slots"]["erases_per_update"]
        alternates = 2 if facts["scheme"] in ("xip", "ram-load") else 1  # one update writes one slot
        for slot in slots:
            after = self.erases(device, f"slot_{slot.lower()}")
            most = max(now - then for now, then in zip(after, before[slot], strict=True))
            self.assertLessEqual(most, alternates * told[slot])
            several_units = facts["swap_unit_bytes"] <= 4096 and (slot == "B" or alternates == 1)
            if several_units and not in_place:  # there a small image is not moved to where it is written
                self.assertEqual(most, alternates * told[slot])


class Document(CommandTest):
    """docs/layouts.md shows what the command really says."""

    def setUp(self):
        super().setUp()
        self.text = (LAYOUTS.parent / "docs" / "layouts.md").read_text()
        self.blocks = re.findall(r"^```(?:text|toml)\n(.*?)^```", self.text, re.M | re.S)

    def test_the_ten_lines_work_and_are_answered_as_shown(self):
        layout, answer, refusal = self.blocks[:3]
        self.assertLessEqual(layout.count("\n"), 10)
        self.write("myboard.toml", layout.encode())
        self.assertEqual(self.run_it("layout", "check", "myboard.toml").out, answer)
        self.write("myboard.toml", layout.replace("232K", "228K").encode())
        self.assertEqual(self.run_it("layout", "check", "myboard.toml", status=3).err, refusal)

    def test_the_shipped_ones_are_listed_with_their_scheme_and_room(self):
        listed = re.findall(r"^\| `(\w+)` \| .* \| `([\w-]+)` \| (\d+) KB \|", self.text, re.M)
        shipped = []
        for file in sorted(LAYOUTS.glob("*.toml")):
            facts = self.json_of("layout", "check", file.stem)
            shipped.append((file.stem, facts["scheme"], str(facts["image_room_bytes"] >> 10)))
        self.assertEqual(listed, shipped)

    def test_every_key_stands_in_a_table(self):
        self.write("bad.toml", b'nokey = 1\n' + (LAYOUTS / "stm32f103.toml").read_bytes())
        known = self.run_it("layout", "check", "bad.toml", status=3).err.split("known keys: ")[1]
        tables = ("bootloader", "flash", "golden", "load", "ram", "region", "set", "supply")
        for key in known.strip().split(", "):
            self.assertIn(f"`{key}`" if key not in tables else f"[{key}]", self.text)
        for table, inside in (("supply", "low_millivolts"), ("load", "address"), ("load", "size")):
            self.assertRegex(self.text, rf"(?s)`\[{table}\]`: [^\[]*`{inside}`")


if __name__ == "__main__":
    unittest.main()
