"""enter() goes on in a Python that has confluent-kafka: a virtual environment in the build directory, made once."""
import importlib.util
import os
import pathlib
import subprocess
import sys
import venv

SOURCES = pathlib.Path(__file__).resolve().parents[2]
ENVIRONMENT = SOURCES / "build/benchmark-python"
REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")


def enter():
    """Returns in a process whose Python has the package; pip is asked when there is none yet."""
    if importlib.util.find_spec("confluent_kafka"):
        return
    python = ENVIRONMENT / "bin/python"
    if pathlib.Path(sys.prefix).resolve() == ENVIRONMENT:
        sys.exit(f"{ENVIRONMENT} has no confluent-kafka: delete it and start again")
    if not (ENVIRONMENT / "complete").exists():
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS], check=True)
        (ENVIRONMENT / "complete").touch()
    os.execv(python, [python, "-B", *sys.argv])
