#!/usr/bin/env python3
"""Slipstream beside Kafka Streams and Apache Flink: the same job on the same topic, in turns, each answer held against a recompute.

README.md beside this file says what the jobs are, when an engine is done and why the comparison is fair.
"""
import dataclasses
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "kafka"))

# pylint: disable=wrong-import-position
import client_environment

client_environment.enter()

import drawing
import engines
import workloads
from building import Problem
from deployment import command_line, deployed, say
from figures import median, percentile, table
from measuring import Measured

EXAMPLE = "peers.py --jobs uniform skewed --events 5000000 --sensors 10000 100000 --repeat 3"
MIB = 1 << 20
RESTART_EVENTS = 1000
EVENTS, SENSORS = 5_000_000, 100_000
LATENCY_RATE, LATENCY_COMMIT_MS = 20_000, 100
PROBES_A_SECOND = 20
ALERT_SECONDS_MAX = 20
START_SECONDS = 20  # until every engine has joined its group and made its first commit
# Everything, in about an hour on two cores: (job, sensors, events, turns), then what comes after kill -9, then latency.
PLAN = [("uniform", 100_000, 3_000_000, 3), ("skewed", 100_000, 2_000_000, 2), ("late", 100_000, 2_000_000, 2), ("tasks", None, 5_000_000, 1),
        ("uniform", 10_000, 2_000_000, 1), ("uniform", 5_000_000, 3_000_000, 1)]
PLANNED_RESTART = (1_000_000, 2_000_000)  # sensors, events
PLANNED_LATENCY_SECONDS = 30


def prepared(place, workload):
    """The topic and the expected answers, made once and kept."""
    folder = place.deployment.directory / workload.name
    topic, record, expected = f"{workload.name}.events", folder / "record", folder / "expected"
    if not (folder / "complete").exists() or topic not in place.topics("") or place.end_of(topic) != workload.events:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        place.delete(place.topics(f"{workload.name}."))
        place.create({topic: engines.PARTITIONS})
        workload.fill(place.binaries / "peers_fill", place.bootstrap_servers, topic, record)
        workload.expect(record, expected)
        record.unlink()
        (folder / "complete").touch()
    return topic, expected


def measure(place, engine, workload):
    topic, expected = prepared(place, workload)
    shutil.rmtree(place.directory, ignore_errors=True)
    place.directory.mkdir()
    answers = place.directory / "answers"
    figures, answered = engine.run(place, workload, topic, answers)
    if answered:
        workloads.compare(expected, answers, engine.name)
    warm = f", {figures.warm:,.0f} once warm" if figures.warm else ""
    say(f"  {engine.name}: {figures.rate:,.0f} events a CPU-second{warm}, {figures.wall:.1f} s of wall time, {figures.cpu:.1f} of CPU, "
        f"{figures.memory / MIB:.0f} MiB")
    return figures


def restart(place, engine, workload):
    """Seconds from the start after a kill -9 to the commit that carries events which came in the meantime."""
    topic, _ = prepared(place, workload)
    shutil.rmtree(place.directory, ignore_errors=True)
    place.directory.mkdir()
    begun = engine.begin(place, workload, topic)
    process = Measured(begun.command, place.directory / "output")
    try:
        process.until(workload.events, place.progress(begun), engines.QUIET_SECONDS, engines.RUN_SECONDS_MAX)
    finally:
        process.kill()
    # The topic is another after this: the next who needs it fills it anew.
    workload.fill(place.binaries / "peers_fill", place.bootstrap_servers, topic, place.directory / "record", RESTART_EVENTS)
    process = Measured(engine.again(begun), place.directory / "output-again")
    try:
        figures = process.until(RESTART_EVENTS, place.progress(begun), engines.QUIET_SECONDS, engines.RUN_SECONDS_MAX)
    finally:
        process.kill()
    say(f"  {engine.name}: ready after {figures.wall:.1f} s")
    return figures


def report_restarts(figures, workload):
    print(f"\n{workload}: killed with kill -9 after {workload.events:,} events, started again\n")
    print(table(["", "From start to the first commit of new events, s", "CPU until then, s"],
                [[name, f"{one.wall:.1f}", f"{one.cpu:.1f}"] for name, one in figures.items()]))


def latency(place, engine, seconds, sensors):
    """Milliseconds from a probe's acknowledgement to its alert, as a `read_committed` consumer has it; and the engine's CPU."""
    workload = workloads.Readings(LATENCY_RATE * seconds, sensors, "fed")
    topic = f"{workload.name}.events"
    place.delete(place.topics(f"{workload.name}."))
    place.create({topic: engines.PARTITIONS})
    shutil.rmtree(place.directory, ignore_errors=True)
    place.directory.mkdir()
    begun = engine.begin(place, workload, topic)
    process = Measured(begun.command, place.directory / "output")
    seen = {}
    try:
        time.sleep(START_SECONDS)
        used = process.used().cpu
        with engines.Watch(place, begun.alerts, seen):
            fed = subprocess.run([place.binaries / "peers_feed", "--bootstrap-servers", place.bootstrap_servers, "--topic", topic,
                                  "--events", str(workload.events), "--sensors", str(workload.sensors), "--rate", str(LATENCY_RATE),
                                  "--probe-every", str(LATENCY_RATE // PROBES_A_SECOND)], check=True, capture_output=True, text=True).stdout
            used = process.used().cpu - used
            sent = dict(line.split() for line in fed.splitlines())
            until = time.time() + ALERT_SECONDS_MAX
            while not sent.keys() <= seen.keys() and time.time() < until:
                time.sleep(0.1)
    finally:
        process.kill()
    missing = [node for node in sent if node not in seen]
    if missing:
        raise SystemExit(f"{engine.name} raised no alert of {len(missing)} of {len(sent)} probes, {missing[0]} among them")
    settled = list(sent)[len(sent) // 4:]  # the first readings of a sensor are also the first of its code
    taken = [seen[node] * 1000 - int(sent[node]) / 1000 for node in settled]
    say(f"  {engine.name}: p50 {percentile(taken, 0.5):.0f} ms, p99 {percentile(taken, 0.99):.0f} ms, {used / seconds:.2f} CPUs")
    return [engine.name, *(f"{percentile(taken, share):.0f}" for share in (0.5, 0.9, 0.99, 1)), f"{used / seconds:.2f}"]


def report_latencies(rows, place):
    print(f"\n{LATENCY_RATE:,} events a second, a commit each {place.commit_ms} ms, {PROBES_A_SECOND} probes a second\n")
    print(table(["Milliseconds from acknowledged to visible", "p50", "p90", "p99", "max", "CPUs used meanwhile"], rows))


def report(results, workload, repeat):
    print(f"\n{workload}: {workload.events:,} events, {engines.PARTITIONS} partitions, medians of {repeat}\n")
    middle = {name: middle_of(runs) for name, runs in results.items()}
    own = middle.get("Slipstream")
    rows = []
    for name, one in middle.items():
        rows.append([name, f"{one.rate:,.0f}", f"{own.rate / one.rate:.1f}" if own else "", f"{one.warm:,.0f}" if one.warm else "",
                     f"{one.events / one.wall:,.0f}", f"{one.memory / MIB:,.0f}", f"{one.written / one.events:,.0f}",
                     f"{one.kafka_bytes / one.events:,.0f}", f"{one.state_bytes / MIB:,.0f}", f"{one.broker_cpu:.1f}"])
    print(table(["", "Events a CPU-second", "Slipstream's is so many times", "once warm", "Events a second", "Peak memory, MiB",
                 "Bytes to disk an event", "Bytes to Kafka an event", "State, MiB", "Broker's CPU, s"], rows))


def draw(directory, workload, results):
    directory.mkdir(parents=True, exist_ok=True)
    middle = {name: middle_of(runs) for name, runs in results.items()}
    drawing.draw(directory / f"{workload.name}.svg", f"{workload}: {workload.events:,} events",
                 [("Events a CPU-second", {name: one.rate for name, one in middle.items()}),
                  ("Peak memory, MiB", {name: one.memory / MIB for name, one in middle.items()})])


def middle_of(runs):
    """Medians; a run that was too short to have a figure once warm has none."""
    known = {field.name: [value for run in runs if (value := getattr(run, field.name)) is not None] for field in dataclasses.fields(runs[0])}
    return dataclasses.replace(runs[0], **{name: median(values) for name, values in known.items() if values})


def compare(place, chosen, workload, turns, plots):
    """Engines take turns, so that an hour of the machine is the same for all."""
    able = [engine for engine in chosen if engine.knows(workload)]
    results = {engine.name: [] for engine in able}
    for turn in range(turns):
        say(f"{workload}: turn {turn + 1} of {turns}")
        for engine in able:
            results[engine.name].append(measure(place, engine, workload))
    report(results, workload, turns)
    if plots:
        draw(plots, workload, results)


def compare_restarts(place, chosen, workload):
    report_restarts({engine.name: restart(place, engine, workload) for engine in chosen if hasattr(engine, "begin")}, workload)


def compare_latencies(place, chosen, seconds, sensors):
    usual, place.commit_ms = place.commit_ms, LATENCY_COMMIT_MS
    try:
        report_latencies([latency(place, engine, seconds, sensors) for engine in chosen if hasattr(engine, "begin")], place)
    finally:
        place.commit_ms = usual


def compare_everything(place, chosen, plots):
    """A part that fails says so and is missing; True: none was."""
    begun = time.monotonic()
    parts = [lambda part=part: compare(place, chosen, JOBS[part[0]](part[2], part[1]), part[3], plots) for part in PLAN]
    parts.append(lambda: compare_restarts(place, chosen, workloads.Readings(PLANNED_RESTART[1], PLANNED_RESTART[0])))
    parts.append(lambda: compare_latencies(place, chosen, PLANNED_LATENCY_SECONDS, SENSORS))
    failed = 0
    for number, part in enumerate(parts, 1):
        say(f"part {number} of {len(parts)}, after {(time.monotonic() - begun) / 60:.0f} minutes")
        try:
            part()
        except (Exception, SystemExit) as failure:  # pylint: disable=broad-exception-caught
            print(f"part {number}: {failure or type(failure).__name__}", file=sys.stderr)
            failed += 1
    say(f"everything in {(time.monotonic() - begun) / 60:.0f} minutes")
    return failed == 0


def main():
    parser = command_line(__doc__, EXAMPLE, "peers")
    parser.add_argument("--jobs", nargs="+", choices=JOBS, help="only these: uniform and skewed keys of job 1, tasks (job 2), late readings"
                        " (job 3). Without this, --restart or --latency: everything that benchmarks/README.md tells, in about an hour")
    parser.add_argument("--restart", action="store_true", help="only how long each engine takes to go on after kill -9")
    parser.add_argument("--latency", type=int, metavar="SECONDS", help="only the latency of alerts under a feed of so many seconds")
    parser.add_argument("--events", type=int, help=f"of a job, or before the kill (default {EVENTS:,})")
    parser.add_argument("--sensors", type=int, nargs="+", help=f"one table for each number (default {SENSORS:,})")
    parser.add_argument("--repeat", type=int, help="how many turns of a job (default 3)")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES), help="(default: all)")
    parser.add_argument("--plots", type=pathlib.Path, metavar="DIRECTORY", help="draw each table of a job there as SVG")
    options = parser.parse_args()
    if options.tiny:
        options.events, options.sensors, options.repeat = 20_000, [1000], 1
        if not (options.restart or options.latency):
            options.jobs = options.jobs or ["late"]
    is_everything = not (options.jobs or options.restart or options.latency)
    if is_everything and (options.events or options.sensors or options.repeat):
        parser.error("--events, --sensors and --repeat are for --jobs, --restart or --latency")
    sys.stdout.reconfigure(line_buffering=True)
    events, sensors = options.events or EVENTS, options.sensors or [SENSORS]
    with deployed(options, workloads.INDICATORS) as deployment:
        place = engines.Place(deployment, options.engine.resolve().parent / "benchmarks")
        chosen = [ENGINES[name](place) for name in options.engines]
        if is_everything:
            sys.exit(0 if compare_everything(place, chosen, options.plots) else 1)
        if options.restart:
            compare_restarts(place, chosen, workloads.Readings(events, sensors[0]))
        if options.latency:
            compare_latencies(place, chosen, options.latency, sensors[0])
        for job in options.jobs or []:
            for number in sensors if job != "tasks" else [None]:
                compare(place, chosen, JOBS[job](events, number), options.repeat or 3, options.plots)


JOBS = {
    "uniform": workloads.Readings,
    "skewed": lambda events, sensors: workloads.Readings(events, sensors, "skewed"),
    "tasks": lambda events, _: workloads.Tasks(events),
    "late": workloads.Late,
}
ENGINES = {
    "raw": lambda place: engines.Bound("Raw consumer", "peers_raw"),
    "fold": lambda place: engines.Bound("Fold in memory", "peers_fold"),
    "slipstream": lambda place: engines.Slipstream(),
    "kafka-streams": engines.KafkaStreams,
    "flink": engines.Flink,
}

if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        print(problem, file=sys.stderr)
        sys.exit(problem.exit_code)
