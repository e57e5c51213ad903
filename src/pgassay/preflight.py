"""Look before the run: is there a target, does it speak the API, does it accept the credentials?

One harmless GET for each family tells a wrong address, a proxy, an expired certificate or a
refused key apart, so that such a day ends in one sentence instead of in a hundred failures. What
an answer means beyond that is left to the checks. Nothing is journalled.
"""

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from pgassay.errors import (
    ConfigurationError,
    CredentialsRefused,
    PgassayError,
    TargetUnreachable,
)
from pgassay.target.model import Family, Target

#: No answer is waited for longer than this, in seconds, whatever the target file allows.
LONGEST_WAIT: Final = 10.0
#: Clocks that differ by more seconds make judgements about timestamps doubtful.
CLOCK_TOLERANCE: Final = 300.0
_LARGEST_ANSWER: Final = 1024 * 1024
_NOT_READY: Final = (502, 503, 504)
#: Kinds of errors, the first that fits counts: what they mean, and the way out.
_REASONS: Final[tuple[tuple[type[BaseException], str, str], ...]] = (
    (
        socket.gaierror,
        "the host name does not resolve ({0.strerror})",
        "Check target.base_url and the name server.",
    ),
    (
        ssl.SSLCertVerificationError,
        "the server's certificate is not trusted ({0.verify_message})",
        (
            "Renew it, set SSL_CERT_FILE to its authority's certificate, or set "
            "verify_tls = false in [target]."
        ),
    ),
    (
        ssl.SSLError,
        "TLS could not be agreed on ({0.reason})",
        "Check whether the server speaks https at this port.",
    ),
    (
        ConnectionRefusedError,
        "the connection was refused",
        "Start the server, or correct host and port of target.base_url.",
    ),
    (
        OSError,
        "the connection failed ({0.strerror})",
        "Check the network between here and the server.",
    ),
    (
        httpx.TimeoutException,
        "no whole answer came within {budget:g} s",
        "Check the server and any firewall; timing.request sets the limit.",
    ),
    (
        Exception,
        "the answer is broken or was cut off ({0})",
        "Check that an HTTP server listens there and that no proxy cuts answers.",
    ),
)


@dataclass(frozen=True, slots=True)
class _Probe:
    """The first GET of a family and where its address comes from in the target file."""

    family: Family
    path: str
    origin: str


@dataclass(frozen=True, slots=True)
class _Answer:
    url: str
    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def html(self) -> bool:
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return media_type == "text/html" or self.body.lstrip()[:1] == b"<"

    @property
    def value(self) -> Any:
        """The body as JSON, or an Ellipsis where it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return ...


def preflight(
    target: Target,
    transport: httpx.BaseTransport | None = None,
    now: Callable[[], float] = time.time,
) -> tuple[str, ...]:
    """Make sure that a run against `target` can start; return warnings, each one sentence.

    `transport` replaces the network and `now` the clock (Unix time in seconds).

    Raises:
        TargetUnreachable: no name, no connection, no TLS, no whole answer, or a gateway's 502-504.
        CredentialsRefused: 401 or 403 with the configured credentials, or without any.
        ConfigurationError: what answers is something else: a web page, a redirect, another API.
    """
    warnings: list[str] = []
    with httpx.Client(
        verify=target.verify_tls,
        trust_env=not target.embedded,
        transport=transport,
        headers={"User-Agent": "pgassay", "Accept": "application/json"},
    ) as http:
        for probe in _probes(target):
            answer = _ask(http, target, probe)
            _judge(answer, target, probe)
            warnings += _clock_warning(answer, now())
            if probe.family is Family.CLICKHOUSE:
                _find_organization(answer, target)
    return tuple(dict.fromkeys(warnings))


def _probes(target: Target) -> Iterator[_Probe]:
    for family in target.families:
        if family is Family.CLICKHOUSE:
            yield _Probe(family, "/v1/organizations", "target.base_url, clickhouse.prefix")
        else:
            slash = "/" if target.dbaas.collection_slash else ""
            path = f"{target.dbaas.reference_prefix}/versions{slash}"
            yield _Probe(family, path, "target.base_url, dbaas.reference_prefix")


def _ask(http: httpx.Client, target: Target, probe: _Probe) -> _Answer:
    """Fetch the probe's answer within the time for one request, however slowly it drips."""
    url = target.url(probe.path)
    budget = min(target.timing.request, LONGEST_WAIT)
    credential = target.credential("main", probe.family)
    deadline, body = time.monotonic() + budget, bytearray()
    try:
        headers = credential.headers if credential else {}
        with http.stream("GET", url, headers=headers, timeout=budget) as response:
            for piece in response.iter_bytes():
                body += piece
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("the answer drips")
                if len(body) > _LARGEST_ANSWER:
                    break
            return _Answer(url, response.status_code, response.headers, bytes(body))
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise _unreachable(error, url, budget) from error
    except httpx.InvalidURL as error:
        raise ConfigurationError(f"the URL cannot be used: {error}", url) from error


def _unreachable(error: Exception, url: str, budget: float) -> TargetUnreachable:
    # A timeout counts as such; its own cause is an OSError without a better reason.
    cause = error if isinstance(error, httpx.TimeoutException) else _system_error(error)
    _, what, remedy = next(row for row in _REASONS if isinstance(cause, row[0]))
    return TargetUnreachable(what.format(cause, budget=budget), url, remedy=remedy)


def _system_error(error: Exception) -> BaseException:
    """Return the operating system's reason behind `error`, or `error` where there is none."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    return cause or error


def _judge(answer: _Answer, target: Target, probe: _Probe) -> None:
    problem = (
        _redirect(answer)
        or _refusal(answer, target, probe)
        or _not_ready(answer)
        or _something_else(answer, probe)
    )
    if problem is not None:
        raise problem


def _redirect(answer: _Answer) -> PgassayError | None:
    if not 300 <= answer.status < 400:
        return None
    location = answer.headers.get("location", "nowhere").partition("?")[0]
    return ConfigurationError(
        f"the server redirects to {location} ({answer.status})",
        answer.url,
        "the address of the API itself",
        "Set target.base_url to where the API is; redirects are not followed with credentials.",
    )


def _refusal(answer: _Answer, target: Target, probe: _Probe) -> PgassayError | None:
    if answer.status not in (401, 403):
        return None
    if target.credential("main", probe.family) is None:
        return CredentialsRefused(
            f"the server demands credentials ({answer.status})",
            answer.url,
            remedy=f"Add [{probe.family}.auth.main] to the target file.",
        )
    return CredentialsRefused(
        f"the server refused the credentials of [{probe.family}.auth.main] or [auth.main] "
        f"({answer.status})",
        answer.url,
        remedy="Check that the secrets are current, and that the scheme is the server's.",
    )


def _not_ready(answer: _Answer) -> PgassayError | None:
    if answer.status not in _NOT_READY:
        return None
    return TargetUnreachable(
        f"the server or a gateway before it is not ready ({answer.status})",
        answer.url,
        remedy="Wait until it is up, then start again.",
    )


def _something_else(answer: _Answer, probe: _Probe) -> PgassayError | None:
    if answer.html:
        what = f"a web page answered instead of the API ({answer.status})"
    elif answer.status == 404:
        what = "the server does not know this path (404)"
    elif answer.status == 200 and answer.value is ...:
        what = "the answer is not JSON (200)"
    else:
        return None
    return ConfigurationError(
        what,
        answer.url,
        f"the {probe.family} API",
        f"Check {probe.origin} and any proxy in between.",
    )


def _find_organization(answer: _Answer, target: Target) -> None:
    """Compare `clickhouse.organization_id` with the list, as far as it can be read."""
    value = answer.value
    listed = value.get("result") if isinstance(value, dict) else None
    if answer.status != 200 or not isinstance(listed, list):
        return
    ids = [str(one["id"]) for one in listed if isinstance(one, dict) and "id" in one]
    wanted = target.clickhouse.organization_id
    if wanted and ids and wanted.lower() not in map(str.lower, ids):
        raise ConfigurationError(
            f"the key does not see the organisation {wanted}",
            "clickhouse.organization_id",
            f"one of {', '.join(ids)}",
        )
    if not wanted and len(ids) > 1:
        raise ConfigurationError(
            "the key sees several organisations",
            "clickhouse.organization_id",
            f"one of {', '.join(ids)}",
            "Name the one in which services may be created.",
        )


def _clock_warning(answer: _Answer, now: float) -> Iterator[str]:
    try:
        date = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return
    skew = date.replace(tzinfo=date.tzinfo or UTC).timestamp() - now
    if abs(skew) > CLOCK_TOLERANCE:
        side = "ahead of" if skew > 0 else "behind"
        yield (
            f"The server's clock is {abs(skew):.0f} s {side} this machine's; "
            "verdicts about timestamps are doubtful until one of them is set."
        )
