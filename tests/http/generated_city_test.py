"""Events of `slipstream generate` piped at a rate into requests, as docs/api.md shows: the figures are those of the same events
imported.

usage: generated_city_test.py SLIPSTREAM SOURCES
"""

import itertools
import pathlib
import subprocess
import sys
import tempfile
import unittest

from served import Served

SLIPSTREAM = pathlib.Path(sys.argv[1]).resolve()
SEED, DAYS, RATE, BATCH = 5, 40, 1000, 100
SETTINGS = ("partitions=3", "commit_interval=50 ms", "clock=2025-02-10T00:00:00+07:00")
FIGURES = ("delivery", "on_time_rate", "air", "immunised")


class GeneratedCityTest(unittest.TestCase):
    def test_events_piped_into_requests_make_the_figures_of_an_import(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            subprocess.run([SLIPSTREAM, "generate", folder / "city", f"--seed={SEED}", f"--days={DAYS}", "--quiet"], check=True,
                           stdout=subprocess.DEVNULL)
            (folder / "posted").mkdir()
            posted = Served(SLIPSTREAM, folder / "posted", folder / "city/city.yaml", SETTINGS)
            try:
                posted.start()
                received = self.post(posted)
                posted.wait_until_folded(received)
                posted.stop()
            finally:
                posted.destroy()
            imported = Served(SLIPSTREAM, folder / "imported", folder / "city/city.yaml", SETTINGS)
            imported.command("import", str(folder / "city/city.jsonl"))
            imported.command("run", "--until-idle")
            for figure in FIGURES:
                expected = imported.command("query", figure, "--output=csv")
                self.assertGreater(expected.count("\n"), 3)
                self.assertEqual(posted.command("query", figure, "--output=csv"), expected)

    def post(self, served):
        """Returns how many events were taken."""
        sent = 0
        with subprocess.Popen([SLIPSTREAM, "generate", "-", f"--seed={SEED}", f"--days={DAYS}", f"--rate={RATE}"],
                              stdout=subprocess.PIPE, text=True) as generator:
            lines = (line.rstrip("\n") for line in generator.stdout)
            while batch := list(itertools.islice(lines, BATCH)):
                answer = served.post_events(batch, "application/x-ndjson")
                self.assertEqual(answer.status, 202, answer.body)
                sent += len(batch)
        self.assertEqual(generator.returncode, 0)
        return sent


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
