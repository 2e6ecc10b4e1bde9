"""What others may do to a deployment on Kafka: delete its group, cut off its topics, delete them, create them anew. What can be
done without goes on; what is needed and gone is said, and nobody goes on with other figures.

usage: losses_test.py SLIPSTREAM BROKER_DIRECTORY SOURCES PYTHON_ENVIRONMENT
"""
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid

import python_packages

python_packages.enter(sys.argv[4])

# pylint: disable=wrong-import-position
from confluent_kafka import OFFSET_END, ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from deployment import Deployment, Instance, skip_reason

SLIPSTREAM, BROKER, SOURCES = (pathlib.Path(argument) for argument in sys.argv[1:4])
PARTITIONS = 2
COME_AND_GO_SECONDS = 0.2
CATCH_UP_SECONDS_MAX = 120
# Ten of them pass without the topic; on a busy machine the broker tells late, and each step of the ending waits for it: 31 were seen.
NOTICE_SECONDS_MAX = 120
GONE = 69


def write_tasks(path, offices, each):
    with path.open("w") as out:
        for i in range(offices * each):
            out.write(json.dumps({
                "specversion": "1.0", "id": f"T{i}/assigned/{each}", "source": "test", "type": "task.assigned", "subject": f"T{i}",
                "time": "2010-12-01T08:00:00Z",
                "data": {"task": f"T{i}", "unit": f"office-{i % offices}", "due_at": f"2011-0{1 + i % 5}-10"}}) + "\n")


class LossesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"
        self.deployment = Deployment(SLIPSTREAM, BROKER, f"{uuid.uuid4().hex[:8]}.", SOURCES / "tests/kafka/tasks.yaml", (
            f"partitions={PARTITIONS}", "clock=2011-06-20T00:00:00+02:00", "kafka.session.timeout.ms=1500"))
        servers = json.loads((BROKER / "broker.json").read_text())["bootstrap_servers"]
        self.admin = AdminClient({"bootstrap.servers": servers})
        self.deployment.ask(self.data, "topics", "create")
        self.take_in(20)
        self.run_until_idle()
        self.figures = self.query()

    def take_in(self, each):
        events = self.folder / f"events-{each}.jsonl"
        write_tasks(events, 7, each)
        self.deployment.ask(self.data, "import", str(events), "--force")

    def run_until_idle(self, data=None, code=0):
        return self.deployment.ask(data or self.data, "run", "--until-idle", code=code)

    def refused(self, data, words):
        instance = Instance(self.deployment, data, "--until-idle", said=self.folder / "refused.log")
        self.assertEqual(instance.process.wait(NOTICE_SECONDS_MAX), GONE, instance.last_words())
        self.assertRegex(instance.last_words(), words)

    def query(self):
        return self.deployment.rows(self.data, "query", "delivery")

    def events(self, *offset):
        return [TopicPartition(self.deployment.prefix + "events", partition, *offset) for partition in range(PARTITIONS)]

    def delete_events(self):
        for deleted in self.admin.delete_topics([self.deployment.prefix + "events"]).values():
            deleted.result()

    def test_without_its_group_it_goes_on_where_it_was(self):
        group = self.deployment.prefix + "slipstream"
        for deleted in self.admin.delete_consumer_groups([group]).values():
            deleted.result()
        self.take_in(25)
        self.run_until_idle()
        folded = sum(int(row["due"]) for row in self.query() if row["node"] == "town")
        self.assertEqual(folded, 7 * 25)
        asked = self.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group, self.events())])
        self.assertTrue(all(part.offset > 0 for part in asked[group].result().topic_partitions))  # monitors see it again

    def test_topics_that_come_and_go_do_not_keep_the_others_from_being_listed(self):
        done = threading.Event()

        def come_and_go():
            for number in itertools.count():
                if done.is_set():
                    return
                # Not as fast as it can: brokers that are a hundred topics behind show nobody else's either.
                done.wait(COME_AND_GO_SECONDS)
                names = [f"{self.deployment.prefix}passing-{number}-{i}" for i in range(3)]
                for created in self.admin.create_topics([NewTopic(name, 4, 1) for name in names]).values():
                    created.result()
                done.wait(COME_AND_GO_SECONDS)
                for deleted in self.admin.delete_topics(names).values():
                    deleted.result()

        passing = threading.Thread(target=come_and_go)
        passing.start()
        try:
            for _ in range(6):
                listed = {row["topic"] for row in self.deployment.rows(self.data, "log", "list")}
                self.assertIn(self.deployment.prefix + "events", listed)
        finally:
            done.set()
            passing.join()
            self.let_the_broker_catch_up()

    def let_the_broker_catch_up(self):
        """Until it shows a topic that was created after all others: on a busy machine it is seconds behind, for the next test too."""
        last = self.deployment.prefix + "last"
        self.admin.create_topics([NewTopic(last, 1, 1)])[last].result()
        until = time.monotonic() + CATCH_UP_SECONDS_MAX
        while last not in self.admin.list_topics(timeout=CATCH_UP_SECONDS_MAX).topics:
            self.assertLess(time.monotonic(), until, "the broker does not show a topic that it has created")
            time.sleep(0.1)

    def test_records_that_have_gone_are_missed_by_those_who_need_them(self):
        for deleted in self.admin.delete_records(self.events(OFFSET_END)).values():
            deleted.result()
        self.run_until_idle()
        self.assertEqual(self.query(), self.figures)
        self.refused(self.folder / "elsewhere", "begins at offset [0-9]+, and what it held from offset 0 on is needed")

    def test_a_topic_that_is_deleted_under_a_running_instance_is_said_and_another_is_not_taken_for_it(self):
        running = Instance(self.deployment, self.data)
        self.addCleanup(running.kill)
        running_shards = lambda: "0-1" in json.dumps(self.deployment.rows(self.data, "members"))
        while not running_shards():
            self.assertTrue(running.is_running(), running.last_words())
        self.delete_events()
        try:
            code = running.process.wait(NOTICE_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.fail(f"it runs still after {NOTICE_SECONDS_MAX} s: {running.last_words()}")
        self.assertEqual(code, GONE, running.last_words())
        self.assertRegex(running.last_words(), f"{self.deployment.prefix}events.*(does not exist|UNKNOWN_TOPIC)")
        for created in self.admin.create_topics([NewTopic(self.deployment.prefix + "events", PARTITIONS, 1)]).values():
            created.result()
        self.refused(self.data, "ends at offset 0, though records before offset [0-9]+ have been folded")
        self.take_in(30)
        self.refused(self.data, "holds another record at offset [0-9]+ than the last commit has read there")


if __name__ == "__main__":
    if why := skip_reason(BROKER):
        print(why, file=sys.stderr)
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
