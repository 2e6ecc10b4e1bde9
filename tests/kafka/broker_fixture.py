"""Starts or stops the broker of the tests that need one: broker_fixture.py start|stop VERSION DIRECTORY.

Where Kafka cannot be had, it leaves the reason in DIRECTORY.skipped, for the tests to say, and succeeds.
"""

import pathlib
import shutil
import subprocess
import sys

BROKER = pathlib.Path(__file__).parent / "broker" / "kafka_broker.py"
CANNOT_BE_HAD = 77


def main(act, version, directory):
    directory = pathlib.Path(directory)
    skipped = pathlib.Path(f"{directory}.skipped")
    if act == "stop":
        if (directory / "broker.json").exists():
            subprocess.run([sys.executable, BROKER, "stop", "--now", directory], check=True)
            shutil.rmtree(directory)
        return 0
    if (directory / "broker.json").exists():
        subprocess.run([sys.executable, BROKER, "stop", "--now", directory])
    shutil.rmtree(directory, ignore_errors=True)
    skipped.unlink(missing_ok=True)
    started = subprocess.run([sys.executable, BROKER, "start", "--version", version, "--directory", directory],
                             stderr=subprocess.PIPE, text=True)
    sys.stderr.write(started.stderr)
    if started.returncode == CANNOT_BE_HAD:
        skipped.write_text(started.stderr.strip().splitlines()[-1] + "\n")
        return 0
    return started.returncode


sys.exit(main(*sys.argv[1:]))
