"""The report: one HTML file without scripts or anything from elsewhere, light and dark, drawn from a run's record."""
from html import escape

from . import flash_map

STYLE = """
:root{color-scheme:light dark;--ink:#1f2733;--soft:#5d6878;--line:#dfe3e8;--paper:#f5f6f8;--card:#fff;--good:#0e8a5f;
--warn:#b25e09;--bad:#c4291c;--info:#3f51c9;--back:#8a3f9e;--bar:#e7eaef;--shadow:0 1px 2px rgba(20,30,50,.06),0 4px 14px rgba(20,30,50,.05)}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebf0;--soft:#9aa4b2;--line:#333c48;--paper:#12161c;--card:#1a2028;
--good:#3ecf97;--warn:#f0a04b;--bad:#ff7b6e;--info:#93a2ff;--back:#d49be6;--bar:#2a323d;--shadow:none}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Cantarell,sans-serif}
main{max-width:1080px;margin:0 auto;padding:36px 24px 60px}
h1{font-size:27px;margin:0;letter-spacing:-.02em}h2{font-size:18px;margin:44px 0 6px;letter-spacing:-.01em}
h2+p{margin:0 0 16px;color:var(--soft);max-width:92ch}.soft{color:var(--soft)}
code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.88em}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;box-shadow:var(--shadow)}
header{display:flex;justify-content:space-between;align-items:flex-start;gap:20px;flex-wrap:wrap}header>div{flex:1 1 420px}
.badge{border:1px solid currentColor;color:var(--good);border-radius:99px;padding:5px 14px;font-weight:600;font-size:13.5px;white-space:nowrap}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-top:26px}
.cards .card{padding:14px 16px}.cards b{display:block;font-size:23px;letter-spacing:-.02em;line-height:1.25}
.cards span{color:var(--soft);font-size:13px}.cards i{display:block;font-style:normal;color:var(--soft);font-size:13px}
.bars{padding:18px 20px}.bars div.row{display:grid;grid-template-columns:130px 1fr 240px;gap:14px;align-items:center;margin:9px 0}
.track{background:var(--bar);border-radius:6px;height:20px;overflow:hidden}.track i{display:block;height:100%;border-radius:6px}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
ol.time{list-style:none;margin:0;padding:6px 20px 6px 20px}ol.time li{display:grid;grid-template-columns:26px 1fr 268px;gap:12px;padding:0}
.rail{position:relative}.rail:before{content:"";position:absolute;left:8px;top:0;bottom:0;width:2px;background:var(--line)}
li:first-child .rail:before{top:18px}li:last-child .rail:before{bottom:calc(100% - 20px)}
.dot{position:absolute;left:2px;top:17px;width:14px;height:14px;border-radius:50%;background:var(--card);border:3px solid var(--c)}
.do{--c:var(--soft)}.boot{--c:var(--info)}.cut{--c:var(--bad)}.resume{--c:var(--good)}.back{--c:var(--back)}.refused{--c:var(--warn)}
.what{padding:12px 0;border-bottom:1px solid var(--line)}.slots{padding:13px 0;border-bottom:1px solid var(--line)}
li:last-child .what,li:last-child .slots{border-bottom:0}
.what b{font-weight:600}.what p{margin:2px 0 0;color:var(--soft);font-size:13.5px}
.tag{display:inline-block;border-radius:5px;padding:0 7px;font-size:12px;font-weight:600;color:var(--c);border:1px solid var(--c);margin-left:6px;vertical-align:1px}
.prog{position:relative;background:var(--bar);height:10px;border-radius:5px;margin:8px 0 3px;overflow:hidden;max-width:460px}
.prog i{position:absolute;top:0;bottom:0;background:var(--good)}.prog i.before{background:var(--soft);opacity:.55}
pre.console{margin:8px 0 2px;padding:7px 11px;border-radius:7px;background:#1b2430;color:#d7e0ea;font:12.5px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-x:auto;max-width:460px}
.pl{font-size:12.5px;color:var(--soft)}
.chips{display:grid;grid-template-columns:1fr 1fr;gap:6px}.chip{border:1px solid var(--line);border-radius:7px;padding:3px 8px;font-size:12px;line-height:1.35;color:var(--soft);border-left:4px solid var(--k,var(--line))}
.chip b{color:var(--ink);font-weight:600}.chip.run{outline:1.5px solid var(--info);outline-offset:0}.off{font-size:12.5px;color:var(--bad)}
.maps{display:grid;grid-template-columns:1fr;gap:12px}.maps .card{padding:14px 18px}.maps h3{font-size:14px;margin:0 0 8px}.maps svg{max-width:100%;height:auto;display:block}
.legend{display:flex;flex-wrap:wrap;gap:6px 18px;font-size:13px;color:var(--soft);margin:0 0 12px}.legend svg{vertical-align:-1px;margin-right:6px}
table{border-collapse:collapse;width:100%;font-size:14px}.scroll{overflow-x:auto}th{text-align:left;color:var(--soft);font-weight:600;font-size:12.5px}
th,td{padding:9px 14px;border-bottom:1px solid var(--line);vertical-align:top}tr:last-child td{border-bottom:0}
.roles td,.roles th{padding:6px 12px}.k{display:inline-block;width:9px;height:9px;border-radius:2px;margin-right:7px;background:var(--k,var(--line))}
details{margin-top:40px;color:var(--soft)}details pre{overflow-x:auto;font-size:12.5px;line-height:1.6}
footer{margin-top:26px;color:var(--soft);font-size:13px}
@media (max-width:760px){ol.time li{grid-template-columns:26px 1fr}.slots{grid-column:2;border-bottom:1px solid var(--line)}.what{border-bottom:0;padding-bottom:0}
.bars div.row{grid-template-columns:1fr}.num{text-align:left}}
"""


def e(value):
    return escape(str(value), quote=True)


def number(value):
    return f"{value:,}".replace(",", "\u202f")


def image_style(order):
    """A CSS variable a version, the same colours as in the maps."""
    light, dark = "", ""
    for i in range(3):
        pair = flash_map.COLOURS[f"image{i}"]
        light += f"--v{i}:{pair[0]};"
        dark += f"--v{i}:{pair[1]};"
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def short(version):
    return version.split("+")[0] if version else ""


def colour_of(version, order):
    return f"var(--v{order.index(short(version)) % 3})" if short(version) in order else "var(--line)"


def chip(name, slot, running, order):
    runs = " run" if running == name else ""
    version = f"<b>{e(short(slot['version']))}</b> " if slot["version"] else ""
    word = e(slot["role"]) + (", runs" if runs else "")
    return (f'<div class="chip{runs}" style="--k:{colour_of(slot["version"], order)}" title="{e(slot["why"])}">'
            f"slot {name}: {version}<br>{word}</div>")


def slots_cell(step, order):
    if step.status is None:
        return '<div class="slots"></div>'
    running = step.status["running_slot"]
    chips = "".join(chip(n, step.status["slots"][n], running, order) for n in ("A", "B"))
    off = "" if running else f'<div class="off">{e(step.status.get("stands", NO_POWER))}</div>'
    return f'<div class="slots"><div class="chips">{chips}</div>{off}</div>'


def progress_bar(progress):
    label, before, after, total = progress
    begin, end = (100 * v / total if total else 0 for v in (before, after))
    return (f'<div class="prog"><i class="before" style="left:0;width:{begin:.2f}%"></i>'
            f'<i style="left:{begin:.2f}%;width:{max(0, end - begin):.2f}%"></i></div>'
            f'<div class="pl">{e(label)}</div>')


NO_POWER = "no power"
UNIT_CELL = "Every erase unit of the part is a cell"
TAGS = {"cut": "power cut", "resume": "goes on", "back": "switched back", "refused": "refused"}


def timeline(story, order):
    out = ['<ol class="time card">']
    for step in story.steps:
        tag = f'<span class="tag">{TAGS[step.kind]}</span>' if step.kind in TAGS else ""
        if "decision" in step.answer and step.kind == "boot":
            tag = f'<span class="tag">bootloader: {e(step.answer["decision"])}</span>'
        cause = step.answer.get("cause", "none")
        why = f' <code>{e(cause)}</code>' if cause not in ("none", None) else ""
        text = f"<p>{e(step.text)}{why}</p>" if step.text or why else ""
        bar = progress_bar(step.progress) if step.progress else ""
        said = f'<pre class="console">{e(chr(10).join(step.console))}</pre>' if step.console else ""
        out.append(f'<li class="{step.kind}"><div class="rail"><span class="dot"></span></div>'
                   f'<div class="what"><b>{e(step.title)}</b>{tag}{text}{bar}{said}</div>{slots_cell(step, order)}</li>')
    return "".join(out) + "</ol>"


def cards(figures):
    out = []
    for value, label, more in figures["cards"]:
        out.append(f'<div class="card"><span>{e(label)}</span><b>{e(value)}</b><i>{e(more)}</i></div>')
    return f'<div class="cards">{"".join(out)}</div>'


def bars(figures):
    most = max(size for _, size, _ in figures["sizes"])
    out = ['<div class="bars card">']
    for i, (label, size, seconds) in enumerate(figures["sizes"]):
        colour = ("var(--soft)", "var(--info)", "var(--good)")[min(i, 2)]
        took = f' <span class="soft">· {seconds:.1f} s</span>' if seconds is not None else ""
        out.append(f'<div class="row"><span>{e(label)}</span><div class="track"><i style="width:{100 * size / most:.2f}%;'
                   f'background:{colour}"></i></div><span class="num">{number(size)} bytes{took}</span></div>')
    return "".join(out) + "</div>"


def legend(order):
    out = []
    for kind, text in flash_map.legend(order, "m-"):
        out.append(f'<span><svg width="11" height="11"><rect class="m-{kind}" width="11" height="11" rx="2"/></svg>{e(text)}</span>')
    out.append('<span><svg width="13" height="13"><rect class="m-s-torn" x="1" y="1" width="11" height="11" rx="2" '
               'fill="none" stroke-width="2"/></svg>hit by the power cut</span>')
    return f'<div class="legend">{"".join(out)}</div>'


def maps(story, order):
    out = [legend(order), '<div class="maps">']
    for snapshot in story.snapshots:
        out.append(f'<div class="card"><h3>{e(snapshot.title)}</h3>{flash_map.map_svg(snapshot, order, cell=15)}</div>')
    return "".join(out) + "</div>"


def heat(story, order):
    last = story.snapshots[-1]
    return f'<div class="maps"><div class="card">{flash_map.map_svg(last, order, cell=19, heat=True)}</div></div>'


def role_cell(slot, order):
    version = f" {e(short(slot['version']))}" if slot["version"] else ""
    return f'<td><span class="k" style="--k:{colour_of(slot["version"], order)}"></span>{e(slot["role"])}{version}</td>'


def roles(story, order):
    rows = []
    for step in story.steps:
        if step.status is None or step.kind == "refused":
            continue
        s = step.status
        tries = f", {s['tries_left']} tries left" if s["tries_left"] else ""
        rows.append(f'<tr><td>{e(step.title)}</td>{role_cell(s["slots"]["A"], order)}{role_cell(s["slots"]["B"], order)}'
                    f'<td>{e(s["running_slot"] or s.get("stands", NO_POWER))}</td><td>{e(s["state"])}{e(tries)}</td></tr>')
    return ('<div class="card scroll"><table class="roles"><tr><th>after</th><th>slot A</th><th>slot B</th><th>runs</th>'
            f'<th>state</th></tr>{"".join(rows)}</table></div>')


def refusals(story):
    rows = "".join(f"<tr><td>{e(r.package)}</td><td>{e(r.done_to_it)}</td><td><code>{e(r.cause)}</code></td>"
                   f"<td>{e(r.message)}</td></tr>" for r in story.refusals)
    return ('<div class="card scroll"><table><tr><th>package</th><th>what is wrong with it</th><th>cause</th>'
            f"<th>what the tool said</th></tr>{rows}</table></div>")


def calls(commands):
    lines = "\n".join(e(f"{shown}    → {status}" if status else shown) for shown, status in commands)
    return (f"<details><summary>Every command of this run ({len(commands)}; → exit status where it is not 0)</summary>"
            f"<pre>{lines}</pre></details>")


def html(story, commands):
    f = story.figures
    order = f["order"]
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>Switchback: {e(f['title'])}</title><style>{STYLE}{image_style(order)}{flash_map.style('m-')}</style>",
        f"</head><body><main><header><div><h1>{e(f['title'])}</h1><div class='soft'>{e(f['subtitle'])}</div></div>"
        f'<span class="badge">{story.checks} checks, all held</span></header>',
        cards(f),
        f"<h2>What travels</h2><p>{e(f['travels'])}</p>", bars(f),
        "<h2>What happened</h2><p>In order; right: the slots after each step. The coloured edge is the image, the frame "
        "the slot that runs.</p>", timeline(story, order),
        f"<h2>The flash at {len(story.snapshots)} moments</h2><p>{e(f.get('cell', UNIT_CELL))}, filled as far as "
        "it is programmed; compared byte by byte with the signed images. Point at a cell for its story.</p>",
        maps(story, order),
        f"<h2>Wear</h2><p>{e(f['wear'])}</p>{heat(story, order)}" if "wear" in f else "",
        "<h2>Slot roles after each step</h2><p>Active is what is confirmed, pending what waits or is on trial, backup what "
        "one can go back to.</p>", roles(story, order),
        f"<h2>Refused</h2><p>{e(f['refused'])}</p>",
        refusals(story), calls(commands),
        f"<footer>{e(f['footer'])}</footer></main></body></html>\n",
    ]
    return "".join(parts)
