"""A deployment that is written to, read and watched by a client that is not ours, confluent-kafka: quicker than the Java tools, and
it keeps what it is given while the brokers are away. And what an instance takes of the machine meanwhile.
"""

import collections
import contextlib
import json
import pathlib
import threading
import time

import confluent_kafka
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from deployment import Deployment

ANSWER_SECONDS_MAX = 10
FLUSH_SECONDS_MAX = 60
LOOK_EVERY_SECONDS = 1.0  # a commit and what follows from it fit in
SAMPLE_EVERY_SECONDS = 0.05
READ_SECONDS_MAX, READ_SECONDS_AFTER = 60, 1
OUTPUTS = ("events", "partials", "decisions", "alerts.events", "alerts.state", "dead_letters")
REFERENCE = ("unit.", "person.", "indicator.", "target.", "alert.")
BYTES_MAX = 64 << 20


class WatchedDeployment(Deployment):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.servers = json.loads((self.broker / "broker.json").read_text())["bootstrap_servers"]
        self.client = {"bootstrap.servers": self.servers, "reconnect.backoff.max.ms": 500, "log_level": 0}

    def partitions(self, *topics):
        with self.looking("nobody") as consumer:
            there = consumer.list_topics(timeout=ANSWER_SECONDS_MAX).topics
        return [confluent_kafka.TopicPartition(self.prefix + topic, partition)
                for topic in topics for partition in there[self.prefix + topic].partitions]

    def set_topic(self, topic, name, value):
        resource = ConfigResource(ConfigResource.Type.TOPIC, self.prefix + topic, incremental_configs=[
            ConfigEntry(name, str(value), incremental_operation=AlterConfigOpType.SET)])
        admin = AdminClient(self.client)  # answers come as long as it lives
        for answer in admin.incremental_alter_configs([resource]).values():
            answer.result()

    def offsets(self, *topics):
        """{(topic without prefix, partition): its end, as a read_committed reader sees it}"""
        with self.looking("nobody") as consumer:
            return {self.place(at): consumer.get_watermark_offsets(at, ANSWER_SECONDS_MAX)[1] for at in self.partitions(*topics)}

    def lag(self, group, *topics):
        """{(topic, partition): how many offsets the group has not committed}, of its offsets alone, as monitors see it."""
        with self.looking(group) as consumer:
            committed = consumer.committed(self.partitions(*topics), ANSWER_SECONDS_MAX)
        ends = self.offsets(*topics)
        return {self.place(at): ends[self.place(at)] - max(at.offset, 0) for at in committed}

    def place(self, at):
        return at.topic.removeprefix(self.prefix), at.partition

    @contextlib.contextmanager
    def looking(self, group):
        """A consumer that never joins its group. Each look has its own: one that has seen the brokers go may not find back."""
        consumer = confluent_kafka.Consumer({**self.client, "group.id": group, "isolation.level": "read_committed"})
        try:
            yield consumer
        finally:
            consumer.close()

    def input_lag(self):
        """Events that are not folded and committed yet, as a monitor of the group sees it."""
        return sum(self.lag(self.prefix + "slipstream", "events").values())

    def ends(self):
        time.sleep(LOOK_EVERY_SECONDS)
        return self.offsets(*OUTPUTS)

    def is_folded(self):
        try:
            return not any(self.lag(self.prefix + "slipstream", "events", "partials").values())
        except confluent_kafka.KafkaException:  # the brokers are not well yet
            return False

    def producer(self, **settings):
        return Producing(self, settings)

    def consumer(self, topic, group=None, **settings):
        """Of all partitions of a topic, from where its group stands, or from the beginning."""
        consumer = confluent_kafka.Consumer(
            {**self.client, "group.id": group or "nobody", "isolation.level": "read_committed",
             "enable.auto.commit": False, "auto.offset.reset": "earliest", "receive.message.max.bytes": 2 * BYTES_MAX, **settings})
        places = self.partitions(topic)
        if group:
            places = consumer.committed(places, ANSWER_SECONDS_MAX)
        for place in places:
            place.offset = place.offset if place.offset >= 0 else confluent_kafka.OFFSET_BEGINNING
        consumer.assign(places)
        return consumer

    def read_committed(self, topic, expected):
        """As the Java consumer of Deployment reads it, but headers and values are bytes."""
        consumer, records = self.consumer(topic), []
        while (message := consumer.poll(READ_SECONDS_MAX if len(records) < expected else READ_SECONDS_AFTER)) is not None:
            records.append(message)  # one without a value is false
        consumer.close()
        return records

    def read_alerts(self, topic, expected):
        return [{"key": record.key().decode(), "value": json.loads(record.value())}
                for record in self.read_committed(topic, expected)]


class Producing:
    """A producer that keeps what it cannot send, in order."""

    def __init__(self, deployment, settings):
        self.prefix, self.refused = deployment.prefix, []
        self.producer = confluent_kafka.Producer(
            {**deployment.client, "partitioner": "murmur2_random", "enable.idempotence": True,
             "message.timeout.ms": 0, "message.max.bytes": BYTES_MAX, **settings})

    def send(self, key, value, topic="events", headers=(), **place):
        while True:
            try:
                self.producer.produce(self.prefix + topic, value, key, headers=list(headers), on_delivery=self.report, **place)
                self.producer.poll(0)
                return
            except BufferError:
                self.producer.poll(0.1)

    def report(self, error, _):
        if error:
            self.refused.append(str(error))

    def events(self, events):
        """CloudEvents, each on the topic of its kind."""
        for event in events:
            topic = "reference" if event["type"].startswith(REFERENCE) else "events"
            self.send(event["subject"], json.dumps(event), topic)

    def finish(self):
        left = self.producer.flush(FLUSH_SECONDS_MAX)
        if left or self.refused:
            raise AssertionError(f"{left} records were not taken, {len(self.refused)} refused: {self.refused[:1]}")


class Resident:
    """The memory of a process, looked at again and again by a thread: `peak` and `now`, in MiB."""

    def __init__(self, process):
        self.status = pathlib.Path(f"/proc/{process.pid}/status")
        self.peak = self.now = 0.0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        while not self.over.wait(SAMPLE_EVERY_SECONDS):
            try:
                lines = self.status.read_text().splitlines()
            except OSError:
                return
            fields = collections.defaultdict(int, ((line.split()[0], int(line.split()[1])) for line in lines if line.startswith("VmRSS")))
            self.now = fields["VmRSS:"] / 1024
            self.peak = max(self.peak, self.now)

    def stop(self):
        self.over.set()
        self.thread.join()
        return self.peak
