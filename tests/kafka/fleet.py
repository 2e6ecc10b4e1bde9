"""The instances of a chaos run. Each slot lives life after life in its own data directory; what a life is like and how it ends is
drawn from the slot's own random numbers, so that a seed gives the same lives however they meet.
"""

import dataclasses
import os
import random
import shutil
import signal
import subprocess

from deployment import Instance

# How many lives, of a hundred, end how.
FATES = {"kill": 42, "crash": 32, "zombie": 9, "terminate": 9, "lose": 5, "full": 3}
SESSION_MS = 1500
CRASH_VARIABLE = "SLIPSTREAM_CRASH_AT"
CRASH_SECONDS_MAX = 5.0  # after which a crash point that was not passed is given up
STOP_SECONDS_MAX = 60.0
DEAF_SECONDS = 5.0  # of a process that has been started, until it listens to SIGTERM
TROUBLE_SECONDS = 90.0  # how long after a broker's failure an instance may say that the log is unavailable
LOG_UNAVAILABLE, DISK_FULL, TRY_AGAIN = 69, 74, 75
SMALL_DISK_MEGABYTES = 192


@dataclasses.dataclass(frozen=True)
class CrashPoint:
    """A place in the program that can be named in CRASH_VARIABLE. What it needs to be passed at all: `several` instances, a
    `backup`, an `empty` data directory beside a backup.
    """
    name: str
    count_max: int
    needs: tuple = ()


CRASH_POINTS = (
    CrashPoint("commit.sealed", 6), CrashPoint("commit.begun", 6), CrashPoint("commit.written", 6),
    CrashPoint("commit.ending", 6), CrashPoint("commit.logged", 6), CrashPoint("commit.stored", 6),
    CrashPoint("open.fenced", 3), CrashPoint("open.recovered", 3),
    CrashPoint("rebalance.assigned", 2), CrashPoint("rebalance.closing", 1, ("several",)),
    CrashPoint("rebalance.closed", 1, ("several",)),
    CrashPoint("checkpoint.begin", 3, ("backup",)), CrashPoint("checkpoint.made", 3, ("backup",)),
    CrashPoint("checkpoint.copied", 3, ("backup",)), CrashPoint("checkpoint.listed", 3, ("backup",)),
    CrashPoint("discard.renamed", 1, ("backup", "empty")), CrashPoint("restore.begin", 1, ("backup", "empty")),
    CrashPoint("restore.copied", 1, ("backup", "empty")), CrashPoint("restore.done", 1, ("backup", "empty")),
)


TRIED_ENOUGH = 12  # for a crash point that is never passed to be a problem


def has_crash_points(program):
    """Only builds for development have them."""
    return CRASH_VARIABLE.encode() in program.read_bytes()


@dataclasses.dataclass(frozen=True)
class Life:
    """`after` so many seconds `fate` comes; the slot is empty for `down` seconds then."""
    fate: str
    after: float
    frozen: float
    down: float
    point: CrashPoint | None = None
    count: int = 0


def draw_life(chance, fates, points, is_spare):
    fate = chance.choices(list(fates), list(fates.values()))[0]
    after = chance.uniform(0.02, 0.8) if chance.random() < 0.4 else 0.3 + chance.expovariate(1 / 1.5)
    down = chance.uniform(0, 0.15)
    if is_spare or (fate == "terminate" and chance.random() < 0.4):
        down += chance.uniform(1, 6)  # an instance less
    point = chance.choice(points)
    frozen = chance.uniform(1.2, 3) * SESSION_MS / 1000
    return Life(fate, after, frozen, down, point, chance.randint(1, point.count_max))


class SmallDisk:
    """A file system of its own, to be filled; needs the right to mount. `reason`: why there is none."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_MEGABYTES}m", "slipstream-chaos", folder],
                                 capture_output=True, text=True)
        self.reason = mounted.stderr.strip() if mounted.returncode else ""

    def fill(self):
        try:
            with open(self.folder / "ballast", "wb") as ballast:
                while True:
                    ballast.write(bytes(1 << 16))
                    ballast.flush()
        except OSError:
            pass

    def clear(self):
        (self.folder / "ballast").unlink(missing_ok=True)

    def unmount(self, keep):
        """What is on it is lost, unless `keep` says that somebody will look at it."""
        if self.reason:
            return
        self.clear()
        copy = self.folder.with_name(self.folder.name + ".kept")
        if keep:
            shutil.copytree(self.folder, copy)
        subprocess.run(["umount", "-l", self.folder], check=False)
        if keep:
            self.folder.rmdir()
            copy.rename(self.folder)


class Slot:
    """One place for an instance, and what became of those that were in it."""

    def __init__(self, run, number, is_spare=False):
        self.run, self.name, self.is_spare = run, f"slot-{number}", is_spare
        self.chance = random.Random(f"lives {run.seed} {number}")
        self.folder = run.folder / self.name
        self.disk = SmallDisk(self.folder) if number == 0 and "full" in run.fates else None
        if not self.disk:
            self.folder.mkdir()
        self.data = self.folder / "data"
        self.fates = dict(run.fates)
        if not self.disk or self.disk.reason:
            self.fates.pop("full", None)
        self.options = [f"--set=kafka.group.instance.id={run.seed}-{self.name}"] if run.is_static else []
        self.options += run.backup_options
        self.instance = self.life = self.sent = None
        self.up_at = run.now() + (self.chance.uniform(2, 6) if is_spare else 0)
        self.started_at = self.stopped_at = self.strike_at = self.thaw_at = 0.0

    def start(self, life):
        self.life, self.sent, self.thaw_at = life, None, 0.0
        crash = {}
        if life.fate == "crash":
            crash[CRASH_VARIABLE] = f"{life.point.name}:{life.count}"
            self.run.tally[f"crash at {life.point.name}, tried"] += 1
            if "empty" in life.point.needs:
                shutil.rmtree(self.data, ignore_errors=True)
        self.instance = Instance(self.run.deployment, self.data, f"--set=clock={self.run.clock()}", *self.options,
                                 said=self.run.folder / f"{self.name}.log", environment=crash)
        self.started_at = self.run.now()
        self.strike_at = self.started_at + (CRASH_SECONDS_MAX if crash else life.after)

    def send(self, what):
        self.sent = what
        os.kill(self.instance.process.pid, what)

    def send_stop(self):
        self.stopped_at = self.run.now()
        self.strike_at = float("inf")
        self.send(signal.SIGTERM)

    def strike(self, now):
        fate = self.life.fate
        if fate == "zombie" and not self.thaw_at:
            self.send(signal.SIGSTOP)
            self.thaw_at = self.strike_at = now + self.life.frozen
            self.run.counts("zombie", self.name)
        elif fate == "zombie" and self.sent == signal.SIGSTOP:
            self.send(signal.SIGCONT)
            self.strike_at = now + self.life.after
        elif fate == "full" and self.sent is None:
            self.disk.fill()
            self.sent = "full"
            self.strike_at = now + 5
            self.run.counts("disk full", self.name)
        elif fate == "terminate":
            self.send_stop()
            self.run.counts("terminate", self.name)
        else:
            self.send(signal.SIGKILL)
            self.strike_at = float("inf")
            more = {"lose": "kill and lose the data directory", "crash": "kill, crash point not passed"}
            self.run.counts(more.get(fate, "kill"), self.name)

    def step(self, now):
        """What is due; call often."""
        if not self.instance:
            if now >= self.up_at:
                self.start(draw_life(self.chance, self.fates, self.run.crash_points, self.is_spare))
        elif not self.instance.is_running():
            self.ended(now)
        elif self.sent == signal.SIGTERM and now > self.stopped_at + STOP_SECONDS_MAX:
            self.run.problem(f"{self.name} did not stop within {STOP_SECONDS_MAX:g} s after SIGTERM")
            self.send(signal.SIGKILL)
        elif now >= self.strike_at:
            self.strike(now)

    def ended(self, now):
        code, life = self.instance.process.returncode, self.life
        self.run.tally["deaths by SIGKILL"] += code == -signal.SIGKILL
        if code == -signal.SIGKILL and self.sent != signal.SIGKILL and life.fate == "crash":
            self.run.counts(f"crash at {life.point.name}", self.name)
        elif (excuse := self.excuse(code, now)) is None:
            self.run.problem(f"{self.name} ended with {code} by itself: {self.instance.last_words()}")
        elif excuse:
            self.run.counts(f"ended with {code}: {excuse}", self.name)
        if self.disk:
            self.disk.clear()
        if life.fate == "lose":
            shutil.rmtree(self.data, ignore_errors=True)
        self.instance, self.up_at = None, now + life.down

    def excuse(self, code, now):
        """Why it may end so; empty: as it was told to; None: it may not."""
        if self.sent == signal.SIGKILL and code == -signal.SIGKILL:
            return ""
        if self.sent == signal.SIGTERM and code == 0:
            return ""
        if self.sent == signal.SIGTERM and code == -signal.SIGTERM and self.stopped_at - self.started_at < DEAF_SECONDS:
            return "it was stopped before it listened"
        if code == DISK_FULL and self.sent in ("full", signal.SIGKILL) and self.life.fate == "full":
            return "the disk is full"
        if code == LOG_UNAVAILABLE and now - self.run.trouble_at < TROUBLE_SECONDS:
            return "a broker was away"
        if code == TRY_AGAIN and self.run.is_static and now - self.run.trouble_at < TROUBLE_SECONDS:
            return "a broker was away, and took a static member's second word for another's"
        return None

    def rest(self):
        """No further life; the present one is ended cleanly."""
        self.up_at = float("inf")
        if not self.instance:
            return
        self.life = dataclasses.replace(self.life, down=float("inf"))
        if self.sent == signal.SIGSTOP:
            self.send(signal.SIGCONT)
        if self.sent not in (signal.SIGTERM, signal.SIGKILL) and self.instance.is_running():
            self.send_stop()

    def start_undisturbed(self):
        self.start(Life("none", float("inf"), 0, float("inf")))

    def destroy(self):
        if self.instance:
            self.instance.kill()
