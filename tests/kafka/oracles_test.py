"""Real data with answers computed independently, by one, two and three instances that share eight partitions of a real broker:
the same figures to the digit, and the same alerts, each told once.

usage: oracles_test.py SLIPSTREAM BROKER_DIRECTORY SOURCES
"""

import collections
import concurrent.futures
import pathlib
import sys
import tempfile
import unittest
import uuid

from deployment import Deployment, Instance, gather, skip_reason, wait_until_idle

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from real_data import Permits, Vaccination  # pylint: disable=wrong-import-position

SLIPSTREAM, BROKER, SOURCES = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
DATA = SOURCES.parent / "shared" / "data"
INSTANCES = (1, 2, 3)
PARTITIONS = 8
IDLE_SECONDS_MAX = 120
# So short that an instance which comes late takes shards over from one that has begun to fold.
SETTINGS = (f"partitions={PARTITIONS}", "commit_interval=100 ms")


def transitions_by_alert(records):
    """What happened to each alert, in the order of its partition; which commit of which shard said so is by chance."""
    told = collections.defaultdict(list)
    for record in records:
        said = record["value"]
        told[record["key"]].append((*(said[name] for name in ("id", "kind", "from", "to", "at", "value")),
                                    said["sentence"]["en"]))
    return dict(told)


class Oracles(unittest.TestCase):
    def deployment(self, data):
        tests = SOURCES / "tests" / data.name
        deployment = Deployment(SLIPSTREAM, BROKER, f"{uuid.uuid4().hex[:8]}.", tests / "definitions.yaml",
                                (*SETTINGS, f"clock={data.clock}"))
        deployment.ask(self.folder, "topics", "create")
        for mapping, file in data.files:
            deployment.ask(self.folder, "import", f"--mapping={tests / mapping}", str(DATA / data.name / file))
        return deployment

    def run_together(self, deployment, count):
        """Their data directories, after all is folded."""
        instances = [Instance(deployment, self.folder / f"{deployment.prefix}{i}") for i in range(count)]
        try:
            wait_until_idle(deployment, instances, IDLE_SECONDS_MAX)
            for instance in instances:
                instance.stop()
        finally:
            for instance in instances:
                instance.kill()
        return [instance.data for instance in instances]

    def figures(self, data, deployment, directory):
        return data.figures(lambda name, *options: deployment.rows(directory, "query", name, *options))

    def run_by(self, data, count):
        expected = (DATA / data.name / "expected" / data.expected).read_text()
        deployment = self.deployment(data)
        directories = self.run_together(deployment, count)
        shares = [len({shard.name for shard in directory.glob("state/*/shard-*")}) for directory in directories]
        self.assertTrue(all(shares), f"shards that each instance has held: {shares}")
        gathered = self.folder / f"{deployment.prefix}gathered"
        gather(directories, gathered)
        self.assertEqual(self.figures(data, deployment, gathered), expected)
        journal = deployment.rows(self.folder, "alerts", "history")
        transitions = transitions_by_alert(deployment.read_committed("alerts.events", len(journal)))
        ids = [transition[0] for told in transitions.values() for transition in told]
        self.assertEqual(len(ids), len(set(ids)), "a transition was published twice")
        for alert, told in transitions.items():
            self.assertEqual([transition[0] for transition in told], [f"{alert}/{n + 1}" for n in range(len(told))])
        self.assertEqual(sorted(ids), sorted(row["transition"] for row in journal))
        if count == max(INSTANCES):  # as another machine would compute them
            fresh = self.folder / f"{deployment.prefix}fresh"
            deployment.ask(fresh, "run", "--until-idle", "--quiet")
            self.assertEqual(self.figures(data, deployment, fresh), expected)
        return transitions

    def run_by_all(self, data):
        if not (DATA / data.name).exists():
            # The data is not ours to publish: it lies beside the repository where there is one.
            self.skipTest(f"no real data beside the repository (../shared/data/{data.name})")
        with tempfile.TemporaryDirectory() as folder:
            self.folder = pathlib.Path(folder)
            with concurrent.futures.ThreadPoolExecutor() as pool:  # most of it is waiting
                told = dict(zip(INSTANCES, pool.map(lambda count: self.run_by(data, count), INSTANCES)))
        self.assertGreater(len(told[1]), 0)
        for count in INSTANCES[1:]:
            self.assertEqual(told[count], told[1], f"{count} instances told other alerts than one")

    def test_permits_match_the_oracle_to_the_digit_however_many_instances_share_the_work(self):
        self.run_by_all(Permits)

    def test_vaccination_matches_the_oracle_to_the_digit_however_many_instances_share_the_work(self):
        self.run_by_all(Vaccination)


if __name__ == "__main__":
    if why := skip_reason(BROKER):
        print(why, file=sys.stderr)
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
