"""Bars as SVG: one panel for each measure, one bar for each engine. Readable on a light and on a dark page."""
import html

BAR, GAP, LABEL, VALUE, WIDTH, HEAD, FOOT = 18, 6, 120, 90, 720, 26, 12
COLOUR, OWN_COLOUR, TEXT = "#8a94a6", "#2f6fde", "#6b7280"


def draw(path, title, panels):
    """`panels`: (heading, {engine: value}); a bar's length is its share of the greatest value of its panel."""
    parts, y = [text(0, 16, title, weight="bold")], 34
    for heading, values in panels:
        parts.append(text(0, y + 14, heading))
        y += HEAD
        for name, value in values.items():
            length = (WIDTH - LABEL - VALUE) * value / max(values.values())
            parts.append(text(LABEL - 8, y + BAR - 5, name, anchor="end"))
            parts.append(f'<rect x="{LABEL}" y="{y}" width="{max(length, 1):.1f}" height="{BAR}" rx="2" '
                         f'fill="{OWN_COLOUR if name == "Slipstream" else COLOUR}"/>')
            parts.append(text(LABEL + length + 6, y + BAR - 5, f"{value:,.0f}"))
            y += BAR + GAP
        y += FOOT
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" font-family="sans-serif" font-size="12">\n'
                    + "\n".join(parts) + "\n</svg>\n", encoding="utf-8")


def text(x, y, words, anchor="start", weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{TEXT}" text-anchor="{anchor}" font-weight="{weight}">{html.escape(words)}</text>'
