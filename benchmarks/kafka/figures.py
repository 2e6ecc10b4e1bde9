"""Figures as the reports print them."""


def percentile(values, share):
    """The least value that so great a share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values):
    return percentile(values, 0.5)


def spread(values):
    """Least, median and greatest, in seconds."""
    return f"{min(values):.2f} / {median(values):.2f} / {max(values):.2f}"


def table(head, rows):
    """As Markdown, ready for benchmarks/README.md."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
