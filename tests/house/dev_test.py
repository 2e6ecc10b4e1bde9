"""./dev keeps its promises where no build is needed: setup, usage errors, and the summary of a test run.

The project's `dev` is copied into a folder with a space in its name; dpkg-query, apt-get, id and sudo are stand-ins that
write down how they were called.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

FAILED = []
DEBIAN_12 = 'ID=debian\nVERSION_ID="12"\n'
SUITE = ('<testsuite><testcase name="a" status="run"/>{}</testsuite>')
FAILURE = '<testcase name="b" status="fail"><failure message=""/></testcase>'
SKIP = ('<testcase name="c" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/><system-out>'
        "x_test.cpp:3: Skipped\nno data beside the checkout\n\n[  SKIPPED ] A.b (0 ms)\n</system-out></testcase>")


def expect(condition, promise, shown=""):
    if not condition:
        FAILED.append(f"{promise}: {shown}")


class Machine:
    """A machine with some packages; `user` 0 is root."""

    def __init__(self, folder, source, installed, provided="", user="0", sudo=True, release=DEBIAN_12):
        self.root = folder / "a path with spaces"
        self.tools = folder / "tools"
        self.calls = folder / "calls"
        for path in ("dev", "cmake/debian-packages.txt", "tests/house/test_report.py"):
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / path, self.root / path)
        (folder / "os-release").write_text(release)
        (folder / "installed").write_text("\n".join(installed) + "\n")
        self.tools.mkdir()
        self.tool("dpkg-query", f'''[[ $* != *Provides* ]] || {{ echo "ii  {provided}"; exit; }}
grep -qx -- "${{@: -1}}" "{folder}/installed" && echo "ii "''')
        self.tool("apt-get", f'echo "apt-get $*" >> "{self.calls}"')
        self.tool("id", f"echo {user}")
        for name in ("bash", "env", "dirname", "nproc", "awk", "sed", "grep", "mkdir", "cat", "rm", "python3"):
            (self.tools / name).symlink_to(shutil.which(name))
        if sudo:
            self.tool("sudo", f'echo sudo >> "{self.calls}"; exec "$@"')
        self.environment = {"PATH": str(self.tools), "SLIPSTREAM_OS_RELEASE": str(folder / "os-release")}

    def tool(self, name, body):
        (self.tools / name).write_text(f"#!{shutil.which('bash')}\n{body}\n")
        (self.tools / name).chmod(0o755)

    def dev(self, *arguments):
        return subprocess.run([self.root / "dev", *arguments], env=self.environment, cwd="/", capture_output=True, text=True,
                              check=False)

    def called(self):
        return self.calls.read_text() if self.calls.exists() else ""


def all_packages(source):
    lines = (source / "cmake/debian-packages.txt").read_text().splitlines()
    return [line for line in lines if line and line[0] not in "#["]


def on_machine(source, check, **machine):
    with tempfile.TemporaryDirectory() as folder:
        check(Machine(pathlib.Path(folder), source, **machine))


def setup_installs_only_what_is_missing(machine):
    done = machine.dev("setup")
    expect(done.returncode == 0, "setup works in a path with spaces", done.stderr)
    expect("install -y -qq --no-install-recommends mold libfmt-dev\n" in machine.called(), "only the missing", machine.called())
    expect("apt-get update" in machine.called(), "lists are refreshed first", machine.called())
    expect("sudo" not in machine.called(), "root needs no sudo", machine.called())
    expect("needed for the compilers" in done.stdout and "mold" in done.stdout, "says which and why", done.stdout)


def setup_changes_nothing_when_all_is_there(machine):
    done = machine.dev("setup")
    expect(done.returncode == 0 and machine.called() == "", "nothing to do", done.stderr + machine.called())


def setup_takes_what_another_package_provides(machine):
    done = machine.dev("setup")
    expect(done.returncode == 0 and machine.called() == "", "what is provided is there", done.stderr + machine.called())


def setup_uses_sudo_for_others(machine):
    done = machine.dev("setup")
    expect(done.returncode == 0 and machine.called().startswith("sudo\n"), "sudo for a user", done.stderr + machine.called())


def setup_without_rights_says_so(machine):
    done = machine.dev("setup")
    expect(done.returncode == 69 and "neither root nor" in done.stderr, "no rights", done.stderr)
    expect("apt-get" not in machine.called(), "nothing was tried", machine.called())


def setup_elsewhere_says_so(machine):
    done = machine.dev("setup")
    expect(done.returncode == 69 and "SLIPSTREAM_SETUP=skip" in done.stderr, "another system", done.stderr)


def wrong_usage_is_refused(machine):
    for arguments in (["nonsense"], [], ["sim"], ["sim", "x"], ["test", "--fast"], ["check", "x"],
                      ["kafka", "x"], ["bench", "instructions", "x"]):
        done = machine.dev(*arguments)
        expect(done.returncode == 2, f"usage error of {arguments}", f"{done.returncode} {done.stderr}")
    done = machine.dev("--help")
    expect(done.returncode == 0 and "fuzz" in done.stdout, "help", done.stdout)


def with_build(machine, cmake="true", report=SUITE.format("")):
    """Stand-ins for cmake and ctest; ctest leaves `report` where it is told to."""
    machine.tool("cmake", f'echo "cmake $*" >> "{machine.calls}"; {cmake}')
    machine.tool("setarch", "exit 1")
    machine.tool("ctest", f'''echo "ctest $*" >> "{machine.calls}"
while [[ $1 != --output-junit ]]; do shift; done
cat > "$2" <<'XML'
{report}
XML''')


def test_runs_every_phase(machine):
    with_build(machine)
    done = machine.dev("test")
    expect(done.returncode == 0, "all phases pass", done.stdout + done.stderr)
    expect(done.stdout.splitlines()[-1:] == ["3 passed, 0 failed, 0 skipped"], "one summary of all phases", done.stdout)
    calls = machine.called()
    for wanted in ("--target all\n", "--target tests_sanitized\n", "--target tests_threads\n", "--label-exclude ^(slow|house)$",
                   "--label-regex ^threads$"):
        expect(wanted in calls, f"a phase asks for {wanted.strip()}", calls)


def quick_test_leaves_the_sanitizers_out(machine):
    with_build(machine)
    done = machine.dev("test", "--quick")
    expect(done.stdout.splitlines()[-1:] == ["1 passed, 0 failed, 0 skipped"], "quick is one phase", done.stdout)
    expect("tests_sanitized" not in machine.called(), "quick builds no sanitizer", machine.called())


def a_failed_build_fails_the_test(machine):
    with_build(machine, cmake='[[ $* != *tests_threads* ]]')
    done = machine.dev("test")
    expect(done.returncode == 1, "a failed build fails", done.stdout)
    expect(done.stdout.splitlines()[-1:] == ["2 passed, 1 failed, 0 skipped"], "the other phases still run", done.stdout)
    expect("FAILED   tsan: the build failed" in done.stdout, "says which phase", done.stdout)


def a_failed_test_fails_the_test(machine):
    with_build(machine, report=SUITE.format(FAILURE))
    done = machine.dev("test", "--quick")
    expect(done.returncode == 1 and "FAILED   plain: b" in done.stdout, "a failed test fails", done.stdout)


def with_broker(machine, code):
    """A stand-in for the broker's program, which ends with `code`."""
    program = machine.root / "tests/kafka/broker/kafka_broker.py"
    program.parent.mkdir(parents=True)
    program.write_text(f"import sys\nprint('broker', *sys.argv[1:])\nsys.exit({code})\n")


def kafka_installs_its_packages_and_starts(machine):
    with_broker(machine, code=0)
    done = machine.dev("kafka", "start", "--help")
    expect(done.returncode == 0 and machine.called() == "", "help installs nothing", done.stderr + machine.called())
    done = machine.dev("kafka", "--nodes", "3")
    expect(done.returncode == 0, "kafka starts", done.stderr)
    expect("--no-install-recommends maven\n" in machine.called(), "its own packages only", machine.called())
    expect("broker start --directory build/kafka --nodes 3\nstop it with: ./dev kafka stop\n" in done.stdout,
           "start is the default, and how to stop is told", done.stdout)
    done = machine.dev("kafka", "stop")
    expect("broker stop build/kafka\n" in done.stdout, "stop is passed on", done.stdout + done.stderr)


def a_kafka_that_cannot_be_had_is_code_69(machine):
    with_broker(machine, code=77)
    done = machine.dev("kafka", "start")
    expect(done.returncode == 69 and "stop it" not in done.stdout, "a broker that cannot be had", done.stdout)


def the_instruction_count_installs_its_package_and_builds_what_it_counts(machine):
    with_build(machine)
    program = machine.root / "benchmarks/micro/instructions.py"
    program.parent.mkdir(parents=True)
    program.write_text("import sys\nprint('count', *sys.argv[1:])\nsys.exit(1)\n")
    done = machine.dev("bench", "instructions", "--update")
    expect("--no-install-recommends valgrind\n" in machine.called(), "its own package only", machine.called())
    expect("cmake --build build/release --target micro_benchmarks\n" in machine.called(), "no other program", machine.called())
    expect("count build/release/benchmarks --update\n" in done.stdout, "arguments are passed on", done.stdout + done.stderr)
    expect(done.returncode == 1, "what has become slower fails", done.returncode)


def summary(source, reports, **environment):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in reports.items():
            (pathlib.Path(folder) / name).write_text(text)
        clean = {key: value for key, value in os.environ.items() if key != "CI"}
        return subprocess.run([sys.executable, source / "tests/house/test_report.py", folder, "plain"], text=True,
                              env={**clean, **environment}, capture_output=True, check=False)


def summary_tells_the_truth(source):
    cases = [
        ({"plain.xml": SUITE.format("")}, {}, 0, "1 passed, 0 failed, 0 skipped"),
        ({"plain.xml": SUITE.format(FAILURE)}, {}, 1, "1 passed, 1 failed, 0 skipped"),
        ({"plain.xml": SUITE.format(SKIP)}, {}, 0, "1 passed, 0 failed, 1 skipped"),
        ({"plain.xml": SUITE.format(SKIP)}, {"CI": "true"}, 1, "1 passed, 0 failed, 1 skipped"),
        ({"plain.xml": SUITE.format(""), "plain.problem": "ctest ended with code 8"}, {}, 1, "1 passed, 1 failed, 0 skipped"),
        ({"plain.problem": "the build failed"}, {}, 1, "0 passed, 1 failed, 0 skipped"),
        ({}, {}, 1, "0 passed, 1 failed, 0 skipped"),
    ]
    for reports, environment, code, last in cases:
        done = summary(source, reports, **environment)
        expect(done.returncode == code and done.stdout.splitlines()[-1:] == [last], f"summary of {sorted(reports)}",
               f"{done.returncode} {done.stdout}{done.stderr}")
    done = summary(source, {"plain.xml": SUITE.format(SKIP)})
    expect("no data beside the checkout" in done.stdout, "the reason of a skip is told", done.stdout)


def main(source):
    everything = all_packages(source)
    some = [package for package in everything if package not in ("mold", "libfmt-dev", "clang-19")]
    on_machine(source, setup_installs_only_what_is_missing, installed=some)
    on_machine(source, setup_changes_nothing_when_all_is_there, installed=everything)
    on_machine(source, setup_takes_what_another_package_provides, installed=some,
               provided="clang-of-another-origin, mold (= 1.2), libfmt-dev")
    on_machine(source, setup_uses_sudo_for_others, installed=some, user="1000")
    on_machine(source, setup_without_rights_says_so, installed=some, user="1000", sudo=False)
    on_machine(source, setup_elsewhere_says_so, installed=some, release='ID=ubuntu\nVERSION_ID="24.04"\n')
    on_machine(source, wrong_usage_is_refused, installed=everything)
    on_machine(source, kafka_installs_its_packages_and_starts,
               installed=[package for package in everything if package not in ("maven", "clang-19")])
    on_machine(source, a_kafka_that_cannot_be_had_is_code_69, installed=everything)
    on_machine(source, the_instruction_count_installs_its_package_and_builds_what_it_counts,
               installed=[package for package in everything if package != "valgrind"])
    for check in (test_runs_every_phase, quick_test_leaves_the_sanitizers_out, a_failed_build_fails_the_test,
                  a_failed_test_fails_the_test):
        on_machine(source, check, installed=everything)
    summary_tells_the_truth(source)
    for failure in FAILED:
        print(failure)
    print(f"{len(FAILED)} promises broken")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
