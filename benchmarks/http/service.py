#!/usr/bin/env python3
"""The HTTP service under load, in one run: point reads, events posted and made durable, and readers of an event stream, at fixed
rates, on an embedded log. Latencies count from the time that a request was due. "floor" is the latency of requests that read
nothing (GET /livez), at the same rate, with nothing else to do, just before: what the machine itself takes.

example: service.py --seconds 30
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SOURCES = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCES / "tests/http"))
from served import Served  # pylint: disable=wrong-import-position

DEFINITIONS = """name: Sensors of a city
time_zone: UTC
organisation: { root: city }
views:
  air:
    from: observations
    where: metric = 'pm2_5'
    window: { every: day }
    measures:
      readings: count(*)
      total: sum(value)
kpis:
  mean_air: { value: "total / nullif(readings, 0)", better: lower }
targets:
  - { kpi: mean_air, nodes: "**", every: day, target: 25, amber: 5 }
"""
FLOOR_SECONDS = 5
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def keep_processors_awake():
    """As long as the file is open: see the kernel's "PM Quality Of Service Interface"."""
    try:
        latency = open("/dev/cpu_dma_latency", "wb", buffering=0)  # pylint: disable=consider-using-with
        latency.write(bytes(4))  # microseconds
        return latency
    except OSError:
        return None


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def stolen_seconds():
    """For which the host let processors wait that had work, all together."""
    fields = pathlib.Path("/proc/stat").read_text(encoding="utf-8").split(maxsplit=9)
    return int(fields[8]) / TICKS_PER_SECOND


def load(options, port, seconds, reads, posts, streams, path="/v1/kpis/mean_air?node=NODE"):
    ran = subprocess.run([options.load, str(port), str(seconds), str(reads), path, str(posts),
                          str(options.events_per_post), str(streams), "/v1/views/air/stream?node=city&subtree=false",
                          str(options.sensors)], capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        sys.exit(ran.stderr)
    if ran.stderr:
        print(ran.stderr.strip(), file=sys.stderr)
    return json.loads(ran.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", type=pathlib.Path, default=SOURCES / "build/release/slipstream")
    parser.add_argument("--load", type=pathlib.Path, default=SOURCES / "build/release/benchmarks/http_load")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--reads", type=int, default=5000, help="a second (default %(default)s)")
    parser.add_argument("--events", type=int, default=50_000, help="a second (default %(default)s)")
    parser.add_argument("--events-per-post", type=int, default=100)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--sensors", type=int, default=10_000)
    parser.add_argument("--partitions", type=int, default=2)
    parser.add_argument("--may-sleep", action="store_true", help="processors that have nothing to do sleep as usual")
    options = parser.parse_args()
    awake = None if options.may_sleep else keep_processors_awake()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "definitions.yaml").write_text(DEFINITIONS, encoding="utf-8")
        served = Served(options.engine, folder, folder / "definitions.yaml",
                        (f"partitions={options.partitions}", "commit_interval=500 ms", "memory=1 GiB"))
        served.start()
        try:
            load(options, served.port, 3, 0, options.sensors / options.events_per_post, 0)  # every sensor has a figure
            time.sleep(2)
            floor = load(options, served.port, FLOOR_SECONDS, options.reads, 0, 0, "/livez")["reads"]
            before, stolen_before = cpu_seconds(served.process.pid), stolen_seconds()
            result = load(options, served.port, options.seconds, options.reads, options.events / options.events_per_post,
                          options.streams)
            result["floor"] = floor
            result["processors_awake"] = awake is not None
            result["engine_cpu_seconds"] = round(cpu_seconds(served.process.pid) - before, 2)
            result["stolen_seconds"] = round(stolen_seconds() - stolen_before, 2)
            served.stop()
        finally:
            served.destroy()
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
