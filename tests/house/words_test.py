"""No unfinished work is left in a file, no test is skipped without its reason, no path of one machine is written down.

The forbidden words are put together from halves, so that this file passes its own rule.
"""
import re

import house

UNFINISHED = ("TO" "DO", "FIX" "ME", "X" "XX", "HA" "CK")
RULES = (
    (re.compile(r"\b(" + "|".join(UNFINISHED) + r")\b"), "unfinished work: finish it or file it"),
    (re.compile(r"\bNO" r"LINT"), "a lint finding is repaired, not silenced"),
    (re.compile(r"\bDISABLED" r"_\w"), "a test that does not run proves nothing"),
    (re.compile(r"GTEST_" r"SKIP\(\)(?!\s*<<)"), "a skipped test says why: stream the reason into it"),
    (re.compile(r"(?<![\w.)}*-])/" r"work/"), "a path of one machine"),
)


def text_of(path):
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None  # not a text


def rule(root):
    findings = []
    for path in house.project_files(root):
        text = text_of(path)
        if text is None or "\0" in text:
            continue
        for pattern, reason in RULES:
            for match in pattern.finditer(text):
                number = text.count("\n", 0, match.start()) + 1
                findings.append(f"{path.relative_to(root)}:{number}: '{match.group()}': {reason}")
    return findings


SOUND = {
    "a.cpp": 'if (absent) GTEST_' 'SKIP()\n    << "no data there";\n// network/' 'work/load, $dir/' 'work/x, tmp.XXXXXX, hacked\n',
    "b.md": "A to-do list of the todo kind.\n",
}
BROKEN = [({"bad.cpp": f"int a;\n// {word}: later\n"}, f"bad.cpp:2: '{word}'") for word in UNFINISHED] + [
    ({"bad.cpp": "int a;  // NO" "LINT(x)\n"}, "silenced"),
    ({"bad.cpp": "TEST(A, DISABLED" "_b) {}\n"}, "proves nothing"),
    ({"bad.cpp": "GTEST_" "SKIP();\n"}, "says why"),
    ({"bad.md": "see /" "work/main\n"}, "one machine"),
    ({"dev": 'cd "/' 'work/main"\n'}, "one machine"),
]

if __name__ == "__main__":
    house.main(rule, SOUND, BROKEN)
