"""Render results as one self-contained HTML file.

The page loads nothing and works without scripts; a content security policy keeps it so, whatever a
target answered. Everything that a target said is escaped by Jinja and made legible first.
"""

import base64
import hashlib
import json
from functools import cache
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pgassay._folders import folder
from pgassay.reporting import (
    charts,
    choices,
    excerpt,
    limits,
    load_limits,
    load_spread,
    load_tables,
    load_time,
    marking,
    remedy,
    tally,
    units,
)
from pgassay.reporting.spans import spans
from pgassay.results import ExchangeRecord, Results
from pgassay.verdict import Verdict

#: No text is shown longer than this, wherever it stands; most have a closer limit.
_LONGEST: Final = 20_000
_OPEN: Final = tuple(verdict for verdict in Verdict if verdict.open)


def render(results: Results) -> str:
    """Return the page."""
    script = environment().get_template("script.html.j2").render()
    return page(
        "report.html.j2",
        results=results,
        spans=spans(results),
        head=tally.headline(results),
        tallies=tally.tallies(results),
        overall=tally.overall(results),
        objectives=tally.slos(results),
        failed=list(results.of_verdict(Verdict.FAIL, Verdict.ERROR)),
        broken=[check for check in results.checks if check.verdict is Verdict.ERROR],
        warned=list(results.of_verdict(Verdict.WARN)),
        waived=list(results.of_verdict(Verdict.WAIVED)),
        unjudged=[row for row in results.of_verdict(*_OPEN) if row.testable],
        checks={check.id: check for check in results.checks},
        script=Markup(script),  # noqa: S704 - the project's own text
        digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def page(template: str, **shown: object) -> str:
    """Return a whole page of the project; like every text it ends with a line end."""
    return environment().get_template(template).render(**shown) + "\n"


@cache
def environment() -> Environment:
    """Return the environment of all pages: everything is escaped, filters fit texts."""
    made = Environment(
        loader=FileSystemLoader(folder("reports") / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_fit,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "pretty": excerpt.pretty,
        "excerpt": excerpt.excerpt,
        "line": excerpt.line,
        "pace": units.pace,
        "seconds": units.seconds,
        "size": units.size,
        "moment": units.moment,
        "percent": units.percent,
        "count": tally.count,
    }
    made.globals |= {
        "Verdict": Verdict,
        "MEANINGS": tally.MEANINGS,
        "CLOSED": tally.CLOSED,
        "between": units.between,
        "change": units.change,
        "charts": charts,
        "limits": limits,
        "load_limits": load_limits,
        "load_spread": load_spread,
        "load_tables": load_tables,
        "load_time": load_time,
        "choices": choices,
        "differences": excerpt.differences,
        "interval": units.interval,
        "measure": units.measure,
        "monitored": tally.monitored,
        "marked": marking.marked,
        "alone": remedy.alone,
        "request_id": request_id,
    }
    return made


def _fit(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Markup):
        return excerpt.excerpt(excerpt.legible(value), _LONGEST)
    return value


def request_id(exchange: ExchangeRecord) -> str:
    """Return the server's own name for an exchange, to be quoted to its operator; or nothing."""
    for name, value in exchange.answer_headers.items():
        if "request-id" in name.lower():
            return value
    try:
        body = json.loads(exchange.answer_body)
    except (ValueError, RecursionError):
        return ""
    found = body.get("requestId") if isinstance(body, dict) else None
    return found if isinstance(found, str) else ""
