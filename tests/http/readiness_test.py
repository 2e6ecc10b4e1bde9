"""When an instance says that it is ready, and what it then answers.

usage: readiness_test.py SLIPSTREAM SOURCES
"""

import json
import pathlib
import sys
import tempfile
import unittest

from served import Served

SLIPSTREAM = pathlib.Path(sys.argv[1]).resolve()
DEFINITIONS = """time_zone: UTC
organisation: { root: city }
views:
  air:
    from: observations
    where: metric = 'pm2_5'
    window: { every: day }
    measures: { readings: count(*) }
"""
EVENTS = [json.dumps({"specversion": "1.0", "id": str(number), "source": "/sensors", "type": "observation",
                      "subject": f"d01/s{number % 7}", "time": "2026-01-01T10:00:00Z",
                      "data": {"metric": "pm2_5", "node": f"d01/s{number % 7}", "value": number, "sequence": number}})
          for number in range(1, 1001)]


class Readiness(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "definitions.yaml").write_text(DEFINITIONS, encoding="utf-8")

    def served(self, *settings):
        served = Served(SLIPSTREAM, self.folder, self.folder / "definitions.yaml", ("partitions=3", *settings))
        self.addCleanup(served.destroy)
        return served

    def test_does_not_wait_for_commits_that_are_rare(self):
        before = self.served("commit_interval=1 hour")
        before.start()
        self.assertEqual(before.post_events(EVENTS).status, 202)
        before.kill()  # nothing of it is committed
        after = self.served("commit_interval=1 hour")
        after.start()
        answer = after.get("/v1/views/air", node="city").json()
        self.assertTrue(answer["complete"])
        self.assertEqual([row["readings"] for row in answer["rows"]], [len(EVENTS)])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
