"""Tables of what cost.py measured, as text and as Markdown."""

import math

import guests

BEGIN, END = "<!-- bench/cost: begin -->", "<!-- bench/cost: end -->"


def mean(values: list) -> float:
    """Geometric."""
    return math.exp(sum(math.log(value) for value in values) / len(values))


def means(rows: list) -> list:
    groups = {}
    for row in rows:
        groups.setdefault((row["decoder"], row["speed"], row["core"]), []).append(row)
    return [{"decoder": decoder, "speed": speed, "core": core, "pairs": len(group),
             "per_byte": mean([row["per_byte"] for row in group]), "most": max(row["per_byte"] for row in group),
             "patch_bytes": mean([row["patch_bytes"] for row in group]),
             "stack_bytes": max(row["stack_bytes"] for row in group),
             "decoder_bytes": group[0]["decoder_bytes"], "text_bytes": group[0]["text_bytes"],
             "helper_bytes": group[0]["helper_bytes"]}
            for (decoder, speed, core), group in groups.items()]


def sizes() -> dict:
    """Text of each further architecture, beside Thumb."""
    return {core: {further: guests.text_bytes(core, f"sbd-4K-Thumb-{further}") - guests.text_bytes(core, "sbd-4K")
                   for further in guests.FURTHER} for core in guests.CORES}


def tell_pair(rows: list) -> None:
    print(f"{rows[0]['pair']}, {rows[0]['new_bytes']} bytes")
    for row in rows:
        print(f"  {row['decoder']:<18}{row['speed']:<10}{row['core']:<4}{row['per_byte']:>9.1f} per byte"
              f"{row['patch_bytes']:>9} patch{row['stack_bytes']:>6} stack", flush=True)


def tell_means(result: dict) -> None:
    print("\ngeometric means\n  decoder           speed     core pairs per byte   largest   patch   stack  memory    text")
    for row in result["means"]:
        print(f"  {row['decoder']:<18}{row['speed']:<10}{row['core']:<4}{row['pairs']:>6}{row['per_byte']:>9.1f}"
              f"{row['most']:>10.1f}{row['patch_bytes']:>8.0f}{row['stack_bytes']:>8}{row['decoder_bytes']:>8}"
              f"{row['text_bytes']:>8}")
    for core, further in result["sizes"].items():
        print(f"  text beside Thumb, {core}: " + ", ".join(f"{name} {size}" for name, size in further.items()))


def table(head: list, rows: list) -> str:
    """The first column is text."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def decoder_name(row: dict) -> str:
    kind, _, ram = row["decoder"].rpartition("-")
    return f"`{kind.replace('-', '+')}` {ram}" + ("" if row["speed"] == "-" else f", {row['speed']}")


def sizes_table(result: dict) -> str:
    """One line for each decoder and class of speed, both cores in it."""
    by_core = {}
    for row in result["means"]:
        by_core.setdefault(decoder_name(row), {})[row["core"]] = row
    head = ["decoder", "RAM", "text M0", "text M4", "stack M0", "stack M4", "instructions/byte M0", "M4",
            "most, M0", "M4", "patch, mean"]
    rows = []
    for name, cores in by_core.items():
        def figures(key, form="{}", cores=cores):
            return [form.format(cores[core][key]) if core in cores else "" for core in guests.CORES]
        one = next(iter(cores.values()))
        rows.append([name, one["decoder_bytes"], *figures("text_bytes"), *figures("stack_bytes"),
                     *figures("per_byte", "{:.0f}"), *figures("most", "{:.0f}"), f"{one['patch_bytes']:.0f}"])
    return table(head, rows)


def pairs_table(result: dict) -> str:
    columns = sorted({(row["decoder"], row["speed"], row["core"]) for row in result["rows"]},
                     key=lambda column: [(row["decoder"], row["speed"], row["core"]) for row in result["rows"]].index(column))
    values = {}
    for row in result["rows"]:
        pair = values.setdefault(row["pair"], {"new": row["new_bytes"]})
        pair[row["decoder"], row["speed"], row["core"]] = row["per_byte"]
    head = ["pair", "new bytes"] + [f"{decoder_name({'decoder': d, 'speed': s})}, {core.upper()}" for d, s, core in columns]
    return table(head, [[name, pair["new"]] + [f"{pair[column]:.0f}" if column in pair else "" for column in columns]
                        for name, pair in values.items()])


def further_table(result: dict) -> str:
    return table(["text beside Thumb", *(f"`{further}`" for further in guests.FURTHER)],
                 [[core.upper(), *further.values()] for core, further in result["sizes"].items()])


def rewritten(page: str, result: dict) -> str:
    """The page with what stands between its two marks written anew. Raises Failed where there are none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise guests.Failed(f"the page has no section from {BEGIN} to {END}")
    parts = [sizes_table(result), further_table(result), "Instructions per byte of the new image, pair by pair:",
             pairs_table(result)]
    return before + BEGIN + "\n" + "\n\n".join(parts) + "\n" + END + after
