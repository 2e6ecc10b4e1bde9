#!/usr/bin/env python3
"""End-to-end latency: from an event's acknowledgement to the alert that it fires at a read_committed consumer.

A feed of readings keeps the engine busy. Among them are probes, each the first reading of a node of its own whose target it
misses, so that each fires one alert by itself. The latency is from the delivery report of the probe to the arrival of the
alert's record at a consumer that polls all the time.
"""
import itertools
import json
import multiprocessing
import threading
import time
import uuid

import client_environment

client_environment.enter()

# pylint: disable=wrong-import-position
from confluent_kafka import OFFSET_END, Consumer, TopicPartition

import observations
from deployment import GROUP, PARTITIONS, Load, command_line, deployed, say
from figures import percentile, table
from transaction_trace import TransactionTrace

EXAMPLE = "latency.py --rate 20000 --seconds 60"
TARGET_MS = 250  # of the 99th percentile
ALERTS = "alerts.events"
DEFINITIONS = observations.DEFINITIONS + """  probes:
    from: observations
    where: metric = 'probe'
    window: { every: day }
    measures:
      highest: max(value)
kpis:
  level: { view: probes, value: highest, better: lower }
targets:
  - { kpi: level, nodes: "probes/*", target: 10 }
alerts:
  probe_red: { kpi: level, nodes: "probes/*", when: "status = 'red'" }
"""
FIRST_FOLD_SECONDS = 5
LAST_ALERTS_SECONDS = 10
TICK_SECONDS = 0.005


def instant_text(instant):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(instant))


def feed(bootstrap_servers, rate, keys, seed, seconds, sent_in, waiting_in):
    """In a process of its own. Tells of each second how many readings it sent and how many waited for an answer at its end."""
    import random  # the process that is spawned begins here
    dice = random.Random(seed)
    to = observations.producer(bootstrap_servers, 20)
    began, sent, second = time.time(), 0, 0
    number = int(began)
    while second < seconds:
        now = time.time()
        text = instant_text(now)
        for _ in range(int((now - began) * rate) - sent):
            node = observations.node_of(dice.randrange(keys))
            observations.produce(to, "events", node, observations.event(node, number + sent, text, dice.randrange(1000) / 10))
            sent += 1
        to.poll(TICK_SECONDS)
        if now - began >= second + 1:
            sent_in[second], waiting_in[second] = sent, len(to)
            second += 1
    to.flush(30)


class Probes:
    """Sends them from one thread and takes their alerts in another."""

    def __init__(self, bootstrap_servers, rate):
        self.run = uuid.uuid4().hex[:8]
        self.rate = rate
        self.sent, self.acknowledged, self.arrived = {}, {}, {}  # node -> instant; of an alert with its shard
        self.sending = self.taking = True
        self.producer = observations.producer(bootstrap_servers, 0)
        self.consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": "slipstream-benchmark-alerts",
                                  "enable.auto.commit": False, "isolation.level": "read_committed", "log_level": 0})
        self.consumer.assign([TopicPartition(ALERTS, partition, OFFSET_END) for partition in range(PARTITIONS)])
        self.threads = [threading.Thread(target=self.send, daemon=True), threading.Thread(target=self.take, daemon=True)]
        for thread in self.threads:
            thread.start()

    def send(self):
        began = time.time()
        for number in itertools.count():
            while (now := time.time()) < began + number / self.rate:
                self.producer.poll(min(0.001, began + number / self.rate - now))
            if not self.sending:
                break
            node = f"probes/{self.run}-{number:06}"
            self.sent[node] = now
            observations.produce(self.producer, "events", node, observations.event(node, 0, instant_text(now), 50, "probe"),
                                 on_delivery=lambda error, _, of=node: self.note_acknowledged(error, of))
        self.producer.flush(10)

    def note_acknowledged(self, error, node):
        if error is None:
            self.acknowledged[node] = time.time()

    def take(self):
        while self.taking:
            message = self.consumer.poll(0.1)
            now = time.time()
            if message is None or message.error():
                continue
            alert = json.loads(message.value())
            self.arrived.setdefault(alert["node"], (now, alert["shard"]))

    def stop_sending(self):
        self.sending = False
        self.threads[0].join()

    def close(self):
        self.taking = False
        self.threads[1].join()
        self.consumer.close()

    def latencies(self, begin, end):
        """(sent, acknowledged, arrived, shard) of each probe acknowledged within [begin, end], and how many fired nothing."""
        found, missing = [], 0
        for node, acknowledged in self.acknowledged.items():
            if not begin <= acknowledged <= end:
                continue
            if node in self.arrived:
                found.append((self.sent[node], acknowledged, *self.arrived[node]))
            else:
                missing += 1
        return found, missing


def measure(deployment, options):
    servers = deployment.broker.bootstrap_servers
    deployment.create_topics()
    say("starting the instance")
    instance = deployment.start(deployment.directory / "data")
    context = multiprocessing.get_context("spawn")
    seconds = options.warm_up + options.seconds
    sent, waiting = context.Array("q", seconds), context.Array("q", seconds)
    probes = Probes(servers, options.probes)
    time.sleep(FIRST_FOLD_SECONDS)  # whatever an earlier run has left is folded
    feeder = context.Process(target=feed, daemon=True, args=(servers, options.rate, options.keys, options.seed, seconds, sent, waiting))
    feeder.start()
    wait_for_feed(feeder, sent)
    say(f"warming up for {options.warm_up} s")
    time.sleep(options.warm_up - 1)
    trace = TransactionTrace(servers)
    load = Load(deployment)
    begin = time.time()
    say(f"measuring for {options.seconds} s")
    time.sleep(options.seconds - 0.5)
    end = time.time()
    taken, used = load.so_far()
    feeder.join()
    probes.stop_sending()
    wait_for_alerts(probes, begin, end)
    probes.close()
    trace.close()
    found, missing = probes.latencies(begin, end)
    print_latencies(found, missing, options, deployment.broker.version)
    print_load(taken, used, list(sent), list(waiting), options)
    print_phases(found, trace)
    instance.terminate()
    instance.ended()


def wait_for_feed(feeder, sent):
    """Its process has to start; the first of its seconds is over when this returns."""
    while sent[0] == 0:
        if not feeder.is_alive():
            raise SystemExit("the feed has ended before it began")
        time.sleep(0.05)


def wait_for_alerts(probes, begin, end):
    until = time.time() + LAST_ALERTS_SECONDS
    while probes.latencies(begin, end)[1] and time.time() < until:
        time.sleep(0.1)


def row_of(name, values):
    """In milliseconds."""
    return [name, *(f"{1000 * percentile(values, share):.0f}" for share in (0.5, 0.9, 0.99, 1))]


def print_latencies(found, missing, options, version):
    print(f"{options.rate} readings a second of {options.keys} sensors, {len(found)} probes within {options.seconds} s, "
          f"{PARTITIONS} partitions, a commit each {options.commit_interval}, Kafka {version}, seed {options.seed}\n")
    if missing or not found:
        raise SystemExit(f"of {missing} probes no alert came within {LAST_ALERTS_SECONDS} s after the last")
    print(table(["Milliseconds", "p50", "p90", "p99", "max"], [
        row_of(f"**acknowledged to visible** (target: p99 under {TARGET_MS})", [arrived - at for _, at, arrived, _ in found]),
        row_of("sent to visible", [arrived - at for at, _, arrived, _ in found]),
        row_of("sent to acknowledged", [at - sent for sent, at, _, _ in found])]))


def print_load(seconds, used, sent, waiting, options):
    per_second = [after - before for before, after in zip([0, *sent], sent)][options.warm_up:]
    slow = sum(1 for one in per_second if one < 0.95 * options.rate)
    print(f"\nCPU-seconds in {seconds:.0f} s: engine {used['engine']:.1f}, broker {used['broker']:.1f}, everything on the machine "
          f"{used['machine']:.1f}. The feed sent {min(per_second)} to {max(per_second)} readings in a second" +
          (f" and **could not hold its rate** in {slow} of {len(per_second)} seconds" if slow else "") +
          f"; at most {max(waiting[options.warm_up:])} waited for the broker's answer.\n")


def print_phases(found, trace):
    """Where the time went, by what the coordinator wrote down of the commit that carried each alert."""
    commits = {shard: trace.commits(f"{GROUP}/shard-{shard}") for shard in range(PARTITIONS)}
    waited, written, ended, visible, marked = [], [], [], [], []
    for _, acknowledged, arrived, shard in found:
        carrying = [one for one in commits[shard] if one[2] <= arrived]
        if not carrying or carrying[-1][0] < acknowledged - 0.05:
            continue  # the trace had not begun
        begun, offsets, ending, complete = carrying[-1]
        waited.append(begun - acknowledged)
        written.append(offsets - begun)
        ended.append(ending - offsets)
        visible.append(arrived - ending)
        marked.append(complete - ending)
    periods = [after[0] - before[0] for its in commits.values() for before, after in zip(its, its[1:])]
    print(table(["Of it, in milliseconds", "p50", "p90", "p99", "max"], [
        row_of("acknowledged to transaction begun: read, folded, waiting for the commit, sealed, judged", waited),
        row_of("begun to offsets: records of the commit written", written),
        row_of("offsets to EndTxn: the group's offsets written", ended),
        row_of("EndTxn to visible: marks written, LSO moved, fetched", visible),
        row_of("(EndTxn to all marks written)", marked),
        row_of("(from one commit of a shard to its next)", periods)]))


def main():
    parser = command_line(__doc__, EXAMPLE, "latency")
    parser.add_argument("--rate", type=int, default=20_000, help="readings a second (default %(default)s)")
    parser.add_argument("--probes", type=int, default=20, help="probes a second beside them (default %(default)s)")
    parser.add_argument("--keys", type=int, default=100_000, help="sensors (default %(default)s)")
    parser.add_argument("--seconds", type=int, default=60, help="how long is measured (default %(default)s)")
    parser.add_argument("--warm-up", type=int, default=15, metavar="SECONDS", help="before it (default %(default)s)")
    parser.add_argument("--commit-interval", default="100 ms", metavar="DURATION", help="of the instance (default %(default)s)")
    options = parser.parse_args()
    if options.tiny:
        options.rate, options.seconds, options.warm_up, options.keys = 500, 4, 2, 1000
    with deployed(options, DEFINITIONS, [f"commit_interval={options.commit_interval}"]) as deployment:
        measure(deployment, options)


if __name__ == "__main__":
    main()
