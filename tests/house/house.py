"""Runs one house rule: first on small broken trees it must object to, then on the project.

A rule is a function from a project's root to a list of findings, each "file:line: what and why". A rule that accepts
a broken tree is itself reported, so a rule that has stopped looking cannot pass.
"""
import pathlib
import subprocess
import sys
import tempfile

SOURCE_SUFFIXES = (".h", ".cpp")


def write_tree(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def findings_in(rule, files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        write_tree(root, files)
        return rule(root)


def self_test(rule, sound, broken):
    """`sound`: files without a finding. `broken`: (files laid over `sound`, text a finding must contain)."""
    wrong = [f"the rule objects to a sound tree: {finding}" for finding in findings_in(rule, sound)]
    for files, expected in broken:
        found = findings_in(rule, {**sound, **files})
        if not any(expected in finding for finding in found):
            wrong.append(f"the rule misses '{expected}' in {sorted(files)}; it found {found}")
    return wrong


def main(rule, sound, broken):
    wrong = self_test(rule, sound, broken)
    if not wrong:
        wrong = rule(pathlib.Path(sys.argv[1]))
    for finding in wrong:
        print(finding)
    print(f"{len(wrong)} findings, {len(broken)} broken trees refused")
    sys.exit(1 if wrong else 0)


def project_files(root):
    """The files git knows or would add; every file where there is no git."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, check=False)
    if listed.returncode == 0:
        paths = [root / name for name in listed.stdout.decode().split("\0") if name]
    else:
        paths = [path for path in root.rglob("*")]
    return sorted(path for path in paths if path.is_file())


def sources(root, folder):
    return sorted(path for path in (root / folder).rglob("*") if path.suffix in SOURCE_SUFFIXES)
