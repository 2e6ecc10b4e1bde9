"""How far each partition of the events is committed, seen from outside, and a steady feed that keeps all of them moving."""
import random
import threading
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition

import observations
from deployment import GROUP, PARTITIONS, say

EVENTS = "events"
LOOK_EVERY_SECONDS = 0.01
ANSWER_SECONDS_MAX = 10


class GroupProgress:
    """The offsets that commits of the engine carry for lag monitors, in the transaction of the work itself.

    Asked for by a consumer that never joins: the admin client of confluent-kafka 2.16.1 crashes while the group is being loaded.
    """

    def __init__(self, bootstrap_servers):
        self.consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": GROUP, "enable.auto.commit": False,
                                  "isolation.level": "read_uncommitted",  # does not wait for the transactions of the dead
                                  "log_level": 0})
        self.changes = [[] for _ in range(PARTITIONS)]  # of each partition: (instant, where reading goes on)
        self.ending = False
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        asked = [TopicPartition(EVENTS, partition) for partition in range(PARTITIONS)]
        while not self.ending:
            try:
                answer = self.consumer.committed(asked, ANSWER_SECONDS_MAX)
            except KafkaException:  # its coordinator is not there yet
                time.sleep(0.1)
                continue
            now = time.time()
            for at in answer:
                changes = self.changes[at.partition]
                if at.offset >= 0 and (not changes or changes[-1][1] < at.offset):
                    changes.append((now, at.offset))
            time.sleep(LOOK_EVERY_SECONDS)

    def passed(self, partition, offset):
        """When was the record at the offset committed? None: it is not."""
        return next((instant for instant, upto in list(self.changes[partition]) if upto > offset), None)

    def longest_pause(self, partition, begin, end):
        """The longest time within [begin, end] in which no commit of the partition was seen."""
        instants = [instant for instant, _ in list(self.changes[partition]) if begin <= instant <= end]
        return max(after - before for before, after in zip([begin, *instants], [*instants, end]))

    def close(self):
        self.ending = True
        self.thread.join()
        self.consumer.close()


class Feed:
    """So many readings a second of sensors that the state knows."""

    def __init__(self, bootstrap_servers, rate, keys, seed):
        self.rate, self.keys = rate, keys
        self.dice = random.Random(seed)
        self.producer = observations.producer(bootstrap_servers, 20)
        self.acknowledged = [[] for _ in range(PARTITIONS)]  # (instant of the sending, offset)
        self.number = int(time.time())  # above those of all runs before
        self.slowest = 0  # seconds from the sending of a reading to its acknowledgement
        self.ending = False
        self.thread = threading.Thread(target=self.send, daemon=True)
        self.thread.start()

    def send(self):
        began, sent = time.time(), 0
        while not self.ending:
            due = int((time.time() - began) * self.rate)
            while sent < due:
                now = time.time()
                node = observations.node_of(self.dice.randrange(self.keys))
                observations.produce(self.producer, EVENTS, node,
                                     observations.event(node, self.number + sent, "2026-03-01T12:00:00Z", 1.5),
                                     on_delivery=lambda error, at, sent_at=now: self.take(error, at, sent_at))
                sent += 1
            self.producer.poll(0.005)
        self.producer.flush(10)

    def take(self, error, message, sent_at):
        if error is None:
            self.slowest = max(self.slowest, time.time() - sent_at)
            self.acknowledged[message.partition()].append((sent_at, message.offset()))

    def first_after(self, partition, instant):
        """The offset of the first reading that was sent after an instant; None: none has been acknowledged yet."""
        first = None
        for sent_at, offset in reversed(list(self.acknowledged[partition])):
            if sent_at <= instant:
                break
            first = offset
        return first

    def close(self):
        self.ending = True
        self.thread.join()


def wait_for(what, seconds, look):
    """What `look` gives once it is neither None nor False; a benchmark that waits in vain ends."""
    until = time.time() + seconds
    while True:
        found = look()
        if found is not None and found is not False:
            return found
        if time.time() > until:
            raise SystemExit(f"after {seconds} s: {what}")
        time.sleep(0.01)


def processed_again(progress, feed, after, seconds):
    """Of each partition, when a reading sent after an instant was committed: all that was there before is folded by then."""
    offsets = [wait_for(f"partition {partition} takes no readings", seconds, lambda at=partition: feed.first_after(at, after))
               for partition in range(PARTITIONS)]
    return [wait_for(f"partition {partition} is not processed", seconds, lambda at=partition, of=offset: progress.passed(at, of))
            for partition, offset in enumerate(offsets)]


def caught_up(progress, feed, seconds):
    began = time.time()
    instants = processed_again(progress, feed, began, seconds)
    say(f"  every partition is processed up to now (after {max(instants) - began:.1f} s)")
