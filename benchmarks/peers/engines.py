"""The engines: how each is started on a topic, when it is done, and what it answers."""
import csv
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import threading
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import NewTopic

import building
from measuring import Measured

ANSWER_SECONDS_MAX = 15
PARTITIONS = 4
QUIET_SECONDS = 2.5  # two commits and a punctuation
RUN_SECONDS_MAX = 1800
NO_LEADER = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)
MANY_ROWS = 2_000_000  # Kafka Streams ran out of a heap of 1 GiB with twice as many, and did not with half


def heap(workload):
    """As large as Slipstream's whole memory, where a peer can do its work in it."""
    gib = 3 if workload.rows >= MANY_ROWS else 1
    return [f"-Xms{gib}g", f"-Xmx{gib}g", "-XX:+UseParallelGC"]


def end_offset(consumer, at):
    """Of a partition; a broker that has just started may have no leader for it yet."""
    until = time.monotonic() + ANSWER_SECONDS_MAX
    while True:
        try:
            return consumer.get_watermark_offsets(at, ANSWER_SECONDS_MAX)[1]
        except KafkaException as error:
            if error.args[0].code() not in NO_LEADER or time.monotonic() > until:
                raise
            time.sleep(0.1)


class Place:
    """The broker, and where runs keep what they write."""

    def __init__(self, deployment, binaries):
        self.deployment, self.binaries = deployment, binaries
        self.admin = deployment.admin
        self.bootstrap_servers = deployment.broker.bootstrap_servers
        self.logs = next(deployment.broker.directory.rglob("data"))
        self.directory = deployment.directory / "run"
        self.commit_ms = 1000

    def topics(self, prefix):
        return [name for name in self.admin.list_topics(timeout=ANSWER_SECONDS_MAX).topics if name.startswith(prefix)]

    def create(self, topics):
        """Of each name, so many partitions."""
        for done in self.admin.create_topics([NewTopic(name, partitions, 1) for name, partitions in topics.items()]).values():
            done.result()

    def delete(self, topics):
        for done in self.admin.delete_topics(topics).values() if topics else ():
            done.result()
        while set(topics) & set(self.topics("")):
            time.sleep(0.1)

    def end_of(self, topic):
        """Records and marks of transactions in a topic."""
        consumer = self.consumer("none")
        try:
            partitions = consumer.list_topics(topic, ANSWER_SECONDS_MAX).topics[topic].partitions
            return sum(end_offset(consumer, TopicPartition(topic, partition)) for partition in partitions)
        finally:
            consumer.close()

    def consumer(self, group):
        return Consumer({"bootstrap.servers": self.bootstrap_servers, "group.id": group, "enable.auto.commit": False,
                         "auto.offset.reset": "earliest", "isolation.level": "read_committed", "enable.partition.eof": True, "log_level": 0})

    def progress(self, begun):
        """A function for Measured.until: what the engine's group has committed of the events; what it has committed of its own topics and
        written of alerts; and whether it has read everything there is."""
        consumer = self.consumer(begun.group)
        partitions = {topic: [TopicPartition(topic, partition) for partition in consumer.list_topics(topic, ANSWER_SECONDS_MAX).topics[topic].partitions]
                      for topic in [*begun.topics, *begun.written]}
        events, *inner = begun.topics

        def end_of(topic):
            return sum(end_offset(consumer, at) for at in partitions[topic])

        def look():
            try:
                committed = {topic: sum(max(at.offset, 0) for at in consumer.committed(partitions[topic], ANSWER_SECONDS_MAX))
                             for topic in begun.topics}
            except KafkaException:  # its coordinator is not there yet
                return 0, 0, False
            complete = committed[events] == end and all(end_of(topic) - committed[topic] <= 1 for topic in inner)
            return committed[events], sum(committed[topic] for topic in inner) + (sum(map(end_of, begun.written)) if complete else 0), complete

        end = end_of(events)
        return look

    def bytes_in_kafka(self, but):
        """Of all topics but the one that is read."""
        return sum(file.stat().st_size for folder in self.logs.iterdir() if folder.is_dir() and not folder.name.endswith("-delete")
                   and folder.name.rpartition("-")[0] != but for file in folder.glob("*.log"))

    def latest_of(self, topic):
        """Key to the newest committed value."""
        consumer = self.consumer("none")
        latest = {}
        try:
            partitions = [TopicPartition(topic, partition, 0) for partition in consumer.list_topics(topic, ANSWER_SECONDS_MAX).topics[topic].partitions]
            consumer.assign(partitions)
            left = len(partitions)
            while left:
                for message in consumer.consume(10_000, 0.2):
                    if message.error():
                        left -= 1
                    else:
                        latest[message.key()] = message.value()
        finally:
            consumer.close()
        return latest


class Watch:
    """Notes in `seen`, while the block runs, when the first alert of each node came to a `read_committed` consumer."""

    def __init__(self, place, topic, seen):
        self.seen, self.ending = seen, False
        self.consumer = place.consumer("none")
        partitions = self.consumer.list_topics(topic, ANSWER_SECONDS_MAX).topics[topic].partitions
        self.consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        while not self.ending:
            message = self.consumer.poll(0.1)
            if message is not None and not message.error():
                now = time.time()
                self.seen.setdefault(json.loads(message.value())["node"], now)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.ending = True
        self.thread.join()
        self.consumer.close()


def bytes_below(directory):
    """Files of two names count once."""
    files = {}
    for path in pathlib.Path(directory).rglob("*"):
        if path.is_file() and not path.is_symlink():
            stat = path.stat()
            files[stat.st_ino] = stat.st_blocks * 512
    return sum(files.values())


@dataclasses.dataclass
class Begun:
    """What an engine was started with. The first of `topics` holds the events, the others what its group reads of its own; `written` are
    topics that rest when it is done."""

    group: str
    topics: list
    alerts: str
    written: list
    state: pathlib.Path
    command: list


class Before:
    """What broker and topics were at before a run."""

    def __init__(self, place, topic):
        self.place, self.topic = place, topic
        self.bytes, self.cpu = place.bytes_in_kafka(topic), place.deployment.broker.cpu_seconds()

    def complete(self, figures, state):
        figures.broker_cpu = self.place.deployment.broker.cpu_seconds() - self.cpu
        figures.kafka_bytes = self.place.bytes_in_kafka(self.topic) - self.bytes
        figures.state_bytes = bytes_below(state)


class Bound:
    """A program that reads the topic to its end by itself."""

    def __init__(self, name, binary):
        self.name, self.binary = name, binary

    def knows(self, workload):
        """The fold in memory is that of readings alone."""
        return self.binary == "peers_raw" or workload.java_job == "Job"

    def run(self, place, workload, topic, answers):
        command = [place.binaries / self.binary, "--bootstrap-servers", place.bootstrap_servers, "--topic", topic]
        if self.binary != "peers_raw":
            command += ["--answers", answers]
        figures = Measured(command, place.directory / "output").to_its_end(workload.events)
        return figures, self.binary != "peers_raw"


class Engine:
    """A process that goes on until it is ended."""

    def knows(self, _):
        return True

    def run(self, place, workload, topic, answers):
        begun = self.begin(place, workload, topic)
        before = Before(place, topic)
        process = Measured(begun.command, place.directory / "output")
        try:
            figures = process.until(workload.events, place.progress(begun), QUIET_SECONDS, RUN_SECONDS_MAX)
            before.complete(figures, begun.state)
            process.terminate()
        finally:
            process.kill()
        self.write_answers(place, workload, topic, begun, answers)
        return figures, True


class Slipstream(Engine):
    name = "Slipstream"

    @staticmethod
    def settings(place, topic):
        return [f"topic_prefix={topic.removesuffix('events')}", f"partitions={PARTITIONS}", f"commit_interval={place.commit_ms} ms", "memory=1 GiB",
                "clock=events", "kafka.group.instance.id=1"]

    def begin(self, place, workload, topic):
        deployment, data, prefix = place.deployment, place.directory / "data", topic.removesuffix("events")
        deployment.definitions.write_text(workload.definitions)
        place.delete([name for name in place.topics(prefix) if name != topic])
        deployment.run("topics", "create", data=data, settings=self.settings(place, topic))
        command = deployment.command("run", "--quiet", "--output=json", data=data, settings=self.settings(place, topic))
        return Begun(f"{prefix}slipstream", [topic], f"{prefix}alerts.state", [f"{prefix}alerts.state", f"{prefix}partials"], data, command)

    def again(self, begun):
        return begun.command

    def write_answers(self, place, workload, topic, begun, answers):
        rows = place.directory / "rows.csv"
        command = place.deployment.command("query", workload.view, "--output=csv", "--quiet", data=begun.state, settings=self.settings(place, topic))
        with open(rows, "w", encoding="utf-8") as to:
            subprocess.run(list(map(str, command)), stdout=to, check=True)
        with open(rows, encoding="utf-8", newline="") as source, open(answers, "w", encoding="ascii") as to:
            for row in csv.DictReader(source):
                to.write(",".join([row["node"], row["window"], *workload.numbers(row)]) + "\n")
            for value in place.latest_of(begun.alerts).values():
                alert = json.loads(value)
                if alert["phase"] == "firing":
                    to.write(f"alert,{alert['node'] or 'city'},{alert['period']['label']}\n")


class Java(Engine):
    """What the two peers share."""

    def __init__(self, place, folder):
        self.java, *self.path = building.built(folder, place.deployment.directory / "classes")

    def java_command(self, workload, *arguments):
        return [self.java, *heap(workload), *self.path, *arguments]

    def write_answers(self, place, workload, topic, begun, answers):
        self.write_rows(workload, begun, answers)
        with open(answers, "a", encoding="ascii") as to:
            write_alerts(place, begun.alerts, to)
        place.delete(place.topics(begun.group))


class KafkaStreams(Java):
    name = "Kafka Streams"

    def __init__(self, place):
        super().__init__(place, "kafka_streams")

    def begin(self, place, workload, topic):
        group = f"streams-{os.getpid()}-{time.time_ns()}"
        inner, alerts, state = f"{group}-inner", f"{group}-alerts", place.directory / "state"
        place.create({inner: 1, alerts: PARTITIONS})
        command = self.java_command(workload, workload.java_job, place.bootstrap_servers, group, topic, inner, alerts, state, place.commit_ms,
                                    place.directory / "rows")
        return Begun(group, [topic, inner], alerts, [alerts], state, command)

    def again(self, begun):
        return begun.command

    def write_rows(self, _, begun, answers):
        shutil.copyfile(begun.command[-1], answers)


class Flink(Java):
    name = "Flink"

    def __init__(self, place):
        super().__init__(place, "flink")

    def begin(self, place, workload, topic):
        group = f"flink-{os.getpid()}-{time.time_ns()}"
        alerts, state = f"{group}-alerts", place.directory / "state"
        place.create({alerts: PARTITIONS})
        (state / "local").mkdir(parents=True)
        return Begun(group, [topic], alerts, [alerts], state,
                     self.java_command(workload, workload.java_job, place.bootstrap_servers, group, topic, alerts, state, place.commit_ms))

    def again(self, begun):
        return [*begun.command, newest_checkpoint(begun)]

    def write_rows(self, workload, begun, answers):
        with open(begun.state / "reading", "w", encoding="utf-8") as output:
            command = self.java_command(workload, "ReadRows", workload.java_job, newest_checkpoint(begun), answers)
            subprocess.run(command, stdout=output, stderr=output, check=True)


def newest_checkpoint(begun):
    complete = begun.state.glob("checkpoints/*/chk-*/_metadata")
    return max(complete, key=lambda path: int(path.parent.name.partition("-")[2])).parent.as_uri()


def write_alerts(place, topic, to):
    """Of the newest month: what fires."""
    alerts = [json.loads(value) for value in place.latest_of(topic).values()]
    last = max((alert["month"] for alert in alerts), default=None)
    for alert in alerts:
        if alert["month"] == last and alert["status"] == "firing":
            to.write(f"alert,{alert['node']},{alert['month']}\n")
