"""Starts or stops the broker of the tests that need one: broker_fixture.py start|stop VERSION DIRECTORY.

Where Kafka cannot be had, it leaves the reason in DIRECTORY.skipped, for the tests to say, and succeeds. The broker ends
with the process that runs the tests.
"""

import os
import pathlib
import shutil
import subprocess
import sys

BROKER = pathlib.Path(__file__).parent / "broker" / "kafka_broker.py"
CANNOT_BE_HAD = 77


def start(version, directory, skipped):
    skipped.unlink(missing_ok=True)
    if (directory / "broker.json").exists():
        stop(directory)
    started = subprocess.run([sys.executable, BROKER, "start", "--version", version, "--directory", directory,
                              "--secure", "--owner", str(os.getppid())], stderr=subprocess.PIPE, text=True)
    sys.stderr.write(started.stderr)
    if started.returncode == CANNOT_BE_HAD:
        skipped.write_text(started.stderr.strip().splitlines()[-1] + "\n")
        return 0
    return started.returncode


def stop(directory):
    if (directory / "broker.json").exists():
        subprocess.run([sys.executable, BROKER, "stop", "--now", directory], check=True)
    shutil.rmtree(directory, ignore_errors=True)
    return 0


def main(act, version, directory):
    directory = pathlib.Path(directory)
    if act == "stop":
        return stop(directory)
    return start(version, directory, pathlib.Path(f"{directory}.skipped"))


sys.exit(main(*sys.argv[1:]))
