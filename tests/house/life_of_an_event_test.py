"""docs/life_of_an_event.md leads a newcomer through the sources: every file it names exists."""
import re

import house

PAGE = "docs/life_of_an_event.md"
NAMED = re.compile(r"`((?:engine|connectors|schemas|tests|docs|cmake|benchmarks|deploy)/[\w./-]+)`|\]\(([^)#:\s]+)\)")


def rule(root):
    page = root / PAGE
    if not page.is_file():
        return [f"{PAGE}: the page is missing"]
    findings, named = [], 0
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        for match in NAMED.finditer(line):
            named += 1
            path = root / match.group(1) if match.group(1) else page.parent / match.group(2)
            if not path.exists():
                findings.append(f"{PAGE}:{number}: names {match.group(1) or match.group(2)}, which does not exist")
    if named == 0:
        findings.append(f"{PAGE}: names no file at all")
    return findings


SOUND = {PAGE: "It starts in `engine/decode/event.h`, see [the log](log.md).\n", "engine/decode/event.h": "",
         "docs/log.md": ""}
BROKEN = [
    ({PAGE: "It starts in `engine/decode/gone.h`.\n"}, "engine/decode/gone.h"),
    ({PAGE: "See `engine/decode/event.h` and\n[the log](../engine/log/gone.h).\n"}, f"{PAGE}:2"),
    ({PAGE: "Nothing to see.\n"}, "names no file"),
]

if __name__ == "__main__":
    house.main(rule, SOUND, BROKEN)
