#!/usr/bin/env python3
"""Every engine of the comparison gives the recomputed answers in a tiny run: peers_test.py SLIPSTREAM PYTHON_ENVIRONMENT"""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests/kafka"))

# pylint: disable=wrong-import-position
import python_packages

if __name__ == "__main__":
    python_packages.enter(sys.argv[2])
    sys.exit(subprocess.run([sys.executable, "-B", HERE / "peers.py", "--tiny", "--engine", sys.argv[1]], check=False).returncode)
