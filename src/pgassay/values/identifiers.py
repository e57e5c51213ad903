"""Names of users and databases inside and just outside their rules.

In every template `{}` stands for a fresh identifier of letters, digits and underscores. Letters
and digits beyond ASCII are left out on purpose: the document does not say whether it means them,
and PostgreSQL itself allows such letters.

Source: PostgreSQL Service API, "Database Validation" and "User Validation".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits
from typing import Final

from hypothesis import strategies
from hypothesis.strategies import SearchStrategy

from pgassay.families.naming import Names

LONGEST: Final = 63
RESERVED: Final = ("pg_", "dbaas_", "postgres")
_OUTSIDERS: Final = " -.,:;/\\'\"!?#%&()*+<=>@[]^`{|}~$\n\r\t\x00\x7f"

#: Names that both users and databases may have.
LEGAL: Final[Mapping[str, str]] = {
    "underscore-first": "_{}",
    "upper-case-first": "A{}",
    "mixed-case": "App{}Name",
    "digit-last": "{}9",
    "lower-case-letters": f"{{}}{ascii_lowercase}",
    "upper-case-letters": f"{{}}{ascii_uppercase}",
    "digits": f"{{}}{digits}",
    "underscores": "x__{}__",
}
LEGAL_FOR_USERS: Final[Mapping[str, str]] = {
    "dollar-inside": "a${}",
    "dollar-last": "{}$",
    "near-pg": "pgx{}",
    "near-dbaas": "dbaasx{}",
    "near-postgres": "postgre_{}",
    "prefix-inside": "x_pg_dbaas_postgres{}",
}

ILLEGAL_FIRST: Final[Mapping[str, str]] = {
    "digit": "1{}",
    "dollar": "${}",
    "hyphen": "-{}",
    "dot": ".{}",
    "blank": " {}",
    "newline": "\n{}",
    "quote": '"{}',
}
ILLEGAL_INSIDE: Final[Mapping[str, str]] = {
    "blank": "a {}",
    "blank-last": "{} ",
    "tab": "a\t{}",
    "newline-last": "{}\n",
    "carriage-return-last": "{}\r",
    "nul": "a\x00{}",
    "control": "a\x1f{}",
    "delete": "a\x7f{}",
    "hyphen": "a-{}",
    "dot": "a.{}",
    "slash": "a/{}",
    "quote": 'a"{}',
    "apostrophe": "a'{}",
    "semicolon": "a;{}",
    "percent": "a%{}",
    "no-break-blank": "a\u00a0{}",
    "zero-width-blank": "a\u200b{}",
    "line-separator-last": "{}\u2028",
    "euro-sign": "a\u20ac{}",
    "wide-dollar": "a\uff04{}",
    "emoji": "a\U0001f418{}",
}
ILLEGAL_INSIDE_DATABASES: Final[Mapping[str, str]] = {
    "dollar": "a${}",
    "dollar-last": "{}$",
    "blank": "a {}",
    "hyphen": "a-{}",
    "newline-last": "{}\n",
    "no-break-blank": "a\u00a0{}",
}
RESERVED_NAMES: Final[Mapping[str, str]] = {
    "pg": "pg_{}",
    "dbaas": "dbaas_{}",
    "postgres": "postgres{}",
    "postgres-underscore": "postgres_{}",
    "postgresql": "postgresql{}",
    "pg-bare": "pg_",
    "dbaas-bare": "dbaas_",
    "postgres-bare": "postgres",
}
#: PostgreSQL tells cases apart in quoted names; the document does not say whether its rule does.
RESERVED_IN_OTHER_CASE: Final[Mapping[str, str]] = {
    "pg": "PG_{}",
    "dbaas": "DBaaS_{}",
    "postgres": "Postgres_{}",
    "postgres-bare": "POSTGRES",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A drawn name: text `before` and `after` a fresh identifier, and its fault, if any.

    `length` above 0 fills or cuts the name to exactly that length. `aspect` is the end of the
    violated requirement's identifier.
    """

    before: str
    after: str = ""
    length: int = 0
    fault: str = ""
    aspect: str = "NAME-CHARACTERS"

    def name(self, names: Names) -> str:
        """Build the name around a fresh identifier; the fault stays within the length."""
        core = names.identifier()
        if self.length:
            core = (core + "x" * self.length)[: self.length - len(self.before) - len(self.after)]
        return self.before + core + self.after


def shapes(inside: str = "", reserved: tuple[str, ...] = ()) -> SearchStrategy[Shape]:
    """Draw names, legal and not; letters, digits, `_` and the characters of `inside` are."""
    outsiders = sorted(set(_OUTSIDERS) - set(inside))
    first = strategies.sampled_from(ascii_letters + "_")
    tail = strategies.text(ascii_letters + digits + "_" + inside, max_size=20)
    wrong = strategies.sampled_from(outsiders)
    kinds = [
        strategies.builds(_legal, first, tail),
        strategies.builds(_longest, first),
        strategies.builds(_wrong_last, first, wrong),
        strategies.builds(_wrong_inside, first, wrong, tail),
        strategies.builds(_wrong_first, strategies.sampled_from([*outsiders, *inside, *digits])),
        strategies.builds(_too_long, first, strategies.sampled_from([LONGEST + 1, 65, 128, 1000])),
    ]
    if reserved:
        kinds.append(strategies.builds(_reserved, strategies.sampled_from(reserved), tail))
    return strategies.one_of(kinds)


def _legal(first: str, tail: str) -> Shape:
    # The separator keeps a drawn letter and the identifier from spelling a reserved prefix.
    return Shape(f"{first}_", tail)


def _longest(first: str) -> Shape:
    return Shape(first, length=LONGEST)


def _wrong_last(first: str, wrong: str) -> Shape:
    return Shape(first, wrong, fault=f"a name must not end with {wrong!r}")


def _wrong_inside(first: str, wrong: str, tail: str) -> Shape:
    return Shape(first + wrong, tail, fault=f"a name must not contain {wrong!r}")


def _wrong_first(wrong: str) -> Shape:
    fault = f"a name must not begin with {wrong!r}"
    return Shape(wrong, fault=fault, aspect="NAME-FIRST")


def _too_long(first: str, length: int) -> Shape:
    fault = f"a name has at most {LONGEST} characters, not {length}"
    return Shape(first, length=length, fault=fault, aspect="NAME-LENGTH")


def _reserved(prefix: str, tail: str) -> Shape:
    fault = f"a user name must not begin with {prefix!r}"
    return Shape(prefix, tail, fault=fault, aspect="NAME-RESERVED")
