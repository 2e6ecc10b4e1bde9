"""Brokers that ask who is there: the program by SASL/SCRAM, TLS and mutual TLS, with secrets from files, and what it says to a
wrong password, a broker that it does not trust, and a missing certificate.

usage: secure_listeners_test.py SLIPSTREAM BROKER_DIRECTORY SOURCES
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import uuid

SLIPSTREAM, BROKER, SOURCES = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
DEFINITIONS = SOURCES / "tests/kafka/tasks.yaml"
EVENT = {"specversion": "1.0", "id": "1", "source": "test", "type": "task.assigned", "subject": "T1",
         "time": "2026-01-01T08:00:00Z", "data": {"task": "T1", "unit": "office", "due_at": "2026-02-01"}}
COMMAND_SECONDS_MAX = 60
SCRAM_AS_KAFKA_4_WANTS = (2, 6, 1)


def skip_reason():
    skipped = pathlib.Path(f"{BROKER}.skipped")
    if (BROKER / "broker.json").exists():
        return ""
    return skipped.read_text().strip() if skipped.exists() else f"no Kafka was started in {BROKER}"


def librdkafka():
    """Its version, as a tuple."""
    said = subprocess.run([SLIPSTREAM, "version", "--output=json"], capture_output=True, text=True, check=True).stdout
    return tuple(int(number) for number in json.loads(said)["librdkafka"].split("."))


class SecureListeners(unittest.TestCase):
    def setUp(self):
        self.cluster = json.loads((BROKER / "broker.json").read_text())
        self.files = self.cluster["files"]
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.prefix = f"{uuid.uuid4().hex[:8]}."

    def run_with(self, listener, settings, *command):
        ran = subprocess.run(
            [SLIPSTREAM, *command, f"--data={self.folder}/data", f"--definitions={DEFINITIONS}", "--quiet", "--set=partitions=2",
             "--set=log=kafka", f"--set=topic_prefix={self.prefix}", "--set=memory=64 MiB",
             f"--set=kafka.bootstrap.servers={self.cluster['listeners'][listener]}",
             *(f"--set=kafka.{name}={value}" for name, value in settings.items())],
            capture_output=True, text=True, timeout=COMMAND_SECONDS_MAX)
        return ran.returncode, ran.stdout + ran.stderr

    def expect_to_work(self, listener, settings):
        events = self.folder / "events.jsonl"
        events.write_text(json.dumps(EVENT) + "\n")
        for command in (("topics", "create"), ("import", str(events)), ("run", "--until-idle")):
            code, said = self.run_with(listener, settings, *command)
            self.assertEqual(code, 0, said)
        code, said = self.run_with(listener, settings, "query", "delivery", "--output=csv")
        self.assertEqual(code, 0, said)
        self.assertIn("office,month,2026-02,1", said)

    def expect_refusal(self, listener, settings, *words):
        code, said = self.run_with(listener, settings, "topics", "create")
        self.assertEqual(code, 69, said)
        for word in words:
            self.assertIn(word, said)

    def scram(self, password):
        secret = self.folder / "password"
        secret.write_text(password + "\n")
        return {"security.protocol": "sasl_plaintext", "sasl.mechanism": self.cluster["user"]["mechanism"],
                "sasl.username": self.cluster["user"]["name"], "sasl.password.file": secret}

    def test_scram_with_the_password_from_a_file(self):
        right = self.scram(self.cluster["user"]["password"])
        if self.cluster["version"].startswith("3.") or librdkafka() >= SCRAM_AS_KAFKA_4_WANTS:
            self.expect_to_work("sasl", right)
        else:
            self.expect_refusal("sasl", right, "by SCRAM to Kafka 3 only")

    def test_a_wrong_password_is_said(self):
        self.expect_refusal("sasl", self.scram("a guess"), "invalid credentials")

    def test_tls(self):
        self.expect_to_work("ssl", {"security.protocol": "ssl", "ssl.ca.location": self.files["ca"]})

    def test_a_broker_that_is_not_trusted_is_said(self):
        self.expect_refusal("ssl", {"security.protocol": "ssl", "ssl.ca.location": self.files["stranger_ca"]}, "certificate")

    def test_mutual_tls_with_the_key_from_a_file(self):
        self.expect_to_work("mtls", {"security.protocol": "ssl", "ssl.ca.location": self.files["ca"],
                                     "ssl.certificate.location": self.files["client_certificate"],
                                     "ssl.key.pem.file": self.files["client_key"]})

    def test_a_missing_certificate_is_said(self):
        self.expect_refusal("mtls", {"security.protocol": "ssl", "ssl.ca.location": self.files["ca"]}, "certificate")

    def test_a_strangers_certificate_is_refused(self):
        self.expect_refusal("mtls", {"security.protocol": "ssl", "ssl.ca.location": self.files["ca"],
                                     "ssl.certificate.location": self.files["stranger_certificate"],
                                     "ssl.key.location": self.files["stranger_key"]}, "SSL")


if __name__ == "__main__":
    if why := skip_reason():
        print(why, file=sys.stderr)
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
