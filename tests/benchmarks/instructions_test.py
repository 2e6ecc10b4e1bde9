"""The instruction check flags what has become slower, and says what to do; its baseline covers every micro-benchmark.

usage: instructions_test.py SOURCES
"""
import json
import pathlib
import re
import sys
import tempfile
import unittest

SOURCES = pathlib.Path(sys.argv[1])
MICRO = SOURCES / "benchmarks/micro"
sys.path.insert(0, str(MICRO))

# pylint: disable=wrong-import-position
import instructions


def counts(compiler="12.2.0", **figures):
    return {"compiler": compiler, "instructions": figures}


class TheComparison(unittest.TestCase):
    def test_passes_what_is_alike(self):
        lines, well = instructions.compare(counts(fold=100.0, judge=50.0), counts(fold=119.9, judge=40.1))
        self.assertTrue(well)
        self.assertEqual([line.split()[0] for line in lines], ["ok", "ok"])

    def test_fails_what_is_slower_by_more_than_a_fifth_and_says_what_to_do(self):
        lines, well = instructions.compare(counts(fold=100.0, judge=50.0), counts(fold=120.1, judge=50.0))
        self.assertFalse(well)
        self.assertEqual(lines[0], "SLOWER   fold: 120.1 instructions for each item, 100.0 in the baseline, ratio 1.201: profile it "
                                   "(callgrind_annotate, perf record), or write the new baseline with --update if the cost is meant")
        self.assertTrue(lines[1].startswith("ok       judge"))

    def test_tells_of_what_is_faster_by_more_than_a_fifth_but_passes(self):
        lines, well = instructions.compare(counts(fold=100.0), counts(fold=79.9))
        self.assertTrue(well)
        self.assertIn("faster   fold: 79.9", lines[0])
        self.assertIn("out of date", lines[0])

    def test_fails_a_benchmark_without_a_baseline(self):
        lines, well = instructions.compare(counts(), counts(fold=100.0))
        self.assertFalse(well)
        self.assertTrue(lines[0].startswith("NEW      fold: 100.0"))

    def test_tells_of_a_benchmark_that_is_gone_but_passes(self):
        lines, well = instructions.compare(counts(fold=100.0), counts())
        self.assertTrue(well)
        self.assertTrue(lines[0].startswith("gone     fold"))

    def test_names_the_compilers_when_they_differ_and_it_failed(self):
        other = counts("13.1.0", fold=130.0)
        self.assertIn("compiler 12.2.0, these figures by 13.1.0", instructions.compare(counts(fold=100.0), other)[0][-1])
        self.assertEqual(len(instructions.compare(counts(fold=130.0), other)[0]), 1)


class TheCount(unittest.TestCase):
    def test_divides_by_passes_and_items(self):
        one = {"name": "insert/depth:3/iterations:20", "iterations": 20, "time_unit": "ns", "cpu_time": 35_000.0}
        many = {**one, "name": "together/iterations:20", "items_per_second": 1000 / 35_000.0 * 1e9}
        self.assertEqual(instructions.figures("fold", {"benchmarks": [one, many]}, [500, 3_000_000]),
                         {"fold/insert/depth:3": 25.0, "fold/together": 150.0})

    def test_ends_when_a_benchmark_failed_or_is_not_counted(self):
        run = {"name": "insert", "iterations": 1}
        for runs, loops in (([run], []), ([{**run, "error_occurred": True, "error_message": "no room"}], [5])):
            with self.assertRaises(SystemExit) as ended:
                instructions.figures("fold", {"benchmarks": runs}, loops)
            self.assertIn("fold_benchmark: ", ended.exception.code)

    def test_takes_loops_in_the_order_they_ran(self):
        with tempfile.TemporaryDirectory() as folder:
            for number, trigger in [*((number, f"--dump-before={instructions.END}") for number in range(1, 12)),
                                    (12, "Program termination")]:
                (pathlib.Path(folder) / f"counted.{number}").write_text(
                    f"desc: Trigger: {trigger}\nevents: Ir\nsummary: {100 * number}\n")
            self.assertEqual(instructions.loops_in(pathlib.Path(folder)), [100 * number for number in range(1, 12)])


class TheBaseline(unittest.TestCase):
    def test_covers_every_benchmark(self):
        written = {f"{path.stem.removesuffix('_benchmark')}/{name}" for path in MICRO.glob("*_benchmark.cpp")
                   for name in re.findall(r"^BENCHMARK\((\w+)\)", path.read_text(encoding="utf-8"), re.MULTILINE)}
        figures = json.loads(instructions.BASELINE.read_text(encoding="utf-8"))["instructions"]
        self.assertEqual({"/".join(name.split("/")[:2]) for name in figures}, written)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
