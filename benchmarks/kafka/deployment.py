"""A broker, a deployment's topics on it, and instances of the program: everything that a benchmark starts and ends.

All instants are seconds since 1970 of this machine's clock, for records and files carry the same.
"""
import argparse
import collections
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from confluent_kafka.admin import AdminClient

SOURCES = pathlib.Path(__file__).resolve().parents[2]
BROKER_PROGRAM = SOURCES / "tests/kafka/broker/kafka_broker.py"
GROUP = "slipstream"
PARTITIONS = 8
KAFKA_CANNOT_BE_HAD = 77
STOP_SECONDS_MAX = 60
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def command_line(about, example, name):
    """The options that all benchmarks on Kafka share."""
    parser = argparse.ArgumentParser(description=about, epilog=f"example: {example}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", type=pathlib.Path, default=SOURCES / "build/release/slipstream",
                        help="the program to measure (default %(default)s)")
    parser.add_argument("--directory", type=pathlib.Path,
                        default=pathlib.Path(tempfile.gettempdir()) / "slipstream-benchmark-kafka" / name,
                        help="the broker, its filled topics and the states, kept for the next run (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of all random choices (default %(default)s)")
    parser.add_argument("--tiny", action="store_true", help="a run of seconds that shows that the program works")
    return parser


class Broker:
    """One node of Kafka that goes on with what its directory holds, and ends with this process."""

    def __init__(self, directory):
        self.directory = directory
        started = self.run("start", "--directory", directory, "--owner", os.getpid())
        if started.returncode == KAFKA_CANNOT_BE_HAD:
            print(started.stderr.strip(), file=sys.stderr)
            sys.exit(KAFKA_CANNOT_BE_HAD)
        if started.returncode != 0:
            sys.exit(f"the broker does not start: {started.stderr.strip()}")
        described = json.loads((directory / "broker.json").read_text())
        self.bootstrap_servers = described["bootstrap_servers"]
        self.version = described["version"]
        self.pids = [node["pid"] for node in described["nodes"]]

    def run(self, *arguments):
        return subprocess.run([sys.executable, BROKER_PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)

    def stop(self):
        self.run("stop", self.directory)

    def cpu_seconds(self):
        return sum(cpu_seconds_of(pid) for pid in self.pids)


def cpu_seconds_of(pid):
    """User and system time of a process that runs."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


class Instance:
    """A `slipstream run`. What it says is kept with the instant at which it was said."""

    def __init__(self, command, data):
        self.data = data
        self.said = []  # (instant, line) of the standard error
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()

    def listen(self):
        for line in self.process.stderr:
            self.said.append((time.time(), line.rstrip()))
        if self.process.wait() not in (0, -signal.SIGKILL):
            say(f"an instance ended with code {self.process.returncode}: " + "; ".join(line for _, line in self.said[-5:]))

    def name(self):
        return (self.data / "instance").read_text().strip()

    def assignments(self, after):
        """(instant, shards) as the instance took them from the group after an instant."""
        told = []
        for instant, line in list(self.said):
            if instant >= after and (match := re.search(r"shards of this instance: (.*) \(of", line)):
                told.append((instant, shards_in(match[1])))
        return told

    def troubles(self):
        return [line for _, line in self.said if "is closed, and opened again" in line]

    def restored(self):
        """The shards whose states it has taken from checkpoints."""
        return {int(match[1]) for _, line in list(self.said) if (match := re.search(r"shard (\d+): restored commit", line))}

    def cpu_seconds(self):
        return cpu_seconds_of(self.process.pid)

    def kill(self):
        """As kill -9 does; returns the instant."""
        instant = time.time()
        self.process.kill()
        self.process.wait()
        return instant

    def terminate(self):
        """Asks it to leave; returns the instant at once."""
        instant = time.time()
        self.process.terminate()
        return instant

    def ended(self):
        """Waits for its end; complains unless that was clean."""
        self.process.wait(timeout=STOP_SECONDS_MAX)
        self.listener.join(timeout=5)
        if self.process.returncode != 0:
            sys.exit("an instance did not leave cleanly")

    def opened_state(self, shard, after):
        """The instant at which RocksDB had opened the state of a shard after another: it writes its options down then."""
        instants = [path.stat().st_mtime for path in self.data.glob(f"state/*/shard-{shard}/OPTIONS-*")]
        return min((instant for instant in instants if instant > after), default=None)


def shards_in(text):
    """0-2, 5 are 0, 1, 2 and 5."""
    shards = set()
    for part in re.findall(r"(\d+)(?:-(\d+))?", text):
        shards |= set(range(int(part[0]), int(part[1] or part[0]) + 1))
    return shards


class Deployment:
    """Topics of PARTITIONS shards on a broker of their own, without a prefix; instances with directories below `directory`."""

    def __init__(self, engine, directory, definitions, settings=()):
        if not engine.exists():
            sys.exit(f"{engine} is not there: build it (cmake --preset release && ninja -C build/release slipstream) or give --engine")
        directory.mkdir(parents=True, exist_ok=True)
        self.engine, self.directory = engine, directory
        self.definitions = directory / "definitions.yaml"
        self.definitions.write_text(definitions)
        say(f"starting the broker in {directory}")
        self.broker = Broker(directory / "broker")
        self.on_kafka = ["log=kafka", f"kafka.bootstrap.servers={self.broker.bootstrap_servers}", "address=127.0.0.1"]
        self.settings = [f"partitions={PARTITIONS}", *settings]
        self.admin = AdminClient({"bootstrap.servers": self.broker.bootstrap_servers, "log_level": 0})
        self.instances = []

    def command(self, *words, data, settings=(), on_kafka=True):
        every = [*self.settings, *(self.on_kafka if on_kafka else ()), *settings]
        return [self.engine, *words, f"--data={data}", f"--definitions={self.definitions}", *(f"--set={one}" for one in every)]

    def run(self, *words, **where):
        """A command to its end; what it prints."""
        ran = subprocess.run(self.command(*words, **where), capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            sys.exit(f"slipstream {' '.join(words)} ended with code {ran.returncode}:\n{ran.stdout}{ran.stderr}")
        return ran.stdout

    def create_topics(self):
        self.run("topics", "create", data=self.directory / "none")

    def start(self, data, settings=()):
        instance = Instance(self.command("run", data=data, settings=settings), data)
        self.instances.append(instance)
        return instance

    def knows(self, key):
        """Has this build such a key of the configuration?"""
        ran = subprocess.run(self.command("config", "print", data=self.directory / "none", settings=[f"{key}={self.directory}"]),
                             capture_output=True, text=True, check=False)
        return "unknown_key" not in ran.stderr

    def close(self):
        for instance in self.instances:
            with contextlib.suppress(ProcessLookupError):
                instance.process.send_signal(signal.SIGKILL)
        say("stopping the broker")
        self.broker.stop()


@contextlib.contextmanager
def deployed(options, definitions, settings=()):
    """A deployment until the end of the block; of a tiny run nothing is kept."""
    directory = options.directory
    if options.tiny:
        directory = pathlib.Path(tempfile.mkdtemp(prefix="slipstream-tiny-"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    deployment = Deployment(options.engine.resolve(), directory.resolve(), definitions, settings)
    try:
        yield deployment
    finally:
        deployment.close()
        if options.tiny:
            shutil.rmtree(directory, ignore_errors=True)


class Load:
    """How busy the machine was, and with whose work: figures taken beside others' are told apart."""

    def __init__(self, deployment):
        self.deployment = deployment
        self.began = time.time()
        self.used = self.of_all()

    def of_all(self):
        fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        own = {"broker": self.deployment.broker.cpu_seconds(), "benchmark": sum(os.times()[:2])}
        for instance in self.deployment.instances:
            if instance.process.poll() is None:
                own["engine"] = own.get("engine", 0) + instance.cpu_seconds()
        idle = fields[3] + fields[4]
        return collections.Counter(own | {"machine": (sum(fields) - idle) / TICKS_PER_SECOND})

    def so_far(self):
        """(seconds, CPU-seconds by what used them). Instances that began or ended meanwhile count nothing."""
        used = self.of_all()
        return time.time() - self.began, {what: used[what] - self.used[what] for what in used}
