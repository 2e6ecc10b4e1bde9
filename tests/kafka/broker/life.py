"""The life of a cluster: start, stop, and what a test does to it in between."""
import contextlib
import os
import select
import signal

from cluster import end, existing, load, locked, send, state_of
from launching import PortTaken, launch, wait_ready
from making import prepare
from problem import Problem

PORT_TRIES = 3


def start(directory, wanted, seconds):
    directory.mkdir(parents=True, exist_ok=True)
    for tries_left in reversed(range(PORT_TRIES)):
        with locked(directory):
            cluster, is_new = prepare(directory, wanted)
            cluster.owner = wanted.owner
            with ended_on_failure(cluster):
                launch(cluster, cluster.nodes)
        try:
            with ended_on_failure(cluster):
                wait_ready(cluster, cluster.nodes, seconds)
            return cluster
        except PortTaken:
            if not is_new or tries_left == 0:
                raise
            wanted.fresh = True
    raise AssertionError("the last try returns or raises")


@contextlib.contextmanager
def ended_on_failure(cluster):
    """No process is left behind by a start that failed or was interrupted."""
    try:
        yield
    except BaseException:
        end(cluster, cluster.nodes, clean=False)
        cluster.owner = None
        cluster.save()
        raise


@contextlib.contextmanager
def changing(directory):
    existing(directory)  # before a lock file is made where nothing is
    with locked(directory):
        yield existing(directory)


def stop(directory, *, clean=True):
    with changing(directory) as cluster:
        end(cluster, cluster.nodes, clean=clean)
        cluster.owner = None
        cluster.save()


def kill(directory, numbers):
    with changing(directory) as cluster:
        end(cluster, running_nodes(cluster, numbers), clean=False)
        cluster.save()


def restart(directory, numbers, seconds):
    """Stops cleanly what of the nodes runs, starts them with their ports and data, and waits until they are in sync."""
    with changing(directory) as cluster:
        nodes = [cluster.node(number) for number in numbers]
        end(cluster, nodes)
        launch(cluster, nodes)
    wait_ready(cluster, nodes, seconds)


def pause(directory, numbers):
    cluster = existing(directory)
    for node in running_nodes(cluster, numbers):
        send(node, signal.SIGSTOP)


def resume(directory, numbers):
    cluster = existing(directory)
    for node in running_nodes(cluster, numbers):
        send(node, signal.SIGCONT)


def running_nodes(cluster, numbers):
    nodes = [cluster.node(number) for number in numbers]
    for node in nodes:
        if state_of(node) == "stopped":
            raise Problem(f"node {node.id} in {cluster.directory} does not run")
    return nodes


def stop_after(directory, owner):
    """Waits until the process `owner` is gone, then stops the cluster, unless another owner has it by then."""
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(owner)
        while not is_readable(descriptor, 1.0):
            if not owned_by(directory, owner):
                return
    if owned_by(directory, owner):
        stop(directory)


def is_readable(descriptor, seconds):
    return bool(select.select([descriptor], [], [], seconds)[0])


def owned_by(directory, owner):
    cluster = load(directory)
    return cluster is not None and cluster.owner == owner
