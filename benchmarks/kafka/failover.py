#!/usr/bin/env python3
"""How long partitions stand still when one of two instances is killed, joins, or leaves, with 1,000,000 keys of state.

  local       the one that survives has run all shards before: its states are some seconds old
  checkpoint  it has none of the dead one's shards, and restores them from checkpoints
  replay      it has none, and folds them again from the log
  leave       one is stopped with SIGTERM; the other has its states
  join        one comes that has run half of the shards before
  join-empty  one comes that has no state at all

A partition processes again when a reading is committed that was sent after the kill. Times of a kill are beyond the session
time-out; those of the rest are the longest time without a commit of any one partition.
"""
import shutil
import time

import client_environment

client_environment.enter()

# pylint: disable=wrong-import-position
import observations
from deployment import GROUP, PARTITIONS, Load, command_line, deployed, say
from figures import median, spread, table
from group_progress import EVENTS, Feed, GroupProgress, caught_up, processed_again, wait_for
from transaction_trace import COMPLETE_COMMIT, EMPTY, ONGOING, TransactionTrace

EXAMPLE = "failover.py --scenario local,leave --repeat 5"
SCENARIOS = ("local", "checkpoint", "replay", "leave", "join", "join-empty")
SESSION_SECONDS = 3.0
SETTLE_SECONDS = 3.0  # between what one scenario did and the next event
WAIT_SECONDS = 300
PHASES = ("assigned", "producer open", "state open", "first commit begun", "committed", "seen")


class Failover:
    def __init__(self, deployment, feed, progress, backup):
        self.deployment, self.feed, self.progress = deployment, feed, progress
        self.backup = backup
        self.results = {}  # of a scenario: a list of dictionaries
        self.first = self.start("first", settings=backup)
        caught_up(progress, feed, WAIT_SECONDS)
        self.trace = TransactionTrace(deployment.broker.bootstrap_servers)

    def start(self, name, *, empty=False, settings=()):
        data = self.deployment.directory / name
        if empty:
            shutil.rmtree(data, ignore_errors=True)
        return self.deployment.start(data, settings)

    def settle(self):
        time.sleep(SETTLE_SECONDS)
        caught_up(self.progress, self.feed, WAIT_SECONDS)

    def joined(self, name, scenario, *, empty=False, settings=()):
        """Another instance comes, and half of the shards go to it."""
        began = time.time()
        instance = self.start(name, empty=empty, settings=settings)
        moved_at, moved = wait_for("the instance that joins is given nothing", WAIT_SECONDS,
                                   lambda: next(((at, its) for at, its in instance.assignments(began) if its), None))
        instants = processed_again(self.progress, self.feed, moved_at, WAIT_SECONDS)
        self.note_pauses(scenario, instance, moved_at, moved, max(instants[shard] for shard in moved), 0)
        return instance

    def left(self, instance, scenario, survivor):
        """An instance leaves cleanly, and the other takes all."""
        kept = survivor.assignments(0)[-1][1]
        moved = set(range(PARTITIONS)) - kept
        cpu_before = survivor.cpu_seconds()
        instant = instance.terminate()
        assigned_at = self.taken_over(survivor, instant)
        instants = processed_again(self.progress, self.feed, assigned_at, WAIT_SECONDS)
        self.note_pauses(scenario, survivor, assigned_at, moved, max(instants), cpu_before, began=instant)
        instance.ended()

    def taken_over(self, survivor, after):
        return wait_for("the shards are given to nobody", WAIT_SECONDS,
                        lambda: next((at for at, its in survivor.assignments(after) if len(its) == PARTITIONS), None))

    def note_pauses(self, scenario, owner, assigned_at, moved, processed_at, cpu_before, began=None):
        """Without a scenario it was done only to get to the next."""
        if not scenario:
            return
        pauses = [self.progress.longest_pause(shard, (began or assigned_at) - SESSION_SECONDS, time.time())
                  for shard in range(PARTITIONS)]
        longest = max(pauses[shard] for shard in moved)
        others = max((pauses[shard] for shard in range(PARTITIONS) if shard not in moved), default=0)
        began = began or min(self.last_commit_before(shard, assigned_at) for shard in moved)
        cpu = owner.cpu_seconds() - cpu_before
        self.note(scenario, longest, others, self.phases(owner, moved, began, assigned_at), cpu)
        say(f"  {scenario}: {len(moved)} shards moved; longest pause {longest:.2f} s, of those that stayed {others:.2f} s; "
            f"all processed {processed_at - began:.2f} s after it began")

    def note(self, scenario, longest, others, phases, cpu):
        """`cpu`: seconds of the instance that takes the shards over, until the last is processed."""
        self.results.setdefault(scenario, []).append({"longest": longest, "others": others, "cpu": cpu, **phases})
        say("  through with " + ", ".join(f"{phase} {at:.2f}" for phase, at in phases.items()) + f"; {cpu:.2f} s of CPU")

    def last_commit_before(self, shard, instant):
        return max((at for at, _ in self.progress.changes[shard] if at <= instant), default=instant)

    def phases(self, owner, moved, began, assigned_at):
        """By phase the seconds from `began` to when the last of the moved shards was through with it."""
        through = {phase: [] for phase in PHASES}
        for shard in moved:
            producer = f"{GROUP}/shard-{shard}"
            opened = self.traced(producer, EMPTY, assigned_at - 0.1)
            begun = self.traced(producer, ONGOING, opened)
            committed = self.traced(producer, COMPLETE_COMMIT, begun)
            seen = max(committed, next(at for at, _ in self.progress.changes[shard] if at >= begun))
            for phase, at in zip(PHASES, (assigned_at, opened, owner.opened_state(shard, assigned_at), begun, committed, seen)):
                through[phase].append(at - began)
        return {phase: max(instants) for phase, instants in through.items()}

    def traced(self, producer, state, after):
        return wait_for(f"the coordinator tells nothing of {producer}", 10, lambda: self.trace.first(producer, state, after))

    def killed(self, scenario, victim, survivor):
        """kill -9, and everything until each partition is processed again; returns the shards that moved."""
        moved = set(range(PARTITIONS)) - survivor.assignments(0)[-1][1]
        cpu_before = survivor.cpu_seconds()
        instant = victim.kill()
        assigned_at = self.taken_over(survivor, instant)
        instants = processed_again(self.progress, self.feed, instant, WAIT_SECONDS)
        beyond = [instants[shard] - instant - SESSION_SECONDS for shard in moved]
        stayed = [self.progress.longest_pause(shard, instant, max(instants)) for shard in range(PARTITIONS) if shard not in moved]
        phases = self.phases(survivor, moved, instant + SESSION_SECONDS, assigned_at)
        self.note(scenario, max(beyond), max(stayed), phases, survivor.cpu_seconds() - cpu_before)
        say(f"  {scenario}: {len(moved)} shards moved; processed {min(beyond):.2f} to {max(beyond):.2f} s beyond the time-out; "
            f"longest pause of those that stayed {max(stayed):.2f} s")
        return moved

    def local(self):
        second = self.joined("second", None)
        self.settle()
        self.killed("local", second, self.first)
        self.settle()

    def join_and_leave(self):
        second = self.joined("second", "join")
        self.settle()
        self.left(second, "leave", self.first)
        self.settle()

    def from_nothing(self, scenario, settings=()):
        """The one that survives never had the dead one's shards."""
        other = self.joined("empty", "join-empty" if scenario == "replay" else None, empty=True, settings=settings)
        self.settle()
        moved = self.killed(scenario, self.first, other)
        if settings and not moved <= (restored := other.restored()):
            raise SystemExit(f"of the shards {sorted(moved)} only {sorted(moved & restored)} were restored from checkpoints; the "
                             "instance said: " + "; ".join(line for _, line in other.said[-20:]))
        self.settle()
        self.first = self.joined("first", None, settings=self.backup)
        self.settle()
        self.left(other, None, self.first)
        self.settle()

    def checkpoint(self):
        if not self.backup:
            say("  checkpoint: this build has no `backup`; the scenario is left out")
            return
        self.from_nothing("checkpoint", self.backup)


def fill(deployment, options):
    """The topic and, by the first start, the state; both are kept."""
    mark = deployment.directory / f"filled-{options.keys}-{options.seed}"
    if mark.exists():
        return
    deployment.create_topics()
    observations.fill(deployment.broker.bootstrap_servers, EVENTS, options.keys, options.keys, options.seed)
    mark.touch()


def measure(deployment, options):
    fill(deployment, options)
    backup = ()
    if deployment.knows("backup"):
        (deployment.directory / "backup").mkdir(exist_ok=True)
        backup = (f"backup={deployment.directory / 'backup'}", "backup_every=5 s")
    progress = GroupProgress(deployment.broker.bootstrap_servers)
    feed = Feed(deployment.broker.bootstrap_servers, options.rate, options.keys, options.seed)
    say("starting the first instance: it folds what it has not folded before")
    failover = Failover(deployment, feed, progress, backup)
    load = Load(deployment)
    for repetition in range(options.repeat):
        say(f"repetition {repetition + 1} of {options.repeat}")
        if "local" in options.scenario:
            failover.local()
        if {"join", "leave"} & set(options.scenario):
            failover.join_and_leave()
        if "checkpoint" in options.scenario:
            failover.checkpoint()
        if {"replay", "join-empty"} & set(options.scenario):
            failover.from_nothing("replay")
    report(failover, load, options)
    failover.first.terminate()
    failover.first.ended()
    for one in (feed, progress, failover.trace):
        one.close()


def report(failover, load, options):
    seconds, used = load.so_far()
    print(f"{options.keys} keys, {PARTITIONS} partitions, {options.rate} readings a second, a commit each {options.commit_interval}, "
          f"session time-out {SESSION_SECONDS:g} s, Kafka {failover.deployment.broker.version}, seed {options.seed}; "
          f"the machine was busy with {used['machine'] / seconds:.1f} CPUs on average; the broker took a "
          f"reading after {failover.feed.slowest:.2f} s at the latest\n")
    shown = [scenario for scenario in SCENARIOS if scenario in options.scenario and scenario in failover.results]
    targets = {"local": "3", "checkpoint": "3", "leave": "1"}
    print(table(["Scenario", "Target, s", "Slowest partition, s (min / median / max)", "Longest pause of those that stayed, s",
                 "CPU of the instance that takes over, s"],
                [[scenario, targets.get(scenario, ""), spread([one["longest"] for one in failover.results[scenario]]),
                  f"{max(one['others'] for one in failover.results[scenario]):.2f}",
                  f"{median([one['cpu'] for one in failover.results[scenario]]):.2f}"] for scenario in shown]))
    print("\nSeconds spent in each phase until the last shard was through with it (medians), and the phase that dominates:\n")
    rows = []
    for scenario in shown:
        reached = [median([one[phase] for one in failover.results[scenario]]) for phase in PHASES]
        spent = [at - before for before, at in zip([0, *reached], reached)]
        rows.append([scenario, *(f"{one:.2f}" for one in spent), PHASES[spent.index(max(spent))]])
    print(table(["Scenario", *PHASES, "Dominates"], rows))
    for instance in failover.deployment.instances:
        for line in instance.troubles():
            print(f"\nan instance said: {line}")


def main():
    parser = command_line(__doc__, EXAMPLE, "failover")
    parser.add_argument("--scenario", type=lambda text: text.split(","), default=list(SCENARIOS), metavar="A,B",
                        help=f"some of {', '.join(SCENARIOS)} (default all)")
    parser.add_argument("--repeat", type=int, default=3, help="how often each (default %(default)s)")
    parser.add_argument("--keys", type=int, default=1_000_000, help="sensors that the state knows (default %(default)s)")
    parser.add_argument("--rate", type=int, default=1000, help="readings a second meanwhile (default %(default)s)")
    parser.add_argument("--commit-interval", default="100 ms", metavar="DURATION", help="of the instances (default %(default)s)")
    options = parser.parse_args()
    if unknown := set(options.scenario) - set(SCENARIOS):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    if options.tiny:
        options.keys, options.repeat, options.rate = 5000, 1, 400
    settings = [f"commit_interval={options.commit_interval}", f"kafka.session.timeout.ms={int(SESSION_SECONDS * 1000)}"]
    with deployed(options, observations.DEFINITIONS, settings) as deployment:
        measure(deployment, options)


if __name__ == "__main__":
    main()
