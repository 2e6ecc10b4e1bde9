"""What /metrics serves passes `promtool check metrics`, Prometheus' own check of format and names.

The program is Debian's, taken out of its package without installing it, which would start a server.

usage: promtool_test.py SLIPSTREAM SOURCES DIRECTORY
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from served import Served

SLIPSTREAM, SOURCES, DIRECTORY = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
FETCH_SECONDS_MAX = 120
SKIPPED = 77


def run(*command, cwd=None):
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True, timeout=FETCH_SECONDS_MAX)


def promtool():
    """Its path. LookupError: it cannot be had, and why."""
    there = shutil.which("promtool") or DIRECTORY / "usr/bin/promtool"
    if pathlib.Path(there).exists():
        return there
    try:
        with tempfile.TemporaryDirectory(dir=DIRECTORY.parent) as folder:
            try:
                run("apt-get", "download", "-qq", "prometheus", cwd=folder)
            except subprocess.CalledProcessError:  # the lists of packages may be old, or none
                run("apt-get", "update", "-qq")
                run("apt-get", "download", "-qq", "prometheus", cwd=folder)
            package, = pathlib.Path(folder).glob("prometheus_*.deb")
            run("dpkg-deb", "--extract", package, DIRECTORY)
    except (OSError, subprocess.SubprocessError) as error:
        raise LookupError(f"promtool is not installed and Debian's package prometheus cannot be fetched: "
                          f"{getattr(error, 'stderr', None) or error}") from error
    return there


class Promtool(unittest.TestCase):
    def check(self, text):
        return subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, check=False)

    def test_metrics_are_as_prometheus_wants_them(self):
        with tempfile.TemporaryDirectory() as folder:
            served = Served(SLIPSTREAM, pathlib.Path(folder), SOURCES / "tests/kafka/tasks.yaml", ("partitions=2",))
            try:
                served.start()
                text = served.get("/metrics").body.decode()
                served.stop()
            finally:
                served.destroy()
        checked = self.check(text)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))
        nameless = text.replace("slipstream_log_available ", "slipstream-log ", 1)
        self.assertNotEqual(nameless, text)
        self.assertNotEqual(self.check(nameless).returncode, 0)


if __name__ == "__main__":
    try:
        PROMTOOL = promtool()
    except LookupError as reason:
        print(reason, file=sys.stderr)
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1], verbosity=2)
