"""What a process used until an instant: CPU, memory, writes. Looked at while it runs, so that the end of a job can be told from the
end of its process.
"""
import collections
import dataclasses
import os
import pathlib
import subprocess
import time

from deployment import TICKS_PER_SECOND

LOOK_EVERY_SECONDS = 0.2
RESTING_CPUS = 0.5  # who takes less is at rest: it commits nothing once a second
QUIET_SECONDS_MAX = 60  # nothing moves for so long: it is done, whatever it computes


@dataclasses.dataclass
class Used:
    instant: float
    cpu: float = 0.0
    memory: int = 0  # bytes, at most so far
    written: int = 0  # bytes to disk


@dataclasses.dataclass
class Figures:
    """Of one run. `warm`: events a CPU-second from the first commit seen to the last; None where no commit was seen before the end."""

    events: int
    wall: float
    cpu: float
    memory: int
    written: int
    warm: float | None = None
    kafka_bytes: int = 0
    state_bytes: int = 0
    broker_cpu: float = 0.0

    @property
    def rate(self):
        return self.events / self.cpu


class Measured:
    """A process with its output in a file."""

    def __init__(self, command, output):
        self.output = output
        self.began = time.time()
        with open(output, "w", encoding="utf-8") as to:
            self.process = subprocess.Popen(list(map(str, command)), stdout=to, stderr=subprocess.STDOUT)

    def used(self):
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        memory = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
        io = dict(line.split(": ") for line in pathlib.Path(f"/proc/{self.process.pid}/io").read_text().splitlines())
        return Used(time.time(), (int(stat[11]) + int(stat[12])) / TICKS_PER_SECOND, int(memory[0]) * 1024 if memory else 0,
                    int(io["write_bytes"]))

    def to_its_end(self, events):
        """The figures of a process that ends by itself."""
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.must_be_well()
        return Figures(events, time.time() - self.began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, usage.ru_oublock * 512)

    def until(self, events, progress, quiet_seconds, seconds_max):
        """The figures up to the last change of `progress`, which gives (events committed, whatever else moves, is all there?), once
        all is there, nothing has moved for a while and the process is at rest: who judges millions of figures at the end moves nothing
        meanwhile."""
        samples, looks = [], collections.deque()
        while True:
            committed, others, complete = progress()
            self.must_be_well()
            now = self.used()
            looks.append(now)
            while looks[-1].instant - looks[0].instant > quiet_seconds:
                looks.popleft()
            if not samples or samples[-1][1:] != (committed, others):
                samples.append((now, committed, others))
            last = samples[-1][0]
            quiet = now.instant - last.instant
            if complete and quiet > quiet_seconds and (now.cpu - looks[0].cpu < RESTING_CPUS * quiet_seconds or quiet > QUIET_SECONDS_MAX):
                break
            if now.instant - self.began > seconds_max:
                raise SystemExit(f"not done after {seconds_max} s, {committed} of {events} events; see {self.output}")
            time.sleep(LOOK_EVERY_SECONDS)
        first, at_first = next((used, committed) for used, committed, _ in samples if committed > 0)
        done = next(used for used, committed, _ in samples if committed == samples[-1][1])
        warm = (events - at_first) / (done.cpu - first.cpu) if done.cpu > first.cpu else None
        return Figures(events, last.instant - self.began, last.cpu, last.memory, last.written, warm)

    def must_be_well(self):
        if self.process.poll() not in (None, 0):
            said = pathlib.Path(self.output).read_text(encoding="utf-8", errors="replace").splitlines()
            raise SystemExit(f"{self.process.args[0]} ended with code {self.process.returncode}:\n" + "\n".join(said[-20:]))

    def terminate(self):
        self.process.terminate()
        self.process.wait(timeout=120)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
