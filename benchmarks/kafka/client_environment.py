"""enter() goes on in a Python that has a package: a virtual environment in the build directory, made once."""
import importlib.util
import os
import pathlib
import subprocess
import sys
import venv

SOURCES = pathlib.Path(__file__).resolve().parents[2]
ENVIRONMENT = SOURCES / "build/benchmark-python"
REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")


def enter(module="confluent_kafka", requirements=REQUIREMENTS):
    """Returns in a process whose Python has the module; pip is asked for the requirements when there is none yet."""
    if importlib.util.find_spec(module):
        return
    python = ENVIRONMENT / "bin/python"
    if pathlib.Path(sys.prefix).resolve() == ENVIRONMENT:
        sys.exit(f"{ENVIRONMENT} has no {module}: delete it and start again")
    if not (ENVIRONMENT / "complete").exists():
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        (ENVIRONMENT / "complete").touch()
    has_module = ENVIRONMENT / f"has-{module}"
    if not has_module.exists():
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements], check=True)
        has_module.touch()
    os.execv(python, [python, "-B", *sys.argv])
