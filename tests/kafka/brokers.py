"""The brokers of a chaos run: killed, paused and restarted, one after the other, through the harness."""

import random
import subprocess
import sys

from deployment import BROKER_PROGRAM

FATES = {"kill": 4, "pause": 4, "restart": 2, "roll": 3}


class Brokers:
    """At most one of them is away at a time, but that a single node's cluster is then away whole."""

    def __init__(self, run, directory, nodes):
        self.run, self.directory, self.nodes = run, directory, nodes
        self.chance = random.Random(f"brokers {run.seed}")
        self.steps = []  # (how long to wait before it, words of the harness), the next one first
        self.act = None
        self.due_at = 0.0

    def plan(self):
        node = str(self.chance.randint(1, self.nodes))
        fate = self.chance.choices(list(FATES), list(FATES.values()))[0]
        away = self.chance.uniform(0.5, 6)
        if fate == "kill":
            steps = [("kill", node, 0), ("restart", node, away)]
        elif fate == "pause":
            steps = [("pause", node, 0), ("resume", node, away)]
        elif fate == "restart" or self.nodes == 1:
            steps = [("restart", node, 0)]
        else:
            steps = [("restart", str(each), 0) for each in range(1, self.nodes + 1)]
        self.run.counts(f"broker: {'restart' if fate == 'roll' and self.nodes == 1 else fate}", f"node {node}")
        return [(wait, [act, self.directory, node]) for act, node, wait in steps]

    def calm(self, now):
        self.due_at = now + self.chance.uniform(6, 14)

    def step(self, now, is_ending=False):
        """What is due; call often. Begins nothing new when the run is ending. Is all well?"""
        if self.act:
            self.run.trouble_at = now
            if self.act.poll() is None:
                return False
            if self.act.returncode != 0:
                self.run.problem(f"the harness failed: {self.act.stderr.read().decode().strip()}")
            self.act = None
            self.steps.pop(0)
            if self.steps:
                self.due_at = now + self.steps[0][0]
            else:
                self.calm(now)
        if not self.steps and not is_ending and now >= self.due_at:
            self.steps = self.plan()
        if self.steps:
            self.run.trouble_at = now
            if now >= self.due_at:
                self.act = subprocess.Popen([sys.executable, "-B", BROKER_PROGRAM, *self.steps[0][1]], stdout=subprocess.DEVNULL,
                                            stderr=subprocess.PIPE)
        return not self.steps
