"""Clients that are not ours write and read the topics: confluent-kafka, kcat, and Kafka's Java console tools. What they
write is folded as if it came from one; what they read is what schemas/asyncapi.yaml says.

usage: foreign_clients_test.py SLIPSTREAM BROKER_DIRECTORY SOURCES ENVIRONMENT FLATC
"""
import shutil
import sys

from slipstream_on_kafka_test import BROKER, BROKER_PROGRAM, PARTITIONS, SOURCES, Deployment, bootstrap_servers, skip_reason

if why := skip_reason() or ("" if shutil.which("kcat") else "kcat is not there: install the Debian package kcat"):
    print(why, file=sys.stderr)
    sys.exit(77)

import python_packages

python_packages.enter(sys.argv[4])

# pylint: disable=wrong-import-position
import collections
import csv
import io
import json
import pathlib
import subprocess
import tempfile
import unittest
from datetime import datetime, timezone

import confluent_kafka
from confluent_kafka.admin import AdminClient, ConfigResource

import asyncapi_document
from asyncapi_document import Record, partition_of

FLATC = sys.argv[5]
DOCUMENT = asyncapi_document.Document(SOURCES / "schemas/asyncapi.yaml")
STRUCTURED = [("content-type", "application/cloudevents+json; charset=UTF-8")]
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
CLIENT_SECONDS_MAX = 60
# Written by the Java console consumer between its fields; no text of the test has them.
FIELD, HEADER, END = "<field>", "<header>", "<end>\n"


def event(kind, subject, number, time, data, **extensions):
    return {"specversion": "1.0", "id": f"{subject}/{kind}/{number}", "source": "/test", "type": kind, "subject": subject,
            "time": time, **extensions, "data": data}


def headers_of(an_event):
    """Binary mode."""
    return [("ce_" + name, value) for name, value in an_event.items() if name != "data"] + [("content-type", "application/json")]


def text_of(value):
    return json.dumps(value, ensure_ascii=False)


class Confluent:
    """confluent-kafka, with the partitioner that docs/events.md asks for."""

    def __init__(self, partitioner="murmur2_random"):
        self.producer = confluent_kafka.Producer({"bootstrap.servers": bootstrap_servers(), "partitioner": partitioner})

    def send(self, topic, key, value, headers):
        self.producer.produce(topic, value=value, key=key, headers=headers)

    def structured(self, topic, an_event):
        self.send(topic, an_event["subject"], text_of(an_event), STRUCTURED)

    def binary(self, topic, an_event):
        self.send(topic, an_event["subject"], text_of(an_event["data"]), headers_of(an_event))

    def finish(self):
        if left := self.producer.flush(CLIENT_SECONDS_MAX):
            raise AssertionError(f"{left} records were not taken")


class Kcat:
    def __init__(self, partitioner="murmur2_random"):
        self.options = ["-b", bootstrap_servers()]
        if partitioner:
            self.options += ["-X", f"partitioner={partitioner}"]
        self.waiting = collections.defaultdict(list)  # structured events by topic

    def send(self, topic, lines, headers):
        given = [option for name, value in headers for option in ("-H", f"{name}={value}")]
        subprocess.run(["kcat", "-P", "-q", "-t", topic, "-K", "\t", *self.options, *given], input="\n".join(lines).encode(),
                       check=True, timeout=CLIENT_SECONDS_MAX)

    def structured(self, topic, an_event):
        self.waiting[topic].append(f"{an_event['subject']}\t{text_of(an_event)}")

    def binary(self, topic, an_event):
        self.send(topic, [f"{an_event['subject']}\t{text_of(an_event['data'])}"], headers_of(an_event))

    def finish(self):
        for topic, lines in self.waiting.items():
            self.send(topic, lines, STRUCTURED)
        self.waiting.clear()


def java(tool, *options, text=""):
    given = [part for option in options for part in (("--property", option) if "=" in option else (option,))]
    return subprocess.run([sys.executable, BROKER_PROGRAM, "tool", BROKER, tool, *given], input=text.encode(),
                          capture_output=True, check=True, timeout=CLIENT_SECONDS_MAX).stdout


class Java:
    """kafka-console-producer."""

    def __init__(self):
        self.waiting = collections.defaultdict(list)

    def send(self, topic, key, value, headers):
        self.waiting[topic].append("\t".join([HEADER.join(f"{name}:{text}" for name, text in headers), key, value]))

    def structured(self, topic, an_event):
        self.send(topic, an_event["subject"], text_of(an_event), STRUCTURED)

    def binary(self, topic, an_event):
        self.send(topic, an_event["subject"], text_of(an_event["data"]), headers_of(an_event))

    def finish(self):
        for topic, lines in self.waiting.items():
            java("kafka-console-producer", "--topic", topic, "parse.headers=true", "parse.key=true",
                 f"headers.separator={HEADER}", text="\n".join(lines) + "\n")
        self.waiting.clear()


class FlatBuffers:
    """flatc makes the values, confluent-kafka sends them: the envelope within, or in headers."""

    def __init__(self, folder):
        self.folder, self.waiting, self.confluent = folder, [], Confluent()

    @staticmethod
    def as_wire(an_event, with_envelope):
        def microseconds(text):
            return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()) * 1_000_000

        data = {name: microseconds(value) if name == "due_at" else value for name, value in an_event["data"].items()}
        envelope = {name: an_event[name] for name in ("id", "source", "subject")} if with_envelope else {}
        if with_envelope:
            envelope.update(type=an_event["type"].replace(".", "_"), time=microseconds(an_event["time"]))
        return {**envelope, "data_type": "Task", "data": data}

    def take(self, topic, an_event, with_envelope):
        path = self.folder / f"{len(self.waiting)}.json"
        path.write_text(text_of(self.as_wire(an_event, with_envelope)), encoding="utf-8")
        headers = [("content-type", "application/x-flatbuffers")]
        self.waiting.append((topic, an_event["subject"], path, headers if with_envelope else headers_of(an_event)[:-1] + headers))

    def structured(self, topic, an_event):
        self.take(topic, an_event, True)

    def binary(self, topic, an_event):
        self.take(topic, an_event, False)

    def finish(self):
        subprocess.run([FLATC, "--binary", "-o", self.folder, SOURCES / "schemas/event.fbs",
                        *(path for _, _, path, _ in self.waiting)], check=True)
        for topic, key, path, headers in self.waiting:
            self.confluent.send(topic, key, path.with_suffix(".slev").read_bytes(), headers)
        self.waiting.clear()
        self.confluent.finish()


class Tasks:
    """Tasks told by every client in every way, assigned by one and completed by another; and the figures they make."""

    def __init__(self):
        self.figures = collections.Counter()
        self.assigned, self.completed, self.overdue = [], [], []
        for number in range(60):
            task, month, place = f"NV-{number} Đường sắt", 1 + number % 6, number // 6
            office = f"office-{place % 3}"
            due = f"2011-{month:02}-10T00:00:00+02:00"
            self.assigned.append(event("task.assigned", task, number, "2011-01-02T08:00:00Z",
                                       {"task": task, "unit": office, "due_at": due}))
            outcome = "overdue" if place % 4 == 0 else "late" if place % 5 == 0 else "on_time"
            if outcome == "overdue":
                self.overdue.append(task)
            else:
                at = f"2011-{month:02}-{15 if outcome == 'late' else '05'}T08:00:00Z"
                self.completed.append(event("task.completed", task, number, at, {"task": task}))
            self.count(office, month, "due")
            self.count(office, month, outcome)
        # Stays overdue: the alert of its office is published in the first encoding alone.
        self.assigned.append(event("task.assigned", "forgotten", 1, "2011-01-02T08:00:00Z",
                                   {"task": "forgotten", "unit": "office-7", "due_at": "2011-06-10T00:00:00+02:00"}))
        self.count("office-7", 6, "due")
        self.count("office-7", 6, "overdue")

    def count(self, office, month, measure):
        for node in (office, ""):
            self.figures[node, f"2011-{month:02}", measure] += 1


def read_all(topics):
    """Every committed record of the topics, by confluent-kafka."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": bootstrap_servers(), "group.id": "foreign-clients",
                                         "isolation.level": "read_committed", "enable.auto.commit": False,
                                         "enable.partition.eof": True})
    try:
        there = consumer.list_topics(timeout=CLIENT_SECONDS_MAX).topics
        places = [confluent_kafka.TopicPartition(topic, partition, 0)
                  for topic in topics for partition in there[topic].partitions]
        consumer.assign(places)
        records, left = collections.defaultdict(list), len(places)
        while left:
            message = consumer.poll(CLIENT_SECONDS_MAX)
            if message is None:
                raise AssertionError(f"{left} partitions do not end")
            if message.error():
                if message.error().code() != confluent_kafka.KafkaError._PARTITION_EOF:
                    raise AssertionError(message.error())
                left -= 1
                continue
            records[message.topic()].append(Record(message.topic(), message.partition(), message.offset(), message.key(),
                                                   message.value(), message.headers() or []))
        return records
    finally:
        consumer.close()


def read_by_kcat(topic):
    ran = subprocess.run(["kcat", "-C", "-q", "-e", "-J", "-t", topic, "-o", "beginning", "-b", bootstrap_servers(),
                          "-X", "isolation.level=read_committed"], capture_output=True, check=True, timeout=CLIENT_SECONDS_MAX)

    def as_bytes(text):
        return None if text is None else text.encode("utf-8", "surrogateescape")

    records = []
    for line in ran.stdout.split(b"\n")[:-1]:
        read = json.loads(line.decode("utf-8", "surrogateescape"))
        flat = read.get("headers", [])
        headers = [(name, as_bytes(value)) for name, value in zip(flat[::2], flat[1::2])]
        records.append(Record(read["topic"], read["partition"], read["offset"], as_bytes(read["key"]), as_bytes(read["payload"]),
                              headers))
    return records


def read_by_java(topic, records_max):
    said = java("kafka-console-consumer", "--topic", topic, "--isolation-level", "read_committed", "--from-beginning",
                "--max-messages", str(records_max), "--timeout-ms", "20000", "print.partition=true", "print.offset=true",
                "print.headers=true", "print.key=true", f"key.separator={FIELD}", f"headers.separator={HEADER}",
                f"line.separator={END}", "null.literal=<null>")
    records = []
    for line in said.split(END.encode())[:-1]:
        partition, offset, headers, key, value = line.split(FIELD.encode())
        pairs = [pair.split(b":", 1) for pair in headers.split(HEADER.encode())]
        records.append(Record(topic, int(partition.removeprefix(b"Partition:")), int(offset.removeprefix(b"Offset:")), key,
                              None if value == b"<null>" else value, [(name.decode(), text) for name, text in pairs]))
    return records


def in_order(records):
    return sorted(records, key=lambda record: (record.partition, record.offset))


def header(record, name):
    return dict(record.headers)[name].decode()


class ForeignClients(unittest.TestCase):
    """One story, told once; the tests look at what is in the topics after it."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.deployment = Deployment(folder.name, on_kafka=True)
        cls.deployment.run("topics", "create")
        cls.channels = DOCUMENT.channels(cls.deployment.prefix)
        cls.send_tasks()
        cls.send_what_is_wrong()
        cls.deployment.run("run", "--until-idle")
        cls.first_figures = cls.figures()
        cls.act_on_alerts()
        cls.deployment.run("import", str(cls.file_to_import()))
        cls.deployment.run("dlq", "replay")
        cls.deployment.run("run", "--until-idle", "--set=alert_encoding=flatbuffers")
        cls.records = read_all(cls.channels)

    @classmethod
    def topic(cls, name):
        return cls.deployment.prefix + name

    @classmethod
    def send_tasks(cls):
        cls.tasks = Tasks()
        events = cls.topic("events")
        clients = [Confluent(), Kcat(), Java(), FlatBuffers(cls.folder)]
        ways = [way for client in clients for way in (client.structured, client.binary)]
        for number, an_event in enumerate(cls.tasks.assigned):
            ways[number % len(ways)](events, an_event)
        # Each completion by another client than the assignment; kcat in binary mode is a process for each.
        for number, an_event in enumerate(cls.tasks.completed):
            ways[(number * 3 + 1) % len(ways)](events, an_event)
        # Sent again, by another client in another mode: a repetition, which counts once.
        clients[2].binary(events, cls.tasks.assigned[0])
        for client in clients:
            client.finish()
        # With librdkafka's own default partitioner.
        careless = Kcat(partitioner=None)
        for number in range(20):
            task = f"careless-{number}"
            sender = careless if number % 2 else clients[0]
            sender.structured(events, event("task.assigned", task, number, "2011-01-02T08:00:00Z",
                                            {"task": task, "unit": "office-9", "due_at": "2011-03-20"}))
            careless.structured(events, event("task.completed", task, number, "2011-03-10T08:00:00Z", {"task": task}))
        careless.finish()
        clients[0].finish()

    @classmethod
    def send_what_is_wrong(cls):
        """As (key, value) in cls.wrong with the code that each is refused with."""
        events, confluent, from_java = cls.topic("events"), Confluent(), Java()
        again = {**cls.tasks.assigned[0], "data": {**cls.tasks.assigned[0]["data"], "unit": "another"}}
        nameless = {name: value for name, value in cls.tasks.assigned[1].items() if name != "id"}
        broken = '{"specversion": "1.0", "id": '
        cls.wrong = {(b"broken", broken.encode()): "malformed_record",
                     (nameless["subject"].encode(), text_of(nameless).encode()): "missing_field",
                     (again["subject"].encode(), text_of(again).encode()): "conflicting_duplicate",
                     (None, b"\x00\xff\xfe\n"): "malformed_record", (b"gone", None): "malformed_record",
                     (b"bare", b'{"task": "bare"}'): "missing_field"}
        Kcat().send(events, [f"broken\t{broken}"], [])
        from_java.structured(events, nameless)
        from_java.finish()
        confluent.structured(events, again)
        confluent.send(events, None, b"\x00\xff\xfe\n", [("odd", b"\xff\x00"), ("odd", b""), ("ce-like", b"x")])
        confluent.send(events, "gone", None, [])
        confluent.send(events, "bare", b'{"task": "bare"}', [("ce_id", "1"), ("ce_source", "/test"), ("ce_type", "task.assigned"),
                                                             ("ce_traceparent", TRACE)])
        confluent.finish()

    @classmethod
    def act_on_alerts(cls):
        """Acknowledges one, silences another; and what is overdue was done in time after all."""
        firing = [json.loads(record.value) for record in read_all([cls.topic("alerts.state")])[cls.topic("alerts.state")]]
        from_java, kcat, confluent = Java(), Kcat(), Confluent()
        ids = [state["fingerprint"] for state in firing if state["phase"] == "firing" and state["node"] != "office-7"][:2]
        from_java.binary(cls.topic("reference"), event("alert.acknowledged", ids[0], 1, "2011-06-19T08:00:00Z",
                                                       {"alert": ids[0], "person": "Nguyễn An", "note": "from Java"},
                                                       traceparent=TRACE))
        kcat.structured(cls.topic("reference"), event("alert.silenced", ids[1], 1, "2011-06-19T08:00:00Z",
                                                      {"alert": ids[1], "until": "2011-07-01T00:00:00Z"}))
        for client in (from_java, kcat):
            client.finish()
        for task in (*cls.tasks.overdue, cls.task_beside("office-2")):
            data = {"task": task, "completed_at": "2011-01-03T00:00:00Z"}
            confluent.binary(cls.topic("events"),
                             event("task.completed", task, "after all", "2011-06-19T08:00:00Z", data, traceparent=TRACE))
        confluent.finish()

    @classmethod
    def task_beside(cls, office):
        """A task of the office's worst month, whose events the shard reads that owns the office: its alert cites them."""
        task = next(task for task in (f"beside-{number}" for number in range(1000))
                    if partition_of(task.encode(), PARTITIONS) == partition_of(office.encode(), PARTITIONS))
        confluent = Confluent()
        confluent.binary(cls.topic("events"), event("task.assigned", task, 1, "2011-01-02T08:00:00Z",
                                                    {"task": task, "unit": office, "due_at": "2011-06-10"}, traceparent=TRACE))
        confluent.finish()
        return task

    @classmethod
    def file_to_import(cls):
        path = cls.folder / "more.jsonl"
        path.write_text(text_of(event("task.assigned", "imported", 1, "2011-01-02T08:00:00Z",
                                      {"task": "imported", "unit": "office-8", "due_at": "2011-12-20"})) + "\n", encoding="utf-8")
        return path

    @classmethod
    def figures(cls):
        """{(node, month, measure): figure} of the figures that are not 0."""
        rows = csv.DictReader(io.StringIO(cls.deployment.run("query", "delivery", "--output=csv")))
        found = {(row["node"], row["window"], measure): int(row[measure])
                 for row in rows for measure in ("due", "on_time", "late", "overdue") if int(row[measure] or 0)}
        return found

    # What came in.

    def test_figures_are_those_of_all_that_was_sent(self):
        wanted = dict(self.tasks.figures)
        for measure in ("due", "on_time"):
            wanted["office-9", "2011-03", measure] = 20
            wanted["", "2011-03", measure] = wanted.get(("", "2011-03", measure), 0) + 20
        names = {node for node, _, _ in self.first_figures}
        root = "" if "" in names else "town"
        self.assertEqual(self.first_figures, {(node or root, *rest): count for (node, *rest), count in wanted.items()})
        self.assertIn("different: 0", self.deployment.run("check"))

    def test_only_what_is_wrong_is_refused_and_stands_whole_in_a_dead_letter(self):
        originals = {(record.partition, record.offset): record for record in self.records[self.topic("events")]}
        letters = in_order(self.records[self.topic("dead_letters")])
        found = collections.Counter()
        for letter in letters:
            self.assertEqual(header(letter, "__connect.errors.topic"), self.topic("events"))
            place = int(header(letter, "__connect.errors.partition")), int(header(letter, "__connect.errors.offset"))
            original = originals[place]
            self.assertEqual((letter.key, letter.value), (original.key or b"", original.value))
            self.assertEqual(letter.headers[:len(original.headers)], original.headers)
            code = header(letter, "__connect.errors.exception.class.name").rpartition(".")[2]
            key = None if original.value == b"\x00\xff\xfe\n" else original.key
            found[key, original.value, code] += 1
        # Refused when they came, and again when they were replayed.
        self.assertEqual(found, {(*record, code): 2 for record, code in self.wrong.items()})

    def test_a_record_in_the_partition_of_another_key_is_sent_on_to_its_own(self):
        copies = collections.defaultdict(list)
        for record in self.records[self.topic("events")]:
            if (record.key or b"").startswith(b"careless"):
                copies[record.value].append(record)
        misplaced = 0
        for records in copies.values():
            own = [record for record in records if record.partition == partition_of(record.key, PARTITIONS)]
            self.assertEqual(len(own), 1)
            self.assertLessEqual(len(records), 2)
            misplaced += len(records) - 1
            self.assertEqual(len({(record.key, tuple(record.headers)) for record in records}), 1)
        self.assertEqual(len(copies), 40)
        self.assertGreater(misplaced, 10)

    # What went out.

    def test_topics_are_created_as_described(self):
        admin = AdminClient({"bootstrap.servers": bootstrap_servers()})
        there = {name: topic for name, topic in admin.list_topics(timeout=CLIENT_SECONDS_MAX).topics.items()
                 if name.startswith(self.deployment.prefix)}
        self.assertEqual(there.keys(), self.channels.keys())
        asked = admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, name) for name in there])
        for resource, answer in asked.items():
            kafka = self.channels[resource.name]["bindings"]["kafka"]
            self.assertEqual(len(there[resource.name].partitions), kafka.get("partitions", PARTITIONS), resource.name)
            for setting, value in kafka["topicConfiguration"].items():
                wanted = ",".join(value) if isinstance(value, list) else str(value)
                self.assertEqual(answer.result()[setting].value, wanted, f"{resource.name} {setting}")

    def test_every_record_is_as_described(self):
        for topic, channel in self.channels.items():
            self.assertGreater(len(self.records[topic]), 0, topic)
            for record in self.records[topic]:
                if (record.key, record.value) in self.wrong or record.value == b"\x00\xff\xfe\n":
                    continue
                problems = DOCUMENT.problems(record, channel, PARTITIONS)
                if (record.key or b"").startswith(b"careless"):
                    problems = [problem for problem in problems if not problem.startswith("partition ")]
                self.assertEqual(problems, [], record)

    def test_each_way_to_say_something_is_met(self):
        """Else the test before would hold nothing of it."""
        met = collections.defaultdict(set)
        for topic, channel in self.channels.items():
            for record in self.records[topic]:
                met[topic.removeprefix(self.deployment.prefix)] |= {
                    name for name, message in DOCUMENT.messages(channel).items() if not DOCUMENT.problems_as(record, message)}
        self.assertEqual(met["events"], {"structured", "binary", "binary_flatbuffers", "flatbuffers"})
        self.assertEqual(met["alerts.events"], {"transitioned", "flatbuffers"})
        self.assertEqual(met["alerts.state"], {"state", "state_flatbuffers"})
        self.assertLessEqual({"structured", "binary"}, met["reference"])

    def test_every_client_reads_the_same(self):
        for name in ("alerts.events", "alerts.state", "dead_letters"):
            topic = self.topic(name)
            by_confluent = in_order(self.records[topic])
            self.assertEqual(in_order(read_by_kcat(topic)), by_confluent)
            by_java = in_order(read_by_java(topic, len(by_confluent)))
            self.assertEqual(len(by_java), len(by_confluent))
            for read, record in zip(by_java, by_confluent):
                self.assertEqual(read[:3] + (read.key, read.value), record[:3] + (record.key, record.value))
                self.assertEqual(read.headers, record.headers)

    def test_the_last_record_of_each_alert_is_its_state(self):
        def last(topic):
            return {record.key.decode(): record for record in in_order(self.records[self.topic(topic)])}

        states = last("alerts.state")
        ids = {alert: header(record, "ce_id") for alert, record in states.items()}
        self.assertEqual(ids, {alert: header(record, "ce_id") for alert, record in last("alerts.events").items()})
        listed = {alert["alert"]: alert for alert in json.loads(self.deployment.run("alerts", "list", "--output=json"))["alerts"]}
        self.assertEqual(ids, {alert: told["transition"] for alert, told in listed.items()})
        in_json = {alert: json.loads(record.value) for alert, record in states.items()
                   if header(record, "content-type") == "application/json"}
        self.assertGreater(len(in_json), 0)
        self.assertEqual({alert: state["phase"] for alert, state in in_json.items()},
                         {alert: listed[alert]["to"] for alert in in_json})

    def test_the_last_records_of_rows_are_what_queries_say(self):
        rows = {}
        for record in in_order(self.records[self.topic("views")]):
            rows[record.key] = None if record.value is None else json.loads(record.value)
        rows = [row for row in rows.values() if row is not None]
        self.assertEqual({(row["node"], row["window"], measure): row[measure] for row in rows
                          for measure in ("due", "on_time", "late", "overdue") if row[measure]}, self.figures())

    def test_transitions_are_told_once_and_in_order(self):
        numbers = collections.defaultdict(list)
        for record in in_order(self.records[self.topic("alerts.events")]):
            alert, number = header(record, "ce_id").split("/")
            self.assertEqual(alert.encode(), record.key)
            numbers[alert].append(int(number))
        self.assertEqual({alert: list(range(1, len(told) + 1)) for alert, told in numbers.items()}, numbers)
        kinds = collections.Counter(header(record, "ce_type") for record in self.records[self.topic("alerts.events")])
        self.assertEqual((kinds["alert.acknowledged"], kinds["alert.silenced"]), (1, 1))

    def test_a_trace_goes_through(self):
        traced = [(name, header(record, "ce_type")) for name in ("alerts.events", "dead_letters")
                  for record in self.records[self.topic(name)] if ("ce_traceparent", TRACE.encode()) in record.headers]
        self.assertEqual(set(traced), {("alerts.events", "alert.transitioned"), ("alerts.events", "alert.acknowledged"),
                                       ("dead_letters", "task.assigned")})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
