"""A load that runs, for the terminal: a small table where it can be redrawn, else one line."""

from rich.table import Table
from rich.text import Text

from pgassay.reporting.excerpt import line
from pgassay.reporting.units import figure, seconds
from pgassay.traffic.live import LiveView


def table(view: LiveView) -> Table:
    """Return the view as a table of three rows; columns keep their width while numbers change."""
    name = f"{line(view.family)} {line(view.scenario)}"
    grid = Table(box=None, show_header=False, title=name, title_justify="left", title_style="bold")
    for _ in range(5):
        grid.add_column(no_wrap=True, min_width=16)
    for row in _rows(view):
        grid.add_row(*(Text.assemble((f"{name} ", "dim"), value) for name, value in row.items()))
    return grid


def told(view: LiveView) -> str:
    """Return the view as one line."""
    pairs = [f"{name} {value}" for row in _rows(view) for name, value in row.items()]
    return f"{line(view.family)} {line(view.scenario)}: {', '.join(pairs)}"


def _rows(view: LiveView) -> list[dict[str, str]]:
    latencies = view.histogram
    failed = ", ".join(f"{count:,} {line(name, 40)}" for name, count in view.errors.items())
    return [
        {
            "phase": line(view.phase),
            "left": seconds(view.left) if view.left else "–",
            "offered": f"{figure(view.offered)}/s",
            "sent": f"{figure(view.sent)}/s",
            "answered": f"{figure(view.answered)}/s",
        },
        {
            "p50": seconds(latencies.quantile(0.5)),
            "p99": _p99(view),
            "in flight": f"{view.in_flight:,}",
            "backlog": f"{view.backlog:,}",
            "workers": f"{view.workers}",
        },
        {
            "errors": failed or "none",
            "429": f"{view.throttled:,}",
            "dropped": f"{view.dropped:,}",
        },
    ]


def _p99(view: LiveView) -> str:
    """The p99 where at least one answer in a hundred is beyond it, else what is known: the max."""
    latencies = view.histogram
    if latencies.count >= 100:
        return seconds(latencies.quantile(0.99))
    return f"too few samples ({latencies.count})"
