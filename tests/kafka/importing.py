"""Brings a run's events into the log piece by piece with `slipstream import`, which is killed too now and then and begins again."""

import random
import subprocess

KILLED_OF_A_HUNDRED = 20


class Importing:
    def __init__(self, run, pieces):
        self.run, self.pieces, self.done = run, pieces, 0
        self.chance = random.Random(f"import {run.seed}")
        self.process = None
        self.kill_at = float("inf")
        self.again_at = 0.0

    def is_due(self, now):
        return self.done < len(self.pieces) and self.done <= self.run.share() * len(self.pieces) and now >= self.again_at

    def is_over(self):
        return self.done == len(self.pieces)

    def step(self, now):
        """What is due; call often."""
        if not self.process:
            if self.is_due(now):
                self.process = subprocess.Popen(
                    self.run.deployment.command(self.run.folder / "import", "import", str(self.pieces[self.done]), "--quiet"),
                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                killed = self.chance.randrange(100) < KILLED_OF_A_HUNDRED
                self.kill_at = now + self.chance.uniform(0.02, 0.6) if killed else float("inf")
        elif self.process.poll() is not None:
            self.ended(now, self.process.returncode)
        elif now >= self.kill_at:
            self.process.kill()

    def ended(self, now, code):
        said = self.process.stderr.read().decode()
        self.process = None
        if code == 0:
            self.done += 1
        elif code == -9:
            self.run.counts("import killed", self.pieces[self.done].name)
        elif now - self.run.trouble_at < 90:
            self.run.counts(f"import ended with {code}: a broker was away", self.pieces[self.done].name)
        else:
            self.run.problem(f"the import ended with {code}: {said.strip()}")
        self.again_at = now + 0.3

    def destroy(self):
        if self.process:
            self.process.kill()
            self.process.wait()
