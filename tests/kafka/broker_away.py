#!/usr/bin/env python3
"""The only broker is away, for five minutes unless told otherwise: two instances go on as well as they can, one of them is asked to
end meanwhile, and producers keep what they have. Once the broker is back everything catches up by itself.
"""

import argparse
import contextlib
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import python_packages

BUDGET_MIB, ALLOWANCE_MIB, GROWTH_MIB_MAX = 128, 64, 16
IDLE_SECONDS_MAX, CATCH_UP_SECONDS_MAX = 60, 120
END_SECONDS_MAX = 10
PARTITIONS, INSTANCES = 4, 2
AWAY, BACK = "the log does not answer", "the log answers again"
PROGRESS = "clock "


def command_line():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path, metavar="SLIPSTREAM")
    parser.add_argument("environment", metavar="ENVIRONMENT", help="folder of the virtual environment; made when it is not there")
    parser.add_argument("--seconds", type=float, default=300, help="how long the broker is away")
    parser.add_argument("--how", choices=("kill", "pause"), default="kill", help="it refuses connections, or answers nothing")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--tasks", type=int, default=2000)
    return parser


class Away:
    """One run. `problems`: what does not hold, as sentences."""

    def __init__(self, given, folder):
        self.given, self.folder, self.broker = given, folder, folder / "kafka"
        self.problems, self.instances, self.resident = [], [], []

    def act(self, *words):
        acted = subprocess.run([sys.executable, "-B", BROKER_PROGRAM, *map(str, words)], capture_output=True, text=True)
        if acted.returncode:
            print(acted.stderr.strip(), file=sys.stderr)
            sys.exit(acted.returncode)

    def expect(self, holds, problem):
        if not holds:
            self.problems.append(problem)

    def prepare(self):
        self.act("start", "--directory", self.broker, "--owner", os.getpid())
        settings = (f"partitions={PARTITIONS}", f"clock={LAST.isoformat()}", "commit_interval=100 ms",
                    f"memory={BUDGET_MIB} MiB")
        self.deployment = WatchedDeployment(self.given.program, self.broker, "away.",
                                            pathlib.Path(__file__).parent / "chaos.yaml", settings)
        self.deployment.ask(self.folder, "topics", "create")
        self.town = Town(self.given.seed, self.given.tasks)
        self.producer = self.deployment.producer()
        for i in range(INSTANCES):
            self.instances.append(Instance(self.deployment, self.folder / f"instance-{i}"))
            self.resident.append(Resident(self.instances[-1].process))
        third = len(self.town.arriving) // 3
        self.producer.events(self.town.arriving[:third])
        self.producer.finish()
        wait_until_idle(self.deployment, self.instances, IDLE_SECONDS_MAX)
        # It goes away while these are folded and committed.
        self.producer.events(self.town.arriving[third:2 * third])
        self.producer.finish()
        self.rest = self.town.arriving[2 * third:]

    def be_away(self):
        """The broker, while producers go on."""
        before = [resident.now for resident in self.resident]
        said = [instance.said.stat().st_size for instance in self.instances]
        self.act(self.given.how, self.broker, 1)
        began = time.monotonic()
        self.producer.events(self.rest)
        while time.monotonic() < began + self.given.seconds:
            time.sleep(0.1)
            self.expect(all(instance.is_running() for instance in self.instances), "an instance ended by itself")
            if self.problems:
                return
        grown = [resident.now - was for resident, was in zip(self.resident, before)]
        print(f"resident {', '.join(f'{each.now:.0f}' for each in self.resident)} MiB, "
              f"{', '.join(f'{each:+.1f}' for each in grown)} while it was away")
        self.expect(max(grown) < GROWTH_MIB_MAX, f"memory has grown by {max(grown):.0f} MiB")
        for instance, position in zip(self.instances, said):
            self.judge_words(instance, instance.said.read_bytes()[position:].decode())
        self.ask()
        self.end_one()

    def judge_words(self, instance, text):
        lines = [line for line in text.splitlines() if not line.startswith(PROGRESS)]
        print(f"{instance.data.name}, while the broker was away:", *lines, sep="\n  ")
        self.expect(text.count(AWAY) == 1, f"{instance.data.name} said {text.count(AWAY)} times that the log does not answer")
        self.expect(BACK not in text, f"{instance.data.name} said that the log answers, which is away")
        # Of each shard once, if it was at work, and of the members' topic.
        self.expect(len(lines) <= 2 + PARTITIONS, f"{instance.data.name} said {len(lines)} lines")

    def ask(self):
        gathered = self.folder / "gathered-away"
        gather([instance.data for instance in self.instances], gathered)
        began = time.monotonic()
        rows = self.deployment.rows(gathered, "query", "delivery")
        print(f"{len(rows)} figures after {time.monotonic() - began:.1f} s")
        self.expect(len(rows) > 0, "no figures while the broker is away")

    def end_one(self):
        """The last of them, which is not needed to catch up."""
        instance = self.instances.pop()
        self.resident.pop().stop()
        began = time.monotonic()
        instance.process.send_signal(signal.SIGTERM)
        code = instance.process.wait(IDLE_SECONDS_MAX)
        took = time.monotonic() - began
        print(f"SIGTERM: ended with {code} after {took:.1f} s")
        self.expect(code == 0, f"SIGTERM while the broker is away: code {code}: {instance.last_words()}")
        self.expect(took < END_SECONDS_MAX, f"SIGTERM while the broker is away: it took {took:.1f} s")
        self.left = instance.data

    def come_back(self):
        self.act("restart" if self.given.how == "kill" else "resume", self.broker, 1)
        began = time.monotonic()
        self.producer.finish()
        wait_until_idle(self.deployment, self.instances, CATCH_UP_SECONDS_MAX)
        print(f"caught up {time.monotonic() - began:.1f} s after the broker was back")
        survivor, peak = self.instances.pop(), self.resident.pop().stop()
        survivor.stop()
        print(f"peak {peak:.0f} MiB of {BUDGET_MIB} + {ALLOWANCE_MIB}")
        self.expect(peak < BUDGET_MIB + ALLOWANCE_MIB, f"peak of {peak:.0f} MiB")
        text = survivor.said.read_text()
        self.expect(text.count(BACK) == text.count(AWAY) == 1, f"said {text.count(BACK)} times that the log answers again")
        self.judge(survivor.data)

    def judge(self, data):
        deployment = self.deployment
        self.problems += verdict.figures_problems("afterwards", deployment, data, self.town.figures())
        journal = [row["transition"] for row in deployment.rows(data, "alerts", "history")]
        events = deployment.read_alerts("alerts.events", len(journal))
        states = deployment.read_alerts("alerts.state", len({name.split("/")[0] for name in journal}))
        self.problems += verdict.published_problems(events, states, journal)
        self.problems += verdict.firing_problems(events, "slipping", self.town.red())
        self.problems += verdict.letters_problems(deployment.rows(data, "dlq", "list"), self.town.conflicts)
        print(f"{len(self.town.arriving)} events, {len(journal)} transitions of alerts")
        self.expect(len(journal) > 0, "no alert was ever on")

    def close(self):
        for instance in self.instances:
            instance.kill()
        with contextlib.suppress(SystemExit):
            self.act("stop", "--now", self.broker)


def main(given):
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="slipstream-away-") as folder:
        run = Away(given, pathlib.Path(folder))
        try:
            run.prepare()
            run.be_away()
            if not run.problems:
                run.come_back()
        except (AssertionError, subprocess.SubprocessError) as error:
            words = [f"{instance.data.name}: {instance.last_words()}" for instance in run.instances]
            run.problems += [f"{type(error).__name__}: {error}", *words]
        finally:
            run.close()
    if run.problems:
        print("FAILED:", *run.problems, sep="\n  ")
    return 1 if run.problems else 0


if __name__ == "__main__":
    arguments = command_line().parse_args()
    python_packages.enter(arguments.environment)

    # pylint: disable=wrong-import-position
    import verdict
    from deployment import BROKER_PROGRAM, Instance, gather, wait_until_idle
    from town import LAST, Town
    from watched import Resident, WatchedDeployment

    sys.exit(main(arguments))
