"""A test in Python that needs packages of PyPI: enter() goes on in a virtual environment that holds those of requirements.txt,
by their hashes. It is made once in the build directory. Where it cannot be made the test is skipped with the reason.
"""
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import venv

REQUIREMENTS = pathlib.Path(__file__).parent / "requirements.txt"
CANNOT_BE_HAD = 77
INSTALL_SECONDS_MAX = 300


def enter(environment):
    """Returns in a process whose Python has the packages; `environment` is the folder of the virtual environment."""
    environment = pathlib.Path(environment).resolve()
    if pathlib.Path(sys.prefix).resolve() == environment:
        return
    environment.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{environment}.lock", "w") as lock:  # tests run side by side
        fcntl.flock(lock, fcntl.LOCK_EX)
        make(environment)
    python = environment / "bin/python"
    os.execv(python, [python, "-B", *sys.argv])


def make(environment):
    complete = environment / "requirements.sha256"
    mark = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if complete.exists() and complete.read_text() == mark:
        return
    shutil.rmtree(environment, ignore_errors=True)
    try:
        venv.create(environment, with_pip=True)
        subprocess.run([environment / "bin/python", "-m", "pip", "install", "--quiet", "--no-input",
                        "--disable-pip-version-check", "--require-hashes", "-r", REQUIREMENTS],
                       check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS_MAX)
    except (OSError, subprocess.SubprocessError) as problem:
        said = (getattr(problem, "stderr", None) or "").strip().splitlines()
        print(f"packages of PyPI cannot be had: {said[-1] if said else problem}", file=sys.stderr)
        sys.exit(CANNOT_BE_HAD)
    complete.write_text(mark)
