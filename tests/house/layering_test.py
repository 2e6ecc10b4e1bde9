"""Layers point one way: schemas <- engine <- connectors <- app; the deciding stages know no thread, clock or disk."""
import re

import house

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
FOREIGN_TO_ENGINE = re.compile(
    r"^(connectors/|librdkafka/|boost/beast|boost/asio|sys/socket\.h|sys/un\.h|netinet/|arpa/inet\.h|netdb\.h|yaml-cpp/)")

# One kind of shard: step(input) -> effects, with log, clock and store given to it.
PURE_STAGES = ("fold", "aggregate", "rollup", "judge", "shard")
IMPURE_INCLUDE = re.compile(
    r"^(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token|random|fstream|filesystem"
    r"|cstdio|stdio\.h|unistd\.h|fcntl\.h|sys/|netinet/|arpa/|netdb\.h|rocksdb/|boost/asio|boost/beast)")
IMPURE_WORD = re.compile(
    r"\b(system_clock|steady_clock|high_resolution_clock|clock_gettime|gettimeofday|random_device|mt19937(_64)?"
    r"|fopen|getenv)\b|\bstd::(time|rand|srand|getline)\s*\(")


def code_lines(path):
    """Numbered lines with comments blanked out."""
    text = path.read_text(encoding="utf-8", errors="replace")
    text = re.sub(r"/\*.*?\*/", lambda match: "\n" * match.group().count("\n"), text, flags=re.DOTALL)
    for number, line in enumerate(text.splitlines(), 1):
        yield number, re.sub(r"//.*", "", line)


def includes(path):
    for number, line in code_lines(path):
        if match := INCLUDE.match(line):
            yield number, match.group(1), match.group(2)


def engine_findings(root):
    for path in house.sources(root, "engine"):
        name = path.relative_to(root).as_posix()
        if name.startswith("engine/app/"):
            continue
        for number, _, included in includes(path):
            if FOREIGN_TO_ENGINE.match(included):
                yield f"{name}:{number}: the engine includes {included}; adapters belong in connectors/"
            if included.startswith("engine/app/"):
                yield f"{name}:{number}: only the composition root includes {included}"


def pure_findings(root):
    for stage in PURE_STAGES:
        for path in house.sources(root, f"engine/{stage}"):
            name = path.relative_to(root).as_posix()
            for number, _, included in includes(path):
                if IMPURE_INCLUDE.match(included):
                    yield f"{name}:{number}: a deciding stage includes {included}; it must be given, not taken"
            for number, line in code_lines(path):
                if match := IMPURE_WORD.search(line):
                    yield f"{name}:{number}: a deciding stage uses {match.group().strip()}; it must be given, not taken"


def outer_findings(root):
    for path in house.sources(root, "connectors"):
        for number, _, included in includes(path):
            if included.startswith("engine/app/"):
                yield f"{path.relative_to(root)}:{number}: only the composition root includes {included}"
    for path in house.sources(root, "schemas"):
        for number, mark, included in includes(path):
            if mark == '"' and not included.startswith("schemas/"):
                yield f"{path.relative_to(root)}:{number}: schemas include nothing of the project, not {included}"
    for path in sorted((root / "schemas").rglob("*.fbs")):
        for number, line in code_lines(path):
            match = re.match(r'\s*include\s+"([^"]+)"', line)
            if match and not (path.parent / match.group(1)).is_file():
                yield f"{path.relative_to(root)}:{number}: a schema includes schemas beside it only, not {match.group(1)}"


def rule(root):
    if not (root / "engine").is_dir():
        return [f"{root}: no engine/ here; nothing was checked"]
    return [*engine_findings(root), *pure_findings(root), *outer_findings(root)]


SOUND = {
    "engine/judge/kpi.cpp": '#include <vector>\n// no std::mutex, no steady_clock here\n#include "engine/base/time.h"\n',
    "engine/state/rocks.cpp": "#include <rocksdb/db.h>\n#include <mutex>\n",
    "engine/app/main.cpp": '#include "connectors/file/importer.h"\n#include <boost/asio.hpp>\n',
    "connectors/file/a.cpp": "#include <yaml-cpp/yaml.h>\n",
    "schemas/event.fbs": "table Event {}\n",
}
BROKEN = [
    ({"engine/log/a.cpp": '#include "connectors/file/importer.h"\n'}, "engine/log/a.cpp:1"),
    ({"engine/log/a.h": "#include <librdkafka/rdkafka.h>\n"}, "librdkafka"),
    ({"engine/view/a.cpp": "\n#include <boost/beast/http.hpp>\n"}, "engine/view/a.cpp:2"),
    ({"engine/view/a.cpp": "#  include <boost/asio/ip/tcp.hpp>\n"}, "boost/asio"),
    ({"engine/definition/a.cpp": "#include <yaml-cpp/yaml.h>\n"}, "yaml-cpp"),
    ({"engine/log/a.cpp": "#include <sys/socket.h>\n"}, "sys/socket.h"),
    ({"engine/state/a.cpp": '#include "engine/app/configuration.h"\n'}, "composition root"),
    ({"connectors/log/a.cpp": '#include "engine/app/configuration.h"\n'}, "composition root"),
    ({"engine/shard/a.cpp": "#include <thread>\n"}, "thread"),
    ({"engine/fold/a.cpp": "#include <mutex>\n"}, "mutex"),
    ({"engine/rollup/a.cpp": "#include <random>\n"}, "random"),
    ({"engine/aggregate/a.cpp": "#include <rocksdb/db.h>\n"}, "rocksdb"),
    ({"engine/judge/a.cpp": "#include <fstream>\n"}, "fstream"),
    ({"engine/judge/a.cpp": "auto t = std::chrono::system_clock::now();\n"}, "system_clock"),
    ({"engine/judge/a.cpp": "auto t = std::chrono::steady_clock::now();\n"}, "steady_clock"),
    ({"engine/shard/a.cpp": "int n = std::rand ();\n"}, "std::rand"),
    ({"schemas/a.h": '#include "engine/base/time.h"\n'}, "schemas include nothing"),
    ({"schemas/a.fbs": 'include "../engine/a.fbs";\n'}, "a schema includes schemas beside it only"),
]

if __name__ == "__main__":
    house.main(rule, SOUND, BROKEN)
