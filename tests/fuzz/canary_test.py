"""The replay driver finds what is planted: a broken promise, a crash, an input without end, one that takes too much memory.

Each finding must end with code 1, keep its input, and show itself again when that input is run alone. Arguments: the
canary's program and its corpus.
"""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

FAILED = []
MUTATIONS = ["--mutations", "200000", "--seconds-max", "5", "--mebibytes-max", "400"]
PLANTED = {"property": "signal 6", "crashing": "ended ", "endless": "longer than 5 s", "greedy": "more than 400 MiB"}
ENDS_BY_ITSELF = {"property", "crashing"}


def expect(condition, promise, shown=""):
    if not condition:
        FAILED.append(f"{promise}: {shown}")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)


def check_planted(program, corpus, defect, reason, folder):
    ended = run(program, "--corpus", corpus / defect, "--findings", folder / defect, *MUTATIONS)
    expect(ended.returncode == 1, f"{defect}: found", f"code {ended.returncode}: {ended.stdout}{ended.stderr}")
    expect("FINDING" in ended.stderr and reason in ended.stderr, f"{defect}: says why", ended.stderr)
    command = re.search(r"reproduce: (.*)", ended.stderr)
    expect(command, f"{defect}: says how to run it again", ended.stderr)
    if not command:
        return
    words = shlex.split(command.group(1))
    expect(pathlib.Path(words[1]).read_bytes().startswith(defect[:6].encode()), f"{defect}: keeps its input", words[1])
    if defect in ENDS_BY_ITSELF:
        expect(run(*words).returncode != 0, f"{defect}: shows again", command.group(1))


def main():
    program, corpus = sys.argv[1], pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for defect, reason in PLANTED.items():
            check_planted(program, corpus, defect, reason, folder)
            seed_alone = run(program, "--corpus", corpus / defect)
            expect(seed_alone.returncode == 0, f"{defect}: its seed alone is no finding", seed_alone.stderr)
        empty = run(program, "--corpus", folder / "none")
        expect(empty.returncode == 2, "a corpus without inputs is no success", empty.stdout + empty.stderr)
    for failure in FAILED:
        print(failure)
    sys.exit(1 if FAILED else 0)


main()
