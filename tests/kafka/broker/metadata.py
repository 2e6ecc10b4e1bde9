"""Asks a broker, in Kafka's own protocol, who is in the cluster and which replicas are in sync.

Metadata request, version 1 (key 3): the oldest that every broker since 0.10 understands. Strings are an int16 length and
UTF-8, arrays an int32 count and the elements; all numbers are big-endian. https://kafka.apache.org/protocol
"""
import dataclasses
import socket
import struct

METADATA_KEY, METADATA_VERSION = 3, 1
ANSWER_BYTES_MAX = 64 << 20


@dataclasses.dataclass
class Partition:
    leader: int
    replicas: list
    in_sync: list


@dataclasses.dataclass
class Metadata:
    brokers: set
    controller: int
    partitions: list


def ask(port, seconds=2.0):
    """The cluster as the broker on this port sees it; OSError when it does not answer."""
    client = b"kafka_broker"
    every_topic = -1
    request = struct.pack(f">hhih{len(client)}si", METADATA_KEY, METADATA_VERSION, 1, len(client), client, every_topic)
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.settimeout(seconds)
        connection.sendall(struct.pack(">i", len(request)) + request)
        size, = struct.unpack(">i", receive(connection, 4))
        if not 0 < size <= ANSWER_BYTES_MAX:
            raise OSError(f"port {port} answers with something that is not Kafka's protocol")
        return read(Answer(receive(connection, size)))


def receive(connection, size):
    parts = []
    while size > 0:
        part = connection.recv(min(size, 1 << 16))
        if not part:
            raise ConnectionError("the broker closed the connection")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class Answer:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        value, = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return value

    def text(self):
        size = max(self.take("h"), 0)  # -1: absent
        self.at += size
        return self.data[self.at - size:self.at].decode()

    def array(self, element):
        return [element() for _ in range(self.take("i"))]


def read(answer):
    def number():
        return answer.take("i")

    def broker():
        identity, _host, _port, _rack = number(), answer.text(), number(), answer.text()
        return identity

    def partition():
        _error, _index = answer.take("h"), number()
        return Partition(number(), answer.array(number), answer.array(number))

    def topic():
        _error, _name, _internal = answer.take("h"), answer.text(), answer.take("b")
        return answer.array(partition)

    _correlation = number()
    brokers, controller, topics = answer.array(broker), number(), answer.array(topic)
    return Metadata(set(brokers), controller, [one for partitions in topics for one in partitions])
