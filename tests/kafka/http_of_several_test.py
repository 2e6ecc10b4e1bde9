"""Three instances share a deployment on a real broker, and a reader runs no shard: over HTTP each of them answers for all nodes,
with the same bytes, which are those of one instance on the embedded log. While an instance's shards are away the others say so
with 503; they never show another figure.

usage: http_of_several_test.py SLIPSTREAM BROKER_DIRECTORY SOURCES
"""

import json
import pathlib
import signal
import sys
import tempfile
import time
import unittest
import uuid

from deployment import Deployment, skip_reason

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "http"))
from served import Served, Stream  # pylint: disable=wrong-import-position

SLIPSTREAM, BROKER, SOURCES = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
DEFINITIONS = SOURCES / "tests/kafka/tasks.yaml"
PARTITIONS = 4
SESSION_MS = 6000
TASKS = 400
SETTINGS = (f"partitions={PARTITIONS}", "commit_interval=100 ms", "clock=2011-06-20T00:00:00+02:00")
BACK_SECONDS_MAX = SESSION_MS / 1000 + 20
FROZEN_SECONDS_MAX = 10  # it is waited for 2 s
# Each asks every shard, or a node that one of them owns. Alerts are told by the commit that raised them, so only their
# standing is compared.
PATHS = ["/v1/views/delivery?every=month", "/v1/views/delivery?node=town&every=month",
         *(f"/v1/views/delivery?node=office-{i}&window=2011-03" for i in range(4)), "/v1/views/by_week?limit=7&sort=-due",
         "/v1/kpis/on_time_rate?node=town&subtree=true&every=month", "/v1/explain/on_time_rate?node=town&window=2011-03",
         "/v1/explain/delivery?node=office-3&window=2011-02&measure=due", "/v1/nodes", "/v1/views", "/v1/definitions"]


def events():
    """Tasks of offices: assigned, some of them completed."""
    for i in range(TASKS):
        task, data = f"T{i:05}", {"unit": f"office-{i % 23}", "due_at": f"2011-{1 + i % 12:02}-{1 + i % 28:02}"}
        kinds = [("task.assigned", "2010-12-01", data)]
        if i % 3:
            kinds.append(("task.completed", f"2011-{1 + i % 6:02}-15", {}))
        for kind, at, more in kinds:
            yield json.dumps({"specversion": "1.0", "id": f"{task}/{kind}", "source": "test", "type": kind, "subject": task,
                              "time": f"{at}T08:00:00Z", "data": {"task": task, **more}})


EVENTS = list(events())


class Several(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        folder = pathlib.Path(cls.folder.name)
        cls.deployment = Deployment(SLIPSTREAM, BROKER, f"{uuid.uuid4().hex[:8]}.", DEFINITIONS, SETTINGS)
        cls.deployment.ask(folder, "topics", "create")
        kafka = [option.removeprefix("--set=") for option in cls.deployment.options
                 if option.startswith(("--set=log", "--set=topic_prefix", "--set=kafka."))]
        kafka.append(f"kafka.session.timeout.ms={SESSION_MS}")
        cls.alone = cls.served(folder / "alone", SETTINGS)
        cls.instances = [cls.served(folder / f"instance-{i}", [*SETTINGS, *kafka]) for i in range(3)]
        cls.reader = cls.served(folder / "reader", [*SETTINGS, *kafka], ["--role=reader"])
        for one in (cls.alone, *cls.instances):
            one.start()
        cls.reader.start()
        for i, at in enumerate(range(0, len(EVENTS), 50)):  # over whichever instance
            posted = cls.instances[i % 3].post_events(EVENTS[at:at + 50])
            assert posted.status == 202, posted.body
        assert cls.alone.post_events(EVENTS).status == 202
        cls.alone.wait_until_folded(len(EVENTS))
        cls.expected = {path: cls.content(cls.alone.get(path)) for path in PATHS}

    @classmethod
    def served(cls, folder, settings, words=()):
        folder.mkdir()
        served = Served(SLIPSTREAM, folder, DEFINITIONS, settings, words)
        cls.addClassCleanup(served.destroy)
        return served

    @staticmethod
    def content(answer, but=()):
        """What an answer says, but for the places of events in the log, which two logs do not share."""
        said = {name: value for name, value in answer.json().items() if name not in but}

        def without_places(value):
            if isinstance(value, list):
                return sorted((without_places(one) for one in value), key=json.dumps)
            if isinstance(value, dict):
                return {name: without_places(one) for name, one in value.items()
                        if name not in ("partition", "offset", "topic", "next")}
            return value

        return answer.status, without_places(said)

    def wait_until_same(self, served, seconds=60):
        until = time.monotonic() + seconds
        for path in PATHS:
            while self.content(answer := served.get(path)) != self.expected[path]:
                if time.monotonic() > until:
                    self.assertEqual(self.content(answer), self.expected[path], path)
                time.sleep(0.1)

    def alerts(self, served):
        return sorted((row["alert"], row["to"]) for row in served.get("/v1/alerts").json()["alerts"])

    def members(self):
        return json.loads(self.deployment.ask(self.folder.name, "members", "--output=json"))["members"]

    def test_1_each_instance_and_the_reader_answer_alike_and_as_one_that_has_all_shards(self):
        for served in (*self.instances, self.reader):
            self.wait_until_same(served)
        expected = self.alerts(self.alone)
        self.assertGreater(len(expected), 10)
        for served in (*self.instances, self.reader):
            self.assertEqual(self.alerts(served), expected)
        # To the byte, with one version: what a client has seen of one it need not fetch from another.
        for path in PATHS:
            answers = [served.get(path) for served in (*self.instances, self.reader)]
            self.assertEqual(len({answer.body for answer in answers}), 1, path)
            if "etag" in answers[0].headers:
                self.assertEqual(len({answer.headers["etag"] for answer in answers}), 1, path)
                again = self.reader.get(path, {"If-None-Match": answers[0].headers["etag"]})
                self.assertEqual(again.status, 304)

    def test_2_each_says_where_it_is_reached_and_the_reader_runs_nothing(self):
        addresses = {member["address"]: member["shards"] for member in self.members()}
        self.assertEqual(set(addresses), {f"127.0.0.1:{served.port}" for served in self.instances})
        self.assertTrue(all(shards != "none" for shards in addresses.values()), addresses)
        self.assertEqual(self.reader.get("/v1/status").json()["shards"], 0)
        self.assertIn("all of this instance's", self.reader.get("/readyz?verbose").body.decode())

    def test_3_what_is_posted_to_one_is_seen_live_at_another_and_at_the_reader(self):
        event = json.dumps({"specversion": "1.0", "id": "live", "source": "test", "type": "task.assigned", "subject": "T-live",
                            "time": "2010-12-01T08:00:00Z",
                            "data": {"task": "T-live", "unit": "office-live", "due_at": "2011-09-01"}})
        for served in (self.instances[1], self.reader):
            watched = Stream(served, "/v1/views/delivery/stream", node="town", window="2011-09")
            self.addCleanup(watched.close)
            self.assertEqual(watched.next(), "snapshot")
            (row,) = watched.rows.values()
            due = row["due"]
            posted = event.replace("live", f"live-{served.port}")
            for one in (self.instances[0], self.alone):
                self.assertEqual(one.post_events([posted]).status, 202)
            self.assertEqual(watched.next(), "change")
            (row,) = watched.rows.values()
            self.assertEqual(row["due"], due + 1)
        # What the tests that follow compare with. A total may have come before the row below it, from another shard.
        self.alone.wait_until_folded(len(EVENTS) + 2)
        type(self).expected = {path: self.content(self.alone.get(path)) for path in PATHS}
        for served in (*self.instances, self.reader):
            self.wait_until_same(served)

    def until_back(self, asked):
        """Asks these until each answers everything again, wholly. Until then each answer is a 503 that says why, or right."""
        began = time.monotonic()
        unavailable, back = 0, {}
        while len(back) < len(asked):
            for served in asked:
                if served.port in back:
                    continue
                answers = [served.get(path) for path in PATHS]
                for path, answer in zip(PATHS, answers):
                    if answer.status == 503:
                        unavailable += 1
                        self.assertEqual(answer.json()["code"], "shard_unavailable", answer.body)
                        self.assertEqual(answer.headers["retry-after"], "1")
                        self.assertRegex(answer.json()["detail"], "shard|instance")
                    else:  # a shard that has just moved says that it is still catching up
                        self.assertEqual(self.content(answer, ["complete"])[1],
                                         {name: value for name, value in self.expected[path][1].items() if name != "complete"})
                if all(answer.status == 200 and answer.json().get("complete", True) for answer in answers):
                    back[served.port] = time.monotonic() - began
            self.assertLess(time.monotonic() - began, BACK_SECONDS_MAX, f"back so far: {back}")
            time.sleep(0.1)
        print(f"back after {max(back.values()):.1f} s, {unavailable} answers of 503 until then", flush=True)
        return unavailable

    def shards_of(self, served):
        return next((member["shards"] for member in self.members() if member["address"].endswith(f":{served.port}")), "none")

    def test_4_while_an_instance_is_dead_the_others_say_so_and_no_figure_is_wrong(self):
        killed, *others = self.instances
        self.assertNotEqual(self.shards_of(killed), "none")
        killed.kill()
        self.assertGreater(self.until_back([*others, self.reader]), 0)

    def test_5_an_instance_that_is_frozen_holds_nobody_up_for_long_and_is_right_again_when_it_wakes(self):
        frozen, other = self.instances[1:]
        self.assertNotEqual(self.shards_of(frozen), "none")
        frozen.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        self.assertEqual(self.reader.get(PATHS[0]).status, 503)
        self.assertLess(time.monotonic() - began, FROZEN_SECONDS_MAX)
        self.assertGreater(self.until_back([other, self.reader]), 0)
        frozen.process.send_signal(signal.SIGCONT)
        self.until_back([frozen, other, self.reader])


if __name__ == "__main__":
    if why := skip_reason(BROKER):
        print(why, file=sys.stderr)
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
