#!/usr/bin/env python3
"""Instructions for each item of every micro-benchmark, held against a stored baseline.

Every program of this directory runs once under valgrind's callgrind, each benchmark a fixed number of times. Instructions
are counted from the first to the last pass of its loop, so that what it sets up does not count. They hardly depend on the
machine and on what else it does; on the compiler and the libraries they do, so the baseline says which compiler made it.

  instructions.py PROGRAMS             compares; ends with 1 when a benchmark has become slower or has no baseline
  instructions.py PROGRAMS --update    writes the baseline

PROGRAMS is the directory of the built programs (build/release/benchmarks). `./dev bench instructions` does it all.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BASELINE = pathlib.Path(__file__).with_name("baseline.json")
SLOWER, FASTER = 1.20, 0.80  # ratios to the baseline
# Where Google Benchmark begins and ends a loop.
BEGIN, END = "benchmark::State::StartKeepRunning()", "benchmark::State::FinishKeepRunning()"


def items_of(run):
    """Items in each pass of a benchmark's loop; the report tells only how many there are a second."""
    if "items_per_second" not in run:
        return 1
    assert run["time_unit"] == "ns"
    return round(run["items_per_second"] * run["cpu_time"] / 1e9)


def figures(stage, report, loops):
    """Instructions for each item by name, from a program's report and the counts of its loops, in the same order."""
    runs = report["benchmarks"]
    wrong = [f"{run['name']}: {run['error_message']}" for run in runs if run.get("error_occurred")]
    if wrong or len(runs) != len(loops):
        sys.exit(f"{stage}_benchmark: " + ("; ".join(wrong) or f"{len(runs)} benchmarks, but {len(loops)} loops were counted"))
    return {f"{stage}/{run['name'].rsplit('/iterations:', 1)[0]}": round(loop / run["iterations"] / items_of(run), 1)
            for run, loop in zip(runs, loops)}


def loops_in(directory):
    """Instructions of each loop, in order: callgrind numbers its dumps, and tells in each what made it."""
    dumps = {}
    for path in directory.glob("counted.*"):
        text = path.read_text()
        if f"--dump-before={END}" in text:
            dumps[int(path.suffix[1:])] = int(re.search(r"^summary: (\d+)$", text, re.MULTILINE)[1])
    return [dumps[number] for number in sorted(dumps)]


def count(program):
    """Runs one program; its figures and its compiler."""
    with tempfile.TemporaryDirectory() as folder:
        directory = pathlib.Path(folder)
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={directory / 'counted'}", f"--zero-before={BEGIN}",
             f"--dump-before={END}", program, "--benchmark_format=json"],
            env={**os.environ, "SLIPSTREAM_COUNT_INSTRUCTIONS": "1"}, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            sys.exit(f"{program.name} under valgrind ended with code {run.returncode}:\n{run.stderr[-2000:]}")
        report = json.loads(run.stdout)
        stage = program.name.removesuffix("_benchmark")
        return figures(stage, report, loops_in(directory)), report["context"]["compiler"]


def compare(baseline, measured):
    """Lines to print, and whether all is well. Both are {"compiler": text, "instructions": {name: figure}}."""
    before, now = baseline["instructions"], measured["instructions"]
    lines, well = [], True
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            lines.append(f"gone     {name} is in the baseline only: --update takes it out")
        elif name not in before:
            lines.append(f"NEW      {name}: {now[name]:.1f} instructions for each item, and no baseline: write it with --update")
            well = False
        else:
            ratio = now[name] / before[name]
            figure = f"{name}: {now[name]:.1f} instructions for each item, {before[name]:.1f} in the baseline, ratio {ratio:.3f}"
            if ratio > SLOWER:
                lines.append(f"SLOWER   {figure}: profile it (callgrind_annotate, perf record), or write the new baseline "
                             "with --update if the cost is meant")
                well = False
            elif ratio < FASTER:
                lines.append(f"faster   {figure}: the baseline is out of date, renew it with --update")
            else:
                lines.append(f"ok       {figure}")
    if not well and baseline["compiler"] != measured["compiler"]:
        lines.append(f"The baseline was made by compiler {baseline['compiler']}, these figures by {measured['compiler']}: "
                     "the difference may be the compilers'.")
    return lines, well


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path, help="directory of the built benchmarks")
    parser.add_argument("--update", action="store_true", help="write the baseline instead of comparing with it")
    options = parser.parse_args()
    stages = sorted(path.stem for path in BASELINE.parent.glob("*_benchmark.cpp"))
    measured = {"compiler": None, "instructions": {}}
    for stage in stages:
        instructions, measured["compiler"] = count(options.programs / stage)
        measured["instructions"].update(instructions)
    if options.update:
        BASELINE.write_text(json.dumps(measured, indent=2, sort_keys=True) + "\n")
        print(f"{len(measured['instructions'])} figures written into {BASELINE}")
        return 0
    lines, well = compare(json.loads(BASELINE.read_text()), measured)
    print("\n".join(lines))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
