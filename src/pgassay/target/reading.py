"""Read a target file into a `Target`: parsed, checked, secrets resolved, overrides applied."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from pgassay.catalogue import Catalogue
from pgassay.errors import ConfigurationError, UsageError, nearest
from pgassay.target.credentials import Resolver
from pgassay.target.document import Table, load, place
from pgassay.target.model import (
    BUDGETS,
    ClickhouseSettings,
    DbaasSettings,
    Family,
    Limits,
    Target,
    Timing,
    Waiver,
)
from pgassay.target.overrides import Overrides

_Settings = TypeVar("_Settings")


def read_target(path: Path, environ: Mapping[str, str], overrides: Overrides) -> Target:
    """Return the target that `path` describes, as the environment and the flags change it.

    Raises:
        ConfigurationError: the file, a secret or the environment cannot be used; the message
            names file, key, what was expected and what to do.
        UsageError: a flag asks for a family that the file does not name.
    """
    document = load(path)
    table = document["target"]
    claimed = tuple(map(Family, table["families"]))
    _check_family_tables(path, document, claimed)
    address, source = overrides.address(environ)
    return Target(
        name=table["name"],
        base_url=_base_url(address or table["base_url"], source or place(path, "target.base_url")),
        families=_families(path, claimed, overrides.families),
        credentials=Resolver(path, environ).credentials(document),
        clickhouse=_settings(document, "clickhouse", ClickhouseSettings),
        dbaas=_settings(document, "dbaas", DbaasSettings),
        features=_features(path, document.get("features", {})),
        timing=_timing(document.get("timing", {})),
        limits=_settings(document, "limits", Limits),
        waivers=_waivers(path, document.get("waiver", [])),
        verify_tls=table.get("verify_tls", True),
    )


def _settings(document: Table, name: str, kind: type[_Settings]) -> _Settings:
    return msgspec.convert(document.get(name, {}), kind)


def _timing(table: Table) -> Timing:
    """Return the budgets, those that are not given included, multiplied by `factor`."""
    given = {name: value for name, value in table.items() if name != "factor"}
    timing, factor = msgspec.convert(given, Timing), table.get("factor", 1)
    return replace(timing, **{name: getattr(timing, name) * factor for name in BUDGETS})


def _check_family_tables(path: Path, document: Table, claimed: tuple[Family, ...]) -> None:
    for family in Family:
        if family in document and family not in claimed:
            raise ConfigurationError(
                f"the table [{family}] is given, but target.families does not name '{family}'",
                str(path),
                remedy=f'Add "{family}" to target.families, or remove the table.',
            )


def _families(
    path: Path, claimed: tuple[Family, ...], wanted: tuple[Family, ...]
) -> tuple[Family, ...]:
    for family in wanted:
        if family not in claimed:
            raise UsageError(
                f"the target does not offer the family '{family}'",
                f"--family {family}",
                f"one that target.families of {path} names: {', '.join(claimed)}",
            )
    return tuple(family for family in claimed if not wanted or family in wanted)


def _base_url(url: str, source: str) -> str:
    """Return `url` without a slash at its end; messages repeat none of it that may be secret."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or any(character.isspace() for character in url):
        raise ConfigurationError(
            "the base URL is not a usable address",
            source,
            "an absolute http or https URL such as https://api.example.test",
        )
    if "@" in parts.netloc:
        raise ConfigurationError(
            "the base URL holds credentials",
            source,
            "a URL without a user part",
            "Put them into [auth.main] as references.",
        )
    if "?" in url or "#" in url:
        raise ConfigurationError(
            "the base URL holds a query or a fragment", source, "a URL that ends with its path"
        )
    return url.rstrip("/")


def _features(path: Path, table: Table) -> dict[str, bool]:
    known = _feature_names() if table else frozenset()
    for name in table:
        if name not in known:
            similar = nearest(name, known)
            raise ConfigurationError(
                f"there is no optional feature '{name}'",
                place(path, f"features.{name}"),
                f"one of {', '.join(sorted(known))}",
                f"Did you mean '{similar}'?" if similar else "",
            )
    return dict(table)


def _waivers(path: Path, tables: Iterable[Table]) -> tuple[Waiver, ...]:
    waivers: list[Waiver] = []
    for index, table in enumerate(tables):
        where = place(path, f"waiver[{index}]")
        try:
            waiver = msgspec.convert(table, Waiver)
        except msgspec.ValidationError as error:
            expected = "a date of the calendar such as 2030-01-31"
            raise ConfigurationError(
                f"{table['expires']} is not a date", f"{where}.expires", expected
            ) from error
        _check_waiver(waiver, waivers, f"{where}.requirement")
        waivers.append(waiver)
    return tuple(waivers)


def _check_waiver(waiver: Waiver, earlier: Iterable[Waiver], where: str) -> None:
    known = _requirement_ids()
    if waiver.requirement not in known:
        similar = nearest(waiver.requirement, known)
        hint = f"Did you mean {similar}? " if similar else ""
        raise ConfigurationError(
            f"the requirement '{waiver.requirement}' does not exist",
            where,
            remedy=f"{hint}`pgassay requirements` lists all of them.",
        )
    if any(waiver.requirement == other.requirement for other in earlier):
        raise ConfigurationError(
            f"the requirement {waiver.requirement} is waived twice", where, "one waiver each"
        )


def _requirement_ids() -> frozenset[str]:
    return frozenset(requirement.id for requirement in Catalogue.load())


def _feature_names() -> frozenset[str]:
    return frozenset(one.feature for one in Catalogue.load() if one.feature is not None)
