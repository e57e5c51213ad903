"""How many of the API's statements PostgreSQL witnessed, in words."""

from pgassay.results import Results, StatementResult
from pgassay.verdict import Verdict

_CONTRADICTED = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.WAIVED})


def summary(results: Results) -> str:
    """Return one sentence, or nothing where the target does not claim a data plane."""
    told = results.statements
    if not told:
        return ""
    agreed = sum(each.verdict is Verdict.PASS for each in told)
    denied = sum(each.verdict in _CONTRADICTED for each in told)
    others = f" and contradicted {denied}" if denied else ""
    return f"PostgreSQL witnessed {agreed} of {len(told)} statements of the API{others}."


def unwitnessed(results: Results) -> list[StatementResult]:
    """The statements that PostgreSQL neither witnessed nor contradicted."""
    settled = _CONTRADICTED | {Verdict.PASS}
    return [each for each in results.statements if each.verdict not in settled]
