"""Where Kafka comes from: Maven resolves it once per version into a cache, and Java runs it from there.

The cache is ${XDG_CACHE_HOME:-~/.cache}/slipstream/kafka/VERSION: one folder of jars, complete or absent. It is written
beside its final place and renamed, under a lock, so that test processes may ask for it at the same time. Where Maven
downloads from is the user's affair (settings.xml).
"""
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from problem import Problem, Unavailable

POM = pathlib.Path(__file__).resolve().parent / "pom.xml"
# The patch version that a series stands for; a full version such as 4.1.0 is taken as it is.
SERIES = {"3.9": "3.9.2", "4.1": "4.1.2"}
OLDEST_JAVA = 17
MAVEN_SECONDS_MAX = 900


def full_version(version):
    if version in SERIES:
        return SERIES[version]
    if re.fullmatch(r"(3\.9|4\.\d+)\.\d+", version):
        return version
    raise Problem(f"no Kafka version '{version}': give {', '.join(SERIES)}, or one in full such as {SERIES['4.1']}")


def uses_log4j2(version):
    return not version.startswith("3.")


def cache_root():
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "slipstream" / "kafka"


def jars_of(version):
    """The folder with the jars of a full version; resolves them when they are not there yet."""
    logger = "log4j2" if uses_log4j2(version) else "reload4j"
    return kept_jars(cache_root() / version, POM, [f"-Dkafka.version={version}", "-P", logger], f"Kafka {version}")


def kept_jars(jars, pom, options, what):
    """The folder `jars` with what a pom names; resolves it when it is not there or of another pom."""
    root = jars.parent
    mark = hashlib.sha256(pom.read_bytes()).hexdigest()
    if has_mark(jars, mark):
        return jars
    root.mkdir(parents=True, exist_ok=True)
    with open(root / "lock", "w") as lock:  # one for all versions: Maven's own cache knows no locks
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not has_mark(jars, mark):
            for abandoned in root.glob(f".{jars.name}.*"):
                shutil.rmtree(abandoned, ignore_errors=True)
            with tempfile.TemporaryDirectory(prefix=f".{jars.name}.", dir=root) as folder:
                fresh = pathlib.Path(folder) / "fresh"
                resolve(pom, options, fresh, what)
                (fresh / "pom.sha256").write_text(mark)
                if jars.exists():
                    jars.rename(pathlib.Path(folder) / "old")
                fresh.rename(jars)
    return jars


def has_mark(jars, mark):
    """True when `jars` was resolved from the pom as it is now."""
    try:
        return (jars / "pom.sha256").read_text() == mark
    except FileNotFoundError:
        return False


def resolve(pom, options, folder, what):
    maven = shutil.which("mvn")
    if not maven:
        raise Unavailable("Maven is not there (mvn): install the Debian package maven")
    command = [maven, "-B", "-ntp", "-q", "-f", str(pom), *options,
               "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    try:
        done = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, timeout=MAVEN_SECONDS_MAX,
                              stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"Maven did not get {what} in {MAVEN_SECONDS_MAX} s") from None
    if done.returncode != 0 or not list(folder.glob("*.jar")):
        raise Unavailable(f"Maven cannot get {what}: {first_error(done.stdout + done.stderr)}")


def first_error(output):
    lines = [line.removeprefix("[ERROR]").strip() for line in output.splitlines() if line.startswith("[ERROR]")]
    lines = lines or output.strip().splitlines() or ["it said nothing"]
    return lines[0][:400]


def java():
    """The path of a Java that runs every version."""
    found = []
    for candidate in java_candidates():
        said = subprocess.run([candidate, "-version"], capture_output=True, text=True, check=False).stderr
        match = re.search(r'version "(\d+)', said)
        if match and int(match.group(1)) >= OLDEST_JAVA:
            return candidate
        found.append(f"{candidate} is {match.group(1)}" if match else f"{candidate} does not run")
    raise Unavailable(f"Java {OLDEST_JAVA} or later is not there ({'; '.join(found) or 'no java at all'}): "
                      f"install the Debian package openjdk-{OLDEST_JAVA}-jre-headless")


def java_candidates():
    home = os.environ.get("JAVA_HOME")
    if home and os.access(f"{home}/bin/java", os.X_OK):
        yield f"{home}/bin/java"
    if shutil.which("java"):
        yield shutil.which("java")
    yield from (str(path) for path in sorted(pathlib.Path("/usr/lib/jvm").glob("*/bin/java")))
