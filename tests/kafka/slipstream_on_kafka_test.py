"""Runs the program on a real broker, as users do: topics, import, run, query, check. What it says must be what it says on the
embedded log, which other tests hold to the answers computed independently.

usage: slipstream_on_kafka_test.py SLIPSTREAM BROKER_DIRECTORY SOURCES
"""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

SLIPSTREAM, BROKER, SOURCES = (pathlib.Path(argument) for argument in sys.argv[1:4])
PARTITIONS = 8
PATIENCE_SECONDS = 120  # far more than anything takes on a busy machine: who waits that long has found a fault
BROKER_PROGRAM = SOURCES / "tests/kafka/broker/kafka_broker.py"
DEFINITIONS = SOURCES / "tests/kafka/tasks.yaml"


def bootstrap_servers():
    return json.loads((BROKER / "broker.json").read_text())["bootstrap_servers"]


def skip_reason():
    skipped = pathlib.Path(f"{BROKER}.skipped")
    if (BROKER / "broker.json").exists():
        return ""
    return skipped.read_text().strip() if skipped.exists() else f"no Kafka was started in {BROKER}"


class Deployment:
    """One log, one data directory, one set of topics."""

    def __init__(self, folder, on_kafka):
        self.prefix = f"{uuid.uuid4().hex[:8]}."
        self.options = [f"--data={folder}/data", f"--definitions={DEFINITIONS}", "--quiet", f"--set=partitions={PARTITIONS}",
                        "--set=clock=2011-06-20T00:00:00+02:00", "--set=memory=128 MiB"]
        if on_kafka:
            self.options += ["--set=log=kafka", f"--set=topic_prefix={self.prefix}", "--set=kafka.bootstrap.servers="
                             + bootstrap_servers(), "--set=kafka.session.timeout.ms=1500"]

    def start(self, *command):
        return subprocess.Popen([SLIPSTREAM, *command, *self.options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)

    def run(self, *command, code=0):
        ran = self.start(*command)
        out, err = ran.communicate(timeout=PATIENCE_SECONDS)
        if ran.returncode != code:
            raise AssertionError(f"{command}: code {ran.returncode}, not {code}\n{out}{err}")
        return out + err

    def figures(self):
        return {view: self.run("query", view, "--output=csv") for view in ("delivery", "by_week")}


def write_events(path, tasks):
    """Tasks of a few offices, assigned, extended, completed; some of it wrong."""
    with path.open("w") as out:
        for i in range(tasks):
            task, office = f"T{i:05}", f"office-{i % 23}"
            due = f"2011-{1 + i % 12:02}-{1 + i % 28:02}"

            def event(kind, at, **data):
                out.write(json.dumps({"specversion": "1.0", "id": f"{task}/{kind}/{at}", "source": "test", "type": kind,
                                      "subject": task, "time": f"{at}T08:00:00Z", "data": {"task": task, **data}}) + "\n")

            event("task.assigned", "2010-12-01", unit=office, due_at=due)
            if i % 5 == 0:
                event("task.extended", "2010-12-15", due_at="2011-12-24")
            if i % 3:
                event("task.completed", f"2011-{1 + i % 11:02}-15")
            if i % 97 == 0:
                event("task.assigned", "2010-12-01", unit="another", due_at=due)  # another content under a known id


class OnKafka(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.events = pathlib.Path(cls.folder.name) / "events.jsonl"
        write_events(cls.events, 3000)
        embedded = Deployment(f"{cls.folder.name}/embedded", on_kafka=False)
        embedded.run("import", str(cls.events))
        embedded.run("run", "--until-idle")
        cls.expected = embedded.figures()

    @classmethod
    def tearDownClass(cls):
        if hasattr(cls, "folder"):
            cls.folder.cleanup()

    def folder_of_its_own(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    def deployment(self):
        return Deployment(self.folder_of_its_own(), on_kafka=True)

    def beside(self, deployment):
        """Another instance of it, with a data directory of its own."""
        other = self.deployment()
        other.prefix = deployment.prefix
        other.options = [other.options[0], *deployment.options[1:]]
        return other

    def test_without_topics_it_says_how_to_create_them(self):
        said = self.deployment().run("run", "--until-idle", code=69)
        self.assertIn("slipstream topics create", said)

    def test_topics_that_do_not_go_together_are_refused(self):
        deployment = self.deployment()
        subprocess.run([sys.executable, BROKER_PROGRAM, "tool", BROKER, "kafka-topics", "--create", "--topic",
                        deployment.prefix + "partials", "--partitions", "3"], check=True, capture_output=True)
        said = deployment.run("topics", "create", code=78)
        self.assertIn("partials has 3 partitions and needs 8", said)

    def test_figures_are_those_of_the_embedded_log(self):
        deployment = self.deployment()
        self.assertIn("slipstream.positions", deployment.run("topics", "create", "--output=csv"))
        self.assertNotIn("slipstream.positions", deployment.run("topics", "create", "--output=csv"))
        deployment.run("import", str(self.events))
        deployment.run("run", "--until-idle")
        self.assertEqual(deployment.figures(), self.expected)
        self.assertIn("different: 0", deployment.run("check"))

    def published(self, deployment, expected):
        """What a plain read_committed consumer reads of the alerts' topic: (alert, transition's id), in order. It ends when nothing has come
        for a while, on a busy machine before anything has: then it is asked again and waits for longer, if `expected` have not come."""
        found = []
        for patience_ms in (5_000, 20_000, 60_000):
            ran = subprocess.run(
                [sys.executable, BROKER_PROGRAM, "tool", BROKER, "kafka-console-consumer", "--topic",
                 deployment.prefix + "alerts.events", "--isolation-level", "read_committed", "--from-beginning", "--timeout-ms",
                 str(patience_ms), "--property", "print.key=true", "--property", "print.headers=true", "--property", "key.separator=\t",
                 "--property", "headers.separator=|"], capture_output=True, text=True, check=True)
            lines = [line.split("\t") for line in ran.stdout.splitlines() if "ce_id:" in line]
            found = [(key, dict(header.split(":", 1) for header in headers.split("|"))["ce_id"]) for headers, key, *_ in lines]
            if len(found) >= expected:
                break
        return found

    def expect_each_transition_once(self, deployment):
        journaled = deployment.run("alerts", "history", "--output=csv").splitlines()[1:]
        published = [transition for _, transition in self.published(deployment, len(journaled))]
        self.assertEqual(len(published), len(set(published)), "a transition was published twice")
        self.assertEqual(len(published), len(journaled))
        self.assertGreater(len(published), 10)

    def test_killed_time_and_again_it_ends_with_the_same_figures(self):
        deployment = self.deployment()
        deployment.run("topics", "create")
        deployment.run("import", str(self.events))
        for seconds in (0.3, 0.6, 0.9, 1.2):
            running = deployment.start("run", "--set=commit_interval=20 ms")
            time.sleep(seconds)
            running.send_signal(signal.SIGKILL)
            running.communicate()
        deployment.run("run", "--until-idle")
        self.assertEqual(deployment.figures(), self.expected)
        self.assertIn("different: 0", deployment.run("check"))
        self.expect_each_transition_once(deployment)

    def members(self, deployment):
        """Shards by instance."""
        lines = deployment.run("members", "--output=csv").splitlines()[1:]
        return {line.split(",")[0]: line.split(",", 2)[2].rsplit(",", 1)[0].strip('"') for line in lines}

    def wait_for_members(self, deployment, shards):
        until = time.monotonic() + PATIENCE_SECONDS
        while sorted(self.members(deployment).values()) != sorted(shards):
            self.assertLess(time.monotonic(), until, f"not {shards}: {self.members(deployment)}")
            time.sleep(0.1)

    def test_instances_share_the_shards_and_one_takes_over_when_another_is_killed(self):
        first = self.deployment()
        first.run("topics", "create")
        first.run("import", str(self.events))
        second = self.beside(first)
        killed = first.start("run")
        self.addCleanup(killed.kill)
        self.wait_for_members(first, ["0-7"])
        stopped = second.start("run")
        self.addCleanup(stopped.kill)
        self.wait_for_members(first, ["0-3", "4-7"])
        killed.kill()
        killed.communicate()
        self.wait_for_members(first, ["none", "0-7"])
        time.sleep(1)  # for the shards to be opened and to commit
        stopped.terminate()
        out, err = stopped.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(stopped.returncode, 0, out + err)
        self.assertEqual(list(self.members(first).values()), ["none"])
        second.run("run", "--until-idle")
        self.assertEqual(second.figures(), self.expected)
        self.assertIn("different: 0", second.run("check"))
        self.expect_each_transition_once(second)

    def test_a_shard_without_state_is_restored_from_the_newest_checkpoint(self):
        first = self.deployment()
        backup = self.folder_of_its_own()
        first.options += [f"--set=backup={backup}", "--set=backup_every=500 ms"]
        first.run("topics", "create")
        first.run("import", str(self.events))
        running = first.start("run")
        self.addCleanup(running.kill)
        until = time.monotonic() + PATIENCE_SECONDS
        while len(list(backup.glob("*/shard-*/*.json"))) < PARTITIONS:
            self.assertLess(time.monotonic(), until, "no checkpoint of each shard")
            time.sleep(0.1)
        running.terminate()
        out, err = running.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(running.returncode, 0, out + err)
        second = self.beside(first)
        second.options.remove("--quiet")
        said = second.run("run", "--until-idle")
        self.assertEqual(said.count("restored commit"), PARTITIONS, said)
        second.options.append("--quiet")
        self.assertEqual(second.figures(), self.expected)
        self.assertIn("different: 0", second.run("check"))

    def test_a_second_instance_with_the_same_data_directory_is_refused(self):
        deployment = self.deployment()
        deployment.run("topics", "create")
        running = deployment.start("run")
        self.addCleanup(running.kill)
        self.wait_for_members(deployment, ["0-7"])
        self.assertIn("another instance runs with this data directory", deployment.run("run", code=69))
        running.terminate()
        out, err = running.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(running.returncode, 0, out + err)

    def test_a_state_that_was_lost_is_rebuilt_from_the_brokers(self):
        deployment = self.deployment()
        deployment.run("topics", "create")
        deployment.run("import", str(self.events))
        deployment.run("run", "--until-idle")
        elsewhere = self.beside(deployment)
        elsewhere.run("run", "--until-idle")
        self.assertEqual(elsewhere.figures(), self.expected)


if __name__ == "__main__":
    if why := skip_reason():
        print(why, file=sys.stderr)
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
