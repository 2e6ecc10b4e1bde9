"""schemas/asyncapi.yaml is AsyncAPI 3.0 and agrees with what the repository says elsewhere of the topics.

usage: asyncapi_document_test.py ENVIRONMENT SOURCES
"""
import sys

import python_packages

python_packages.enter(sys.argv[1])

# pylint: disable=wrong-import-position
import copy
import json
import pathlib
import re
import unittest

import jsonschema

import asyncapi_document

SOURCES = pathlib.Path(sys.argv[2])
SCHEMAS = SOURCES / "schemas"
DOCUMENT = asyncapi_document.Document(SCHEMAS / "asyncapi.yaml")
# The AsyncAPI initiative's own, of npm's @asyncapi/specs 6.11.1, one definition a line.
OFFICIAL = SOURCES / "tests/kafka/asyncapi/3.0.0.json"


def references(item):
    if isinstance(item, list):
        for each in item:
            yield from references(each)
    elif isinstance(item, dict):
        if isinstance(item.get("$ref"), str):
            yield item["$ref"]
        for each in item.values():
            yield from references(each)


def topics_of_operations():
    """{topic: (partitions, cleanup)} as docs/operations.md has it."""
    page = (SOURCES / "docs/operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]+`) \| (N|1) \| (retain|compact) \|", page, re.MULTILINE)
    return {topic: (partitions, cleanup) for names, partitions, cleanup in rows for topic in re.findall(r"`([^`]+)`", names)}


def samples_of_alerts():
    page = (SOURCES / "docs/alerts.md").read_text(encoding="utf-8")
    return {name: json.loads(text) for name, text in re.findall(r"<!-- sample: (\w+) -->\n```json\n(.*?)```", page, re.DOTALL)}


class TheDocument(unittest.TestCase):
    def official_problems(self, document):
        return list(jsonschema.Draft7Validator(json.loads(OFFICIAL.read_text(encoding="utf-8"))).iter_errors(document))

    def test_is_asyncapi(self):
        self.assertEqual(self.official_problems(DOCUMENT.content), [])

    def test_would_be_refused_with_a_mistake(self):
        for break_it in (lambda d: d.pop("info"), lambda d: d["channels"]["events"].update(adress="x"),
                         lambda d: d["operations"]["receive_events"].update(action="read"),
                         lambda d: d["channels"]["events"]["bindings"]["kafka"].update(partitions=0)):
            broken = copy.deepcopy(DOCUMENT.content)
            break_it(broken)
            self.assertNotEqual(self.official_problems(broken), [])

    def test_all_it_refers_to_is_there(self):
        found = list(references(DOCUMENT.content))
        self.assertGreater(len(found), 100)
        for reference in found:
            DOCUMENT.resolver.resolve(reference)

    def test_lists_the_topics_of_operations(self):
        described = {}
        for topic, channel in DOCUMENT.channels().items():
            kafka = channel["bindings"]["kafka"]
            cleanup = {"delete": "retain", "compact": "compact"}[" ".join(kafka["topicConfiguration"]["cleanup.policy"])]
            described[topic] = (str(kafka.get("partitions", "N")), cleanup)
        self.assertEqual(described, topics_of_operations())

    def test_names_flatbuffers_as_their_schemas_do(self):
        text = DOCUMENT.path.read_text(encoding="utf-8")
        named = set(re.findall(r"x-flatbuffers: \{schema: ([\w.]+), identifier: (\w+)\}", text))
        self.assertEqual(len(named), 5)
        for schema, identifier in named:
            self.assertIn(f'file_identifier "{identifier}";', (SCHEMAS / schema).read_text(encoding="utf-8"))

    def record(self, topic, key, value, headers):
        return asyncapi_document.Record(topic, asyncapi_document.partition_of(key.encode(), 8), 0, key.encode(),
                                        json.dumps(value).encode(), [(name, text.encode()) for name, text in headers.items()])

    def problems(self, *record):
        return DOCUMENT.problems(self.record(*record), DOCUMENT.channels()[record[0]], 8)

    def test_describes_the_samples_of_alerts(self):
        samples = samples_of_alerts()
        headers = samples["headers"]
        key = headers["ce_subject"]
        of_state = {**headers, "ce_type": "alert.state"}
        self.assertEqual(self.problems("alerts.events", key, samples["transition"], headers), [])
        self.assertEqual(self.problems("alerts.state", key, samples["state"], of_state), [])
        self.assertNotEqual(self.problems("alerts.events", key, samples["state"], headers), [])
        self.assertNotEqual(self.problems("alerts.state", key, samples["state"], headers), [])
        self.assertNotEqual(self.problems("alerts.events", "another", samples["transition"], headers), [])
        for name in samples["transition"]:
            lacking = {member: value for member, value in samples["transition"].items() if member != name}
            self.assertNotEqual(self.problems("alerts.events", key, lacking, headers), [], f"without {name}")
        self.assertNotEqual(self.problems("alerts.events", key, {**samples["transition"], "new": 1}, headers), [])
        for name in headers:
            lacking = {header: value for header, value in headers.items() if header != name}
            wanted = self.assertEqual if name == "ce_traceparent" else self.assertNotEqual
            wanted(self.problems("alerts.events", key, samples["transition"], lacking), [], f"without {name}")

    def test_describes_rows_of_views(self):
        row = DOCUMENT.content["components"]["schemas"]["view_row"]["examples"][0]
        key = f"{row['view']}|{row['every']}:{row['window']}|{row['node']}"
        headers = {"ce_specversion": "1.0", "ce_id": f"{key}/7", "ce_source": "/slipstream", "ce_type": "view.row",
                   "ce_subject": key, "ce_time": "2011-06-15T15:00:00Z", "ce_partitionkey": row["node"],
                   "content-type": "application/json"}
        self.assertEqual(self.problems("views", key, row, headers), [])
        self.assertNotEqual(self.problems("views", row["node"], row, headers), [])
        self.assertNotEqual(self.problems("views", key, {**row, "due": [3]}, headers), [])
        for lacking in ("view", "window_start", "as_of"):
            some = {name: value for name, value in row.items() if name != lacking}
            self.assertNotEqual(self.problems("views", key, some, headers), [], f"without {lacking}")
        for lacking in headers:
            some = {name: value for name, value in headers.items() if name != lacking}
            self.assertNotEqual(self.problems("views", key, row, some), [], f"without {lacking}")
        withdrawn = self.record("views", key, row, {})._replace(value=None)
        self.assertEqual(DOCUMENT.problems(withdrawn, DOCUMENT.channels()["views"], 8), [])

    def test_takes_each_example_on_the_topic_of_its_kind_alone(self):
        examples = [event for path in (SCHEMAS / "json/examples").glob("*.json") for event in json.loads(path.read_text("utf-8"))]
        self.assertGreater(len(examples), 36)
        for event in examples:
            message = self.record("events", "k", event, {"content-type": "application/cloudevents+json"})
            taking = [topic for topic in ("events", "reference") if not DOCUMENT.problems_as(
                message, DOCUMENT.messages(DOCUMENT.channels()[topic])["structured"])]
            kind = event["type"].removeprefix("org.example.permits.").split(".")[0]
            wanted = "events" if kind in ("task", "measurement", "observation") else "reference"
            self.assertEqual(taking, [wanted], event)


class ThePartitioner(unittest.TestCase):
    def test_is_kafkas(self):  # the vectors of its own test
        for text, digest in (("21", -973932308), ("foobar", -790332482), ("a-little-bit-long-string", -985981536),
                             ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971), ("abc", 479470107)):
            self.assertEqual(asyncapi_document.murmur2(text.encode()), digest & 0xFFFFFFFF, text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
