"""The peers' jars, from Maven once, and their jobs compiled against them."""
import hashlib
import pathlib
import shutil
import subprocess
import sys

SOURCES = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCES / "tests/kafka/broker"))

# pylint: disable=wrong-import-position
import distribution
from problem import Problem, Unavailable

SCHEMAS = [SOURCES / "schemas" / name for name in ("common.fbs", "event.fbs")]
HERE = pathlib.Path(__file__).parent
# Flink and RocksDB's Java reach into the JDK; both of their documentations ask for it.
OPENED = ["java.base/java.lang", "java.base/java.util", "java.base/java.nio", "java.base/java.time"]


def built(peer, directory):
    """The words that begin `peer`'s command: Java, and its class path. Unavailable: Maven or a JDK is not there."""
    java = pathlib.Path(distribution.java())
    javac = java.resolve().with_name("javac")
    if not javac.exists():
        raise Unavailable(f"{javac} is not there: install the Debian package openjdk-17-jdk-headless")
    jars = distribution.kept_jars(distribution.cache_root().with_name("peers") / peer, HERE / peer / "pom.xml", [], peer)
    sources = sorted((HERE / peer).glob("*.java"))
    mark = hashlib.sha256(b"".join(path.read_bytes() for path in [HERE / peer / "pom.xml", *sources, *SCHEMAS])).hexdigest()
    classes = directory / peer
    if not distribution.has_mark(classes, mark):
        compile_into(classes, javac, jars, sources)
        (classes / "pom.sha256").write_text(mark)
    return [str(java), *(f"--add-opens={package}=ALL-UNNAMED" for package in OPENED), "-cp", f"{classes}:{jars}/*"]


def compile_into(classes, javac, jars, sources):
    shutil.rmtree(classes, ignore_errors=True)
    generated = classes / "generated"
    generated.mkdir(parents=True)
    run(["flatc", "--java", "-o", generated, *SCHEMAS])
    run([javac, "-nowarn", "-cp", f"{jars}/*", "-d", classes, *sources, *generated.rglob("*.java")])


def run(command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Problem(f"{pathlib.Path(command[0]).name} ended with code {done.returncode}:\n{done.stdout}{done.stderr}")
