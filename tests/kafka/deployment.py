"""A deployment on a broker, as users run it: topics, files of events, instances with a data directory each, questions.

Used by tests of several instances: they begin where one instance's test (slipstream_on_kafka_test.py) ends.
"""

import contextlib
import csv
import io
import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import sys
import threading
import time

BROKER_PROGRAM = pathlib.Path(__file__).parent / "broker" / "kafka_broker.py"
COMMAND_SECONDS_MAX = 120
STOP_SECONDS_MAX = 60
CONSUMER_SECONDS_MAX, CONSUMER_SECONDS_AFTER = 60, 2


def skip_reason(broker):
    """Why there is no broker in this directory; empty: there is one."""
    skipped = pathlib.Path(f"{broker}.skipped")
    if (broker / "broker.json").exists():
        return ""
    return skipped.read_text().strip() if skipped.exists() else f"no Kafka was started in {broker}"


class Deployment:
    """Topics of one prefix and the definitions that are run on them."""

    def __init__(self, program, broker, prefix, definitions, settings=()):
        self.program, self.broker, self.prefix = program, broker, prefix
        servers = json.loads((broker / "broker.json").read_text())["bootstrap_servers"]
        self.options = [f"--definitions={definitions}", "--set=log=kafka", f"--set=topic_prefix={prefix}",
                        f"--set=kafka.bootstrap.servers={servers}", "--set=memory=128 MiB",
                        *(f"--set={setting}" for setting in settings)]

    def command(self, data, *command):
        """What the command itself says goes over the deployment's settings."""
        return [self.program, *self.options, f"--data={data}", *command]

    def ask(self, data, *command, code=0, timeout=COMMAND_SECONDS_MAX):
        """What a command says on standard output; AssertionError unless it ends with `code`."""
        ran = subprocess.run(self.command(data, *command), capture_output=True, text=True, timeout=timeout)
        if ran.returncode != code:
            raise AssertionError(f"{' '.join(command)}: code {ran.returncode}, not {code}\n{ran.stdout}{ran.stderr}")
        return ran.stdout

    def rows(self, data, *command):
        return list(csv.DictReader(io.StringIO(self.ask(data, *command, "--output=csv"))))

    def tool(self, *command, check=True):
        return subprocess.run([sys.executable, "-B", BROKER_PROGRAM, "tool", self.broker, *command], capture_output=True,
                              text=True, check=check, timeout=COMMAND_SECONDS_MAX).stdout

    def ends(self):
        """The end of each partition that shards write to: nothing was written between two looks that say the same."""
        written = "(events|partials|decisions|alerts.*|dead_letters)"
        return sorted(self.tool("kafka-get-offsets", "--topic", re.escape(self.prefix) + written).splitlines())

    def is_folded(self):
        """Does the group's lag, which monitors see, say that all events and partials are folded and committed?"""
        described = self.tool("kafka-consumer-groups", "--describe", "--group", self.prefix + "slipstream", check=False)
        lags = re.findall(rf"^\S+ +{re.escape(self.prefix)}(events|partials) +\d+ +\S+ +(\d+) +(\S+)", described, re.MULTILINE)
        return any(topic == "events" for topic, _, _ in lags) and all(lag == "0" for _, end, lag in lags if end != "0")

    def read_committed(self, topic, expected):
        """What a plain read_committed consumer reads of a topic: {key, headers, partition, offset, value}, in order within each
        partition. It is waited for until it has `expected` records, and then a moment longer for those that should not be there.
        """
        shown = [f"print.{part}=true" for part in ("partition", "offset", "headers", "key")]
        command = ["kafka-console-consumer", "--topic", self.prefix + topic, "--isolation-level", "read_committed",
                   "--from-beginning", "--property", "key.separator=\t", "--property", "headers.separator=|",
                   *(word for one in shown for word in ("--property", one))]
        consumer = subprocess.Popen([sys.executable, "-B", BROKER_PROGRAM, "tool", self.broker, *command], text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        lines = queue.SimpleQueue()
        reading = threading.Thread(target=lambda: [lines.put(line) for line in consumer.stdout])
        reading.start()
        records = []
        with contextlib.suppress(queue.Empty):
            while True:
                line = lines.get(timeout=CONSUMER_SECONDS_MAX if len(records) < expected else CONSUMER_SECONDS_AFTER)
                if not line.startswith("Partition:"):
                    continue  # what Java has to say
                partition, offset, headers, key, value = line.rstrip("\n").split("\t", 4)
                records.append({"partition": int(partition.split(":")[1]), "offset": int(offset.split(":")[1]), "key": key,
                                "headers": dict(header.split(":", 1) for header in headers.split("|")),
                                "value": json.loads(value)})
        consumer.kill()
        reading.join()
        consumer.communicate()
        return records


class Instance:
    """One `slipstream run` with a data directory of its own; what it says is kept in a file beside it."""

    def __init__(self, deployment, data, *options, said=None, environment=None):
        self.data = pathlib.Path(data)
        self.said = said or self.data.with_name(self.data.name + ".log")
        with open(self.said, "ab") as out:
            self.process = subprocess.Popen(deployment.command(data, "run", *options), stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})})

    def is_running(self):
        return self.process.poll() is None

    def stop(self):
        """Cleanly; AssertionError unless it ends with 0."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS_MAX)
        finally:
            self.kill()
        if code != 0:
            raise AssertionError(f"{self.data.name} ended with {code}, not 0:\n{self.last_words()}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def last_words(self):
        return "\n".join(self.said.read_text(errors="replace").splitlines()[-5:])


def wait_until_idle(deployment, instances, seconds):
    """Until everything in the log is folded, committed and judged by the instances that run."""
    deadline = time.monotonic() + seconds
    before = None
    while True:
        folded, ends = deployment.is_folded(), deployment.ends()  # each takes a second: a commit and what follows from it fit in
        if folded and ends == before:
            return
        before = ends
        for instance in instances:
            if not instance.is_running():
                raise AssertionError(f"{instance.data.name} ended by itself:\n{instance.last_words()}")
        if time.monotonic() > deadline:
            raise AssertionError(f"not idle after {seconds} s: {'folded, but it writes on' if folded else 'not all is folded'}")


def newest_file(directory):
    return max((path.stat().st_mtime_ns for path in directory.rglob("*") if path.is_file()), default=0)


def gather(instances, into):
    """One data directory that has of each shard the state of the instance that held it last. Links: to be read only."""
    newest = {}
    for instance in instances:
        for shard in instance.glob("state/*/shard-*"):
            name = (shard.parent.name, shard.name)
            if name not in newest or newest_file(shard) > newest_file(newest[name]):
                newest[name] = shard
    for (version, name), shard in newest.items():
        link = into / "state" / version / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(shard.resolve())
