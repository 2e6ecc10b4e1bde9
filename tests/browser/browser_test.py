"""The web console in Chromium: installs what package-lock.json pins, once, and runs the tests with Node.js.

usage: browser_test.py SLIPSTREAM SOURCES ENVIRONMENT [SCRIPT ARGUMENT...]

SCRIPT: console_test.mjs by default. What is missing is said, with exit code 77: skipped. CHROMIUM names a browser that is
not /usr/bin/chromium.
"""
import filecmp
import os
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77
HERE = pathlib.Path(__file__).resolve().parent
PINNED = ("package.json", "package-lock.json", ".npmrc")
INSTALL_SECONDS_MAX = 120
TEST_SECONDS_MAX = 240


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def needed(name, *names):
    for one in (name, *names):
        if found := shutil.which(one):
            return found
    return skip(f"{name} is not there; ./dev test installs it")


def install(npm, environment):
    """Beside the build, so that the sources stay as they are; not again while the pins are the same."""
    environment.mkdir(parents=True, exist_ok=True)
    done = environment / "node_modules/.package-lock.json"
    if done.exists() and all((environment / name).exists() and filecmp.cmp(HERE / name, environment / name, False) for name in PINNED):
        return
    for name in PINNED:
        shutil.copy(HERE / name, environment / name)
    ran = subprocess.run([npm, "ci", "--prefer-offline", "--no-progress", "--loglevel=error"], cwd=environment,
                         capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS_MAX)
    if ran.returncode != 0:
        skip(f"npm could not install the test's packages: {ran.stdout}{ran.stderr}")


def main():
    slipstream, sources = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    environment = pathlib.Path(sys.argv[3]).resolve()
    script, *arguments = sys.argv[4:] or ["console_test.mjs"]
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not pathlib.Path(chromium).exists():
        skip(f"{chromium} is not there; ./dev test installs it")
    node, npm = needed("node", "nodejs"), needed("npm")
    install(npm, environment)
    # Node.js looks for packages beside the script.
    for path in HERE.glob("*.mjs"):
        shutil.copy(path, environment / path.name)
    sys.exit(subprocess.run([node, environment / script, slipstream, sources, *arguments], check=False,
                            timeout=TEST_SECONDS_MAX, env={**os.environ, "CHROMIUM": chromium}).returncode)


if __name__ == "__main__":
    main()
