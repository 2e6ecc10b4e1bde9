#!/usr/bin/env python3
"""The promises of kafka_broker.py, kept with real brokers. Ends with code 77, and says why, where Kafka cannot be had.

Directories have a space and a letter beyond ASCII in their names: Java and its property files must take both.
"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from settings import write_properties

PROGRAM = pathlib.Path(__file__).resolve().parent / "kafka_broker.py"
VERSIONS = ("3.9", "4.1")
IMPATIENT = {"default.api.timeout.ms": "10000", "request.timeout.ms": "5000"}


def broker(*arguments, text="", seconds=150, **environment):
    return subprocess.run([sys.executable, PROGRAM, *map(str, arguments)], input=text, capture_output=True, text=True,
                          timeout=seconds, env={**os.environ, **environment}, check=False)


class BrokerCase(unittest.TestCase):
    def run_broker(self, *arguments, **options):
        done = broker(*arguments, **options)
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def refused(self, *arguments, code=1, **options):
        """What it says; one line of its own."""
        done = broker(*arguments, **options)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        self.assertRegex(done.stderr, r"\Akafka_broker: [^\n]+\n\Z")
        return done.stderr

    def directory(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="kafka für "))
        self.addCleanup(shutil.rmtree, folder)
        self.addCleanup(broker, "stop", "--now", folder / "cluster")
        return folder / "cluster"

    def start(self, *options):
        folder = self.directory()
        self.run_broker("start", "--directory", folder, *options)
        return folder

    def produce(self, folder, topic, *lines, listener="plaintext"):
        self.run_broker("tool", "--listener", listener, folder, "kafka-console-producer", "--topic", topic,
                        "--request-required-acks", "all", text="".join(f"{line}\n" for line in lines))

    def consume(self, folder, topic, count, listener="plaintext"):
        said = self.run_broker("tool", "--listener", listener, folder, "kafka-console-consumer", "--topic", topic,
                               "--from-beginning", "--max-messages", count, "--timeout-ms", 30000)
        return sorted(said.split())


def described(folder):
    return json.loads((folder / "broker.json").read_text())


def is_alive(pid):
    with contextlib.suppress(FileNotFoundError):
        return "\nState:\tZ" not in pathlib.Path(f"/proc/{pid}/status").read_text()
    return False


def eventually(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


class OneNode(BrokerCase):
    def test_serves_java_clients_and_keeps_data_and_ports_over_a_stop(self):
        for version in VERSIONS:
            with self.subTest(version):
                folder = self.start("--version", version)
                before = described(folder)
                self.assertTrue(before["version"].startswith(version + "."))
                self.run_broker("tool", folder, "kafka-topics", "--create", "--topic", "events", "--partitions", 3)
                self.produce(folder, "events", "one", "two")
                self.run_broker("stop", folder)
                self.assertFalse(is_alive(before["nodes"][0]["pid"]))
                self.run_broker("start", "--directory", folder)
                self.assertEqual(described(folder)["bootstrap_servers"], before["bootstrap_servers"])
                self.assertEqual(self.consume(folder, "events", 2), ["one", "two"])

    def test_a_second_start_in_its_directory_is_refused(self):
        folder = self.start()
        said = self.refused("start", "--directory", folder)
        self.assertIn("already runs", said)
        self.assertIn(described(folder)["bootstrap_servers"], said)
        self.run_broker("status", folder)

    def test_another_cluster_replaces_a_stopped_one_only_when_told(self):
        folder = self.start()
        self.run_broker("stop", folder)
        said = self.refused("start", "--directory", folder, "--nodes", 3)
        self.assertIn("--fresh", said)
        cluster_id = described(folder)["cluster_id"]
        self.run_broker("start", "--directory", folder, "--fresh")
        self.assertNotEqual(described(folder)["cluster_id"], cluster_id)

    def test_a_port_taken_meanwhile_is_told(self):
        folder = self.start()
        self.run_broker("stop", folder)
        with socket.socket() as other:
            other.bind(("127.0.0.1", described(folder)["nodes"][0]["ports"]["plaintext"]))
            other.listen()
            self.assertIn("another program uses", self.refused("start", "--directory", folder))

    def test_a_start_that_is_terminated_leaves_no_process(self):
        folder = self.directory()
        starting = subprocess.Popen([sys.executable, PROGRAM, "start", "--directory", folder], stdout=subprocess.DEVNULL)
        self.assertTrue(eventually(lambda: (folder / "broker.json").exists()))
        pid = described(folder)["nodes"][0]["pid"]
        starting.send_signal(signal.SIGTERM)
        self.assertEqual(starting.wait(60), 128 + signal.SIGTERM)
        self.assertFalse(is_alive(pid))

    def test_it_ends_when_its_owner_is_gone(self):
        owner = subprocess.Popen(["sleep", "600"])
        folder = self.start("--owner", owner.pid)
        pid = described(folder)["nodes"][0]["pid"]
        owner.kill()
        owner.wait()
        self.assertTrue(eventually(lambda: not is_alive(pid)))

    def test_a_property_of_the_server_can_be_set(self):
        folder = self.start("--set", "log.retention.hours=7", "--jvm=-Xmx300m")
        self.assertIn("log.retention.hours=7\n", (folder / "node-1/server.properties").read_text())
        pid = described(folder)["nodes"][0]["pid"]
        self.assertIn("\0-Xmx300m\0", pathlib.Path(f"/proc/{pid}/cmdline").read_text())


class ThreeNodes(BrokerCase):
    def test_a_killed_node_leaves_the_cluster_usable_and_comes_back_in_sync(self):
        folder = self.start("--nodes", 3)
        before = described(folder)
        self.run_broker("tool", folder, "kafka-topics", "--create", "--topic", "events", "--partitions", 3)
        self.produce(folder, "events", "one")
        self.run_broker("kill", folder, 2)
        status = broker("status", folder)
        self.assertEqual(status.returncode, 1)
        self.assertIn("node 2: stopped", status.stdout)
        self.produce(folder, "events", "two")
        self.run_broker("restart", folder, 2)
        self.assertEqual([node["ports"] for node in described(folder)["nodes"]], [node["ports"] for node in before["nodes"]])
        lagging = self.run_broker("tool", folder, "kafka-topics", "--describe", "--under-replicated-partitions")
        self.assertEqual(lagging.strip(), "")
        self.run_broker("restart", folder, 1)
        self.assertEqual(self.consume(folder, "events", 2), ["one", "two"])
        self.run_broker("pause", folder, 3)
        self.assertIn("node 3: paused", broker("status", folder).stdout)
        self.run_broker("resume", folder, 3)
        self.run_broker("status", folder)
        self.assertIn("no node 4", self.refused("kill", folder, 4))


class Secure(BrokerCase):
    # Of the other version by secure_listeners_test.py: Java clients take their time.
    def test_each_listener_takes_the_right_credentials_and_refuses_wrong_ones(self):
        folder = self.start("--version", VERSIONS[-1], "--secure")
        self.run_broker("tool", folder, "kafka-topics", "--create", "--topic", "events")
        for listener in ("sasl", "ssl", "mtls"):
            self.produce(folder, "events", listener, listener=listener)
        self.assertEqual(self.consume(folder, "events", 3, listener="mtls"), ["mtls", "sasl", "ssl"])
        files = described(folder)["files"]
        password = described(folder)["user"]["password"]
        wrong = [
            ("a wrong password", "sasl", lambda one: {**one, "sasl.jaas.config": one["sasl.jaas.config"].replace(password, "x")},
             "SaslAuthenticationException"),
            ("no password", "sasl", lambda one: {"security.protocol": "PLAINTEXT"}, "TimeoutException"),
            ("a server that the client does not trust", "ssl",
             lambda one: {**one, "ssl.truststore.location": files["stranger_ca"]}, "SslAuthenticationException"),
            ("no certificate", "mtls", lambda one: without(one, "ssl.keystore.type", "ssl.keystore.location"),
             "SslAuthenticationException"),
            ("a certificate of another authority", "mtls",
             lambda one: {**one, "ssl.keystore.location": files["stranger_keystore"]}, "SslAuthenticationException"),
        ]
        for what, listener, changed, expected in wrong:
            with self.subTest(what):
                path = folder / "wrong.properties"
                right = read_properties(pathlib.Path(described(folder)["client_properties"][listener]))
                write_properties(path, changed(right) | IMPATIENT)
                done = broker("tool", "--listener", listener, folder, "kafka-topics", "--list", "--command-config", path)
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertRegex(done.stdout + done.stderr, expected)


def read_properties(path):
    escaped = dict(line.split("=", 1) for line in path.read_text().splitlines())
    return {key: value.encode().decode("unicode_escape") for key, value in escaped.items()}


def without(settings, *names):
    return {key: value for key, value in settings.items() if key not in names}


class Cache(BrokerCase):
    def test_processes_that_ask_at_once_share_one_complete_cache(self):
        with tempfile.TemporaryDirectory() as folder:
            both = [subprocess.Popen([sys.executable, PROGRAM, "fetch"], env={**os.environ, "XDG_CACHE_HOME": folder},
                                     stdout=subprocess.PIPE, text=True) for _ in range(2)]
            said = [one.communicate()[0].strip() for one in both]
            self.assertEqual([one.returncode for one in both], [0, 0])
            self.assertEqual(said[0], said[1])
            self.assertTrue(list(pathlib.Path(said[0]).glob("kafka_2.13-4.1.*.jar")))
            self.assertEqual(sorted(path.name for path in pathlib.Path(said[0]).parent.iterdir()),
                             [pathlib.Path(said[0]).name, "lock"])

    def test_without_maven_it_says_so_with_code_77(self):
        with tempfile.TemporaryDirectory() as folder:
            said = self.refused("start", "--directory", self.directory(), code=77, XDG_CACHE_HOME=folder, PATH=folder)
            self.assertIn("install the Debian package", said)

    def test_a_version_that_maven_cannot_get_says_so_with_code_77(self):
        with tempfile.TemporaryDirectory() as folder:
            said = self.refused("fetch", "--version", "4.1.999", code=77, XDG_CACHE_HOME=folder)
            self.assertIn("4.1.999", said)


class Usage(BrokerCase):
    def test_mistakes_are_told_in_one_line(self):
        folder = self.directory()
        self.assertIn("no Kafka in", self.refused("stop", folder))
        self.assertFalse(folder.exists())
        self.assertIn("no Kafka version", self.refused("start", "--directory", folder, "--version", "2.8"))
        (folder / "something").touch()
        self.assertIn("not empty", self.refused("start", "--directory", folder))
        self.assertTrue((folder / "something").exists())
        self.assertEqual(broker("nonsense").returncode, 2)


if __name__ == "__main__":
    for version in VERSIONS:
        fetched = broker("fetch", "--version", version, seconds=1000)
        if fetched.returncode != 0:
            print(fetched.stderr.strip(), file=sys.stderr)
            sys.exit(fetched.returncode)
    unittest.main()
