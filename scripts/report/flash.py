"""What stands in the flash of a simulated device, erase unit by erase unit, taken from its raw cells and status."""
import json
import os
import tomllib

ERASED, IMAGE, MIXED, PROGRAMMED = "erased", "image", "mixed", "programmed"


class Unit:
    """One erase unit: its region, what it holds, how often it was erased."""

    def __init__(self, offset, region, content, version, share, erases, torn):
        self.offset = offset      # bytes from the start of the part
        self.region = region      # name of the region, or "" between regions
        self.content = content    # ERASED, IMAGE, MIXED (no whole piece of an image known here), PROGRAMMED
        self.version = version    # of the image, for IMAGE
        self.share = share        # part of the unit's bytes that are not blank, 0 to 1
        self.erases = erases      # None where nobody counted
        self.torn = torn          # the operation that the power cut hit was in here

    def describe(self):
        what = {ERASED: "erased", IMAGE: f"image {self.version}", MIXED: "pieces of an image",
                PROGRAMMED: f"{self.share:.0%} programmed"}[self.content]
        worn = "" if self.erases is None else f", erased {self.erases}x"
        return f"{self.region or 'unused'}: {what}{worn}" + (", hit by the power cut" if self.torn else "")


class Part:
    def __init__(self, name, address, units):
        self.name = name
        self.address = address
        self.units = units


class Snapshot:
    """The device at one moment: its status document and its flash parts."""

    def __init__(self, title, status, parts):
        self.title = title
        self.status = status
        self.parts = parts


def granules_torn(state_file, granule):
    """Offsets of granules that the simulator marks as torn by a cut."""
    if not os.path.exists(state_file):
        return []
    with open(state_file, encoding="utf-8") as f:
        runs = json.load(f).get("torn", [])
    return [g * granule for first, count in runs for g in range(first, first + count)]


def region_of(regions, part, offset):
    for region in regions:
        if region["flash"] == part and region["offset"] <= offset < region["offset"] + region["bytes"]:
            return region
    return None


def version_of(data, at, images, blank):
    """Version of the image that these bytes are a piece of, `at` bytes from the slot's start; None when of none."""
    for version, image in images.items():
        piece = image[at:at + len(data)]
        if piece and data[:len(piece)] == piece and data[len(piece):].strip(blank) == b"":
            return version
    return None


def places_of(region, at, size, scheme):
    """Where in an image the unit may belong. Of scheme swap what comes in stands one unit into slot B."""
    place = at - region["offset"]
    return (place, place - size) if scheme == "swap" and region["name"] == "slot_b" else (place,)


def likely_first(images, region, slots):
    """Images are alike in many places: what the slot is said to hold comes first, what the other one holds last."""
    own, other = ("A", "B") if region["name"] == "slot_a" else ("B", "A")
    held = {name: (slot["version"] or "").split("+")[0] for name, slot in slots.items()}
    return dict(sorted(images.items(), key=lambda image: (image[0] != held.get(own), image[0] == held.get(other))))


def read_unit(data, region, at, images, blank, erases, torn, status):
    name = region["name"] if region else ""
    share = 1 - data.count(blank) / len(data)
    if share == 0:
        return Unit(at, name, ERASED, None, 0, erases, torn)
    if not name.startswith("slot"):
        return Unit(at, name, PROGRAMMED, None, share, erases, torn)
    images = likely_first(images, region, status["slots"])
    versions = (version_of(data, place, images, blank) for place in places_of(region, at, len(data), status["scheme"]))
    version = next(filter(None, versions), None)
    return Unit(at, name, IMAGE if version else MIXED, version, share, erases, torn)


def blank_bytes(device):
    """Part name → the byte that its erased cells read as, from the layout file that every device carries."""
    with open(os.path.join(device, "layout.toml"), "rb") as f:
        return {part["name"]: bytes([part.get("erased", 0xFF)]) for part in tomllib.load(f)["flash"]}


def unit_bounds(erase_map):
    """(offset, size) of each erase unit; the units of a part need not be equal."""
    offset = 0
    for run in erase_map:
        for _ in range(run["units"]):
            yield offset, run["bytes"]
            offset += run["bytes"]


def take_part(device, facts, counts, status, images, blank):
    name = facts["name"]
    with open(os.path.join(device, name + ".flash"), "rb") as f:
        cells = f.read()
    torn = granules_torn(os.path.join(device, name + ".state"), facts["granule"])
    units = []
    for (offset, size), erases in zip(unit_bounds(facts["erase_map"]), counts, strict=True):
        hit = any(offset <= t < offset + size for t in torn)
        units.append(read_unit(cells[offset:offset + size], region_of(status["regions"], name, offset), offset, images,
                               blank, erases, hit, status))
    return Part(name, facts["address"], units)


def take(title, device, status, layout_parts, images, cut=False):
    """A Snapshot. `layout_parts`: part name → what `layout check` says of it; `images`: version → the signed image;
    `cut`: taken right after the power failed."""
    blank = blank_bytes(device)
    parts = [take_part(device, layout_parts[name], wear["units"], status, images, blank[name])
             for name, wear in status["flash"].items()]
    if cut:
        # An erase that was cut leaves no torn granule behind, but a unit that belongs to no image.
        for unit in (u for part in parts for u in part.units if u.content == MIXED):
            unit.torn = True
    return Snapshot(title, status, parts)
