"""Event streams of a running instance: a snapshot, then what changes, and going on where a reader was.

usage: live_test.py SLIPSTREAM SOURCES
"""

import json
import pathlib
import sys
import tempfile
import unittest

from served import Served, Stream

SLIPSTREAM, SOURCES = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
DEFINITIONS = SOURCES / "tests/kafka/tasks.yaml"
SETTINGS = ("partitions=2", "commit_interval=50 ms", "clock=2011-06-20T00:00:00+02:00")


def assigned(task, unit="office-1"):
    return json.dumps({"specversion": "1.0", "id": task, "source": "test", "type": "task.assigned", "subject": task,
                       "time": "2011-06-01T08:00:00Z", "data": {"task": task, "unit": unit, "due_at": "2011-06-10"}})


class Live(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.served = Served(SLIPSTREAM, pathlib.Path(kept.name), DEFINITIONS, SETTINGS)
        self.addCleanup(self.served.destroy)
        self.served.start()
        self.post("A")

    def post(self, *tasks, **where):
        self.assertEqual(self.served.post_events([assigned(task, **where) for task in tasks]).status, 202)

    def stream(self, path, seen=None, **parameters):
        made = Stream(self.served, path, seen, **parameters)
        self.addCleanup(made.close)
        return made

    def due(self, stream):
        return {row["node"]: row["due"] for row in stream.rows.values()}

    def until(self, stream, condition):
        while not condition():
            self.assertEqual(stream.next(), "change")

    def test_a_view_is_watched_and_gone_on_with(self):
        self.served.wait_until(lambda: len(self.served.get("/v1/views/delivery").json()["rows"]) == 2, "both rows")
        watched = self.stream("/v1/views/delivery/stream")
        self.assertEqual(watched.response.getheader("Content-Type"), "text/event-stream")
        self.assertEqual(watched.next(), "snapshot")
        self.assertEqual(self.due(watched), {"office-1": 1, "town": 1})
        also = self.stream("/v1/views/delivery/stream", node="town")
        self.assertEqual((also.next(), self.due(also)), ("snapshot", {"town": 1}))
        self.post("B", "C")
        self.post("D", unit="office-2")
        self.until(watched, lambda: self.due(watched) == {"office-1": 3, "office-2": 1, "town": 4})
        self.until(also, lambda: self.due(also) == {"town": 4})
        shown = {row["node"]: row for row in self.served.get("/v1/views/delivery").json()["rows"]}
        for row in watched.rows.values():
            self.assertEqual({name: row[name] for name in shown[row["node"]]}, shown[row["node"]])
        watched.close()
        again = self.stream("/v1/views/delivery/stream", watched.id)
        again.rows = watched.rows
        self.post("E")
        self.assertIn(again.next(), ("change", "snapshot"))
        self.until(again, lambda: self.due(again)["town"] == 5)

    def test_alerts_are_watched(self):
        watched = self.stream("/v1/alerts/stream", active="true")
        self.assertEqual(watched.next(), "snapshot")
        self.until(watched, lambda: {row["node"] for row in watched.rows.values()} == {"office-1", "town"})
        self.assertEqual({row["to"] for row in watched.rows.values()}, {"firing"})

    def test_a_commit_that_changes_no_row_is_told_too(self):
        self.served.wait_until(lambda: self.served.get("/v1/views/delivery").json()["rows"], "the row")
        watched = self.stream("/v1/views/delivery/stream", node="office-1")
        self.assertEqual(watched.next_event(), "snapshot")
        before = watched.id
        self.post("B", unit="office-2")
        self.assertEqual(watched.next_event(), "state")
        self.assertNotEqual(watched.id, before)

    def test_the_scoreboard_is_watched(self):
        self.served.wait_until(lambda: self.served.get("/v1/scoreboard").json()["rows"], "the rows")
        watched = self.stream("/v1/scoreboard/stream")
        self.assertEqual(watched.next(), "snapshot")
        self.post("C", unit="office-3")
        self.until(watched, lambda: any(row["node"] == "office-3" for row in watched.rows.values()))
        shown = [{name: value for name, value in row.items() if name != "id"} for row in watched.rows.values()]
        served = self.served.get("/v1/scoreboard").json()["rows"]
        self.assertEqual(sorted(shown, key=lambda row: row["node"]), served)

    def test_streams_end_with_the_instance(self):
        watched = self.stream("/v1/views/delivery/stream")
        self.assertEqual(watched.next(), "snapshot")
        self.served.stop()
        while watched.next():
            pass

    def test_what_cannot_be_watched_is_refused_at_once(self):
        for path, status in (("/v1/views/nothing/stream", 404), ("/v1/views/delivery/stream?node=nobody", 404),
                             ("/v1/views/delivery/stream?sort=due", 400), ("/v1/alerts/stream?lang=fr", 400)):
            self.assertEqual(self.served.get(path).status, status, path)
        self.assertEqual(self.served.request("POST", "/v1/alerts/stream", b"{}").status, 405)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
