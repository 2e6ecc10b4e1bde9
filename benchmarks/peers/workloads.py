"""What is measured: a topic filled once, the definitions of Slipstream for it, and the answers by a recompute of its own.

The filler writes down what counts of each event; the recompute adds that up here, in plain Python, and shares no code with any
engine. Answers are lines in the order of their bytes, so that they are compared as files, however many there are.
"""
import array
import datetime
import decimal
import os
import struct
import subprocess
import time

from deployment import say

READING = struct.Struct("<Iiq")  # sensor, tenths, microseconds: ReadingRecord of native/readings.cpp
DAY_US = 86_400_000_000
FIRST_DAY = datetime.date(2026, 2, 28).toordinal() - datetime.date(1970, 1, 1).toordinal() - 40  # the latest readings' day
DAYS = 43
TARGET_TENTHS = 500
TASK = struct.Struct("<IHHq")  # task, event type, office, microseconds: TaskRecord of native/tasks.cpp
ASSIGNED, EXTENDED, REASSIGNED = 1, 6, 8
TASKS_BEGIN_US = 1_767_225_600_000_000
TASKS_SPAN_US = 60 * DAY_US
HOUR_US = 3_600_000_000
OFFICES_PER_DISTRICT = 10
WARDS = 500
WARDS_PER_DISTRICT = 25

INDICATORS = """name: Readings of a city's sensors
time_zone: UTC
organisation: { root: city }
views:
  level:
    from: observations
    window: { every: [day, month] }
    measures:
      readings: count(*)
      total: sum(value)
kpis:
  mean: { view: level, value: "total / nullif(readings, 0)", better: lower }
targets:
  - { kpi: mean, every: month, target: 50 }
alerts:
  high: { kpi: mean, every: month, when: status = 'red' }
"""

TASKS = """name: Tasks of a city
time_zone: UTC
organisation: { root: city }
views:
  delivery:
    from: tasks
    node: [current_unit]
    window: { on: due_at, every: month }
    measures:
      due: count(*)
      on_time: count(*) filter (where completed_at <= due_at)
      late: count(*) filter (where completed_at > due_at)
      overdue: count(*) filter (where completed_at is null and due_at < now())
kpis:
  on_time_rate: { value: "100.0 * on_time / nullif(on_time + late + overdue, 0)", unit: percent }
"""


class Readings:
    """Job 1: readings to counts and sums by day and month, of sensors and three levels above them; red means raise an alert."""

    definitions = INDICATORS
    view, java_job = "level", "Job"

    def __init__(self, events, sensors, keys="uniform"):
        self.events, self.sensors, self.keys = events, sensors, keys
        self.rows = sensors * 4  # of the sensors themselves: three days and a month; late readings add few
        self.name = f"{keys}-{sensors}-{events}"

    def __str__(self):
        return f"{self.sensors:,} sensors, {self.keys}"

    @staticmethod
    def numbers(row):
        """Of a row that Slipstream answers with, as the lines have them."""
        return row["readings"], str(int(decimal.Decimal(row["total"]) * 10))

    def fill(self, program, bootstrap_servers, topic, record, events=None):
        """`events`: how many, if not all of them."""
        events = events or self.events
        say(f"filling {topic} with {events:,} readings of {self}")
        subprocess.run([program, "--bootstrap-servers", bootstrap_servers, "--topic", topic, "--record", record, "--events", str(events),
                        "--sensors", str(self.sensors), "--job", "late" if self.keys == "late" else "readings",
                        *(["--skewed"] if self.keys == "skewed" else [])], check=True)

    def expect(self, record, answers):
        counts, sums = self.sensor_days(record)
        with open(answers, "w", encoding="ascii") as to:
            write_rows(counts, sums, to)
        in_order(answers)

    def sensor_days(self, record):
        """Count and sum at sensor * DAYS + day."""
        counts = array.array("q", bytes(8 * self.sensors * DAYS))
        sums = array.array("q", bytes(8 * self.sensors * DAYS))
        with open(record, "rb") as file:
            while block := file.read(READING.size << 16):
                for sensor, tenths, us in READING.iter_unpack(block):
                    at = sensor * DAYS + us // DAY_US - FIRST_DAY
                    counts[at] += 1
                    sums[at] += tenths
        return counts, sums


class Late(Readings):
    """Job 3: as job 1, but readings are late and come twice."""

    definitions = INDICATORS.replace("    window:", "    deduplicate: sequence\n    window:")

    def __init__(self, events, sensors):
        super().__init__(events, sensors, "late")


class Tasks:
    """Job 2: tasks to what is due, on time, late and overdue by office and month, with districts and city above."""

    definitions = TASKS
    view, java_job = "delivery", "TaskJob"

    def __init__(self, events):
        self.events = events
        self.rows = events * 2 // 5  # one a task
        self.name = f"tasks-{events}"

    def __str__(self):
        return f"{self.events * 2 // 5:,} tasks"

    @staticmethod
    def numbers(row):
        return row["due"], row["on_time"], row["late"], row["overdue"]

    def fill(self, program, bootstrap_servers, topic, record):
        say(f"filling {topic} with {self.events:,} events of {self}")
        subprocess.run([program, "--bootstrap-servers", bootstrap_servers, "--topic", topic, "--record", record, "--events", str(self.events),
                        "--job", "tasks"], check=True)

    def expect(self, record, answers):
        offices, deadlines, completed = array.array("H"), array.array("q"), array.array("q")
        with open(record, "rb") as file:
            while block := file.read(TASK.size << 16):
                for task, kind, office, us in TASK.iter_unpack(block):
                    if kind == ASSIGNED:
                        offices.append(office)
                        deadlines.append(us)
                        completed.append(0)
                    elif kind == REASSIGNED:
                        offices[task] = office
                    elif kind == EXTENDED:
                        deadlines[task] = us
                    else:
                        completed[task] = us
        clock = TASKS_BEGIN_US + TASKS_SPAN_US * (self.events - 1) // self.events
        with open(answers, "w", encoding="ascii") as to:
            write_tasks(zip(offices, deadlines, completed), clock, to)
        in_order(answers)


def write_tasks(tasks, clock, to):
    rows = {}
    months = {}
    for office, due, completed in tasks:
        hour = (due - 1) // HOUR_US
        month = months.get(hour) or months.setdefault(hour, time.strftime("%Y-%m", time.gmtime((due - 1) // 1_000_000)))
        for node in (f"d{office // OFFICES_PER_DISTRICT:02}/o{office:03}", f"d{office // OFFICES_PER_DISTRICT:02}", "city"):
            row = rows.setdefault((node, month), [0, 0, 0, 0])
            row[0] += 1
            row[1] += 0 < completed <= due
            row[2] += completed > due
            row[3] += not completed and due < clock
    for (node, month), row in rows.items():
        to.write(",".join([node, month, *map(str, row)]) + "\n")


def write_rows(counts, sums, to):
    labels = [datetime.date.fromordinal(datetime.date(1970, 1, 1).toordinal() + FIRST_DAY + day).isoformat() for day in range(DAYS)]
    last_month = max(labels[day][:7] for day in range(DAYS) if any(counts[day::DAYS]))
    above = {}
    for sensor in range(len(counts) // DAYS):
        days = [(labels[day], counts[sensor * DAYS + day], sums[sensor * DAYS + day]) for day in range(DAYS) if counts[sensor * DAYS + day]]
        if not days:
            continue
        ward = sensor % WARDS
        district = f"d{ward // WARDS_PER_DISTRICT:02}"
        write_node(f"{district}/w{ward:03}/{sensor:07}", days, last_month, to)
        for node in (f"{district}/w{ward:03}", district, "city"):
            of_node = above.setdefault(node, {})
            for day, count, tenths in days:
                before = of_node.get(day, (0, 0))
                of_node[day] = before[0] + count, before[1] + tenths
    for node, of_node in above.items():
        write_node(node, [(day, *row) for day, row in of_node.items()], last_month, to)


def write_node(node, days, last_month, to):
    months = {}
    for day, count, tenths in days:
        to.write(f"{node},{day},{count},{tenths}\n")
        before = months.get(day[:7], (0, 0))
        months[day[:7]] = before[0] + count, before[1] + tenths
    for month, (count, tenths) in months.items():
        to.write(f"{node},{month},{count},{tenths}\n")
        if month == last_month and tenths > TARGET_TENTHS * count:
            to.write(f"alert,{node},{month}\n")


def in_order(path):
    subprocess.run(["sort", "-o", path, path], check=True, env=os.environ | {"LC_ALL": "C"})


def compare(expected, answers, engine):
    """A run that is fast and wrong fails, and shows where."""
    in_order(answers)
    if subprocess.run(["cmp", "-s", expected, answers], check=False).returncode == 0:
        return
    different = subprocess.run(["diff", expected, answers], capture_output=True, text=True, check=False).stdout.splitlines()
    raise SystemExit(f"{engine} gives other answers (<: recomputed, >: its own), {len(different)} lines:\n" + "\n".join(different[:20]))
