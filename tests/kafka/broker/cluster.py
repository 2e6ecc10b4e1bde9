"""A cluster of Kafka nodes in one directory: what it is made of, and which of its processes run.

DIR/broker.json       what the cluster is; rewritten on every change, so a pid there is that of the last process
DIR/node-N/           server.properties, data/, broker.log (warnings), console.log (what Java itself prints)
DIR/clients/          a properties file for a Java client of each listener
DIR/certificates/     with --secure
DIR/lock              held while a command changes something; waiting for readiness is done without it

A node counts as running when its pid is a process that began when the node was started, so a pid that the system gave to
another program later is never signalled.
"""
import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
import signal
import time

import certificates
import settings
from problem import Problem

CLEAN_STOP_SECONDS = 15.0


@dataclasses.dataclass
class Node:
    id: int
    ports: dict
    pid: int | None = None
    began: int | None = None  # clock ticks between the system's start and the process's
    logs_from: dict = dataclasses.field(default_factory=dict)  # name of a log -> where the last start begins in it


@dataclasses.dataclass
class Cluster:
    directory: pathlib.Path
    version: str
    secure: bool
    cluster_id: str
    java: str
    jvm_options: list
    settings: dict
    nodes: list
    user: dict | None = None
    owner: int | None = None  # the process after whose end `start --owner` stops the cluster

    def directory_of(self, node):
        return self.directory / f"node-{node.id}"

    def properties_of(self, node):
        return self.directory_of(node) / "server.properties"

    def client_properties_of(self, listener):
        return self.directory / "clients" / f"{listener}.properties"

    def node(self, number):
        for node in self.nodes:
            if node.id == number:
                return node
        raise Problem(f"{self.directory} has no node {number}; its nodes are 1 to {len(self.nodes)}")

    def addresses(self, listener):
        return ",".join(f"127.0.0.1:{node.ports[listener]}" for node in self.nodes)

    def size(self):
        return "1 node" if len(self.nodes) == 1 else f"{len(self.nodes)} nodes"

    def save(self):
        listeners = settings.listeners(self.secure)
        files = certificates.files(self.directory / "certificates") if self.secure else {}
        described = dataclasses.asdict(self) | {
            "directory": str(self.directory),
            "bootstrap_servers": self.addresses("plaintext"),
            "listeners": {name: self.addresses(name) for name in listeners},
            "client_properties": {name: str(self.client_properties_of(name)) for name in listeners},
            "files": files,
        }
        fresh = self.directory / "broker.json.new"
        fresh.write_text(json.dumps(described, indent=2) + "\n")
        fresh.rename(self.directory / "broker.json")


def load(directory):
    """The cluster in a directory, which may have been moved since; None when there is none."""
    try:
        described = json.loads((directory / "broker.json").read_text())
    except FileNotFoundError:
        return None
    known = {field.name: described[field.name] for field in dataclasses.fields(Cluster)}
    return Cluster(**known | {"directory": directory, "nodes": [Node(**node) for node in described["nodes"]]})


def existing(directory):
    cluster = load(directory)
    if cluster is None:
        raise Problem(f"no Kafka in {directory}: start one there first")
    return cluster


@contextlib.contextmanager
def locked(directory):
    with open(directory / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def state_and_begin(pid):
    """(letter, ticks) of a process; ("X", None) when there is none. The fields follow the name in parentheses."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "X", None
    return fields[0], int(fields[19])


def state_of(node):
    """"running", "paused" or "stopped"."""
    letter, began = state_and_begin(node.pid)
    if letter in "XZ" or began != node.began:
        return "stopped"
    return "paused" if letter in "Tt" else "running"


def resident_megabytes(node):
    try:
        for line in pathlib.Path(f"/proc/{node.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def send(node, *signals):
    for one in signals:
        if state_of(node) != "stopped":
            with contextlib.suppress(ProcessLookupError):
                os.kill(node.pid, one)


def gone_within(nodes, seconds):
    deadline = time.monotonic() + seconds
    while any(state_of(node) != "stopped" for node in nodes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def end(cluster, nodes, *, clean=True):
    if clean:
        for node in nodes:
            send(node, signal.SIGTERM, signal.SIGCONT)
        gone_within(nodes, CLEAN_STOP_SECONDS)
    for node in nodes:
        send(node, signal.SIGKILL)
    if not gone_within(nodes, CLEAN_STOP_SECONDS):
        raise Problem(f"a node in {cluster.directory} does not even end when killed")
    for node in nodes:
        node.pid = node.began = None
