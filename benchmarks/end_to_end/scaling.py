#!/usr/bin/env python3
"""Events per CPU-second of the end-to-end benchmark against one size at a time, as a table and as plots.

  keys         sensors, all of which the state knows (the workload `observations-wide`)
  partitions   of the log, a shard and a thread each
  views        of the same readings
  rules        alert rules on each of the places right below the city
  depth        levels that a reading rolls up
  events       folded in one run

All but the size that varies is as in the workload `observations`. Every measurement is added to scaling.json in the output
directory, from which table and plots are drawn anew; a size measured again replaces what was there.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

SOURCES = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCES / "benchmarks/kafka"))

# pylint: disable=wrong-import-position
import client_environment
from figures import median, table

MILLION = 1_000_000
# Workload, the option that varies, sizes, events. Many views take many times as long.
SWEEPS = {
    "keys": ("observations-wide", "--keys", (10_000, 100_000, MILLION, 10 * MILLION), 10 * MILLION),
    "partitions": ("observations", "--partitions", (1, 2, 4, 8, 16, 32, 64), 10 * MILLION),
    "views": ("observations", "--views", (1, 2, 5, 10, 20, 50), MILLION),
    "rules": ("observations", "--rules", (1, 10, 100, 1000), 10 * MILLION),
    "depth": ("observations", "--depth", (1, 2, 3, 4, 5, 6), 10 * MILLION),
    "events": ("observations", "--events", (MILLION, 10 * MILLION, 100 * MILLION), None),
}
COLUMNS = ["Events", "Events a CPU-second", "CPU of an event, us", "Peak memory, MiB", "Commits"]


def measure(sweep, size, options):
    workload, option, _, events = SWEEPS[sweep]
    command = [options.build / "benchmarks/end_to_end_benchmark", workload, "--json", f"--repeat={options.repeat}",
               f"--directory={options.directory}", f"{option}={size}"]
    if sweep != "events":
        command.append(f"--events={options.events or events}")
    print(f"{sweep} {size:,}", file=sys.stderr, flush=True)
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    runs = [json.loads(line) for line in answer.splitlines()]
    return {name: median([run[name] for run in runs]) for name in ("events", "cpu_s", "rss_bytes_max", "commits")}


def rate(run):
    return run["events"] / run["cpu_s"]


def points(results, sweep):
    """Sizes and their runs, ascending."""
    return sorted((int(size), run) for size, run in results.get(sweep, {}).items())


def tables(results):
    parts = []
    for sweep in SWEEPS:
        rows = [[f"{size:,}", f"{run['events']:,}", f"{rate(run):,.0f}", f"{run['cpu_s'] / run['events'] * 1e6:.2f}",
                 f"{run['rss_bytes_max'] / 2**20:.0f}", run["commits"]] for size, run in points(results, sweep)]
        if rows:
            parts.append(table([sweep.capitalize(), *COLUMNS], rows))
    return "\n\n".join(parts)


def short(size):
    for unit, letter in ((10**6, "M"), (10**3, "k")):
        if size >= unit and size % unit == 0:
            return f"{size // unit}{letter}"
    return str(size)


def draw(results, path):
    """A panel for each sweep; both axes are logarithmic, so that a cost in proportion to the size is a straight fall. Every
    panel has the same scale of rates."""
    import matplotlib  # pylint: disable=import-outside-toplevel
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "scaling"  # the same figures give the same file
    matplotlib.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot  # pylint: disable=import-outside-toplevel
    measured = [sweep for sweep in SWEEPS if sweep in results]
    rows = (len(measured) + 1) // 2
    figure, panels = pyplot.subplots(rows, 2, figsize=(10, 3 * rows), squeeze=False, sharey=True, layout="constrained")
    for panel in panels.flat[len(measured):]:
        panel.remove()
    for sweep, panel in zip(measured, panels.flat):
        sizes, runs = zip(*points(results, sweep))
        panel.loglog(sizes, [rate(run) for run in runs], marker="o")
        panel.set_xticks(sizes, [short(size) for size in sizes])
        panel.minorticks_off()
        panel.set(xlabel=sweep, ylabel="events per CPU-second")
        panel.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweeps", nargs="*", metavar="SWEEP", help=f"{', '.join(SWEEPS)} (default: all)")
    parser.add_argument("--sizes", help="other sizes, of a single sweep: 1,10,100")
    parser.add_argument("--events", type=int, help="fewer events, or more, in each run")
    parser.add_argument("--repeat", type=int, default=3, help="medians of so many runs (default %(default)s)")
    parser.add_argument("--draw", action="store_true", help="measure nothing: draw what has been measured")
    parser.add_argument("--tiny", action="store_true", help="shows in a minute that everything works")
    parser.add_argument("--build", type=pathlib.Path, default=SOURCES / "build/release", help="(default %(default)s)")
    parser.add_argument("--output", type=pathlib.Path, default=SOURCES / "build/scaling", help="(default %(default)s)")
    parser.add_argument("--directory", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "slipstream-scaling",
                        help="logs are kept here and used again (default %(default)s)")
    options = parser.parse_args()
    for sweep in options.sweeps:
        if sweep not in SWEEPS:
            parser.error(f"no such sweep: {sweep}")
    if options.sizes and len(options.sweeps) != 1:
        parser.error("--sizes is for one sweep")
    client_environment.enter("matplotlib", pathlib.Path(__file__).with_name("requirements.txt"))

    if options.tiny:
        options.events, options.repeat, options.output = 20_000, 1, options.output / "tiny"
    options.output.mkdir(parents=True, exist_ok=True)
    kept = options.output / "scaling.json"
    results = json.loads(kept.read_text()) if kept.exists() else {}
    for sweep in [] if options.draw else options.sweeps or SWEEPS:
        sizes = [int(size) for size in options.sizes.split(",")] if options.sizes else SWEEPS[sweep][2]
        for size in sizes[:1] if options.tiny else sizes:
            results.setdefault(sweep, {})[str(size)] = measure(sweep, size, options)
            kept.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")
    if not results:
        sys.exit(f"nothing has been measured yet: {kept} does not exist")
    (options.output / "scaling.md").write_text(tables(results) + "\n")
    draw(results, options.output / "scaling.svg")
    print(tables(results))


if __name__ == "__main__":
    main()
