#!/usr/bin/env python3
"""A real Apache Kafka for development and tests, without containers: Maven fetches it, Java runs it, 127.0.0.1 only."""
import argparse
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # nothing is left in the source tree

import distribution
import life
import settings
import tools
from cluster import existing, resident_megabytes, state_of
from launching import tool_command
from making import Wanted
from problem import Problem

EXAMPLES = """examples
  kafka_broker.py start --directory /tmp/kafka                     one node of Kafka 4.1
  kafka_broker.py start --directory /tmp/kafka --version 3.9 --nodes 3 --secure
  kafka_broker.py start --directory /tmp/kafka --set group.coordinator.rebalance.protocols=classic,consumer
  kafka_broker.py status /tmp/kafka
  kafka_broker.py tool /tmp/kafka kafka-topics --create --topic events --partitions 3
  kafka_broker.py tool --listener sasl /tmp/kafka kafka-console-consumer --topic events --from-beginning --max-messages 1
  kafka_broker.py kill /tmp/kafka 2                                like a crash of node 2
  kafka_broker.py restart /tmp/kafka 2                             same ports and data; returns when it is in sync
  kafka_broker.py pause /tmp/kafka 1; kafka_broker.py resume /tmp/kafka 1
  kafka_broker.py stop /tmp/kafka                                  a later start goes on with its data
  kafka_broker.py fetch --version 4.1                              fill the cache only

DIRECTORY/broker.json tells addresses, ports, pids, files and the user of a cluster.
exit codes: 0 fine; 1 it failed; 2 wrong usage; 77 Java, Maven, OpenSSL or Kafka cannot be had here (skip the test)
"""
READY_SECONDS = 90.0


def main(arguments):
    options = command_line().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that a start cleans up behind itself
    try:
        return options.command(options) or 0
    except Problem as problem:
        print(f"kafka_broker: {problem}", file=sys.stderr)
        return problem.exit_code
    except OSError as error:
        print(f"kafka_broker: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def command_line():
    parser = argparse.ArgumentParser(prog="kafka_broker.py", description=__doc__, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name, function, about):
        one = commands.add_parser(name, help=about, description=about, epilog=EXAMPLES,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
        one.set_defaults(command=function)
        return one

    def on_nodes(name, function, about):
        one = command(name, function, about)
        one.add_argument("directory", type=directory, metavar="DIRECTORY")
        one.add_argument("nodes", type=int, nargs="+", metavar="NODE", help="1, 2 or 3")
        return one

    one = command("start", start, "start a cluster, and return when it is ready")
    one.add_argument("--directory", type=directory, required=True, help="holds everything; new, or of a stopped cluster")
    one.add_argument("--version", help=f"{', '.join(distribution.SERIES)}, or in full such as 4.1.0 (default 4.1)")
    one.add_argument("--nodes", type=int, choices=(1, 3), help="each is broker and controller (default 1)")
    one.add_argument("--secure", action="store_true", help="also listeners with SASL, TLS and mutual TLS")
    one.add_argument("--set", type=setting, action="append", default=[], metavar="KEY=VALUE", help="a server property")
    one.add_argument("--jvm", action="append", default=[], metavar="OPTION", help="of Java, such as --jvm=-Xmx1g")
    one.add_argument("--fresh", action="store_true", help="delete the stopped cluster that is there")
    one.add_argument("--owner", type=int, metavar="PID", help="stop the cluster when this process is gone")
    one.add_argument("--seconds", type=float, default=READY_SECONDS, help="how long it may take to be ready (%(default)g)")

    one = command("stop", stop, "stop every node cleanly, after 15 s by force")
    one.add_argument("--now", action="store_true", help="by force at once: three nodes take 6 s to end cleanly")
    one.add_argument("directory", type=directory, metavar="DIRECTORY")
    one = command("status", status, "say which nodes run; exit code 1 unless all do")
    one.add_argument("directory", type=directory, metavar="DIRECTORY")
    on_nodes("kill", lambda given: life.kill(given.directory, given.nodes), "SIGKILL nodes")
    on_nodes("pause", lambda given: life.pause(given.directory, given.nodes), "SIGSTOP nodes")
    on_nodes("resume", lambda given: life.resume(given.directory, given.nodes), "SIGCONT nodes")
    one = on_nodes("restart", restart, "stop nodes that run, start them again, and return when they are in sync")
    one.add_argument("--seconds", type=float, default=READY_SECONDS, help="how long it may take to be ready (%(default)g)")

    one = command("tool", tool, "run one of Kafka's command-line tools, or any class, with the brokers filled in")
    one.add_argument("--listener", default="plaintext", help="plaintext, sasl, ssl or mtls (default %(default)s)")
    one.add_argument("directory", type=directory, metavar="DIRECTORY")
    one.add_argument("name", metavar="NAME", help=f"{', '.join(tools.BY_NAME)}, or a class")
    one.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGUMENT")

    one = command("fetch", fetch, "fill the cache with one version, and print where it is")
    one.add_argument("--version", default="4.1")
    one = command("stop-after", lambda given: life.stop_after(given.directory, given.owner),
                  "wait until a process is gone, then stop (what start --owner leaves running)")
    one.add_argument("directory", type=directory, metavar="DIRECTORY")
    one.add_argument("owner", type=int, metavar="PID")
    return parser


def directory(text):
    return pathlib.Path(text).resolve()


def setting(text):
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"'{text}' is not KEY=VALUE")
    return key, value


def start(given):
    began = time.monotonic()
    wanted = Wanted(given.version, given.nodes, given.secure, dict(given.set), tuple(given.jvm), given.fresh, given.owner)
    cluster = life.start(given.directory, wanted, given.seconds)
    if given.owner is not None:
        subprocess.Popen([sys.executable, __file__, "stop-after", str(given.directory), str(given.owner)], cwd="/",
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         start_new_session=True)
    print(f"Kafka {cluster.version}, {cluster.size()}, ready after {time.monotonic() - began:.1f} s")
    describe(cluster)


def describe(cluster):
    for node in cluster.nodes:
        state = state_of(node)
        running = f", pid {node.pid}, {resident_megabytes(node)} MB" if state != "stopped" else ""
        ports = ", ".join(f"{name} {port}" for name, port in node.ports.items())
        print(f"node {node.id}: {state}{running}, ports: {ports}")
    print(f"bootstrap servers: {cluster.addresses('plaintext')}")


def stop(given):
    life.stop(given.directory, clean=not given.now)
    print("stopped")


def status(given):
    cluster = existing(given.directory)
    print(f"Kafka {cluster.version}, {cluster.size()}")
    describe(cluster)
    return 0 if all(state_of(node) == "running" for node in cluster.nodes) else 1


def restart(given):
    began = time.monotonic()
    life.restart(given.directory, given.nodes, given.seconds)
    print(f"ready after {time.monotonic() - began:.1f} s")


def tool(given):
    cluster = existing(given.directory)
    if given.listener not in settings.listeners(cluster.secure):
        raise Problem(f"{given.directory} has no listener '{given.listener}'" +
                      ("" if cluster.secure else ": start it with --secure"))
    jars = distribution.jars_of(cluster.version)
    name, bootstrap, config = tools.class_and_options(given.name, jars)
    filled_in = []  # before the caller's own: some tools take a subcommand last
    if bootstrap and not any(one.startswith(("--bootstrap-", "--broker-list", "--help", "--version")) for one in given.arguments):
        filled_in += [bootstrap, cluster.addresses(given.listener)]
    if config and given.listener != "plaintext" and config not in given.arguments:
        filled_in += [config, str(cluster.client_properties_of(given.listener))]
    command = tool_command(cluster, name, *filled_in, *given.arguments)
    sys.stdout.flush()
    os.execv(command[0], command)


def fetch(given):
    print(distribution.jars_of(distribution.full_version(given.version)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
