"""docs/errors.md lists the codes of engine/base/error.h: the same names and numbers, under the same blame, and no other."""
import re

import house

HEADER, PAGE = "engine/base/error.h", "docs/errors.md"
BLAMES = ((200, "configuration"), (300, "data"), (400, "dependency"), (65536, "bug"))
ROW = re.compile(r"^\| `(\w+)` \| (\d+) \|(.*)\|$")
HEADING = re.compile(r"^## .*\(`(\w+)`\)")


def codes_of_header(text):
    body = re.search(r"enum class ErrorCode[^{]*\{(.*?)\n\};", text, re.DOTALL).group(1)
    number, codes = -1, {}
    for name, given in re.findall(r"^\s*(\w+)\s*(?:=\s*(\d+))?\s*,", re.sub(r"//.*", "", body), re.MULTILINE):
        number = int(given) if given else number + 1
        codes[name] = (number, next(blame for end, blame in BLAMES if number < end))
    return codes


def codes_of_page(text):
    blame, codes, findings = None, {}, []
    for number, line in enumerate(text.splitlines(), 1):
        if match := HEADING.match(line):
            blame = match.group(1)
        if match := ROW.match(line):
            if match.group(1) in codes:
                findings.append(f"{PAGE}:{number}: {match.group(1)} stands there twice")
            codes[match.group(1)] = (int(match.group(2)), blame)
            cells = [cell.strip() for cell in match.group(3).split("|")]
            if len(cells) != 3 or not all(cells):
                findings.append(f"{PAGE}:{number}: {match.group(1)} lacks its meaning, where it is seen or what to do")
    return codes, findings


def rule(root):
    header = codes_of_header((root / HEADER).read_text(encoding="utf-8"))
    page, findings = codes_of_page((root / PAGE).read_text(encoding="utf-8"))
    for name in header.keys() - page.keys():
        findings.append(f"{PAGE}: {name} of {HEADER} is missing")
    for name in page.keys() - header.keys():
        findings.append(f"{PAGE}: {name} is not in {HEADER}")
    for name in header.keys() & page.keys():
        if header[name] != page[name]:
            findings.append(f"{PAGE}: {name} is {page[name]}, {HEADER} says {header[name]}")
    return sorted(findings)


SOUND = {
    HEADER: "enum class ErrorCode : std::uint16_t {\n  // words, and more\n  usage = 100,  // a, b = 3,\n  syntax,\n"
            "  malformed_record = 200,\n};\n",
    PAGE: "## Configuration (`configuration`)\n| `usage` | 100 | a | b | c |\n| `syntax` | 101 | a | b | c |\n"
          "## Data (`data`)\n| `malformed_record` | 200 | a | b | c |\n",
}
BROKEN = [
    ({PAGE: SOUND[PAGE].replace("| `syntax` | 101 | a | b | c |\n", "")}, "syntax of"),
    ({PAGE: SOUND[PAGE] + "| `gone` | 201 | a | b | c |\n"}, "gone is not in"),
    ({PAGE: SOUND[PAGE].replace("101", "102")}, "syntax is (102"),
    ({PAGE: SOUND[PAGE].replace("(`data`)", "(`bug`)")}, "malformed_record is"),
    ({PAGE: SOUND[PAGE].replace("| a | b | c |", "| a | | c |", 1)}, "usage lacks"),
    ({PAGE: SOUND[PAGE] + "| `syntax` | 101 | a | b | c |\n"}, "twice"),
]

if __name__ == "__main__":
    house.main(rule, SOUND, BROKEN)
