"""Moves a deployment from the embedded log to a real broker and back, as users do: whatever was asked before is answered alike
after, work goes on where it stopped, and half a copy is not gone on in.

usage: log_copy_test.py SLIPSTREAM BROKER_DIRECTORY SOURCES
"""

import csv
import io
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

from slipstream_on_kafka_test import PARTITIONS, SLIPSTREAM, Deployment, bootstrap_servers, skip_reason, write_events

LATER = "--set=clock=2011-08-20T00:00:00+02:00"


class LogCopy(unittest.TestCase):
    def setUp(self):
        self.kept = tempfile.TemporaryDirectory()
        self.addCleanup(self.kept.cleanup)
        self.folder = pathlib.Path(self.kept.name)
        self.events = self.folder / "events.jsonl"
        write_events(self.events, 1000)

    def deployment(self, name, on_kafka):
        """With a configuration file for `log copy --to-config`."""
        (self.folder / name).mkdir()
        made = Deployment(self.folder / name, on_kafka)
        made.config = self.folder / f"{name}.yaml"
        made.config.write_text(f"data: {self.folder / name / 'data'}\n" + (
            f"log: kafka\ntopic_prefix: {made.prefix}\nkafka: {{ bootstrap.servers: '{bootstrap_servers()}' }}\n"
            if on_kafka else ""))
        if on_kafka:
            made.run("topics", "create")
        return made

    def filled(self, name):
        made = self.deployment(name, on_kafka=False)
        made.run("import", str(self.events))
        made.run("run", "--until-idle")
        made.run("dlq", "replay", "--to=3")
        made.run("run", "--until-idle")
        return made

    def rows(self, deployment, *command):
        said = deployment.run(*command, "--output=csv")
        return list(csv.DictReader(io.StringIO(said.replace(deployment.prefix, ""))))

    def answers(self, deployment, offsets=True):
        """What it says of figures, alerts, letters and what figures are made of."""
        explained = self.rows(deployment, "explain", "delivery", "--node=town", "--window=2011-04")
        letters = self.rows(deployment, "dlq", "list")
        for row in [] if offsets else explained + letters:
            for column in ("offset", "at"):
                row.pop(column, None)
        self.assertGreater(len(explained), 10)
        self.assertGreater(len(letters), 10)
        self.assertEqual(sum(letter["replayed"] == "true" for letter in letters), 3)
        return {"figures": deployment.figures(), "alerts": self.rows(deployment, "alerts", "history"),
                "explained": explained, "letters": sorted(letters, key=str)}

    def ends(self, deployment):
        return {(row["topic"], row["partition"]): row["end"] for row in self.rows(deployment, "log", "list")
                if row["topic"] in ("alerts.events", "decisions", "events", "dead_letters")}

    def test_up_and_back(self):
        small, big = self.filled("small"), self.deployment("big", on_kafka=True)
        before = self.answers(small)
        copied = self.rows(small, "log", "copy", f"--to-config={big.config}")
        self.assertEqual({row["offsets"] for row in copied}, {"kept"})
        ends = self.ends(small)
        self.assertEqual(self.ends(big), ends)
        big.run("run", "--until-idle")
        self.assertIn("different: 0", big.run("check"))
        self.assertEqual(self.answers(big), before)
        after = self.ends(big)
        for at, end in ends.items():
            if at[0] in ("alerts.events", "decisions"):
                self.assertEqual(after[at], end, f"{at}: decided or published again")
        self.assertIn("already imported", big.run("import", str(self.events)))

        # On from there, and the same on the log that was left behind.
        more = self.folder / "more.jsonl"
        write_events(more, 1400)
        for each in (small, big):
            each.run("import", str(more))
            each.run("run", "--until-idle", LATER)
        self.assertIn("different: 0", big.run("check", LATER))
        self.assertEqual(self.answers(big, offsets=False), self.answers(small, offsets=False))
        self.assertGreater(len(self.answers(big)["alerts"]), len(before["alerts"]))

        back = self.deployment("back", on_kafka=False)
        copied = self.rows(big, "log", "copy", f"--to-config={back.config}")
        self.assertIn({"topic": "events", "offsets": "moved"},
                      [{name: row[name] for name in ("topic", "offsets")} for row in copied])
        ends = self.ends(back)
        back.run("run", "--until-idle", LATER)
        self.assertIn("different: 0", back.run("check", LATER))
        self.assertEqual(self.ends(back), ends, "nothing was decided or published again")
        self.assertEqual(self.answers(back, offsets=False), self.answers(big, offsets=False))
        self.assertEqual(self.answers(back)["explained"], self.answers(small)["explained"], "offsets have closed up")
        self.assertIn("already imported", back.run("import", str(more)))

    def copy_until_killed(self, *command):
        copying = subprocess.run([SLIPSTREAM, *command], env={**os.environ, "SLIPSTREAM_CRASH_AT": "copy.appended:3"},
                                 capture_output=True, text=True, timeout=60)
        self.assertEqual(copying.returncode, -signal.SIGKILL, copying.stdout + copying.stderr)

    def test_half_a_copy_is_noticed(self):
        small = self.filled("small")
        for there in (self.deployment("big", on_kafka=True), self.deployment("other", on_kafka=False)):
            copying = ["log", "copy", f"--to-config={there.config}"]
            self.copy_until_killed(*copying, *small.options)
            self.assertIn("half of a copy that was interrupted", small.run(*copying, code=69))
            self.assertIn("half of a copy", there.run("run", "--until-idle", code=69))
            third = self.deployment(f"third_{there.config.stem}", on_kafka=False)
            self.assertIn("half of a copy", there.run("log", "copy", f"--to-config={third.config}", code=69))

    def test_a_destination_of_another_shape_is_refused(self):
        small, big = self.filled("small"), self.deployment("big", on_kafka=True)
        other = self.deployment("other", on_kafka=False)
        other.options.append("--set=partitions=3")
        other.run("import", str(self.events))
        said = other.run("log", "copy", f"--to-config={big.config}", code=78)
        self.assertIn(f"events of the destination has {PARTITIONS} partitions", said)
        big.config.write_text(big.config.read_text().replace(big.prefix, "nowhere."))
        said = small.run("log", "copy", f"--to-config={big.config}", code=69)
        self.assertIn("slipstream topics create", said)


if __name__ == "__main__":
    if why := skip_reason():
        print(why, file=sys.stderr)
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
