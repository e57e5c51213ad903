"""Run load processes one after the other, and turn their records into results."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from pgassay._folders import folder
from pgassay.results import LoadScenario
from pgassay.target.model import Family, Target
from pgassay.traffic import judgement, slo
from pgassay.traffic.generator import Generator, generator
from pgassay.traffic.options import PROFILES, SCENARIOS, LoadOptions
from pgassay.traffic.plan import LoadPlan
from pgassay.verdict import Verdict

#: Requests of one arrival, roughly, by which a request limit is turned into an arrival rate.
_REQUESTS_PER_ARRIVAL: Final = 10.0
_MAX_IN_FLIGHT: Final = 400
_POOL: Final = 12


class Examination:
    """The load half of one run."""

    def __init__(
        self,
        target: Target,
        options: LoadOptions,
        run_folder: Path,
        progress: Callable[[str], None],
        target_file: Path | None,
    ) -> None:
        """Check the options and read the objectives; nothing is sent."""
        options.check()
        self._target = target
        self._options = options
        self._folder = run_folder
        self._progress = progress
        self._target_file = str(target_file.resolve()) if target_file else ""
        self._nonce = options.nonce or secrets.token_hex(4)
        schema = folder("spec") / "schema" / "slo.schema.json"
        self._objectives = slo.read(folder("load") / "slo.toml", schema)

    def run(self) -> tuple[LoadScenario, ...]:
        """Run and judge every chosen scenario on every chosen family."""
        self._folder.mkdir(parents=True, exist_ok=True)
        scenarios: list[LoadScenario] = []
        options = self._options
        with generator(
            self._target, options.workers, options.listen, self._folder, self._progress
        ) as source:
            for planned in self.plans():
                scenarios.append(self._examine(planned, source))
                if options.fail_fast and scenarios[-1].verdict is Verdict.FAIL:
                    break
        return tuple(scenarios)

    def plans(self) -> Iterator[LoadPlan]:
        """Yield the plans; each has its own nonce, so that runs do not see each other's things."""
        families = self._options.families or self._target.families
        pairs = [(family, name) for family in families for name in SCENARIOS]
        for number, (family, scenario) in enumerate(pairs):
            if scenario in (self._options.scenarios or SCENARIOS):
                yield self._plan(family, scenario, f"{self._nonce}{chr(ord('a') + number)}")

    def _plan(self, family: Family, scenario: str, nonce: str) -> LoadPlan:
        profile, limits = PROFILES[self._options.profile], self._target.limits
        rate = self._options.rate or profile.rates[scenario]
        if limits.requests_per_second:
            rate = min(rate, limits.requests_per_second / _REQUESTS_PER_ARRIVAL)
        duration = self._options.duration or profile.duration
        if limits.total_resources and scenario == "crud_lifecycle":
            duration = min(duration, limits.total_resources / rate)
        timing = self._target.timing
        stem = f"load-{family}-{scenario}"
        return LoadPlan(
            family=family,
            scenario=scenario,
            program=str(folder("load") / f"{scenario}.py"),
            rate=rate,
            duration=duration,
            drain=timing.create + timing.scale + timing.request,
            max_in_flight=limits.concurrent_resources or _MAX_IN_FLIGHT,
            pool=min(
                _POOL,
                limits.concurrent_resources or _POOL,
                limits.total_resources or _POOL,
            ),
            seed=self._options.seed,
            run=self._nonce,
            nonce=nonce,
            target=replace(self._target, credentials={}),
            journal=str((self._folder / f"{stem}.jsonl").resolve()),
            output=str((self._folder / f"{stem}.samples.json").resolve()),
            target_file=self._target_file,
            supervised=True,
        )

    def _examine(self, load: LoadPlan, source: Generator) -> LoadScenario:
        self._progress(
            f"{load.family} {load.scenario}: {load.rate:g} arrivals/s for {load.duration:g} s"
        )
        stem = self._folder / f"load-{load.family}-{load.scenario}"
        found = source.carry_out(load, stem)
        result = judgement.judge(load, found, self._objectives)
        self._progress(f"{load.family} {load.scenario}: {result.verdict} {result.note}".rstrip())
        return result
