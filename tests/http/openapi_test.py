"""schemas/openapi.yaml is OpenAPI 3.1, is what the service serves, and says what the service does: every operation is tried with
every parameter of the document, and what comes back is held to the document's statuses, content types and schemas.

usage: openapi_test.py SLIPSTREAM SOURCES ENVIRONMENT
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "kafka"))
import python_packages  # pylint: disable=wrong-import-position

python_packages.enter(sys.argv[3])

# pylint: disable=wrong-import-position
import copy
import json
import tempfile
import unittest
import urllib.parse

import jsonschema
import yaml

from served import Served

SLIPSTREAM, SOURCES = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
TEXT = (SOURCES / "schemas/openapi.yaml").read_text(encoding="utf-8")
DOCUMENT = yaml.safe_load(TEXT)
# The OpenAPI initiative's own schema of 7 October 2022, one definition a line.
OFFICIAL = json.loads((SOURCES / "tests/http/openapi/3.1.json").read_text(encoding="utf-8"))
SETTINGS = ("partitions=2", "commit_interval=50 ms", "clock=2011-06-20T00:00:00+02:00")


def resolved(item):
    while "$ref" in item:
        found = DOCUMENT
        for name in item["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        item = found
    return item


def operations():
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def example_of(parameter):
    """A value for a parameter; None: it has none to try."""
    schema = parameter["schema"]
    if "example" in parameter:
        return str(parameter["example"])
    if "enum" in schema:
        return schema["enum"][-1]
    return {"boolean": "true", "integer": str(schema.get("minimum", 1))}.get(schema.get("type"))


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        kept = tempfile.TemporaryDirectory()
        cls.addClassCleanup(kept.cleanup)
        cls.served = Served(SLIPSTREAM, pathlib.Path(kept.name), SOURCES / "tests/kafka/tasks.yaml", SETTINGS)
        cls.addClassCleanup(cls.served.destroy)
        cls.served.start()
        example = DOCUMENT["paths"]["/v1/events"]["post"]["requestBody"]["content"]["application/cloudevents+json"]["example"]
        changed = {**example, "data": {**example["data"], "unit": "office-2"}}
        for event in (example, changed):  # the second is a dead letter
            assert cls.served.post_events([json.dumps(event)]).status == 202
        cls.served.wait_until(lambda: cls.served.get("/v1/dead-letters").json()["dead_letters"], "the dead letter")
        cls.served.wait_until(lambda: cls.served.get("/v1/alerts").json()["alerts"], "the alert")

    def problems(self, document):
        return list(jsonschema.Draft202012Validator(OFFICIAL).iter_errors(document))

    def test_is_openapi(self):
        self.assertEqual(self.problems(json.loads(json.dumps(DOCUMENT))), [])
        names = [operation["operationId"] for _, _, operation in operations()]
        self.assertEqual(len(names), len(set(names)))

    def test_would_be_refused_with_a_mistake(self):
        for break_it in (lambda d: d.pop("info"), lambda d: d["paths"]["/livez"]["get"].update(respones={}),
                         lambda d: d["components"]["parameters"]["node"].pop("in")):
            broken = json.loads(json.dumps(copy.deepcopy(DOCUMENT)))
            break_it(broken)
            self.assertNotEqual(self.problems(broken), [])

    def test_every_schema_is_one_and_every_reference_leads_somewhere(self):
        for schema in DOCUMENT["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)
        for name in set(part.split('"')[0] for part in TEXT.split('$ref: "')[1:]):
            resolved({"$ref": name})

    def test_is_served(self):
        answer = self.served.get("/v1/openapi.yaml")
        self.assertEqual((answer.headers["content-type"], answer.body.decode()), ("application/yaml", TEXT))

    def hold(self, operation, answer, tried):
        """The answer to what the document says of the operation."""
        responses = operation["responses"]
        described = resolved(responses.get(str(answer.status), responses["default"]))
        if str(answer.status) not in responses:
            self.assertGreaterEqual(answer.status, 400, tried)
        if answer.status == 304:
            return
        content_type = answer.headers["content-type"].partition(";")[0]
        self.assertIn(content_type, described["content"], tried)
        schema = described["content"][content_type].get("schema")
        if content_type.endswith("json"):
            held = {**schema, "components": DOCUMENT["components"]}
            validator = jsonschema.Draft202012Validator(held, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
            self.assertEqual([problem.message for problem in validator.iter_errors(answer.json())], [], tried)

    def test_every_operation_does_what_the_document_says(self):
        for path, method, operation in operations():
            if method != "get" or path.endswith("/stream"):
                continue
            parameters = [resolved(parameter) for parameter in operation.get("parameters", [])]
            for parameter in parameters:
                if parameter["in"] == "path":
                    path = path.replace("{%s}" % parameter["name"], str(parameter["example"]))
            needed = {p["name"]: example_of(p) for p in parameters if p["in"] == "query" and p.get("required")}
            tries = [needed] + [{**needed, p["name"]: example_of(p)} for p in parameters
                                if p["in"] == "query" and not p.get("required") and example_of(p) is not None]
            for tried in tries:
                with self.subTest(path=path, **tried):
                    answer = self.served.get(path, **tried)
                    self.assertEqual(answer.status, 200, answer.body)
                    self.hold(operation, answer, tried)
            with self.subTest(path=path, unknown=True):
                wrong = self.served.request("GET", f"{path}?{urllib.parse.urlencode({**needed, 'no_such': 1})}")
                if path not in ("/livez", "/startupz", "/metrics"):  # probes add what they like
                    self.assertEqual(wrong.status, 400)
                self.hold(operation, wrong, "an unknown parameter")
            if "304" in operation["responses"]:
                tag = self.served.get(path, **needed).headers["etag"]
                self.assertEqual(self.served.get(path, {"If-None-Match": tag}, **needed).status, 304)

    def test_what_is_posted_does_what_the_document_says(self):
        operation = DOCUMENT["paths"]["/v1/events"]["post"]
        event = json.dumps(operation["requestBody"]["content"]["application/cloudevents+json"]["example"])
        for form in ("application/cloudevents+json", "application/cloudevents-batch+json", "application/x-ndjson", "application/json"):
            self.assertIn(form, operation["requestBody"]["content"])
            answer = self.served.post_events([event], form)
            self.assertEqual(answer.status, 202)
            self.hold(operation, answer, form)
        self.hold(operation, self.served.post_events(["{}"]), "an event without anything")
        (alert, *_) = self.served.get("/v1/alerts").json()["alerts"]
        for action in ("acknowledge", "silence"):
            operation = DOCUMENT["paths"]["/v1/alerts/{alert}/" + action]["post"]
            example = operation["requestBody"]["content"]["application/json"]["example"]
            for key, body in (("once", example), ("twice", [])):
                answer = self.served.request("POST", f"/v1/alerts/{alert['alert']}/{action}", json.dumps(body),
                                             {"Content-Type": "application/json", "Idempotency-Key": key})
                self.assertEqual(answer.status, 400 if body == [] else 202)
                self.hold(operation, answer, action)
        operation = DOCUMENT["paths"]["/v1/dead-letters/{offset}/replay"]["post"]
        for offset, status in (("0", 202), ("999999", 404)):
            answer = self.served.request("POST", f"/v1/dead-letters/{offset}/replay")
            self.assertEqual(answer.status, status)
            self.hold(operation, answer, offset)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
