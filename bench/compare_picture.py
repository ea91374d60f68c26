"""./run compare --picture OUT.svg A.json [B.json ...]: films/s and peak memory of afire beside PyTorch, from what ./run compare --json wrote.

One pair of bars a file, in the order given; bars of one panel share a scale. The same files give the same bytes.
"""
import json
import sys
from xml.sax.saxutils import escape

OURS, THEIRS, INK, QUIET, RULE = "#1f6f8b", "#b9b3a9", "#1d1d1b", "#6b6862", "#dcd8d0"
FONT = "font-family='Helvetica, Arial, sans-serif'"
LEFT, BAR, GAP, PANEL, BETWEEN, TOP = 270, 15, 26, 230, 96, 64


def label(c):
    dtype = c["dtype"]["afire"] if c["dtype"]["afire"] == c["dtype"]["pytorch"] else "{afire} beside {pytorch}".format(**c["dtype"])
    first = f"ViT-{c['arch'][0].upper()}, {dtype}, batch {c['batch']}"
    second = "PyTorch " + ("as released" if c["form"] == "loop" else "compiled" if c["compiled"] else "eager")
    if c["recompute"]:
        second += ", afire recomputes"
    return first, second + (f", {c['threads']} thread" + ("s" if c["threads"] > 1 else ""))


def text(x, y, words, size=12, colour=INK, anchor="start", weight="normal"):
    return (f"<text x='{x:g}' y='{y:g}' font-size='{size}' fill='{colour}' text-anchor='{anchor}' font-weight='{weight}' {FONT}>"
            f"{escape(words)}</text>")


def panel(x, title, better, key, digits, rows):
    most = max(max(c[key]["median_afire"], c[key]["median_pytorch"]) for c in rows)
    out = [text(x, TOP - 34, title, 14, weight="bold"), text(x, TOP - 18, better, 11, QUIET),
           f"<line x1='{x:g}' y1='{TOP - 8}' x2='{x:g}' y2='{TOP + len(rows) * (2 * BAR + GAP) - GAP + 8}' stroke='{RULE}'/>"]
    for i, c in enumerate(rows):
        y = TOP + i * (2 * BAR + GAP)
        for j, (name, colour) in enumerate((("afire", OURS), ("pytorch", THEIRS))):
            value = c[key]["median_" + name]
            wide = PANEL * value / most
            words = f"{value:,.{digits}f}" + (f" ({c[key]['ratio']:.2f} ×)" if name == "afire" else "")
            out += [f"<rect x='{x:g}' y='{y + j * BAR}' width='{wide:.2f}' height='{BAR - 2}' fill='{colour}'/>",
                    text(x + wide + 6, y + j * BAR + 11, words, 11, weight="bold" if name == "afire" else "normal")]
    return out


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.splitlines()[0])
    rows = []
    for path in sys.argv[2:]:
        with open(path) as file:
            rows.append(json.load(file))
        if "images_per_s" not in rows[-1] or "peak_mib" not in rows[-1]:
            sys.exit(f"compare: {path} was not written by ./run compare --json")
    width, height = LEFT + 2 * PANEL + BETWEEN + 90, TOP + len(rows) * (2 * BAR + GAP) + 30
    out = [f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' viewBox='0 0 {width} {height}' role='img'>",
           "<title>A training step of AFiRe: afire beside PyTorch</title>", f"<rect width='{width}' height='{height}' fill='#ffffff'/>"]
    for i, c in enumerate(rows):
        y = TOP + i * (2 * BAR + GAP)
        first, second = label(c)
        out += [text(LEFT - 12, y + 11, first, 12, anchor="end"), text(LEFT - 12, y + 26, second, 10, QUIET, "end")]
    out += panel(LEFT, "films a second", "longer is better", "images_per_s", 1, rows)
    out += panel(LEFT + PANEL + BETWEEN, "peak memory, MiB", "shorter is better", "peak_mib", 0, rows)
    y = height - 16
    out += [f"<rect x='{LEFT}' y='{y - 10}' width='12' height='12' fill='{OURS}'/>", text(LEFT + 18, y, "afire", 11),
            f"<rect x='{LEFT + 66}' y='{y - 10}' width='12' height='12' fill='{THEIRS}'/>",
            text(LEFT + 84, y, "PyTorch " + rows[0]["torch"], 11),
            text(width - 12, y, rows[0]["processor"], 10, QUIET, "end"), "</svg>"]
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


main()
