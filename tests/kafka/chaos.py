#!/usr/bin/env python3
"""Chaos on real brokers: instances of slipstream share a town's events while they, the brokers and the import are killed, frozen,
starved of disk and robbed of their data; in the end every figure and every alert must be what it would have been without.

The seed decides the events, the lives of the instances and the brokers' faults; how they meet is up to the machine. A run that
fails keeps its directory: what each instance said, when which fault came, and the data directories as they were left.
"""

import argparse
import collections
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

import brokers
import fleet
import verdict
from deployment import BROKER_PROGRAM, Deployment, Instance, gather, wait_until_idle
from importing import Importing
from town import LAST, Town, clock_at

TICK_SECONDS = 0.01
REST_SECONDS_MAX = 120
IDLE_SECONDS_MAX = 180
STALL_SECONDS_MAX = 600
NOTICE_SECONDS_MAX = 30
BAD_CONFIGURATION = 78


class Run:
    """What all parts of a run know of one another. Belongs to one thread."""

    def __init__(self, given, folder):
        self.given, self.folder, self.seed = given, folder, given.seed
        self.broker = given.broker or folder / "kafka"
        chance = random.Random(f"run {given.seed}")
        self.partitions = given.partitions or chance.choice((3, 4, 5, 8))
        self.is_static = chance.random() < 0.5
        self.is_backed_up = chance.random() < 0.6
        self.backup_options = [f"--set=backup={folder}/backup", "--set=backup_every=1 second"] if self.is_backed_up else []
        self.fates = {fate: weight for fate, weight in fleet.FATES.items() if fate in given.faults}
        if not fleet.has_crash_points(given.program):
            self.fates.pop("crash", None)
        there = {"empty", *(["several"] if given.instances > 1 else []), *(["backup"] if self.is_backed_up else [])}
        self.crash_points = [point for point in fleet.CRASH_POINTS if there.issuperset(point.needs)]
        self.town = Town(given.seed, given.tasks)
        self.tally, self.problems = collections.Counter(), []
        self.began = time.monotonic()
        self.trouble_at = float("-inf")  # when a broker was last away
        self.log = open(folder / "faults.log", "w", buffering=1)

    def now(self):
        return time.monotonic() - self.began

    def kills(self):
        return self.tally["deaths by SIGKILL"]

    def share(self):
        """How much of the run is over."""
        return self.kills() / self.given.kills if self.given.kills else self.now() / self.given.seconds

    def clock(self):
        return clock_at(self.share()).isoformat()

    def counts(self, fault, where):
        self.tally[fault] += 1
        self.log.write(f"{self.now():9.3f} {where}: {fault}\n")

    def problem(self, text):
        self.problems.append(text)
        self.log.write(f"{self.now():9.3f} PROBLEM {text}\n")

    def prepare(self):
        if not self.given.broker:
            started = subprocess.run([sys.executable, "-B", BROKER_PROGRAM, "start", "--directory", self.broker, "--nodes",
                                      str(self.given.nodes), "--owner", str(os.getpid())], stderr=subprocess.PIPE,
                                     stdout=subprocess.DEVNULL, text=True)
            if started.returncode:
                print(started.stderr.strip(), file=sys.stderr)
                sys.exit(started.returncode)
        definitions = pathlib.Path(__file__).parent / "chaos.yaml"
        settings = (f"partitions={self.partitions}", "commit_interval=50 ms", f"kafka.session.timeout.ms={fleet.SESSION_MS}",
                    "kafka.heartbeat.interval.ms=300", f"clock={LAST.isoformat()}", *self.given.settings)
        self.deployment = Deployment(self.given.program, self.broker, f"chaos{self.seed}.", definitions, settings)
        self.deployment.ask(self.folder / "import", "topics", "create")
        for name in ("pieces", "backup"):
            (self.folder / name).mkdir()
        self.importing = Importing(self, self.town.write_pieces(self.folder / "pieces", self.given.pieces))
        self.brokers = brokers.Brokers(self, self.broker, self.given.nodes) if "broker" in self.given.faults else None
        self.began = time.monotonic()
        if self.brokers:
            self.brokers.calm(self.now())
        spare = self.given.instances > 1 and "more" in self.given.faults
        self.slots = [fleet.Slot(self, i, is_spare=i == self.given.instances) for i in range(self.given.instances + spare)]

    def do_harm(self):
        """Until enough has happened."""
        stall = (self.now(), 0)
        while self.share() < 1 and not (self.problems and self.given.stop_early):
            time.sleep(TICK_SECONDS)
            now = self.now()
            for part in (*self.slots, self.importing, *filter(None, [self.brokers])):
                part.step(now)
            if self.kills() != stall[1]:
                stall = (now, self.kills())
            elif now - stall[0] > STALL_SECONDS_MAX:
                raise AssertionError(f"nothing was killed for {STALL_SECONDS_MAX} s")

    def come_to_rest(self):
        """Brokers are whole, everything is in the log, instances that nobody disturbs have folded it and ended cleanly."""
        self.tally["seconds of harm"] = round(self.now())
        for slot in self.slots:
            slot.rest()
        deadline = self.now() + REST_SECONDS_MAX
        while True:
            now = self.now()
            for slot in self.slots:
                slot.step(now)
            whole = self.brokers.step(now, is_ending=True) if self.brokers else True
            if whole:
                self.importing.step(now)
            if whole and self.importing.is_over() and not any(slot.instance for slot in self.slots):
                break
            if now > deadline:
                raise AssertionError(f"no rest within {REST_SECONDS_MAX} s")
            time.sleep(TICK_SECONDS)
        for slot in self.slots:
            slot.start_undisturbed()
        began = self.now()
        wait_until_idle(self.deployment, [slot.instance for slot in self.slots], IDLE_SECONDS_MAX)
        self.tally["seconds until idle in the end"] = round(self.now() - began)
        for slot in self.slots:
            slot.instance.stop()
            slot.instance = None

    def judge(self):
        expected = self.town.figures()
        gathered, fresh = self.folder / "gathered", self.folder / "fresh"
        gather([slot.data for slot in self.slots], gathered)
        self.problems += verdict.figures_problems("the instances' states", self.deployment, gathered, expected)
        journal = [row["transition"] for row in self.deployment.rows(self.folder, "alerts", "history")]
        events = self.deployment.read_committed("alerts.events", len(journal))
        states = self.deployment.read_committed("alerts.state", len({name.split("/")[0] for name in journal}))
        self.tally["transitions of alerts"] = len(journal)
        self.problems += verdict.published_problems(events, states, journal)
        self.problems += verdict.firing_problems(events, "slipping", self.town.red())
        self.problems += verdict.letters_problems(self.deployment.rows(self.folder, "dlq", "list"), self.town.conflicts)
        # A lost state is folded again, or comes from a backup; an old one goes on.
        opened = [(fresh, []), *((slot.data, []) for slot in self.slots)]
        if self.is_backed_up:
            self.deployment.ask(self.folder, "backup", "verify", *self.backup_options)
            opened.append((self.folder / "restored", self.backup_options))
        for data, options in opened:
            self.deployment.ask(data, "run", "--until-idle", "--quiet", *options)
            self.problems += verdict.figures_problems(f"afterwards, the state in {data}", self.deployment, data, expected)
        if len(self.deployment.rows(self.folder, "alerts", "history")) != len(journal):
            self.problem("an instance that only caught up has taken decisions")
        self.problems += [f"crash point {point.name} was tried {tried} times and never passed" for point in self.crash_points
                          if (tried := self.tally[f"crash at {point.name}, tried"]) >= fleet.TRIED_ENOUGH
                          and not self.tally[f"crash at {point.name}"]]

    def add_partitions(self):
        """An entity's events would be spread over two shards: what runs must end and nothing may start, each saying why."""
        running = Instance(self.deployment, self.folder / "grown")
        time.sleep(3)
        self.deployment.tool("kafka-topics", "--alter", "--topic", self.deployment.prefix + "events", "--partitions",
                             str(self.partitions + 1))
        try:
            code = running.process.wait(NOTICE_SECONDS_MAX)
            if code != BAD_CONFIGURATION or "partition" not in running.last_words():
                self.problem(f"partitions were added, and an instance ended with {code}: {running.last_words()}")
        except subprocess.TimeoutExpired:
            self.problem(f"partitions were added, and an instance did not notice within {NOTICE_SECONDS_MAX} s")
        running.kill()
        for command in (("run", "--until-idle"), ("import", str(self.importing.pieces[0]), "--force"), ("query", "delivery")):
            self.deployment.ask(self.slots[0].data, *command, code=BAD_CONFIGURATION)

    def close(self):
        for slot in getattr(self, "slots", []):
            slot.destroy()
        if hasattr(self, "importing"):
            self.importing.destroy()
        if not self.given.broker and (self.broker / "broker.json").exists():
            subprocess.run([sys.executable, "-B", BROKER_PROGRAM, "stop", "--now", self.broker], stdout=subprocess.DEVNULL)
        for slot in getattr(self, "slots", []):
            if slot.disk:
                slot.disk.unmount(keep=self.given.keep or bool(self.problems))

    def report(self):
        for fault, times in sorted(self.tally.items()):
            print(f"{times:6} {fault}")
        print(f"{len(self.town.arriving)} events, {self.given.instances} instances, {self.partitions} partitions, "
              f"{'static' if self.is_static else 'dynamic'} members, {'a' if self.is_backed_up else 'no'} backup, "
              f"{self.given.nodes} nodes, {self.now():.0f} s")
        for slot in self.slots:
            if slot.disk and slot.disk.reason:
                print(f"no full disk: {slot.disk.reason}")
        if "crash" in self.given.faults and "crash" not in self.fates:
            print("no crash points: they are not in this build")


def command_line():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = [*fleet.FATES, "more", "broker", "grow"]
    parser.add_argument("program", type=pathlib.Path, metavar="SLIPSTREAM")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--instances", type=int, default=3)
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1, help="of the cluster that is started")
    parser.add_argument("--partitions", type=int, help="by default as the seed has it")
    parser.add_argument("--tasks", type=int, default=4000)
    parser.add_argument("--pieces", type=int, default=30, help="files in which the events come")
    parser.add_argument("--seconds", type=float, default=60, help="how long harm is done")
    parser.add_argument("--kills", type=int, help="until so many instances have died by SIGKILL, instead")
    parser.add_argument("--faults", type=lambda text: text.split(","), default=every, help=f"of {','.join(every)}")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE", help="of the configuration")
    parser.add_argument("--broker", type=pathlib.Path, help="directory of a running cluster, which is left to itself at the end")
    parser.add_argument("--directory", type=pathlib.Path, help="where to work; must not be there yet")
    parser.add_argument("--keep", action="store_true", help="the directory, also when all is well")
    parser.add_argument("--stop-early", action="store_true", help="do no more harm after the first problem")
    return parser


def main(arguments):
    given = command_line().parse_args(arguments)
    print(f"seed {given.seed}", flush=True)
    given.program = given.program.resolve()
    folder = (given.directory or pathlib.Path(tempfile.mkdtemp(prefix="slipstream-chaos-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    run = Run(given, folder)
    try:
        run.prepare()
        run.do_harm()
        run.come_to_rest()
        run.judge()
        if "grow" in given.faults:
            run.add_partitions()
    except (AssertionError, subprocess.SubprocessError) as error:
        run.problem(f"{type(error).__name__}: {error}")
    finally:
        run.close()
    run.report()
    if run.problems:
        print(f"FAILED, {run.kills()} kills:", *run.problems, sep="\n  ")
        seed = [] if "--seed" in arguments else ["--seed", str(given.seed)]
        print(f"kept: {folder}; again:", sys.argv[0], *arguments, *seed)
        return 1
    print(f"well, after {run.kills()} kills")
    if not given.keep:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
