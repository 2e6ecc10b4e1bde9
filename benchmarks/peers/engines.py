"""The engines: how each is started on a topic, when it is done, and what it answers."""
import csv
import json
import os
import pathlib
import shutil
import subprocess
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import NewTopic

import building
from measuring import Measured

ANSWER_SECONDS_MAX = 15
PARTITIONS = 4
QUIET_SECONDS = 2.5  # two commits and a punctuation
RUN_SECONDS_MAX = 1800
HEAP = ["-Xms1g", "-Xmx1g", "-XX:+UseParallelGC"]


class Place:
    """The broker, and where runs keep what they write."""

    def __init__(self, deployment, binaries):
        self.deployment, self.binaries = deployment, binaries
        self.admin = deployment.admin
        self.bootstrap_servers = deployment.broker.bootstrap_servers
        self.logs = next(deployment.broker.directory.rglob("data"))
        self.directory = deployment.directory / "run"

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
            return sum(consumer.get_watermark_offsets(TopicPartition(topic, partition), ANSWER_SECONDS_MAX)[1] for partition in partitions)
        finally:
            consumer.close()

    def consumer(self, group):
        return Consumer({"bootstrap.servers": self.bootstrap_servers, "group.id": group, "enable.auto.commit": False,
                         "auto.offset.reset": "earliest", "isolation.level": "read_committed", "enable.partition.eof": True, "log_level": 0})

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


def bytes_below(directory):
    """Files of two names count once."""
    files = {}
    for path in pathlib.Path(directory).rglob("*"):
        if path.is_file() and not path.is_symlink():
            stat = path.stat()
            files[stat.st_ino] = stat.st_blocks * 512
    return sum(files.values())


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


class Slipstream:
    name = "Slipstream"

    def knows(self, _):
        return True

    def run(self, place, workload, topic, answers):
        prefix = topic.removesuffix("events")
        deployment, data = place.deployment, place.directory / "data"
        settings = [f"topic_prefix={prefix}", f"partitions={PARTITIONS}", "commit_interval=1 s", "memory=1 GiB", "clock=events"]
        deployment.definitions.write_text(workload.definitions)
        place.delete([name for name in place.topics(prefix) if name != topic])
        deployment.run("topics", "create", data=data, settings=settings)
        before = place.bytes_in_kafka(topic)
        broker = deployment.broker.cpu_seconds()
        figures = Measured(deployment.command("run", "--until-idle", "--quiet", "--output=json", data=data, settings=settings),
                           place.directory / "output").to_its_end(workload.events)
        figures.broker_cpu = deployment.broker.cpu_seconds() - broker
        figures.kafka_bytes = place.bytes_in_kafka(topic) - before
        figures.state_bytes = bytes_below(data)
        self.write_answers(place, workload, data, settings, prefix, answers)
        return figures, True

    @staticmethod
    def write_answers(place, workload, data, settings, prefix, answers):
        rows = place.directory / "rows.csv"
        command = place.deployment.command("query", workload.view, "--output=csv", "--quiet", data=data, settings=settings)
        with open(rows, "w", encoding="utf-8") as to:
            subprocess.run(list(map(str, command)), stdout=to, check=True)
        with open(rows, encoding="utf-8", newline="") as source, open(answers, "w", encoding="ascii") as to:
            for row in csv.DictReader(source):
                to.write(",".join([row["node"], row["window"], *workload.numbers(row)]) + "\n")
            for value in place.latest_of(f"{prefix}alerts.state").values():
                alert = json.loads(value)
                if alert["phase"] == "firing":
                    to.write(f"alert,{alert['node'] or 'city'},{alert['period']['label']}\n")


class Java:
    """What the two peers share: a process that goes on until it is ended."""

    def knows(self, _):
        return True

    def __init__(self, place, folder):
        self.java = building.built(folder, place.deployment.directory / "classes")

    def progress(self, place, group, topics):
        """A function for Measured.until: what the group has committed of the events, and of the topics inside the engine."""
        consumer = place.consumer(group)
        events, *inner = topics
        asked = [TopicPartition(topic, partition) for topic in topics
                 for partition in consumer.list_topics(topic, ANSWER_SECONDS_MAX).topics[topic].partitions]
        end = place.end_of(events)

        def look():
            try:
                at = consumer.committed(asked, ANSWER_SECONDS_MAX)
            except KafkaException:  # its coordinator is not there yet
                return 0, 0, False
            committed = sum(one.offset for one in at if one.topic == events and one.offset > 0)
            others = sum(one.offset for one in at if one.topic != events and one.offset > 0)
            return committed, others, committed == end and all(place.end_of(topic) - others <= 1 for topic in inner)

        return look


class KafkaStreams(Java):
    name = "Kafka Streams"

    def __init__(self, place):
        super().__init__(place, "kafka_streams")

    def run(self, place, workload, topic, answers):
        group = f"streams-{os.getpid()}-{time.time_ns()}"
        wards, alerts, state = f"{group}-wards", f"{group}-alerts", place.directory / "state"
        place.create({wards: 1, alerts: PARTITIONS})
        before, broker = place.bytes_in_kafka(topic), place.deployment.broker.cpu_seconds()
        rows = place.directory / "rows"
        process = Measured([*self.java[:1], *HEAP, *self.java[1:], workload.java_job, place.bootstrap_servers, group, topic, wards, alerts, state, 1000, rows],
                           place.directory / "output")
        try:
            figures = process.until(workload.events, self.progress(place, group, [topic, wards]), QUIET_SECONDS, RUN_SECONDS_MAX)
            figures.broker_cpu = place.deployment.broker.cpu_seconds() - broker
            figures.kafka_bytes = place.bytes_in_kafka(topic) - before
            figures.state_bytes = bytes_below(state)
            process.terminate()
        finally:
            process.kill()
        with open(answers, "a", encoding="ascii") as to:
            write_alerts(place, alerts, to)
        with open(rows, "rb") as source, open(answers, "ab") as to:
            shutil.copyfileobj(source, to)
        place.delete(place.topics(group))
        return figures, True


def write_alerts(place, topic, to):
    """Of the newest month: what fires."""
    alerts = [json.loads(value) for value in place.latest_of(topic).values()]
    last = max((alert["month"] for alert in alerts), default=None)
    for alert in alerts:
        if alert["month"] == last and alert["status"] == "firing":
            to.write(f"alert,{alert['node']},{alert['month']}\n")


class Flink(Java):
    name = "Flink"

    def __init__(self, place):
        super().__init__(place, "flink")

    def run(self, place, workload, topic, answers):
        group = f"flink-{os.getpid()}-{time.time_ns()}"
        alerts, state = f"{group}-alerts", place.directory / "state"
        place.create({alerts: PARTITIONS})
        before, broker = place.bytes_in_kafka(topic), place.deployment.broker.cpu_seconds()
        (state / "local").mkdir(parents=True)
        process = Measured([*self.java[:1], *HEAP, *self.java[1:], workload.java_job, place.bootstrap_servers, group, topic, alerts, state, 1000],
                           place.directory / "output")
        try:
            figures = process.until(workload.events, self.progress(place, group, [topic]), QUIET_SECONDS, RUN_SECONDS_MAX)
            figures.broker_cpu = place.deployment.broker.cpu_seconds() - broker
            figures.kafka_bytes = place.bytes_in_kafka(topic) - before
            figures.state_bytes = bytes_below(state)
            process.terminate()
        finally:
            process.kill()
        self.write_answers(place, workload, state, alerts, answers)
        place.delete(place.topics(group))
        return figures, True

    def write_answers(self, place, workload, state, alerts, answers):
        newest = max(state.glob("checkpoints/*/chk-*/_metadata"), key=lambda path: int(path.parent.name.partition("-")[2])).parent
        with open(place.directory / "read", "w", encoding="utf-8") as output:
            subprocess.run([*self.java, "ReadRows", workload.java_job, newest.as_uri(), answers], stdout=output, stderr=output, check=True)
        with open(answers, "a", encoding="ascii") as to:
            write_alerts(place, alerts, to)
