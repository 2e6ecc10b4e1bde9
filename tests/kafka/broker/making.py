"""What `start` is to launch: a new cluster, or the one that was stopped in the directory."""
import base64
import contextlib
import dataclasses
import random
import secrets
import shutil
import socket
import uuid

import certificates
import distribution
import settings
from cluster import Cluster, Node, load, state_of
from problem import Problem

# Below the ports that Linux gives to outgoing connections, so that a node which is down finds its port free again.
PORTS = range(20000, 32768)


@dataclasses.dataclass
class Wanted:
    """What `start` asks for; None and empty: as it is there already, or the default."""
    version: str | None = None
    nodes: int | None = None
    secure: bool = False
    settings: dict = dataclasses.field(default_factory=dict)
    jvm_options: tuple = ()
    fresh: bool = False
    owner: int | None = None


def free_ports(count):
    found = {}
    with contextlib.ExitStack() as held:
        for port in random.sample(PORTS, len(PORTS)):
            one = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                one.bind(("127.0.0.1", port))
                found[port] = one
            if len(found) == count:
                return list(found)
    raise Problem(f"no {count} free ports between {PORTS.start} and {PORTS.stop}")


def new_cluster_id():
    return base64.urlsafe_b64encode(b"\0" + uuid.uuid4().bytes[1:]).decode().rstrip("=")  # no "-" at the front


def new_cluster(directory, wanted):
    version = distribution.full_version(wanted.version or "4.1")
    names = [*settings.listeners(wanted.secure), "controller"]
    ports = iter(free_ports(len(names) * (wanted.nodes or 1)))
    nodes = [Node(number + 1, {name: next(ports) for name in names}) for number in range(wanted.nodes or 1)]
    cluster = Cluster(directory, version, wanted.secure, new_cluster_id(), distribution.java(), list(wanted.jvm_options),
                      dict(wanted.settings), nodes)
    distribution.jars_of(version)
    if cluster.secure:
        certificates.make(directory / "certificates")
        cluster.user = {"name": "tester", "password": secrets.token_hex(8), "mechanism": settings.SCRAM}
    return cluster


def refuse_other_wishes(cluster, wanted):
    """A stopped cluster goes on as what it is; whoever asks for another one must say so."""
    is_version = wanted.version in (None, cluster.version) or cluster.version.startswith(f"{wanted.version}.")
    if is_version and wanted.nodes in (None, len(cluster.nodes)) and (cluster.secure or not wanted.secure):
        return
    secure = ", secure" if cluster.secure else ""
    raise Problem(f"{cluster.directory} holds Kafka {cluster.version}, {cluster.size()}{secure}, not what is asked "
                  "for: name another directory, or give --fresh to delete what is there")


def prepare(directory, wanted):
    """(the cluster to launch, whether it is new): the one that stopped here, or a new one."""
    if set(",\n\r") & set(str(directory)):
        raise Problem(f"Kafka takes no directory with a comma or a line break in its name: {directory}")
    cluster = load(directory)
    if cluster is None and any(path.name != "lock" for path in directory.iterdir()):
        raise Problem(f"{directory} is not empty and holds no Kafka: name a new directory")
    if cluster and any(state_of(node) != "stopped" for node in cluster.nodes):
        raise Problem(f"Kafka {cluster.version} already runs in {directory} ({cluster.addresses('plaintext')}): "
                      "stop it first, or name another directory")
    if cluster and wanted.fresh:
        clear(directory)
        cluster = None
    if cluster is None:
        try:
            return new_cluster(directory, wanted), True
        except BaseException:
            clear(directory)
            raise
    refuse_other_wishes(cluster, wanted)
    cluster.settings |= wanted.settings
    cluster.jvm_options = list(wanted.jvm_options) or cluster.jvm_options
    return cluster, False


def clear(directory):
    for path in directory.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()
