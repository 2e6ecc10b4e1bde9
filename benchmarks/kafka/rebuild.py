#!/usr/bin/env python3
"""Events per CPU-second of `run --until-idle` from a filled topic on Kafka, beside the embedded log with the very same records.

  first    the topic is read for the first time, with commits on the way
  replay   the state is lost: all is folded again up to the committed positions

CPU-seconds are the engine's own; the broker's are beside them. Much less CPU than wall time, on a machine that has nothing else
to do, tells that the engine waits for its log.
"""
import json
import os
import shutil
import subprocess
import tempfile
import time

import client_environment

client_environment.enter()

# pylint: disable=wrong-import-position
import observations
from deployment import PARTITIONS, command_line, deployed, say
from figures import median, table

EXAMPLE = "rebuild.py --events 5000000 --repeat 3"
EVENTS = "events"
LOGS = ("kafka", "embedded")
PASSES = ("first", "replay")


class Rebuild:
    def __init__(self, deployment, options):
        self.deployment, self.options = deployment, options
        self.data = {log: deployment.directory / f"run-{log}" for log in LOGS}
        self.copied = deployment.directory / f"embedded-{options.events}-{options.keys}-{options.partitions}-{options.seed}"

    def prepare(self):
        """The topic, and a copy of it as an embedded log; both are kept."""
        if (self.copied / "complete").exists():
            return
        shutil.rmtree(self.copied, ignore_errors=True)
        self.forget([topic for topic in self.topics() if not topic.startswith("__")])
        observations.fill(self.deployment.broker.bootstrap_servers, EVENTS, self.options.events, self.options.keys, self.options.seed)
        say("copying the topic into an embedded log")
        self.deployment.run("log", "copy", str(self.copied), data=self.deployment.directory / "none")
        (self.copied / "complete").touch()

    def topics(self):
        return self.deployment.admin.list_topics(timeout=15).topics

    def forget(self, topics):
        """Deletes topics, and creates those that the deployment needs."""
        present = set(topics) & set(self.topics())
        for done in self.deployment.admin.delete_topics(list(present)).values() if present else ():
            done.result()
        while present & set(self.topics()):
            time.sleep(0.1)
        self.deployment.create_topics()

    def measure(self, log, which):
        data = self.data[log]
        if which == "first":
            shutil.rmtree(data, ignore_errors=True)
            if log == "kafka":
                self.forget([topic for topic in self.topics() if topic != EVENTS and not topic.startswith("__")])
            else:
                shutil.copytree(self.copied, data)
        else:
            shutil.rmtree(data / "state")
        figures = self.run(data, on_kafka=log == "kafka")
        self.check(data, on_kafka=log == "kafka")
        say(f"  {log} {which}: {self.options.events / figures['cpu']:,.0f} events a CPU-second, {figures['wall']:.1f} s of wall time, "
            f"{figures['cpu']:.1f} of CPU, broker {figures['broker']:.1f}, {figures['commits']} commits")
        return figures

    def run(self, data, on_kafka):
        command = self.deployment.command("run", "--until-idle", "--quiet", "--output=json", data=data, on_kafka=on_kafka)
        broker_before, began = self.deployment.broker.cpu_seconds(), time.time()
        with tempfile.TemporaryFile("w+") as answer:
            with subprocess.Popen(command, stdout=answer) as process:
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                raise SystemExit(f"the engine ended with code {process.returncode}")
            answer.seek(0)
            commits = json.load(answer)["counters"][0]["commits"]
        return {"wall": time.time() - began, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024,
                "broker": self.deployment.broker.cpu_seconds() - broker_before, "commits": commits}

    def check(self, data, on_kafka):
        """A run that is fast and wrong fails."""
        answer = json.loads(self.deployment.run("query", "air", "--node=city", "--output=json", data=data, on_kafka=on_kafka))
        rows = next(value for value in answer.values() if isinstance(value, list) and value and "readings" in value[0])
        counted = sum(int(row["readings"]) for row in rows)
        if counted != self.options.events:
            raise SystemExit(f"the city has {counted} readings, and {self.options.events} were sent")


def report(results, options, version):
    print(f"{options.events} readings of {options.keys} sensors as JSON, {options.partitions} partitions, a commit each "
          f"{options.commit_interval}, Kafka {version}, seed {options.seed}; medians of {options.repeat}\n")
    rows = []
    for which in PASSES:
        rate = {log: options.events / median([one["cpu"] for one in results[log, which]]) for log in LOGS}
        for log in LOGS:
            middle = {name: median([one[name] for one in results[log, which]]) for name in results[log, which][0]}
            rows.append([which, log, f"{rate[log]:,.0f}", f"{rate[log] / rate['embedded']:.2f}", f"{middle['wall']:.1f}",
                         f"{middle['cpu']:.1f}", f"{middle['broker']:.1f}", f"{middle['memory']:.0f}", middle["commits"]])
    print(table(["Pass", "Log", "Events a CPU-second", "of the embedded log's", "Wall, s", "CPU, s", "Broker's CPU, s", "Peak memory, MiB",
                 "Commits"], rows))


def main():
    parser = command_line(__doc__, EXAMPLE, "rebuild")
    parser.add_argument("--events", type=int, default=5_000_000, help="readings (default %(default)s)")
    parser.add_argument("--keys", type=int, default=100_000, help="sensors (default %(default)s)")
    parser.add_argument("--partitions", type=int, default=PARTITIONS, help="shards: how many readers fetch at a time (default %(default)s)")
    parser.add_argument("--repeat", type=int, default=3, help="how often each (default %(default)s)")
    parser.add_argument("--commit-interval", default="1 s", metavar="DURATION", help="(default %(default)s)")
    options = parser.parse_args()
    if options.tiny:
        options.events, options.keys, options.repeat = 20_000, 5000, 1
    with deployed(options, observations.DEFINITIONS, [f"partitions={options.partitions}", f"commit_interval={options.commit_interval}"]) as deployment:
        rebuild = Rebuild(deployment, options)
        rebuild.prepare()
        results = {(log, which): [] for log in LOGS for which in PASSES}
        for repetition in range(options.repeat):
            say(f"repetition {repetition + 1} of {options.repeat}")
            for log in LOGS:
                for which in PASSES:
                    results[log, which].append(rebuild.measure(log, which))
        report(results, options, deployment.broker.version)


if __name__ == "__main__":
    main()
