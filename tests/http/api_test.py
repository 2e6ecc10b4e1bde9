"""What the HTTP service answers, asked of a running instance: the same figures as the commands give, pages that make the whole,
errors that say what is wrong.

usage: api_test.py SLIPSTREAM SOURCES
"""

import collections
import csv
import fractions
import gzip
import io
import json
import math
import pathlib
import re
import statistics
import sys
import tempfile
import time
import unittest
import urllib.parse

from served import Served

SLIPSTREAM, SOURCES = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
DEFINITIONS = SOURCES / "tests/kafka/tasks.yaml"
SETTINGS = ("partitions=3", "commit_interval=50 ms", "clock=2011-06-20T00:00:00+02:00", "http_body_max=200 kB")
TASKS, OFFICES = 300, 7
COLUMNS = ("node", "every", "window")


def event(kind, task, time, **data):
    return json.dumps({"specversion": "1.0", "id": f"{task}/{kind}", "source": "test", "type": kind, "subject": task,
                       "time": f"{time}T08:00:00Z", "data": {"task": task, **data}})


def events():
    """Tasks of some offices, assigned and for the most part completed, some of them late."""
    for i in range(TASKS):
        task = f"T{i:04}"
        yield event("task.assigned", task, "2010-12-01", unit=f"office-{i % OFFICES}",
                    due_at=f"2011-{1 + i % 6:02}-{1 + i % 28:02}")
        if i % 3 and i % 6 != 5:  # none of those that are due in June
            yield event("task.completed", task, f"2011-{1 + i % 5:02}-15")


BATCH = "application/cloudevents-batch+json"
ONE = "application/cloudevents+json"
GOOD = event("task.assigned", "X1", "2011-01-01", unit="office-1", due_at="2011-02-01")
# (method, path, content type, body, status, what the answer says)
BAD = [
    ("POST", "/", None, "{}", 405, "GET"),
    ("GET", "/console/nothing.js", None, None, 404, "nothing at this path"),
    ("GET", "/v1/kpis/on_time_rate/forecast", None, None, 400, "which with node="),
    ("GET", "/v1/kpis/on_time_rate/forecast?node=office-99", None, None, 404, "no node 'office-99'"),
    ("GET", "/v1/kpis/on_time_rate/forecast?node=town&every=week", None, None, 400, "no window 'week'"),
    ("GET", "/v1/kpis/on_time/forecast?node=town", None, None, 404, "no view or KPI 'on_time'"),
    ("GET", "/v1/scoreboard?node=office-99", None, None, 404, "no node 'office-99'"),
    ("GET", "/v1/scoreboard?kpi=colour", None, None, 400, "no view or KPI 'colour'"),
    ("GET", "/v1/scoreboard?at=yesterday", None, None, 400, "yesterday"),
    ("GET", "/v1", None, None, 404, "nothing at this path"),
    ("GET", "/v2/views", None, None, 404, "nothing at this path"),
    ("GET", "/v1/view/delivery", None, None, 404, "nothing at this path"),
    ("GET", "/v1/views/delivery/rows", None, None, 404, "nothing at this path"),
    ("GET", "/v1/views/delivry", None, None, 404, "did you mean 'delivery'"),
    ("GET", "/v1/kpis/delivery", None, None, 404, "no view or KPI 'delivery'"),
    ("GET", "/v1/views/on_time_rate", None, None, 404, "no view or KPI"),
    ("GET", "/v1/views/delivery?node=office-99", None, None, 404, "no node 'office-99'"),
    ("GET", "/v1/views/delivery?nod=office-1", None, None, 400, "did you mean 'node'"),
    ("GET", "/v1/views/delivery?node=a&node=b", None, None, 400, "given twice"),
    ("GET", "/v1/views/delivery?limit=0", None, None, 400, "from 1 to 10000"),
    ("GET", "/v1/views/delivery?limit=10001", None, None, 400, "from 1 to 10000"),
    ("GET", "/v1/views/delivery?limit=ten", None, None, 400, "from 1 to 10000"),
    ("GET", "/v1/views/delivery?limit=", None, None, 400, "from 1 to 10000"),
    ("GET", "/v1/views/delivery?limit=99999999999999999999999", None, None, 400, "from 1 to 10000"),
    ("GET", "/v1/views/delivery?subtree=yes", None, None, 400, "neither true nor false"),
    ("GET", "/v1/views/delivery?every=week", None, None, 400, "no window 'week'"),
    ("GET", "/v1/views/delivery?window=2011-13", None, None, 400, "2011-13"),
    ("GET", "/v1/views/delivery?from=yesterday", None, None, 400, "yesterday"),
    ("GET", "/v1/views/delivery?from=2011-03-01&to=2011-02-01", None, None, 400, "is not after"),
    ("GET", "/v1/views/delivery?as_of=yesterday", None, None, 400, "yesterday"),
    ("GET", "/v1/views/delivery?as_of=2011-06-20", None, None, 400, "where the clock stands"),
    ("GET", "/v1/views/delivery?as_of=2011-03-31&as_of=2011-03-31", None, None, 400, "given twice"),
    ("GET", "/v1/views/delivry?as_of=2011-03-31", None, None, 404, "did you mean 'delivery'"),
    ("GET", "/v1/views/delivery/stream?as_of=2011-03-31", None, None, 400, "no parameter 'as_of'"),
    ("GET", "/v1/nodes?as_of=2011-03-31", None, None, 400, "no parameter 'as_of'"),
    ("POST", "/v1/views/delivery?as_of=2011-03-31", None, None, 405, "takes GET"),
    ("GET", "/v1/views/delivery?cursor=there", None, None, 400, "no cursor"),
    ("GET", "/v1/views/delivery?sort=due&cursor=0.0.a", None, None, 400, "no cursor"),
    ("GET", "/v1/views/delivery?sort=colour", None, None, 400, "no column 'colour'"),
    ("GET", "/v1/views/delivery?format=xml", None, None, 400, "neither json nor csv"),
    ("GET", "/v1/nodes?under=office-99", None, None, 404, "no node 'office-99'"),
    ("GET", "/v1/alerts?lang=fr", None, None, 400, "neither en nor vi"),
    ("GET", "/v1/alerts?cursor=-1", None, None, 400, "is not an offset"),
    ("GET", "/v1/alerts/nowhere", None, None, 404, "nothing at this path"),
    ("GET", "/v1/explain/delivery", None, None, 400, "which with node="),
    ("GET", "/v1/explain/delivery?node=office-1", None, None, 400, "of one window"),
    ("GET", "/v1/explain/delivery?node=office-1&window=2011-01&measure=size", None, None, 400, "no measure 'size'"),
    ("GET", "/v1/explain/nothing?node=office-1&window=2011-01", None, None, 404, "no view or KPI 'nothing'"),
    ("GET", "/v1/explain/delivery?node=office-99&window=2011-01", None, None, 404, "no node 'office-99'"),
    ("GET", "/v1/dead-letters?code=sunshine", None, None, 400, "no dead letter has code"),
    ("GET", "/v1/dead-letters/x", None, None, 400, "is not an offset"),
    ("GET", "/v1/dead-letters/999999", None, None, 404, "no dead letter at offset"),
    ("POST", "/v1/dead-letters/x/replay", None, None, 400, "is not an offset"),
    ("POST", "/v1/dead-letters/999999/replay", None, None, 404, "no dead letter at offset"),
    ("POST", "/v1/dead-letters/999999/replay?often=true", None, None, 400, "no parameter 'often'"),
    ("GET", "/v1/dead-letters/999999/replay", None, None, 405, "takes POST"),
    ("GET", "/v1/status?deep=1", None, None, 400, "no parameter 'deep'"),
    ("GET", "/readyz?verbose=2", None, None, 400, "neither true nor false"),
    ("GET", "/v1/events", None, None, 405, "takes POST"),
    ("PUT", "/v1/events", ONE, GOOD, 405, "takes POST"),
    ("POST", "/v1/views/delivery", ONE, GOOD, 405, "takes GET"),
    ("DELETE", "/v1/views/delivery", None, None, 405, "takes GET"),
    ("PATCH", "/v1/alerts", None, None, 405, "takes GET"),
    ("DELETE", "/v1/dead-letters/999999", None, None, 405, "takes GET"),
    ("DELETE", "/metrics", None, None, 405, "takes GET"),
    ("DELETE", "/v1/nothing", None, None, 404, "nothing at this path"),
    ("POST", "/v1/events", None, GOOD, 415, "is missing"),
    ("POST", "/v1/events", "text/plain", GOOD, 415, "text/plain"),
    ("POST", "/v1/events", "application/xml", "<event/>", 415, "application/xml"),
    ("POST", "/v1/events?dry=1", ONE, GOOD, 400, "no parameter 'dry'"),
    ("POST", "/v1/events", ONE, "", 400, "refused"),
    ("POST", "/v1/events", ONE, "{", 400, "refused"),
    ("POST", "/v1/events", ONE, "[]", 400, "refused"),
    ("POST", "/v1/events", ONE, GOOD + GOOD, 400, "refused"),
    ("POST", "/v1/events", ONE, '{"specversion":"1.0"}', 400, "missing_field"),
    ("POST", "/v1/events", ONE, GOOD.replace('"1.0"', '"0.3"'), 400, "malformed_record"),
    ("POST", "/v1/events", ONE, GOOD.replace("task.assigned", "task.eaten"), 400, "unknown_event_type"),
    ("POST", "/v1/events", ONE, GOOD.replace("2011-02-01", "2011-02-31"), 400, "invalid_timestamp"),
    ("POST", "/v1/events", ONE, GOOD.replace("2011-01-01T", "3011-01-01T"), 400, "invalid_timestamp"),
    ("POST", "/v1/events", ONE, GOOD.replace('"unit": "office-1"', '"unit": 7'), 400, "wrong_type"),
    ("POST", "/v1/events", BATCH, "{}", 400, "not a JSON array"),
    ("POST", "/v1/events", BATCH, "[]", 400, "holds no event"),
    ("POST", "/v1/events", BATCH, f"[{GOOD}", 400, "the body"),
    ("POST", "/v1/events", BATCH, f"[{GOOD}]]", 400, "the body"),
    ("POST", "/v1/events", BATCH, f"[{GOOD}, 7]", 400, "at index 1"),
    ("POST", "/v1/events", BATCH, f"[{GOOD}, {{}}]", 400, "1 of 2 events"),
    ("POST", "/v1/events", BATCH, "[" + ",".join(["{}"] * 10_001) + "]", 400, "more than 10000"),
    ("POST", "/v1/events", BATCH, "[" + " " * 250_000 + "]", 413, ""),
    ("POST", "/v1/events", "application/x-ndjson", "\n\n  \n", 400, "holds no event"),
    ("POST", "/v1/events", "application/x-ndjson", f"{GOOD}\nnot json\n", 400, "1 of 2 events"),
]


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.kept.cleanup)
        cls.served = Served(SLIPSTREAM, pathlib.Path(cls.kept.name), DEFINITIONS, SETTINGS)
        cls.addClassCleanup(cls.served.destroy)
        cls.served.start()
        given = list(events())
        for begin in range(0, len(given), 50):
            answer = cls.served.post_events(given[begin:begin + 50])
            assert answer.status == 202, answer.body
        cls.served.wait_until_folded(len(given))
        cls.served.wait_until(lambda: len(cls.served.get("/v1/alerts").json()["alerts"]) > 3, "alerts have fired")
        cls.given = len(given)

    def settled(self):
        """What the instance tells of itself once nothing of it changes any more."""
        seen = [self.served.get("/v1/status").json()]

        def is_settled():
            time.sleep(1.5)  # longer than it tells old news
            seen.append(self.served.get("/v1/status").json())
            return seen[-1] == seen[-2] and seen[-1]["backlog"] == 0

        self.served.wait_until(is_settled, "the instance settles")
        return seen[-1]

    def rows(self, path, **parameters):
        answer = self.served.get(path, **parameters)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()["rows"]

    def asked(self, *command):
        """The same by the command line."""
        return list(csv.DictReader(io.StringIO(self.served.command(*command, "--output=csv"))))

    def test_figures_are_those_of_the_commands(self):
        for path, name in (("/v1/views/delivery", "delivery"), ("/v1/views/by_week", "by_week"),
                           ("/v1/kpis/on_time_rate", "on_time_rate")):
            by_http = self.served.get(path, format="csv").rows()
            self.assertGreater(len(by_http), OFFICES)
            self.assertEqual(by_http, self.asked("query", name))
        one = self.served.get("/v1/views/delivery", format="csv", node="office-3", window="2011-02").rows()
        self.assertEqual(one, self.asked("query", "delivery", "--node=office-3", "--window=2011-02"))
        self.assertEqual(len(one), 1)
        total = self.rows("/v1/views/delivery", node="town", to="2011-06-30")
        self.assertEqual(sum(row["due"] for row in total), TASKS)
        below = self.rows("/v1/views/delivery", node="town", subtree="true", window="2011-02")
        self.assertEqual(len(below), OFFICES + 1)

    def test_pages_make_the_whole_in_either_order(self):
        for order in ({}, {"sort": "due"}, {"sort": "-value"}, {"sort": "status"}):
            path = "/v1/kpis/on_time_rate" if order.get("sort", "").strip("-") in ("value", "status") else "/v1/views/delivery"
            whole, pages, cursor = self.rows(path, **order), [], {}
            while True:
                page = self.served.get(path, limit=4, **order, **cursor).json()
                self.assertLessEqual(len(page["rows"]), 4)
                pages += page["rows"]
                if "next" not in page:
                    break
                cursor = {"cursor": page["next"]}
            self.assertEqual(pages, whole)
        values = [row["value"] for row in self.rows("/v1/kpis/on_time_rate", sort="-value")]
        known = [value for value in values if value is not None]
        self.assertEqual(known, sorted(known, reverse=True))
        self.assertEqual(values[:len(known)], known, "rows without a value come last")

    def test_a_page_leads_to_the_next(self):
        whole = self.served.get("/v1/views/delivery", format="csv", subtree="true", node="town").rows()
        target, pages = "/v1/views/delivery?format=csv&subtree&node=town&limit=7", []
        while target:
            page = self.served.request("GET", target)
            pages += page.rows()
            link = re.fullmatch('<([^>]*)>; rel="next"', page.headers.get("link", '<>; rel="next"'))
            target = link[1] and urllib.parse.urljoin(target, link[1])
        self.assertEqual(pages, whole)

    def test_figures_as_of_an_earlier_instant(self):
        def brute_force(at):
            """By month: due, on time, late, overdue, of what had happened by then."""
            months = collections.defaultdict(lambda: [0, 0, 0, 0])
            given = [json.loads(text) for text in events()]
            completed = {e["subject"]: e["time"] for e in given if e["type"] == "task.completed" and e["time"] <= at}
            for assigned in (e for e in given if e["type"] == "task.assigned" and e["time"] <= at):
                due = assigned["data"]["due_at"]
                done = completed.get(assigned["subject"])
                months[due[:7]][0] += 1
                if done:  # nothing happens near a midnight
                    months[due[:7]][1 if done[:10] <= due else 2] += 1
                elif due < at[:10]:
                    months[due[:7]][3] += 1
            return [[month, *counts] for month, counts in sorted(months.items())]

        def read(**parameters):
            rows = self.rows("/v1/views/delivery", node="town", to="2011-06-30", **parameters)
            return [[row[column] for column in ("window", "due", "on_time", "late", "overdue")] for row in rows]

        now = read()
        for as_of, at in (("2011-03-31", "2011-03-31T21:59:59Z"), ("2011-02-15T09:00:00+01:00", "2011-02-15T08:00:00Z"),
                          ("2011-02-15T08:59:59+01:00", "2011-02-15T07:59:59Z")):
            self.assertEqual(read(as_of=as_of), brute_force(at), as_of)
            self.assertNotEqual(read(as_of=as_of), now)
        self.assertEqual(read(as_of="2010-11-30"), [])
        answer = self.served.get("/v1/kpis/on_time_rate", as_of="2011-03-31", format="csv")
        self.assertEqual(answer.rows(), self.asked("query", "on_time_rate", "--as-of=2011-03-31"))
        tag = {"If-None-Match": answer.headers["etag"]}
        self.assertEqual(self.served.get("/v1/kpis/on_time_rate", tag, as_of="2011-03-31").status, 304)
        self.assertEqual(self.served.get("/v1/kpis/on_time_rate", tag, as_of="2011-03-30").status, 200)
        board = self.served.get("/v1/scoreboard", as_of="2011-03-31").json()
        self.assertEqual((board["as_of"], board["complete"]), ("2011-03-31T23:59:59.999999+02:00", True))
        self.assertEqual({row["window"] for row in board["rows"]}, {"2011-03"})

    def test_who_has_seen_it_is_told_that_nothing_changed(self):
        first = self.served.get("/v1/views/delivery")
        tag = first.headers["etag"]
        again = self.served.get("/v1/views/delivery", headers={"If-None-Match": f'"other", {tag}'})
        self.assertEqual((again.status, again.body, again.headers["etag"]), (304, b"", tag))
        other = self.served.get("/v1/views/delivery", headers={"If-None-Match": 'W/"0000000000000000"'})
        self.assertEqual((other.status, other.body), (200, first.body))
        answer = self.served.post_events([event("task.assigned", "late comer", "2011-06-01", unit="office-1", due_at="2012-01-01")])
        self.assertEqual(answer.status, 202)
        self.served.wait_until(lambda: self.served.get("/v1/views/delivery", headers={"If-None-Match": tag}).status == 200,
                               "another version")

    def test_head_and_compression(self):
        plain = self.served.get("/v1/views/by_week")
        squeezed = self.served.get("/v1/views/by_week", headers={"Accept-Encoding": "gzip"})
        self.assertEqual(squeezed.headers["content-encoding"], "gzip")
        self.assertLess(len(squeezed.body), len(plain.body) / 3)
        self.assertEqual(json.loads(gzip.decompress(squeezed.body))["rows"], plain.json()["rows"])
        head = self.served.request("HEAD", "/v1/views/by_week")
        self.assertEqual((head.status, head.body), (200, b""))

    def test_lists(self):
        views = {row["view"]: row for row in self.served.get("/v1/views").json()["views"]}
        self.assertEqual(set(views), {"delivery", "by_week"})
        self.assertEqual(views["delivery"]["measures"], "due on_time late overdue")
        (kpi,) = self.served.get("/v1/kpis").json()["kpis"]
        self.assertEqual((kpi["kpi"], kpi["view"], kpi["unit"], kpi["better"]), ("on_time_rate", "delivery", "percent", "higher"))
        nodes = self.served.get("/v1/nodes").json()
        self.assertEqual(nodes["root"], "town")
        self.assertEqual([row["node"] for row in nodes["nodes"]], [*(f"office-{i}" for i in range(OFFICES)), "town"])
        self.assertEqual({row["parent"] for row in nodes["nodes"]}, {"town", None})
        self.assertEqual(self.served.get("/v1/definitions").json()["kpis"], 1)

    def test_alerts_are_those_of_the_commands(self):
        standing = self.served.get("/v1/alerts", format="csv").rows()
        self.assertGreater(len(standing), 3)
        self.assertEqual(standing, self.asked("alerts", "list"))
        self.assertEqual(self.served.get("/v1/alerts/history", format="csv").rows(), self.asked("alerts", "history"))
        one = standing[0]
        found = self.served.get("/v1/alerts", alert=one["alert"], lang="vi").json()["alerts"]
        self.assertEqual([row["alert"] for row in found], [one["alert"]])
        self.assertNotEqual(found[0]["sentence"], one["sentence"])
        page = self.served.get("/v1/alerts", limit=2, format="json").json()
        rest = self.served.get("/v1/alerts", cursor=page["next"]).json()
        self.assertEqual([row["alert"] for row in page["alerts"] + rest["alerts"]], [row["alert"] for row in standing])

    def test_an_alert_is_acknowledged_and_silenced_once(self):
        alert = self.served.get("/v1/alerts", active="true").json()["alerts"][0]["alert"]

        def last_acts():
            rows = self.served.get("/v1/alerts/history", alert=alert).json()["alerts"]
            return [row["to"] for row in rows if row["to"] in ("acknowledged", "silenced")]

        known = {"Idempotency-Key": "key-1", "Content-Type": "application/json"}
        for _ in range(2):
            taken = self.served.request("POST", f"/v1/alerts/{alert}/acknowledge",
                                        json.dumps({"person": "an", "note": "seen", "follow_up_at": "2011-07-01"}), known)
            self.assertEqual((taken.status, taken.json()), (202, {"accepted": 1}))
        self.served.wait_until(lambda: last_acts() == ["acknowledged"], "the acknowledgement")
        taken = self.served.request("POST", f"/v1/alerts/{alert}/silence", json.dumps({"until": "2011-07-01"}))
        self.assertEqual(taken.status, 202)
        self.served.wait_until(lambda: last_acts() == ["acknowledged", "silenced"], "the silence")
        for path, body, status, says in ((f"/v1/alerts/{alert}/silence", "{}", 400, "until"),
                                         (f"/v1/alerts/{alert}/silence", "[]", 400, "not a JSON object"),
                                         ("/v1/alerts/nobody/acknowledge", "{}", 404, "no alert 'nobody'")):
            refused = self.served.request("POST", path, body)
            self.assertEqual(refused.status, status, refused.body)
            self.assertIn(says, refused.body.decode())
        self.assertEqual(self.served.get(f"/v1/alerts/{alert}/silence").status, 405)

    def test_a_figure_explains_itself(self):
        explained = self.served.get("/v1/explain/delivery", node="office-2", window="2011-03").json()
        self.assertTrue(explained["equal"])
        (row,) = self.rows("/v1/views/delivery", node="office-2", window="2011-03")
        self.assertEqual(explained["contributions_in_all"], row["due"])
        self.assertEqual(len({each["entity"] for each in explained["contributions"]}), row["due"])

    def test_events_come_in_every_form_and_twice_is_once(self):
        told = {"ce-specversion": "1.0", "ce-id": "T9%20a", "ce-source": "test", "ce-type": "task.assigned",
                "ce-subject": "T9", "ce-time": "2011-01-01T08:00:00Z", "Content-Type": "application/json"}
        binary = self.served.request("POST", "/v1/events", json.dumps({"task": "T9", "unit": "office-6", "due_at": "2012-03-01"}),
                                     told)
        self.assertEqual((binary.status, binary.json()), (202, {"accepted": 1}))
        forms = (BATCH, ONE, "application/x-ndjson", "application/json")
        for i, form in enumerate(forms):
            new = event("task.assigned", f"T9{i}", "2011-01-01", unit="office-6", due_at="2012-03-01")
            for _ in range(2):
                self.assertEqual(self.served.post_events([new], form).status, 202)
        status = self.settled()
        self.assertGreaterEqual(status["duplicates"], len(forms))
        (row,) = self.rows("/v1/views/delivery", node="office-6", window="2012-03")
        self.assertEqual(row["due"], 1 + len(forms))

    def test_an_event_with_a_known_id_and_other_content_is_a_dead_letter(self):
        changed = event("task.assigned", "T0000", "2010-12-01", unit="another", due_at="2011-01-01")
        self.assertEqual(self.served.post_events([changed]).status, 202)
        self.served.wait_until(lambda: self.served.get("/v1/dead-letters").json()["dead_letters"], "the letter")
        (letter,) = self.served.get("/v1/dead-letters", code="conflicting_duplicate").json()["dead_letters"]
        shown = self.served.get(f"/v1/dead-letters/{letter['offset']}").json()
        self.assertEqual(json.loads(shown["value"]), json.loads(changed))
        # Once: sent again it is refused again, for nothing has changed, and the letter of that is another one.
        for replayed in ((1, 0), (0, 1), (0, 1)):
            answer = self.served.request("POST", f"/v1/dead-letters/{letter['offset']}/replay")
            self.assertEqual((answer.status, tuple(answer.json().values())), (202, replayed))
        self.served.wait_until(lambda: len(self.served.get("/v1/dead-letters").json()["dead_letters"]) == 2, "the second letter")
        answer = self.served.request("POST", f"/v1/dead-letters/{letter['offset']}/replay?again=true")
        self.assertEqual((answer.status, answer.json()["replayed"]), (202, 1))
        self.served.wait_until(lambda: len(self.served.get("/v1/dead-letters").json()["dead_letters"]) == 3, "the third letter")

    def test_the_scoreboard_has_a_node_and_those_right_below_it_in_the_windows_in_force(self):
        def board(**asked):
            return [{key: value for key, value in row.items() if key != "kpi"} for row in self.rows("/v1/scoreboard", **asked)]
        self.assertEqual(board(at="2011-03-31"), self.rows("/v1/kpis/on_time_rate", window="2011-03"))
        self.assertEqual(board(at="2011-04-01", node="office-1"), self.rows("/v1/kpis/on_time_rate", window="2011-04", node="office-1"))
        self.assertEqual(board(), self.rows("/v1/kpis/on_time_rate", window="2011-06"))
        self.assertEqual(len(board()), 1 + OFFICES)

    def test_a_forecast_says_how_far_it_may_be_out(self):
        def exact(row, name):
            return fractions.Fraction(row.get(name + "_exact", str(row[name])))

        answer = self.served.get("/v1/kpis/on_time_rate/forecast", node="town").json()
        months = self.rows("/v1/kpis/on_time_rate", node="town", to="2011-06-20")
        self.assertEqual([(row["window"], row["value"]) for row in answer["rows"]],
                         [(row["window"], row["value"]) for row in months[:-1]])
        values = [exact(row, "value") for row in months[:-1]]
        steps = [after - before for before, after in zip(values, values[1:])]
        self.assertEqual([exact(row, "step") for row in answer["rows"][1:]], steps)
        self.assertIsNone(answer["rows"][0]["step"])
        self.assertEqual((answer["window"], exact(answer, "forecast")), ("2011-06", exact(months[-1], "forecast")))
        reach = 1.2815515655446 * statistics.stdev(map(float, steps)) * math.sqrt(1 + 1 / len(steps))
        self.assertGreater(reach, 1)
        for bound, at in (("low", -reach), ("high", reach)):
            self.assertAlmostEqual(float(exact(answer, bound)), float(exact(answer, "forecast")) + at, places=5)

    def test_health_and_metrics(self):
        for path in ("/livez", "/readyz", "/startupz"):
            self.assertEqual(self.served.get(path).status, 200, path)
        self.assertIn("[+] log: answers", self.served.get("/readyz", verbose="true").body.decode())
        metrics = self.served.get("/metrics")
        self.assertTrue(metrics.headers["content-type"].startswith("text/plain; version=0.0.4"))
        values = dict(re.findall(r"^(\w+(?:{[^}]*})?) (\S+)$", metrics.body.decode(), re.MULTILINE))
        received = sum(float(value) for name, value in values.items() if name.startswith("slipstream_events_received_total"))
        self.assertGreaterEqual(received, self.given)
        self.assertEqual(float(values["slipstream_log_available"]), 1)
        described = set(re.findall(r"^# HELP (\w+) \S", metrics.body.decode(), re.MULTILINE))
        self.assertEqual({name.partition("{")[0] for name in values}, described)

    def test_bad_requests_are_told_what_is_wrong_and_change_nothing(self):
        before = self.settled()["received"]
        for method, path, content_type, body, status, says in BAD:
            with self.subTest(f"{method} {path} {content_type} {(body or '')[:60]}"):
                headers = {"Content-Type": content_type} if content_type else {}
                answer = self.served.request(method, path, body.encode() if body is not None else None, headers)
                self.assertEqual(answer.status, status, answer.body)
                self.assertEqual(answer.headers["content-type"], "application/problem+json")
                problem = answer.json()
                self.assertEqual(problem["status"], status)
                self.assertIn(says, answer.body.decode())
        self.assertEqual(self.settled()["received"], before)

    def test_it_ends_cleanly_and_goes_on_where_it_was(self):
        figures = self.served.get("/v1/kpis/on_time_rate").json()["rows"]
        self.served.stop()
        self.served.start()
        self.assertEqual(self.rows("/v1/kpis/on_time_rate"), figures)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
