"""Where the instructions of one pair go, and the bytes of text."""

import collections

import guests

SHOWN = 45


def tell(bench, pair: tuple) -> None:
    for ram in bench.options.ram:
        for speed, cores in bench.classes.items():
            for core in cores:
                name = f"sbd-{ram}"
                told = guests.count(bench.options.bin, core, name, pair, bench.patch(pair, "sbd", ram, speed))
                show(f"{pair[0]}, {name}, {speed}, {core}", told, guests.guest(core, name))
                if bench.options.lines:
                    show_lines(told, guests.guest(core, name))


def text_of(elf) -> dict:
    """Bytes by symbol, with the names that decoder_count gives."""
    found = collections.Counter()
    for line in guests.run("arm-none-eabi-nm", "-S", "-C", "--defined-only", elf).splitlines():
        fields = line.split(None, 3)
        if len(fields) == 4 and fields[2].lower() in "trwv" and int(fields[0], 16) < 0x20000000:
            found[fields[3]] += int(fields[1], 16)
    return found


def show(title: str, told: dict, elf) -> None:
    per = told["new_bytes"]
    text = text_of(elf)
    print(f"\n{title}: {told['instructions'] / per:.1f} instructions per byte; text {told['text_bytes']} + "
          f"{told['helper_bytes']} of helpers; memory {told['decoder_bytes']}; stack {told['stack_bytes']}; "
          f"patch {told['patch_bytes']}\n  per byte   share    text  function")
    rows = sorted(told["functions"].items(), key=lambda row: -row[1])
    for name, count in rows[:SHOWN]:
        print(f"{count / per:10.2f}{count / told['instructions']:8.2%}{text.get(name, 0):8}  {name[:150]}")
    print("  of that, functions of the C library and the compiler, by who called")
    for name, count in sorted(told["helpers"].items(), key=lambda row: -row[1])[:12]:
        print(f"{count / per:10.2f}{count / told['instructions']:8.2%}          {name[:150]}")
    print("  text: the largest")
    for name, size in text.most_common(SHOWN):
        print(f"{size:26}  {name[:150]}")


def show_lines(told: dict, elf) -> None:
    """By line of source, the innermost of what was inlined."""
    places = [f"{address:#x}" for address, _ in told["places"]]
    lines = guests.run("arm-none-eabi-addr2line", "-e", elf, *places).splitlines()
    counts = collections.Counter()
    for line, (_, count) in zip(lines, told["places"]):
        counts[line.split(" ")[0].replace(f"{guests.ROOT}/", "")] += count
    print("  lines")
    for line, count in counts.most_common(2 * SHOWN):
        print(f"{count / told['new_bytes']:10.2f}{count / told['instructions']:8.2%}  {line}")
