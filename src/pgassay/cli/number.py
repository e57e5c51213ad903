"""Numbers on the command line."""

import math
import os
from typing import Any

import click


class FiniteRange(click.FloatRange):
    """A range that neither `nan` nor `inf` is in; click lets the first one through."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number; a usage error where it is not finite or out of range."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{number} is not a finite number.", param, ctx)
        return number


class Workers(click.ParamType[int]):
    """A number of processes from 1, or `auto` for that of the cores that this one may use."""

    name = "N|auto"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number; a usage error where it is none."""
        if value == "auto":
            return len(os.sched_getaffinity(0))
        number: int = click.IntRange(1, 64).convert(value, param, ctx)
        return number


class Share(click.ParamType[tuple[int, int]]):
    """One of N parts, written K/N; 0 is none of them."""

    name = "K/N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Return K and N; a usage error where the text is none."""
        if isinstance(value, tuple):
            return value
        if value == "0":
            return 0, 0
        number, slash, of = str(value).partition("/")
        if not (slash and number.isdecimal() and of.isdecimal() and int(of)):
            self.fail(f"{value!r} is no share such as 3/10.", param, ctx)
        return int(number), int(of)


class Percentage(click.ParamType[float]):
    """A share of at most `most`, written `10%` or `0.1`; returned as 0.1."""

    name = "N%"

    def __init__(self, most: float = 10.0, *, zero: bool = True) -> None:
        """`zero` tells whether 0 is accepted, too."""
        self._most = most
        self._zero = zero

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the share; a usage error where the text is none, or out of range."""
        text = str(value)
        try:
            share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            self.fail(f"{value!r} is no share such as 10%.", param, ctx)
        if not 0 <= share <= self._most or (share == 0 and not self._zero):
            self.fail(f"{value!r} is not between 0 and {self._most:.0%}.", param, ctx)
        return share
