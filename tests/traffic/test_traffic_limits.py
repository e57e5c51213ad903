"""The searches of a plan run through load processes, within the target's limits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pgassay import traffic
from pgassay.errors import ConfigurationError
from pgassay.results import ResourceRecord
from pgassay.run.assembly import with_load
from pgassay.target.model import Credential, Family, Limits, Scheme, Target
from pgassay.traffic import limits, plan_file, visits
from pgassay.traffic.limits import Searches
from pgassay.traffic.options import LoadOptions
from pgassay.traffic.outcome import Outcome
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.samples import OperationRecord
from pgassay.traffic.visits import Visit
from pgassay.verdict import Verdict

from .plans import RESULTS

TARGET = Target(
    "server",
    "http://server",
    families=(Family.DBAAS,),
    credentials={"main": Credential(Scheme.NONE)},
)
CAPACITY = """
[[phase]]
name = "steady"
seconds = 5
[scenario.crud_lifecycle]
rate = 5
on_request = true
[capacity]
scenario = "crud_lifecycle"
objectives = ["crud-create-p95"]
lowest = 5
highest = 40
seconds = 30
warm_up = 5
confirmations = 1
hold = 40
precision = 0.2
"""
GROWTH = """
[growth]
sizes = [10, 100, 1000]
samples = 20
[growth.laws]
read = "constant"
"""


class Generator:
    """Load processes that are none: up to 12 arrivals a second all is answered fast."""

    def __init__(self) -> None:
        self.plans: list[LoadPlan] = []
        self.left: tuple[ResourceRecord, ...] = ()  # by the first of them

    def carry_out(self, load: LoadPlan, stem: Path) -> LoadRecord:
        """Fast answers up to the capacity, slow ones above; times that do not grow."""
        self.plans.append(load)
        if load.existing:
            times = {"read": [0.01 + 0.0001 * (n % 3) for n in range(20)]}
            seen = [Visit(size, deleted=False, seconds=times) for size in load.existing]
            visits.write(seen, visits.place(load))
            return LoadRecord(requests={"read": 60}, created=60, removed=60)
        record = OperationRecord("create", offered=500, sent=500)
        histogram = record.latencies.setdefault(Outcome.SUCCEEDED, type(LoadRecord().lags)())
        for _ in range(500):
            histogram.record(0.1 if load.rate <= 12 else 2.0)
        return LoadRecord(
            offered=500,
            sent=500,
            requests={"create": 500},
            operations=[record],
            created=500,
            removed=500,
            left=self.left if len(self.plans) == 1 else (),
        )


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> Generator:
    """Stand in for the load processes."""
    source = Generator()

    @contextmanager
    def stand_in(*arguments: object, **options: object) -> Iterator[Generator]:
        yield source

    monkeypatch.setattr(limits, "generator", stand_in)
    monkeypatch.setattr(limits, "OneProcess", lambda *_: source)
    return source


def found(
    text: str, folder: Path, target: Target = TARGET, scenarios: tuple[str, ...] = ()
) -> traffic.Found:
    plan = folder / "plan.toml"
    plan.write_text(f'name = "test"\n{text}', encoding="utf-8")
    options = LoadOptions(scenarios=scenarios)
    searches = Searches(target, plan_file.read(str(plan)), options, folder, lambda told: None, None)
    return searches.run()


def test_each_trial_is_a_load_with_files_and_a_nonce_of_its_own(
    generator: Generator, tmp_path: Path
) -> None:
    """The capacity is found; trials share the run's nonce, and nothing else."""
    [result] = found(CAPACITY, tmp_path).capacity
    assert result.verdict is Verdict.PASS
    assert result.sustained == pytest.approx(11, rel=0.2)
    plans = generator.plans
    own = [{plan.nonce for plan in plans}, {plan.output for plan in plans}]
    own.append({plan.journal for plan in plans})
    assert [len(each) for each in own] == [len(plans)] * 3
    assert {plan.nonce.startswith(plan.run) for plan in plans} == {True}
    assert len({plan.run for plan in plans}) == 1
    assert [plan.rate for plan in plans] == [trial.rate for trial in result.trials]
    assert [phase.measured for phase in plans[0].phases] == [False, True]
    assert [phase.seconds for phase in plans[0].phases] == [5, 25]


def test_the_load_that_held_is_reported(generator: Generator, tmp_path: Path) -> None:
    """Of all trials the last one, which confirms the capacity, is shown as a load."""
    [load] = found(CAPACITY, tmp_path).load
    assert load.rate == generator.plans[-1].rate


def test_all_loads_of_a_search_count(generator: Generator, tmp_path: Path) -> None:
    """What the trials sent, created and removed is in the totals, whoever is shown as a load."""
    search = found(CAPACITY, tmp_path)
    number = len(generator.plans)
    assert len(search.load) + len(search.trials) == number > 1
    results = with_load(RESULTS, search.load, trials=search.trials)
    assert results.requests == results.cleanup.created == results.cleanup.removed == 500 * number


def test_a_trial_that_left_something_behind_is_reported(
    generator: Generator, tmp_path: Path
) -> None:
    lost = ResourceRecord("dbaas", "instance", "1", "pga_1", "/instances/1", "")
    generator.left = (lost,)
    search = found(CAPACITY, tmp_path)
    assert [load.rate for load in search.load] == [
        generator.plans[0].rate,
        generator.plans[-1].rate,
    ]
    assert with_load(RESULTS, search.load, trials=search.trials).cleanup.left == (lost,)


def test_a_search_keeps_its_own_scenario(generator: Generator, tmp_path: Path) -> None:
    """A scenario that is chosen for the load of the same plan is not asked of the search."""
    plan = f"{CAPACITY}\n[scenario.churn]\nrate = 5\n"
    [result] = found(plan, tmp_path, scenarios=("churn",)).capacity
    assert result.verdict is Verdict.PASS
    assert {load.scenario for load in generator.plans} == {"crud_lifecycle"}


def test_limits_on_resources_end_a_search(generator: Generator, tmp_path: Path) -> None:
    """A trial that would create more than the target allows is not sent."""
    target = replace(TARGET, limits=Limits(total_resources=700))
    [result] = found(CAPACITY, tmp_path, target).capacity
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "the target allows 700 resources in all" in result.note
    assert len(generator.plans) == 1


def test_the_growth_is_one_load_without_arrivals(generator: Generator, tmp_path: Path) -> None:
    """Its requests count as sent, its law is judged, and the load is fine."""
    result = found(GROWTH, tmp_path)
    [growth] = result.growth
    assert (growth.operation, growth.law, growth.verdict) == ("read", "constant", Verdict.PASS)
    [load] = result.load
    assert (load.verdict, load.sent) == (Verdict.PASS, 60)
    assert generator.plans[0].existing == (10, 100, 1000)


def test_sizes_beyond_the_limits_are_left_out(generator: Generator, tmp_path: Path) -> None:
    """What was not measured makes the result inconclusive, and is told."""
    target = replace(TARGET, limits=Limits(concurrent_resources=500))
    [growth] = found(GROWTH, tmp_path, target).growth
    assert generator.plans[0].existing == (10, 100)
    assert growth.verdict is Verdict.INCONCLUSIVE
    assert "1000 are left out" in growth.note


def test_an_objective_that_does_not_exist_is_named(tmp_path: Path) -> None:
    """The message says which ones there are."""
    with pytest.raises(ConfigurationError, match="no objective 'nothing' for crud_lifecycle"):
        found(CAPACITY.replace("crud-create-p95", "nothing"), tmp_path)


def test_a_plan_without_searches_has_none(tmp_path: Path) -> None:
    """The shipped smoke plan is a load and nothing else."""
    assert traffic.find_limits(TARGET, LoadOptions(plan="smoke"), tmp_path) == traffic.Found()
