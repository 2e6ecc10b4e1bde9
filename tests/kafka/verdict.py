"""What must hold after a chaos run, whatever happened in it. Each function gives the problems it finds, as sentences."""

import collections

from town import ROOT

# docs/alerts.md, the life of an alert.
LEGAL = {
    "inactive": {"pending", "firing"},
    "pending": {"inactive", "firing", "superseded", "expired"},
    "firing": {"recovering", "resolved", "superseded", "expired"},
    "recovering": {"firing", "resolved", "superseded", "expired"},
    "resolved": {"pending", "firing"},
    "superseded": {"pending", "firing"},
    "expired": set(),
}
SHOWN_MAX = 3


def differences(what, found, expected):
    """Between two maps from a cell to its figures."""
    cells = [cell for cell in sorted(found.keys() | expected.keys()) if found.get(cell) != expected.get(cell)]
    shown = "; ".join(f"{cell}: {found.get(cell)}, not {expected.get(cell)}" for cell in cells[:SHOWN_MAX])
    return [f"{what}: {len(cells)} of {len(expected)} differ: {shown}"] if cells else []


def figures_problems(where, deployment, data, expected):
    problems = []
    for view, cells in expected.items():
        found = {(row["node"], row["window"]): {name: row[name] for name in row if name not in ("node", "every", "window")}
                 for row in deployment.rows(data, "query", view)}
        problems += differences(f"{where}, view {view}", found, cells)
    checked = deployment.ask(data, "check")
    if "different: 0" not in checked:
        problems.append(f"{where}: check says {checked.strip()[-300:]}")
    return problems


def alert_problems(alert, told):
    """Of one alert's published records, in their order."""
    problems, phase = [], "inactive"
    for n, said in enumerate(told, 1):
        if said["id"] != f"{alert}/{n}":
            problems.append(f"alert {alert}: {said['id']} where its transition {n} should be")
            break
        if said["from"] != phase or said["to"] not in LEGAL[phase]:
            problems.append(f"alert {alert}: {said['from']} -> {said['to']} when it was {phase} (transition {n})")
        phase = said["to"]
    return problems


def published_problems(events, states, journal):
    """The public topics against one another and the journal's ids."""
    by_alert = collections.defaultdict(list)
    for record in events:
        by_alert[record["key"]].append(record["value"])
    problems = [problem for alert, told in by_alert.items() for problem in alert_problems(alert, told)]
    ids = collections.Counter(record["value"]["id"] for record in events)
    problems += [f"transition {name} was published {times} times" for name, times in ids.items() if times > 1]
    if set(ids) != set(journal):
        problems.append(f"published and not in the journal: {sorted(set(ids) - set(journal))[:SHOWN_MAX]}; "
                        f"in the journal and not published: {sorted(set(journal) - set(ids))[:SHOWN_MAX]}")
    latest = {record["key"]: record["value"] for record in states}
    stands = {alert: (said["phase"], said["transition_number"]) for alert, said in latest.items()}
    return problems + differences("the compacted topic of alerts", stands,
                                  {alert: (told[-1]["to"], len(told)) for alert, told in by_alert.items()})


def firing_problems(events, rule, red):
    """Without `for` and `keep_firing_for` an alert is on if and only if its figure is red."""
    last = {record["key"]: record["value"] for record in events if record["value"]["rule"] == rule}
    firing = {(said["node"] or ROOT, said["period"]["label"]) for said in last.values() if said["to"] == "firing"}
    if firing == red:
        return []
    return [f"{rule}: firing and not red: {sorted(firing - red)[:SHOWN_MAX]}; "
            f"red and not firing: {sorted(red - firing)[:SHOWN_MAX]}"]


def letters_problems(letters, conflicts):
    refused = [(row["topic"], row["partition"], row["at"]) for row in letters]
    problems = [f"record {record} was refused {times} times" for record, times in collections.Counter(refused).items() if times > 1]
    if len(refused) != conflicts:
        problems.append(f"{len(refused)} dead letters, not {conflicts}")
    return problems
