"""What a deployment on a real broker must bear: poison in its topics, records of 10 MB, alerts that nobody reads. It goes on, its
memory stays in its budget, the lag is seen, and in the end everything is folded and read.

usage: under_load_test.py SLIPSTREAM BROKER_DIRECTORY SOURCES ENVIRONMENT [NUMBER_OF_LARGE_RECORDS]
"""

import pathlib
import sys

SLIPSTREAM, BROKER, SOURCES = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
LARGE_RECORDS = int(sys.argv[5]) if len(sys.argv) > 5 else 18

# pylint: disable=wrong-import-position
from deployment import Instance, skip_reason, wait_until_idle

if why := skip_reason(BROKER):
    print(why, file=sys.stderr)
    sys.exit(77)

import python_packages

python_packages.enter(sys.argv[4])

import collections
import json
import tempfile
import time
import unittest
import uuid

from confluent_kafka import TopicPartition

import verdict
from asyncapi_document import partition_of
from town import LAST, Town
from watched import Resident, WatchedDeployment

PARTITIONS = 4
BUDGET_MIB = 128
LARGE_BYTES = 10 << 20
# The program itself, and for each shard some copies of a large record: as it was fetched, read, refused and sent.
PROGRAM_MIB, COPIES = 40, 4
ALLOWANCE_MIB = PROGRAM_MIB + PARTITIONS * COPIES * LARGE_BYTES // (1 << 20)
IDLE_SECONDS_MAX = 120
TOPIC_BYTES_MAX = 16 << 20
SLOW_RECORDS = 3  # read at one a second


def task(name, unit="office-1", **data):
    return {"specversion": "1.0", "id": name, "source": "test", "type": "task.assigned", "subject": name,
            "time": "2011-01-01T00:00:00Z", "data": {"task": name, "unit": unit, "due_at": "2011-06-10", **data}}


def header(record, name):
    values = [value for key, value in record.headers() if key == name]
    return values[-1].decode()


def poisons():
    """(key, value, headers, code of the refusal)"""
    good = json.dumps(task("p"))
    return [
        ("p", b"\x00\xff\xfe\n", (), "malformed_record"),
        ("p", good[:-9].encode(), (), "malformed_record"),
        ("p", b"\x20\x00\x00\x00SLEV" + b"\xff" * 40, (), "malformed_record"),
        ("p", good.encode() + b" " * (1 << 20), (), "record_too_large"),
        ("p", None, (), "malformed_record"),
        (None, json.dumps(task("p") | {"data": {"unit": "u"}, "subject": None}).encode(), (), "missing_field"),
        (b"\xc3\x28", good.replace('"unit"', '"title": "\xc3(", "unit"').encode("latin-1"), (), "invalid_utf8"),
        ("p", good.replace("task.assigned", "task.painted").encode(), (), "unknown_event_type"),
        ("p", good.replace("2011-01-01T", "9999-01-01T").encode(), (), "invalid_timestamp"),
        ("p", b"{}", (("ce_id", b"1"),), "missing_field"),
    ]


class UnderLoad(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def deployment(self, definitions, *settings):
        deployment = WatchedDeployment(SLIPSTREAM, BROKER, f"{uuid.uuid4().hex[:8]}.", SOURCES / "tests/kafka" / definitions,
                                       (f"partitions={PARTITIONS}", f"clock={LAST.isoformat()}", "commit_interval=100 ms",
                                        f"memory={BUDGET_MIB} MiB", *settings))
        deployment.ask(self.folder, "topics", "create")
        return deployment

    def start(self, deployment):
        instance = Instance(deployment, self.folder / "data")
        self.addCleanup(instance.kill)
        return instance

    def counters(self, instance):
        """As it says them when it ends."""
        instance.stop()
        *_, names, _, counts = instance.said.read_text().splitlines()
        counted = {name: int(count) for name, count in zip(names.split(), counts.split())}
        self.assertEqual(counted["received"],
                         sum(counted[name] for name in ("folded", "duplicates", "dead_lettered", "forwarded")))
        return counted

    def test_poison_at_every_seventh_place_is_refused_and_the_rest_is_folded(self):
        deployment = self.deployment("tasks.yaml")
        producer = deployment.producer()
        wrong, good = [], 0
        for place in range(40 * 7):
            partition = place // 7 % PARTITIONS
            if place % 7 == 3:
                key, value, headers, code = poisons()[place // 7 % len(poisons())]
                producer.send(key, value, headers=headers, partition=partition)
                wrong.append((partition, key, value, code))
            else:
                name = next(name for i in range(1000) if partition_of((name := f"T{place}-{i}").encode(), PARTITIONS) == partition)
                producer.send(name, json.dumps(task(name)), partition=partition)
                good += 1
        producer.finish()
        instance = self.start(deployment)
        wait_until_idle(deployment, [instance], IDLE_SECONDS_MAX)
        counted = self.counters(instance)
        self.assertEqual((counted["folded"], counted["dead_lettered"], counted["received"]), (good, len(wrong), good + len(wrong)))
        rows = deployment.rows(instance.data, "query", "delivery", "--node=town")
        self.assertEqual([int(row["due"]) for row in rows], [good])
        originals = {(record.partition(), record.offset()): record for record in deployment.read_committed("events", good + len(wrong))}
        letters = deployment.read_committed("dead_letters", len(wrong))
        found = []
        for letter in letters:
            self.assertEqual(header(letter, "__connect.errors.topic"), deployment.prefix + "events")
            place = int(header(letter, "__connect.errors.partition")), int(header(letter, "__connect.errors.offset"))
            original = originals.pop(place)  # one letter of each
            self.assertEqual((letter.key() or None, letter.value()), (original.key() or None, original.value()))
            self.assertEqual(letter.headers()[:len(original.headers() or [])], original.headers() or [])
            self.assertGreater(len(header(letter, "__connect.errors.exception.message")), 10)
            code = header(letter, "__connect.errors.exception.class.name").rpartition(".")[2]
            found.append((place[0], original.key() or None, original.value(), code))
        sent = [(partition, key.encode() if isinstance(key, str) else key, value, code) for partition, key, value, code in wrong]
        self.assertEqual(collections.Counter(found), collections.Counter(sent))

    def test_records_of_ten_megabytes_stay_within_the_memory_and_hold_nothing_up(self):
        deployment = self.deployment("tasks.yaml", "record_bytes_max=12 MiB")
        for topic in ("events", "reference", "dead_letters"):
            deployment.set_topic(topic, "max.message.bytes", TOPIC_BYTES_MAX)
        filler = "".join(chr(ord("a") + i * i % 23) for i in range(1 << 10)) * (LARGE_BYTES >> 10)
        producer = deployment.producer(**{"queue.buffering.max.kbytes": 64 << 10, "batch.num.messages": 1})
        refused = folded = 0
        for i in range(LARGE_RECORDS):
            if i % 3 == 2:  # white space is no content: nothing is wrong with it
                producer.send(f"L{i}", json.dumps(task(f"L{i}")) + " " * LARGE_BYTES)
                folded += 1
            else:
                producer.send(f"L{i}", json.dumps(task(f"L{i}", title=filler)))
                refused += 1
            producer.send(f"T{i}", json.dumps(task(f"T{i}")))
            folded += 1
        # With its letter's headers it is larger than the topic takes.
        huge = json.dumps(task("huge")).encode()
        producer.send("huge", huge + b" " * (TOPIC_BYTES_MAX - len(huge) - 200))
        refused += 1
        producer.finish()
        began = time.monotonic()
        instance = self.start(deployment)
        resident = Resident(instance.process)
        wait_until_idle(deployment, [instance], IDLE_SECONDS_MAX + LARGE_RECORDS)
        took, peak = time.monotonic() - began, resident.stop()
        print(f"{LARGE_RECORDS} records of {LARGE_BYTES >> 20} MiB in {took:.1f} s, peak {peak:.0f} MiB of {BUDGET_MIB} + {ALLOWANCE_MIB}",
              flush=True)
        self.assertLess(peak, BUDGET_MIB + ALLOWANCE_MIB)
        counted = self.counters(instance)
        self.assertEqual((counted["folded"], counted["dead_lettered"]), (folded, refused))
        letters = deployment.rows(instance.data, "dlq", "list")
        self.assertEqual(len(letters), refused)
        self.assertEqual({letter["code"] for letter in letters}, {"record_too_large"})
        whole = [letter for letter in letters if letter["key"]]
        self.assertEqual(len(whole), refused - 1)
        self.assertTrue(all("title" in letter["reason"] for letter in whole), letters[0])
        left = next(letter for letter in letters if not letter["key"])
        self.assertIn("read where it stands", left["reason"])
        # It is found there, and taken once there is room.
        deployment.ask(instance.data, "dlq", "replay", f"--from={left['offset']}", f"--to={int(left['offset']) + 1}")
        deployment.ask(instance.data, "run", "--until-idle", "--quiet", "--set=record_bytes_max=16 MiB")
        rows = deployment.rows(instance.data, "query", "delivery", "--node=town")
        self.assertEqual([int(row["due"]) for row in rows], [folded + 1])

    def test_alerts_that_nobody_reads_or_somebody_slowly_hold_nothing_up_and_are_all_read_in_the_end(self):
        deployment = self.deployment("chaos.yaml")
        town = Town(11, 1000)
        half = len(town.arriving) // 2
        group = deployment.prefix + "pager"
        producer = deployment.producer()
        producer.events(town.arriving[:half])
        producer.finish()
        self.assertEqual(deployment.input_lag(), sum(deployment.offsets("events").values()))  # nothing is folded yet
        instance = self.start(deployment)
        wait_until_idle(deployment, [instance], IDLE_SECONDS_MAX)
        unread = sum(deployment.offsets("alerts.events").values())
        self.assertGreater(unread, SLOW_RECORDS)
        self.assertEqual(sum(deployment.lag(group, "alerts.events").values()), unread)
        # One who reads a record a second, while the rest arrives.
        producer.events(town.arriving[half:])
        producer.finish()
        began = time.monotonic()
        slow = self.read_slowly(deployment, group)
        wait_until_idle(deployment, [instance], IDLE_SECONDS_MAX)
        self.assertEqual(deployment.input_lag(), 0)
        print(f"folded {time.monotonic() - began:.1f} s after it was sent, with a reader of one alert a second", flush=True)
        lag = deployment.lag(group, "alerts.events")
        self.assertGreater(sum(lag.values()), 0)
        counted = self.counters(instance)
        journal = [row["transition"] for row in deployment.rows(instance.data, "alerts", "history")]
        self.assertEqual(counted["transitions"], len(journal))
        # The rest of what it has not read, by the same group, is all there is, once and in order.
        events = slow + self.read_rest(deployment, group, len(journal) - len(slow))
        self.assertEqual(sum(deployment.lag(group, "alerts.events").values()), 0)
        states = deployment.read_alerts("alerts.state", len({name.split("/")[0] for name in journal}))
        problems = verdict.published_problems(events, states, journal)
        problems += verdict.firing_problems(events, "slipping", town.red())
        problems += verdict.figures_problems("afterwards", deployment, instance.data, town.figures())
        self.assertEqual(problems, [])

    def read_slowly(self, deployment, group):
        consumer = deployment.consumer("alerts.events", group)
        records = []
        for _ in range(SLOW_RECORDS):
            message = consumer.poll(IDLE_SECONDS_MAX)
            records.append({"key": message.key().decode(), "value": json.loads(message.value())})
            consumer.commit(message, asynchronous=False)
            time.sleep(1)
        consumer.close()
        return records

    def read_rest(self, deployment, group, expected):
        """Up to the end of each partition, which is behind the mark of the last transaction."""
        consumer = deployment.consumer("alerts.events", group, **{"enable.partition.eof": True})
        records, ends = [], {}
        while len(records) < expected or len(ends) < PARTITIONS:
            message = consumer.poll(IDLE_SECONDS_MAX)
            if message.error():
                ends[message.partition()] = TopicPartition(message.topic(), message.partition(), message.offset())
            else:
                records.append({"key": message.key().decode(), "value": json.loads(message.value())})
        consumer.commit(offsets=list(ends.values()), asynchronous=False)
        consumer.close()
        return records


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
