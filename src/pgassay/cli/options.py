"""The options that `check`, `certify` and `load` share, as one value."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, TypeVar

import click

from pgassay.cli.number import FiniteRange, Workers
from pgassay.target.model import Family
from pgassay.target.overrides import BASE_URL_VARIABLE, TARGET_VARIABLE

Part: TypeAlias = Literal["common", "checks", "load"]

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user chose; empty values leave the choice to the target file or the defaults.

    `seed` makes a run repeatable, `output` is the folder that the run's files go to. `load_plan` is
    the plan of the load (a file or a shipped one's name; the profile's when empty), whose numbers
    `rate` (arrivals per second) and `duration` (seconds) replace; `slo` is the file with its
    objectives.
    """

    name: str
    target_file: Path | None = None
    base_url: str = ""
    families: tuple[Family, ...] = ()
    requirements: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    rate: float = 0.0
    duration: float = 0.0
    profile: Literal["quick", "full"] = "quick"
    output: Path | None = None
    seed: int = 1
    fail_fast: bool = False
    shuffle: bool = False
    workers: int = 1
    plan: bool = False
    load_plan: str = ""
    slo: Path | None = None
    data_plane: str = ""
    listen: str = ""
    wait: float = 0.0
    samples: tuple[str, ...] = ()
    web: int = 0

    @property
    def command(self) -> str:
        """The command line that does the same again; it holds no secrets."""
        values = {
            "--target": (self.target_file,),
            "--base-url": (self.base_url,),
            "--family": self.families,
            "--requirement": self.requirements,
            "--plan": (self.load_plan,),
            "--slo": (self.slo,),
            "--scenario": self.scenarios,
            "--rate": (self.rate,),
            "--duration": (self.duration,),
            "--profile": (self.profile,),
            "--data-plane": (self.data_plane,),
            "--workers": (self.workers if self.workers > 1 else 0,),
            "--listen": (self.listen,),
            "--wait": (self.wait,),
            "--samples": self.samples,
            "--web": (self.web,),
        }
        parts = [(flag, str(value)) for flag, given in values.items() for value in given if value]
        words = [word for part in parts for word in part]
        switches = {"--fail-fast": self.fail_fast, "--shuffle": self.shuffle}
        last = [flag for flag, given in switches.items() if given]
        return shlex.join(["pgassay", self.name, *words, "--seed", str(self.seed), *last])


_TARGET_OPTIONS: Final = (
    click.option(
        "--target",
        "target_file",
        type=click.Path(dir_okay=False, path_type=Path),
        envvar=TARGET_VARIABLE,
        help=f"Target file (or {TARGET_VARIABLE}); the reference server if not given.",
    ),
    click.option(
        "--base-url",
        default="",
        help=f"Goes before the target file's base_url and before {BASE_URL_VARIABLE}.",
    ),
    click.option(
        "--family",
        "families",
        type=click.Choice([str(family) for family in Family]),
        multiple=True,
        help="Only this family; may be repeated.",
    ),
    click.option(
        "--data-plane",
        type=click.Choice(["postgres"]),
        default=None,
        help="Give the reference server real databases (needs pgassay[postgres]).",
    ),
)
_RUN_OPTIONS: Final = (
    click.option(
        "--output",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder for the run's files; a new one in reports/runs if not given.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(0, 2**32 - 1),
        default=1,
        show_default=True,
        help="Where all randomness of the run comes from.",
    ),
)
_COMMON_OPTIONS: Final = (
    click.option(
        "--requirement",
        "requirements",
        metavar="ID",
        multiple=True,
        help="Only this requirement; may be repeated.",
    ),
    click.option("--fail-fast", is_flag=True, help="Stop at the first failure."),
    click.option(
        "-n",
        "--workers",
        type=Workers(),
        default="1",
        show_default=True,
        help="Processes that share the checks, or the load; `auto`: one for each core.",
    ),
)
_CHECK_OPTIONS: Final = (
    click.option(
        "--plan", is_flag=True, help="Say what would be done and created, and send nothing."
    ),
    click.option("--shuffle", is_flag=True, help="Run the checks in an order drawn from the seed."),
)
_LOAD_OPTIONS: Final = (
    click.option(
        "--plan",
        "load_plan",
        metavar="FILE|NAME",
        default="",
        help="Load plan: a TOML file, or a shipped one: smoke, standard, soak, capacity, growth.",
    ),
    click.option(
        "--slo",
        type=click.Path(dir_okay=False, path_type=Path),
        default=None,
        help="Service level objectives; the shipped ones if not given.",
    ),
    click.option(
        "--scenario",
        "scenarios",
        metavar="NAME",
        multiple=True,
        help="Only this scenario; may be repeated.",
    ),
    click.option(
        "--rate",
        type=FiniteRange(0, min_open=True),
        default=None,
        help="Arrivals per second; the plan's if not given.",
    ),
    click.option(
        "--duration",
        type=FiniteRange(0, min_open=True),
        default=None,
        help="Seconds of load for each scenario; the plan's if not given.",
    ),
    click.option(
        "--listen",
        metavar="HOST:PORT",
        default="",
        help="Have all workers come to this address, from `pgassay load-worker`.",
    ),
    click.option(
        "--wait",
        type=FiniteRange(0, min_open=True),
        metavar="SECONDS",
        default=None,
        help="How long to wait for the workers of --listen; 300 if not given.",
    ),
    click.option(
        "--samples",
        type=click.Choice(["csv", "parquet", "hlog"]),
        multiple=True,
        help="Write the samples in this format as well; may be repeated.",
    ),
    click.option(
        "--web",
        type=click.IntRange(1, 65535),
        metavar="PORT",
        default=None,
        help="Show the load on Locust's page at this port of 127.0.0.1; for looking only.",
    ),
)
_PARTS: Final = {"common": _COMMON_OPTIONS, "checks": _CHECK_OPTIONS, "load": _LOAD_OPTIONS}


def examination_options(
    *parts: Part, profile: str
) -> Callable[[Callable[[Selection], _Result]], Callable[..., _Result]]:
    """Give a command the options of its parts; its function gets them as a `Selection`.

    `profile` is the default profile of the command.
    """
    chosen = click.option(
        "--profile",
        type=click.Choice(["quick", "full"]),
        default=profile,
        show_default=True,
        help="How much is examined.",
    )
    own = [option for part in parts for option in _PARTS[part]]

    def decorate(function: Callable[[Selection], _Result]) -> Callable[..., _Result]:
        @wraps(function)
        def collect(families: tuple[str, ...], **values: Any) -> _Result:
            given = {name: value for name, value in values.items() if value is not None}
            unique = tuple(dict.fromkeys(map(Family, families)))
            name = click.get_current_context().info_name or ""
            return function(Selection(name=name, families=unique, **given))

        decorated: Callable[..., _Result] = collect
        for option in reversed((*_TARGET_OPTIONS, *own, chosen, *_RUN_OPTIONS)):
            decorated = option(decorated)
        return decorated

    return decorate
