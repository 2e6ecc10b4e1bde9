"""Java processes of a cluster: formats storage, starts nodes, and waits until they are of use."""
import struct
import subprocess
import time

import distribution
import metadata
import settings
from cluster import state_and_begin, state_of
from problem import Problem

HEAP = ("-Xms128m", "-Xmx256m")
# Quick to start and small: tests run for seconds, on machines that build something else meanwhile.
JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError")


class PortTaken(Problem):
    """Another program took a port between its choice and the start."""


LOGS = ("broker.log", "console.log")


def java_command(cluster, logging, options, *arguments):
    jars = distribution.jars_of(cluster.version)
    return [cluster.java, *options, settings.logging_option(cluster.version, logging), "-cp", f"{jars}/*", *arguments]


def tool_command(cluster, *arguments):
    return java_command(cluster, cluster.directory / "tools.logging.properties", ["-Xmx256m", *JVM], *arguments)


def node_command(cluster, node):
    return java_command(cluster, cluster.directory_of(node) / "logging.properties", [*HEAP, *JVM, *cluster.jvm_options],
                        "kafka.Kafka", cluster.properties_of(node))


def write_files(cluster, nodes):
    settings.write_logging(cluster.version, cluster.directory / "tools.logging.properties")
    (cluster.directory / "clients").mkdir(exist_ok=True)
    for listener in settings.listeners(cluster.secure):
        settings.write_properties(cluster.client_properties_of(listener), settings.client_properties(cluster, listener))
    for node in nodes:
        folder = cluster.directory_of(node)
        folder.mkdir(exist_ok=True)
        settings.write_properties(cluster.properties_of(node), settings.server_properties(cluster, node))
        settings.write_logging(cluster.version, folder / "logging.properties", folder / "broker.log")


def format_storage(cluster, nodes):
    """Of all nodes at once: each takes a Java of its own."""
    arguments = ["kafka.tools.StorageTool", "format", "--cluster-id", cluster.cluster_id]
    if cluster.secure:
        arguments += ["--add-scram", f"{settings.SCRAM}=[name={cluster.user['name']},password={cluster.user['password']}]"]
    running = [(node, subprocess.Popen(tool_command(cluster, *arguments, "--config", cluster.properties_of(node)),
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
               for node in nodes]
    failed = [(node, output) for node, output, code in
              [(node, process.communicate()[0], process.returncode) for node, process in running] if code != 0]
    for node, output in failed:
        raise Problem(f"the storage of node {node.id} cannot be formatted: {last_line(output)}")


def launch(cluster, nodes):
    write_files(cluster, nodes)
    format_storage(cluster, [node for node in nodes if not (cluster.directory_of(node) / "data/meta.properties").is_file()])
    for node in nodes:
        folder = cluster.directory_of(node)
        node.logs_from = {name: size_of(folder / name) for name in LOGS}
        with open(folder / "console.log", "ab") as console:
            process = subprocess.Popen(node_command(cluster, node), cwd=folder, stdin=subprocess.DEVNULL, stdout=console,
                                       stderr=console, start_new_session=True)
        node.pid, node.began = process.pid, state_and_begin(process.pid)[1]
        cluster.save()


def size_of(path):
    return path.stat().st_size if path.exists() else 0


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("\tat ", "SLF4J"))]
    return lines[-1][:400] if lines else "it said nothing"


def why_it_ended(cluster, node):
    """A Problem with the last error of a node that ended by itself."""
    folder = cluster.directory_of(node)
    lines = [line for name in LOGS for line in lines_from(folder / name, node.logs_from[name])]
    if any("Address already in use" in line for line in lines):
        ports = ", ".join(map(str, node.ports.values()))
        return PortTaken(f"node {node.id} ended: another program uses one of its ports ({ports}); look into {folder}/broker.log")
    errors = [line for line in lines if "Exception" in line or " ERROR " in line or "rror:" in line]
    return Problem(f"node {node.id} ended while it started: {errors[-1].strip()[:300] if errors else 'no word why'}; "
                   f"look into {folder}/broker.log and console.log")


def lines_from(path, offset):
    if not path.exists():
        return []
    with open(path, errors="replace") as log:
        log.seek(offset)
        return log.readlines()


def wait_ready(cluster, nodes, seconds):
    """Until each of `nodes` answers, knows all of them, and is in sync for the partitions it holds."""
    deadline = time.monotonic() + seconds
    for node in nodes:
        while (lacking := lacks(cluster, node, nodes)) is not None:
            if state_of(node) == "stopped":
                raise why_it_ended(cluster, node)
            if time.monotonic() > deadline:
                running = sum(state_of(one) == "running" for one in cluster.nodes)
                raise Problem(f"node {node.id} is not ready after {seconds:g} s: {lacking} "
                              f"({running} of {cluster.size()} running); look into {cluster.directory_of(node)}/broker.log")
            time.sleep(0.1)


def lacks(cluster, node, expected):
    """What a node lacks to be ready; None when it is."""
    try:
        seen = metadata.ask(node.ports["plaintext"])
    except (OSError, struct.error) as error:
        return f"it does not answer ({error})"
    absent = {one.id for one in expected} - seen.brokers
    if absent:
        return f"it does not know node {', '.join(map(str, sorted(absent)))} yet"
    behind = [one for one in seen.partitions
              if (one.leader < 0 and node.id in one.in_sync)
              or (one.leader >= 0 and node.id in one.replicas and node.id not in one.in_sync)]
    return f"{len(behind)} of its partitions are not in sync" if behind else None
