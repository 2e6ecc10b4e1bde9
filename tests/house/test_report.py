"""The end of `./dev test`: reads ctest's JUnit reports and says how much ran, what failed, what was skipped and why.

usage: test_report.py FOLDER PHASE...     FOLDER holds PHASE.xml, and PHASE.problem when the phase itself went wrong
The last line is always "N passed, N failed, N skipped". Exit code 1 on any failure; with CI=true also on any skip.
"""
import os
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree


def skip_reason(case):
    """What GoogleTest printed after "Skipped", else what ctest says."""
    output = case.findtext("system-out") or ""
    match = re.search(r": Skipped\n(.*?)\n\s*\n?\[  SKIPPED \]", output, re.DOTALL) or re.search(r": Skipped\n(.+)", output)
    if match:
        return " ".join(match.group(1).split())
    skipped = case.find("skipped")
    return (skipped.get("message") if skipped is not None else "") or "no reason given"


def read_phase(folder, phase):
    """(passed, [failure], [skip]) of one phase."""
    passed, failures, skips = 0, [], []
    report, problem = folder / f"{phase}.xml", folder / f"{phase}.problem"
    cases = ElementTree.parse(report).getroot().iter("testcase") if report.is_file() else ()
    for case in cases:
        name, status = case.get("name"), case.get("status")
        if case.find("failure") is not None or case.find("error") is not None or status == "fail":
            failures.append(f"{phase}: {name}")
        elif case.find("skipped") is not None or status in ("notrun", "disabled"):
            skips.append(f"{phase}: {name}: {skip_reason(case)}")
        else:
            passed += 1
    if problem.is_file() and not failures:
        failures.append(f"{phase}: {problem.read_text().strip()}")
    if passed + len(failures) + len(skips) == 0:
        failures.append(f"{phase}: no test ran")
    return passed, failures, skips


def main(folder, phases, strict):
    passed, failures, skips = 0, [], []
    for phase in phases:
        one = read_phase(folder, phase)
        print(f"{phase:8} {one[0]} passed, {len(one[1])} failed, {len(one[2])} skipped")
        passed, failures, skips = passed + one[0], failures + one[1], skips + one[2]
    for skip in skips:
        print(f"skipped  {skip}")
    for failure in failures:
        print(f"FAILED   {failure}")
    if strict and skips:
        print("FAILED   continuous integration lets no test be skipped")
    print(f"{passed} passed, {len(failures)} failed, {len(skips)} skipped")
    return 1 if failures or (strict and skips) else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2:], os.environ.get("CI") == "true"))
