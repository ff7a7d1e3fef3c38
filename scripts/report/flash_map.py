"""Draws the flash of a device as SVG: every erase unit is a cell. Self-contained, light and dark."""
from html import escape

COLUMNS = 32
FEWEST_COLUMNS = 8
SMALL = 128  # units

# Role → (light, dark). Images take the image colours in the order of their versions.
COLOURS = {
    "ink": ("#1f2733", "#e8ebf0"), "soft": ("#667085", "#9aa4b2"), "line": ("#d5dae1", "#3a4350"),
    "blank": ("#e9edf3", "#28303b"), "unused": ("#f6f7f9", "#1c222b"),
    "blank-boot": ("#dcdfe4", "#363d47"), "blank-journal": ("#f4e8cc", "#3d3525"), "blank-slot_b": ("#dfe5ee", "#303a48"),
    "boot": ("#98a2b3", "#667085"), "journal": ("#d99a1c", "#e0a93b"),
    "image0": ("#5b6ee1", "#7c8cf5"), "image1": ("#139a81", "#2bbf9f"), "image2": ("#c2569b", "#d874b4"),
    "mixed": ("#b9a6d9", "#8a78ad"), "torn": ("#d92d20", "#ff6b5e"), "heat": ("#d9480f", "#ff8a4c"),
}


def style(prefix):
    """CSS classes for fills and strokes, once for light and once for dark."""
    def rules(which):
        out = []
        for name, pair in COLOURS.items():
            out.append(f".{prefix}{name}{{fill:{pair[which]}}}.{prefix}s-{name}{{stroke:{pair[which]}}}")
        return "".join(out)
    return rules(0) + "@media (prefers-color-scheme:dark){" + rules(1) + "}"


def blank_of(unit):
    """CSS class of the unit when it is erased: each region has its own shade."""
    shade = f"blank-{unit.region}"
    return shade if shade in COLOURS else "blank" if unit.region else "unused"


def fill_of(unit, order):
    """CSS class of what a unit holds."""
    if unit.content == "image":
        return f"image{order.index(unit.version) % 3}"
    if unit.content == "mixed":
        return "mixed"
    if unit.content == "erased":
        return blank_of(unit)
    return "journal" if unit.region == "journal" else "boot"


def columns_of(part):
    """Few enough rows to look at, whatever the part; of a small one each region begins a row of its own, beside its name."""
    columns = COLUMNS
    while len(part.units) / columns > 40:
        columns *= 2
    names = [unit.region for unit in part.units]
    starts = [i for i, name in enumerate(names) if name and (i == 0 or names[i - 1] != name)]
    while columns > FEWEST_COLUMNS and len(names) <= SMALL and len({i // columns for i in starts}) < len(starts):
        columns //= 2
    return columns


class Grid:
    """Places the units of a part row by row."""

    def __init__(self, part, x, y, cell, gap=2):
        self.part, self.x, self.y, self.cell, self.gap = part, x, y, cell, gap
        self.columns = columns_of(part)
        self.rows = -(-len(part.units) // self.columns)
        self.width = self.columns * (cell + gap) - gap
        self.height = self.rows * (cell + gap) - gap

    def place(self, index):
        row, column = divmod(index, self.columns)
        return self.x + column * (self.cell + self.gap), self.y + row * (self.cell + self.gap)


def content_cells(grid, order, prefix):
    out = []
    for i, unit in enumerate(grid.part.units):
        x, y = grid.place(i)
        kind = fill_of(unit, order)
        title = f"<title>{escape(unit.describe())}</title>"
        base = blank_of(unit)
        height = grid.cell
        cell = f'<rect class="{prefix}{base}" x="{x}" y="{y}" width="{grid.cell}" height="{height}" rx="2">{title}</rect>'
        if kind != base:
            # A unit that is partly programmed is filled from the bottom as far as it is.
            high = max(3, round(height * min(1, unit.share * 1.02)))
            cell += (f'<rect class="{prefix}{kind}" x="{x}" y="{y + height - high}" width="{grid.cell}" '
                     f'height="{high}" rx="2" pointer-events="none"/>')
        if unit.torn:
            cell += (f'<rect class="{prefix}s-torn" x="{x - .5}" y="{y - .5}" width="{grid.cell + 1}" '
                     f'height="{height + 1}" rx="2.5" fill="none" stroke-width="2"/>')
        out.append(cell)
    return "".join(out)


def content_paths(grid, order, prefix):
    """As content_cells, without the story of each cell: all cells of a colour are one path, so the file is small."""
    squares, marks = {}, ""
    for i, unit in enumerate(grid.part.units):
        x, y = grid.place(i)
        kind, base, cell = fill_of(unit, order), blank_of(unit), grid.cell
        squares.setdefault(base, []).append(f"M{x} {y}h{cell}v{cell}h-{cell}z")
        if kind != base:
            high = max(2, round(cell * min(1, unit.share * 1.02)))
            squares.setdefault(kind, []).append(f"M{x} {y + cell - high}h{cell}v{high}h-{cell}z")
        if unit.torn:
            marks += (f'<rect class="{prefix}s-torn" x="{x - .5}" y="{y - .5}" width="{cell + 1}" height="{cell + 1}" '
                      'rx="1.5" fill="none" stroke-width="1.6"/>')
    return "".join(f'<path class="{prefix}{kind}" d="{"".join(d)}"/>' for kind, d in squares.items()) + marks


def heat_cells(grid, most, prefix):
    out = []
    for i, unit in enumerate(grid.part.units):
        x, y = grid.place(i)
        share = unit.erases / most if most else 0
        out.append(f'<rect class="{prefix}{blank_of(unit)}" x="{x}" y="{y}" '
                   f'width="{grid.cell}" height="{grid.cell}" rx="2"><title>{escape(unit.describe())}</title></rect>')
        if unit.erases:
            out.append(f'<rect class="{prefix}heat" x="{x}" y="{y}" width="{grid.cell}" height="{grid.cell}" rx="2" '
                       f'opacity="{.18 + .82 * share:.2f}" pointer-events="none"/>')
            if grid.cell >= 16:
                out.append(f'<text class="{prefix}ink" x="{x + grid.cell / 2}" y="{y + grid.cell / 2 + 3.4}" '
                           f'font-size="9" text-anchor="middle" pointer-events="none">{unit.erases}</text>')
    return "".join(out)


def region_labels(grid, regions, slots, prefix, size=11):
    """The name of each region beside the row in which it starts."""
    by_row = {}
    for region in regions:
        if region["flash"] != grid.part.name:
            continue
        first = next(i for i, unit in enumerate(grid.part.units) if unit.region == region["name"])
        row = first // grid.columns
        name = {"slot_a": "slot A", "slot_b": "slot B"}.get(region["name"], region["name"])
        slot = slots.get({"slot A": "A", "slot B": "B"}.get(name, ""), None)
        by_row.setdefault(row, []).append((name, slot))
    out = []
    for row, entries in by_row.items():
        y = grid.y + row * (grid.cell + grid.gap) + grid.cell / 2 + size * .35
        text = ", ".join(name + (f" · {slot['role']}" if slot else "") for name, slot in entries)
        out.append(f'<text class="{prefix}soft" x="{grid.x + grid.width + 10}" y="{y:.1f}" font-size="{size}">'
                   f'{escape(text)}</text>')
    return "".join(out)


def addresses(grid, prefix, size=10):
    out = []
    step = max(1, grid.rows // 8)
    for row in range(0, grid.rows, step):
        y = grid.y + row * (grid.cell + grid.gap) + grid.cell / 2 + size * .35
        address = grid.part.address + grid.part.units[row * grid.columns].offset
        out.append(f'<text class="{prefix}soft" x="{grid.x - 8}" y="{y:.1f}" font-size="{size}" text-anchor="end" '
                   f'font-family="ui-monospace,monospace">{address:#010x}</text>')
    return "".join(out)


def open_svg(width, height, label):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
            f'height="{height:g}" role="img" aria-label="{escape(label, quote=True)}" '
            'font-family="system-ui,-apple-system,Segoe UI,Roboto,sans-serif">')


def map_svg(snapshot, order, prefix="m-", cell=18, heat=False):
    """One device state: content, or erase counts when `heat`."""
    left, right, y = 84, 150, 4
    most = max((u.erases or 0 for p in snapshot.parts for u in p.units), default=0)
    body, width = "", 0
    for part in snapshot.parts:
        grid = Grid(part, left, y, cell)
        body += addresses(grid, prefix) + (heat_cells(grid, most, prefix) if heat else content_cells(grid, order, prefix))
        body += region_labels(grid, snapshot.status["regions"], {} if heat else snapshot.status["slots"], prefix)
        width = max(width, left + grid.width + right)
        y += grid.height + 22
    return open_svg(width, y - 14, f"flash map: {snapshot.title}") + body + "</svg>"


def legend(order, prefix):
    """(class, text) for what the colours mean."""
    entries = [(f"image{i % 3}", f"image {version}") for i, version in enumerate(order)]
    return entries + [("mixed", "pieces of an image"), ("journal", "journal records"), ("blank", "erased")]


def legend_svg(entries, x, y, prefix):
    out = []
    for kind, text in entries:
        out.append(f'<rect class="{prefix}{kind}" x="{x}" y="{y}" width="11" height="11" rx="2"/>'
                   f'<text class="{prefix}soft" x="{x + 16}" y="{y + 9.5}" font-size="11">{escape(text)}</text>')
        x += 36 + len(text) * 5.7
    if any(kind == "mixed" for kind, _ in entries):
        out.append(f'<rect class="{prefix}s-torn" x="{x}" y="{y}" width="11" height="11" rx="2" fill="none" '
                   f'stroke-width="2"/><text class="{prefix}soft" x="{x + 16}" y="{y + 9.5}" font-size="11">'
                   'hit by the cut</text>')
    return "".join(out)


def picture(snapshots, order):
    """The small picture of the README: the same flash at a few moments, side by side."""
    prefix, cell, gap, top, pad, labels = "p-", 7, 1, 36, 16, 76
    grids = [Grid(s.parts[0], 0, top, cell, gap) for s in snapshots]
    each = grids[0].width + 26
    width = pad * 2 + each * len(grids) - 26 + labels
    height = top + grids[0].height + 74
    out = [open_svg(width, height, "the flash of a device while it is updated"), f"<style>{style(prefix)}</style>"]
    for i, (snapshot, grid) in enumerate(zip(snapshots, grids)):
        grid.x = pad + i * each
        roles = snapshot.status["slots"]
        out.append(f'<text class="{prefix}ink" x="{grid.x}" y="20" font-size="13" font-weight="600">'
                   f'{i + 1}. {escape(snapshot.title)}</text>')
        out.append(content_paths(grid, order, prefix))
        for line, slot in enumerate(("A", "B")):
            role = roles[slot]
            version = f" {role['version'].split('+')[0]}" if role["version"] else ""
            out.append(f'<text class="{prefix}soft" x="{grid.x}" y="{top + grid.height + 18 + line * 15}" '
                       f'font-size="11">slot {slot}: {escape(role["role"] + version)}</text>')
    out.append(region_labels(grids[-1], snapshots[-1].status["regions"], {}, prefix))
    shown = {unit.version for snapshot in snapshots for unit in snapshot.parts[0].units}
    entries = [entry for entry in legend(order, prefix) if entry[1].removeprefix("image ") in shown | {
        "pieces of an image", "journal records", "erased"}]
    out.append(legend_svg(entries, pad, height - 18, prefix))
    return "".join(out) + "</svg>\n"
