"""A year and a half of a municipality's permits, posted over HTTP in shuffled batches and in every form that events come in, some
twice, while the server is killed again and again: the views are those that were computed independently, to the digit.

usage: permits_over_http_test.py SLIPSTREAM SOURCES
"""

import concurrent.futures
import contextlib
import csv
import io
import pathlib
import random
import sys
import tempfile
import threading
import time
import unittest

from served import Served

SLIPSTREAM, SOURCES = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
sys.path.insert(0, str(SOURCES / "tests"))
from real_data import Permits  # pylint: disable=wrong-import-position

DATA = SOURCES.parent / "shared" / "data" / "permits"
DEFINITIONS = SOURCES / "tests" / "permits" / "definitions.yaml"
SETTINGS = ("partitions=4", "commit_interval=50 ms", f"clock={Permits.clock}")
SEED = 20260101
KILLS = 4
SENT_TWICE_OF_A_HUNDRED = 15
FORMS = ("application/cloudevents-batch+json", "application/x-ndjson", "application/json")
SECONDS_MAX = 120


class PermitsOverHttp(unittest.TestCase):
    def events(self):
        """As an import makes them."""
        scratch = Served(SLIPSTREAM, self.folder / "scratch", DEFINITIONS, SETTINGS)
        (self.folder / "scratch").mkdir()
        for mapping, file in Permits.files:
            scratch.command("import", f"--mapping={SOURCES / 'tests/permits' / mapping}", str(DATA / file), "--quiet")
        csv.field_size_limit(1 << 30)
        shown = [scratch.command("log", "show", topic, "--limit=1000000", "--output=csv") for topic in ("events", "reference")]
        return [row["value"] for text in shown for row in csv.DictReader(io.StringIO(text))]

    def post(self, batch, form):
        """Until it has been taken, whatever the server does meanwhile."""
        until = time.monotonic() + SECONDS_MAX
        while time.monotonic() < until:
            with self.serving:  # not while it is being started again
                pass
            try:
                answer = self.served.post_events(batch, form)
            except OSError:
                continue
            except Exception as broken:  # the answer was cut off  # pylint: disable=broad-except
                if not type(broken).__module__.startswith("http"):
                    raise
                continue
            if answer.status == 202:
                self.assertEqual(answer.json()["accepted"], len(batch))
                return
            self.assertIn(answer.status, (429, 503), answer.body)
        self.fail("a batch was never taken")

    def test_views_are_those_computed_independently(self):
        if not DATA.exists():
            self.skipTest("no real data beside the repository (../shared/data/permits)")
        chance = random.Random(SEED)
        with tempfile.TemporaryDirectory() as folder:
            self.folder = pathlib.Path(folder)
            events = self.events()
            self.assertGreater(len(events), 1000)
            chance.shuffle(events)
            batches = []
            while events:
                size = chance.choice((1, 3, 20, 60))
                batches.append((events[:size], chance.choice(FORMS)))
                del events[:size]
            batches += chance.sample(batches, len(batches) * SENT_TWICE_OF_A_HUNDRED // 100)
            self.serving = threading.Lock()
            self.served = Served(SLIPSTREAM, self.folder / "served", DEFINITIONS, SETTINGS)
            (self.folder / "served").mkdir()
            self.addCleanup(self.served.destroy)
            self.served.start()
            self.post_all(batches)
            expected = (DATA / "expected" / Permits.expected).read_text()
            with contextlib.suppress(TimeoutError):  # then it is said below what differs
                self.served.wait_until(lambda: Permits.figures(self.query) == expected, "the figures computed independently")
            self.assertEqual(Permits.figures(self.query), expected)
            self.assertEqual(self.served.get("/v1/dead-letters", format="csv").rows(), [])
            self.served.stop()
            self.assertIn("different: 0", self.served.command("check"))

    def post_all(self, batches):
        """By four clients, with a kill -9 of the server now and then."""
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            posted = [pool.submit(self.post, *batch) for batch in batches]
            for kill in range(1, KILLS + 1):
                until = time.monotonic() + SECONDS_MAX
                while sum(done.done() for done in posted) < len(posted) * kill / (KILLS + 1) and time.monotonic() < until:
                    time.sleep(0.01)
                with self.serving:
                    self.served.kill()
                    self.served.start()
            for done in posted:
                done.result()

    def query(self, name):
        kind = "kpis" if name in Permits.kpis else "views"
        rows, cursor = [], {}
        while True:  # page by page; JSON says where the next begins
            page = self.served.get(f"/v1/{kind}/{name}", limit=700, **cursor)
            self.assertEqual(page.status, 200, page.body)
            text = self.served.get(f"/v1/{kind}/{name}", limit=700, format="csv", **cursor)
            rows += text.rows()
            if "next" not in page.json():
                return rows
            cursor = {"cursor": page.json()["next"]}


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
