"""schemas/asyncapi.yaml as a reader of topics uses it: which topics there are, and what is wrong with a record of one."""
import collections
import json
import pathlib
import urllib.parse

import jsonschema
import yaml

Record = collections.namedtuple("Record", "topic partition offset key value headers")  # headers: [(name, bytes)]


def murmur2(data):
    """Of Kafka's Java client, Utils.murmur2, without its sign."""
    mask, multiplier = 0xFFFFFFFF, 0x5BD1E995
    digest = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at:at + 4], "little") * multiplier & mask
        word = (word ^ word >> 24) * multiplier & mask
        digest = digest * multiplier & mask ^ word
    if rest := data[whole:]:
        digest = (digest ^ int.from_bytes(rest, "little")) * multiplier & mask
    digest = (digest ^ digest >> 13) * multiplier & mask
    return digest ^ digest >> 15


def partition_of(key, partitions):
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def closed(schema):
    """The same schema, but a member that it does not describe is an error: published schemas leave room for later ones."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {name: closed(item) for name, item in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        result.setdefault("additionalProperties", False)
    return result


class Document:
    def __init__(self, path):
        self.path = pathlib.Path(path).resolve()
        self.content = yaml.safe_load(self.path.read_text(encoding="utf-8"))
        self.resolver = jsonschema.RefResolver(self.path.as_uri(), self.content, handlers={"file": self.load})

    @staticmethod
    def load(uri):
        path = pathlib.Path(urllib.parse.unquote(urllib.parse.urlparse(uri).path))
        schema = json.loads(path.read_text(encoding="utf-8"))
        return closed(schema) if path.name in ("alert_event.json", "alert_state.json") else schema

    def resolve(self, item):
        while "$ref" in item:
            item = self.resolver.resolve(item["$ref"])[1]
        return item

    def channels(self, prefix=""):
        """By topic."""
        return {channel["address"].replace("{topic_prefix}", prefix): channel for channel in self.content["channels"].values()}

    def messages(self, channel):
        return {name: self.resolve(message) for name, message in channel["messages"].items()}

    def violations(self, schema, value):
        """`schema` as the document has it: what a reference leads to refers to others of its own file."""
        validator = jsonschema.Draft7Validator(schema, resolver=self.resolver)
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(value)]

    def problems(self, record, channel, partitions):
        """What is wrong with the record by every message of its channel; nothing where one of them describes it."""
        by_message = {name: self.problems_as(record, message) for name, message in self.messages(channel).items()}
        wrong = [f"as {name}: {' '.join(said)[:400]}" for name, said in by_message.items()] if all(by_message.values()) else []
        if channel["x-partitioning"] == "key" and record.partition != partition_of(record.key or b"", partitions):
            wrong.append(f"partition {record.partition} is not the key's")
        return wrong

    def problems_as(self, record, message):
        return (self.problems_of_headers(record, message) + self.problems_of_value(record, message)
                + self.problems_of_key(record, message))

    def problems_of_headers(self, record, message):
        schema = self.resolve(message.get("headers", {"maxProperties": 0}))
        described = schema.get("properties", {})
        headers, wrong = {}, []
        for name, value in record.headers:
            if is_binary(described.get(name, {})):
                wrong += wrong_identifier(described[name], value)
            headers[name] = value.decode("utf-8", "replace")
        return wrong + [f"headers: {said}" for said in self.violations(schema, headers)]

    def problems_of_value(self, record, message):
        schema = self.resolve(message["payload"])
        if is_binary(schema):
            return wrong_identifier(schema, record.value)
        try:
            text = (record.value or b"").decode("utf-8")
            value = json.loads(text) if message["contentType"].endswith("json") else text
        except ValueError as problem:
            return [f"value: {problem}"]
        return [f"value: {said}" for said in self.violations(message["payload"], value)]

    def problems_of_key(self, record, message):
        schema = message.get("bindings", {}).get("kafka", {}).get("key", {})
        if is_binary(schema):
            return []
        try:
            key = None if record.key is None else record.key.decode("utf-8")
        except ValueError as problem:
            return [f"key: {problem}"]
        return [f"key: {said}" for said in self.violations(schema, key)]


def is_binary(schema):
    return schema.get("format") == "binary"


def wrong_identifier(schema, value):
    wanted = schema.get("x-flatbuffers", {}).get("identifier")
    if wanted is None or (value or b"")[4:8] == wanted.encode():
        return []
    return [f"value: no FlatBuffer {wanted}"]
