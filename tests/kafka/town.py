"""A made-up town: its events, in the order in which they arrive, and its figures counted from them by brute force.

Everything follows from the seed. Events arrive about when they happen, by the virtual clock that goes from FIRST to LAST, some days
late or early, some twice, some under a known id with another content. The figures are a function of all events and of the clock
at LAST; nothing here is shared with the engine.
"""

import collections
import datetime
import fractions
import json
import random
import zoneinfo

ZONE = zoneinfo.ZoneInfo("Europe/Amsterdam")
FIRST = datetime.datetime(2011, 3, 1, tzinfo=ZONE)
LAST = datetime.datetime(2011, 6, 20, tzinfo=ZONE)
NEW_YEAR, NEXT_YEAR = (datetime.datetime(year, 1, 1, tzinfo=ZONE) for year in (2011, 2012))
ROOT = "town"
DISTRICTS = 5
OFFICES = 21
TARGET, AMBER = 80, 5


def instant(moment):
    return moment.isoformat()


def clock_at(share):
    """The virtual clock, a whole day, when this share of the run is over."""
    return FIRST + datetime.timedelta(days=int(min(share, 1) * (LAST - FIRST).days))


class Town:
    """`arriving`: CloudEvents in order; `tasks` and `reports`: what is true in the end; `conflicts`: how many events must be
    refused.
    """

    def __init__(self, seed, tasks):
        self.random = random.Random(f"town {seed}")
        self.parents = {}  # unit -> [(valid from, parent)], oldest first
        self.tasks, self.reports = [], {}
        self.conflicts = 0
        self.number = 0
        self.timed = []  # (when it arrives, event)
        self.found_units()
        for i in range(tasks):
            self.make_task(f"T{i:06}")
        for office in self.offices():
            for month in range(1, 7):
                self.make_reports(office, month)
        self.set_targets()
        self.arriving = [event for _, _, event in sorted(self.timed, key=lambda timed: timed[:2])]

    def offices(self):
        return [f"office-{i:02}" for i in range(OFFICES)]

    def happens(self, kind, at, subject, data, days_late=0.0):
        """An event of its own instant; it arrives later or earlier, again, or with a contradiction behind it."""
        self.number += 1
        at += datetime.timedelta(microseconds=self.number)  # so that the order of what happened is never in doubt
        event = {"specversion": "1.0", "id": f"e{self.number:07}", "source": "town", "type": kind, "subject": subject,
                 "time": instant(at), "data": data}
        arrives = at + datetime.timedelta(days=days_late + self.random.uniform(-3, 10))
        self.timed.append((arrives, self.number, event))
        if self.random.random() < 0.05:
            self.timed.append((arrives + datetime.timedelta(days=self.random.uniform(0, 20)), self.number, event))
        if kind == "task.assigned" and self.random.random() < 0.01:
            contradiction = {**event, "data": {**data, "unit": "elsewhere"}}
            self.timed.append((arrives + datetime.timedelta(days=25), self.number, contradiction))
            self.conflicts += 1

    def found_units(self):
        founded = datetime.datetime(2010, 1, 1, tzinfo=ZONE)
        for i in range(DISTRICTS):
            self.parents[f"district-{i}"] = [(founded, None)]
            self.happens("unit.created", NEW_YEAR, f"district-{i}", {"unit": f"district-{i}", "effective_at": instant(founded)})
        for i, office in enumerate(self.offices()):
            district = f"district-{i % DISTRICTS}"
            self.parents[office] = [(founded, district)]
            late = 90.0 if i % 7 == 0 else 0.0  # its tasks wait for it
            self.happens("unit.created", NEW_YEAR, office,
                         {"unit": office, "parent": district, "effective_at": instant(founded)}, days_late=late)
        for office in self.random.sample(self.offices(), 4):
            at = datetime.datetime(2011, self.random.randint(2, 8), 1, tzinfo=ZONE)
            district = f"district-{self.random.randrange(DISTRICTS)}"
            self.parents[office].append((at, district))
            known = datetime.datetime(2011, 2, 1, tzinfo=ZONE)
            self.happens("unit.moved", known, office, {"unit": office, "parent": district, "effective_at": instant(at)},
                         days_late=self.random.uniform(0, 110))

    def make_task(self, task):
        chance = self.random
        assigned = datetime.datetime(2011, 1, 2, 9, tzinfo=ZONE) + datetime.timedelta(days=chance.uniform(0, 160))
        due = (assigned + datetime.timedelta(days=chance.uniform(3, 60))).replace(hour=12, minute=0, second=0, microsecond=0)
        office = chance.choice(self.offices())
        state = {"unit": office, "due": due, "completed": None, "counts": True}
        self.happens("task.assigned", assigned, task, {"task": task, "unit": office, "due_at": instant(due)})
        at = assigned
        if chance.random() < 0.2:
            at += datetime.timedelta(days=chance.uniform(0.1, 20))
            state["due"] = due + datetime.timedelta(days=chance.randint(1, 40))
            self.happens("task.extended", at, task, {"task": task, "due_at": instant(state["due"])})
        if chance.random() < 0.15:
            at += datetime.timedelta(days=chance.uniform(0.1, 5))
            receiver = chance.choice(self.offices())
            if at <= state["due"]:  # later the credit stays where it was
                state["unit"] = receiver
            self.happens("task.reassigned", at, task, {"task": task, "unit": receiver})
        for _ in range(2):
            at += datetime.timedelta(days=chance.uniform(0.1, 40))
            if at > LAST or chance.random() < 0.15:
                break
            state["completed"] = at.replace(microsecond=0)
            self.happens("task.completed", at, task, {"task": task, "completed_at": instant(state["completed"])})
            if chance.random() > 0.1:
                break
            at += datetime.timedelta(days=chance.uniform(0.1, 5))
            state["completed"] = None
            self.happens("task.reopened", at, task, {"task": task})
        if state["completed"] is None and chance.random() < 0.1:
            state["counts"] = False
            self.happens("task.cancelled", at + datetime.timedelta(days=0.1), task, {"task": task})
        if state["counts"]:
            self.tasks.append(state)

    def make_reports(self, office, month):
        chance = self.random
        start, end = datetime.datetime(2011, month, 1, tzinfo=ZONE), datetime.datetime(2011, month + 1, 1, tzinfo=ZONE)
        data = {"indicator": "visits", "node": office, "period_start": instant(start), "period_end": instant(end)}
        at = start + datetime.timedelta(days=chance.uniform(2, 15))
        value = chance.randint(0, 200)
        self.happens("measurement.reported", at, office, {**data, "value": value})
        for _ in range(chance.choice((0, 0, 1, 3))):
            at += datetime.timedelta(days=chance.uniform(0.1, 3))
            value = chance.randint(0, 200)
            self.happens("measurement.corrected", at, office, {**data, "value": value})
        if chance.random() < 0.1:
            self.happens("measurement.retracted", at + datetime.timedelta(hours=1), office, data)
        else:
            self.reports[office, start] = value

    def set_targets(self):
        for node in (*self.offices()[:12], *(f"district-{i}" for i in range(DISTRICTS))):
            for revision in range(self.random.randint(1, 3)):
                at = FIRST + datetime.timedelta(days=self.random.uniform(0, 60))
                self.happens("target.set" if revision == 0 else "target.revised", at, node,
                             {"node": node, "kpi": "visits_level", "period_start": instant(NEW_YEAR), "period_end": instant(NEXT_YEAR),
                              "target": self.random.randint(50, 600)})

    def nodes_of(self, unit, at):
        """It and all above it, by the tree of that instant."""
        nodes = []
        while unit is not None:
            nodes.append(unit)
            unit = [parent for since, parent in self.parents[unit] if since <= at][-1]
        return [*nodes, ROOT]

    def figures(self):
        """{view: {(node, window): {measure: text}}}, as a query prints them when the clock stands at LAST."""
        delivery, weeks = collections.defaultdict(collections.Counter), {}
        for task in self.tasks:
            due, done = task["due"], task["completed"]
            count = "overdue" if done is None and due < LAST else "" if done is None else "on_time" if done <= due else "late"
            year, week, _ = due.isocalendar()
            for node in self.nodes_of(task["unit"], due):
                delivery[node, f"{due:%Y-%m}"].update(("due", count) if count else ("due",))
                weeks.setdefault((node, f"{year}-W{week:02}"), []).append(due)
        reported = collections.defaultdict(list)
        for (office, start), value in self.reports.items():
            for node in self.nodes_of(office, start):
                reported[node, f"{start:%Y-%m}"].append(value)
        return {
            "delivery": {cell: {name: str(counts[name]) for name in ("due", "on_time", "late", "overdue")}
                         for cell, counts in delivery.items()},
            "by_week": {cell: {"due": str(len(due)), "latest": instant(max(due))} for cell, due in weeks.items()},
            "reported": {cell: {"visits": str(sum(values)), "fewest": str(min(values)), "reports": str(len(values))}
                         for cell, values in reported.items()},
        }

    def red(self):
        """(node, month) of the months that are not over at LAST and whose rate of tasks on time is red."""
        found = set()
        for cell, counts in self.figures()["delivery"].items():
            judged = sum(int(counts[name]) for name in ("on_time", "late", "overdue"))
            rate = fractions.Fraction(100 * int(counts["on_time"]), judged) if judged else None
            if rate is not None and rate < TARGET - AMBER and cell[1] >= f"{LAST:%Y-%m}":
                found.add(cell)
        return found

    def write_pieces(self, folder, pieces):
        """The events as files to be imported one after the other, split where they arrive."""
        size = -(-len(self.arriving) // pieces)
        files = []
        for start in range(0, len(self.arriving), size):
            files.append(folder / f"piece-{len(files):03}.jsonl")
            files[-1].write_text("".join(json.dumps(event) + "\n" for event in self.arriving[start:start + size]))
        return files
