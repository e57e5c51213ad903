"""Plan files are checked as target files are, and turned into plans within the target's limits."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from pgassay.errors import ConfigurationError, UsageError
from pgassay.target.model import ClickhouseSettings, Credential, Family, Limits, Scheme, Target
from pgassay.traffic import affordable, plan, plan_file
from pgassay.traffic.kind import KINDS, SCENARIOS
from pgassay.traffic.options import LoadOptions
from pgassay.traffic.phase import DRAIN, Phase
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.planning import Planner

STEADY = '[[phase]]\nname = "steady"\nseconds = 10\n'
CHURN = f"{STEADY}[scenario.churn]\nrate = 5\n"


def written(folder: Path, text: str) -> str:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def plans(
    folder: Path, name: str, limits: Limits | None = None, **options: object
) -> list[LoadPlan]:
    both = (Family.CLICKHOUSE, Family.DBAAS)
    target = Target("t", "http://127.0.0.1", both, limits=limits or Limits())
    chosen = LoadOptions(plan=name, **options)  # type: ignore[arg-type]
    return list(Planner(target, chosen, plan_file.read(name), folder).plans())


@pytest.mark.parametrize("name", ["smoke", "standard", "soak", "capacity", "growth"])
def test_every_shipped_plan_is_valid_and_says_what_it_is_for(name: str) -> None:
    found = plan_file.read(name)
    assert (found.name, found.model) == (name, "open")
    assert found.description
    assert name in plan_file.shipped()


def test_the_smoke_plan_takes_twenty_seconds_in_all(tmp_path: Path) -> None:
    found = plans(tmp_path, "smoke")
    assert sum(load.duration for load in found) == pytest.approx(20.0)
    assert [load.scenario for load in found] == ["crud_lifecycle", "scaling"] * 2


def test_the_standard_plan_runs_every_scenario_on_both_families(tmp_path: Path) -> None:
    found = plans(tmp_path, "standard")
    assert [load.scenario for load in found] == [*SCENARIOS, *SCENARIOS]
    assert len({load.nonce for load in found}) == len(found)
    assert not any(a.nonce.startswith(b.nonce) for a in found for b in found if a is not b)


def test_the_searches_do_not_run_a_scenario_on_its_own(tmp_path: Path) -> None:
    assert plans(tmp_path, "capacity") == plans(tmp_path, "growth") == []


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        (f"{CHURN}popluation = 3\n", "scenario.churn", "Did you mean 'population'?"),
        (f"{STEADY}[scenario.chrun]\nrate = 5\n", "scenario", "Did you mean 'churn'?"),
        (f"{STEADY}[scenario.churn]\n", "scenario.churn", "the key 'rate' is missing"),
        (f"{STEADY}[scenario.churn]\nrate = -1\n", "scenario.churn.rate", "more than 0"),
        (f'{CHURN}model = "half-open"\n', "scenario.churn.model", '"open" (arrivals'),
        (f"{CHURN}[growth]\nsizes = [1, 2, 3]\n", "growth", "the key 'samples' is missing"),
        ("[[phase]]\nname = 'x'\n[scenario.churn]\nrate = 1\n", "phase[0]", "'seconds' is missing"),
        ("[scenario.churn]\nrate = 5\n", "scenario.churn", "has no phases"),
        (
            CHURN.replace("seconds = 10", "seconds = 10\nmeasured = false"),
            "scenario.churn",
            "no phase is measured",
        ),
        (f"{CHURN}[scenario.churn.mix]\nread = 1\n", "scenario.churn.mix", "a single story"),
        (
            f"{STEADY}[scenario.read_mostly]\nrate = 1\n[scenario.read_mostly.mix]\nlits = 1\n",
            "scenario.read_mostly.mix",
            "Did you mean 'list'?",
        ),
        (
            f'{CHURN}[capacity]\nscenario = "burst"\nlowest = 1\nhighest = 2\nseconds = 5\n',
            "capacity.scenario",
            "[scenario.burst]",
        ),
        (
            f'{CHURN}[capacity]\nscenario = "churn"\nlowest = 3\nhighest = 2\nseconds = 5\n',
            "capacity.lowest",
            "not below",
        ),
        (
            "[growth]\nsizes = [9, 2, 3]\nsamples = 10\n[growth.laws]\nread = 'n'\n",
            "growth.sizes",
            "do not grow",
        ),
        (
            "[growth]\nsizes = [1, 2, 3]\nsamples = 10\n[growth.laws]\nread = 'exponential'\n",
            "growth.laws.read",
            '"log n"',
        ),
        ("seconds = \n", "", "not valid TOML"),
    ],
)
def test_a_plan_that_cannot_be_used_is_refused_with_file_key_and_what_was_expected(
    tmp_path: Path, text: str, key: str, said: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        plan_file.read(path)
    assert caught.value.where == (f"{path}, {key}" if key else path)
    assert said in str(caught.value)


def test_a_plan_that_does_not_exist_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean 'standard'"):
        plan_file.read("standart")
    with pytest.raises(ConfigurationError, match=r"none\.toml: the load plan cannot be read"):
        plan_file.read(str(tmp_path / "none.toml"))


def test_phases_are_multiples_of_the_scenarios_rate(tmp_path: Path) -> None:
    text = (
        'process = "constant"\n[[phase]]\nname = "ramp"\nseconds = 4\nlevel = 0\nuntil = 1\n'
        'measured = false\n[[phase]]\nname = "steady"\nseconds = 6\nprocess = "poisson"\n'
        "[scenario.churn]\nrate = 5\npopulation = 7\n"
    )
    (load, _) = plans(tmp_path, written(tmp_path, text))
    assert load.phases == (
        Phase("ramp", 4.0, "constant", 0.0, 5.0, measured=False),
        Phase("steady", 6.0, "poisson", 5.0, 5.0),
    )
    assert (load.rate, load.duration, load.population) == (5.0, 10.0, 7)
    assert [load.phase_at(moment).name for moment in (0.0, 3.9, 4.0, 9.9)] == [
        *("ramp", "ramp"),
        *("steady", "steady"),
    ]
    assert load.phase_at(10.0) is DRAIN


def test_rate_and_duration_of_the_options_replace_those_of_the_plan(tmp_path: Path) -> None:
    (load, _) = plans(tmp_path, "smoke", scenarios=("burst",), rate=20.0, duration=10.0)
    assert [(one.seconds, one.rate) for one in load.phases] == [(4, 20), (2, 80), (4, 20)]


def test_a_scenario_that_the_plan_does_not_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no scenario 'burst'.*--plan standard"):
        plans(tmp_path, written(tmp_path, CHURN), scenarios=("burst",))
    with pytest.raises(UsageError, match="Did you mean 'churn'"):
        LoadOptions(scenarios=("chum",)).check()


def test_families_of_a_plan_and_of_its_scenarios_are_kept(tmp_path: Path) -> None:
    text = f'families = ["dbaas"]\n{CHURN}[scenario.burst]\nrate = 1\nfamilies = ["clickhouse"]\n'
    found = plans(tmp_path, written(tmp_path, text))
    assert [(load.family, load.scenario) for load in found] == [(Family.DBAAS, "churn")]


def test_sizes_are_those_that_the_target_file_allows(tmp_path: Path) -> None:
    text = f'{STEADY}[scenario.scaling]\nrate = 1\nsizes = ["r6gd.large", "r6gd.huge"]\n'
    target = Target(
        "t",
        "http://127.0.0.1",
        (Family.CLICKHOUSE,),
        clickhouse=ClickhouseSettings(sizes=("r6gd.medium", "r6gd.large")),
    )
    name = written(tmp_path, text)
    (load,) = Planner(target, LoadOptions(plan=name), plan_file.read(name), tmp_path).plans()
    assert load.sizes == ("r6gd.large",)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize(
    "limits",
    [
        Limits(requests_per_second=5.0, concurrent_resources=3, total_resources=6),
        Limits(concurrent_resources=1),
        Limits(total_resources=40),
    ],
)
def test_no_plan_goes_beyond_the_targets_limits_and_each_says_what_was_reduced(
    tmp_path: Path, name: str, limits: Limits
) -> None:
    (load, _) = plans(tmp_path, "standard", limits, scenarios=(name,))
    kind = KINDS[name]
    if limits.requests_per_second:
        peak = max(max(one.rate, one.until) for one in load.phases) + load.background
        assert peak * kind.requests <= limits.requests_per_second + 1e-9
    arrivals = sum(one.arrivals for one in load.phases) if kind.creates else 0
    population = load.population
    if limits.concurrent_resources and kind.creates:
        assert population + load.max_in_flight <= limits.concurrent_resources
    if limits.concurrent_resources:
        assert population <= limits.concurrent_resources
    if limits.total_resources:
        # The other family gets the other half.
        assert population + int(arrivals + 1e-6) <= max(limits.total_resources / 2, 2)
    (free, _) = plans(tmp_path, "standard", scenarios=(name,))
    mine, whole = (
        (one.phases, one.population, one.max_in_flight, one.background) for one in (load, free)
    )
    assert bool(load.reduced) is (mine != whole)


def test_what_a_run_may_create_in_all_is_shared_out_among_its_scenarios(tmp_path: Path) -> None:
    found = plans(tmp_path, "standard", Limits(total_resources=160))
    assert len(found) == 16
    made = [
        load.population + sum(one.arrivals for one in load.phases) * KINDS[load.scenario].creates
        for load in found
    ]
    assert max(made) <= 10.001
    # With less than one for each, the last ones are left out.
    assert len(plans(tmp_path, "standard", Limits(total_resources=5))) == 5


def test_a_search_for_capacity_and_growth_keep_the_limits_too() -> None:
    search, growing = plan_file.read("capacity").capacity, plan_file.read("growth").growth
    assert search is not None
    assert growing is not None
    limits = Limits(requests_per_second=100.0, concurrent_resources=2000)
    reduced, note = affordable.capacity(search, KINDS[search.scenario], limits)
    assert (reduced.highest, "100 requests per second" in note) == (10.0, True)
    smaller, note = affordable.growth(growing, limits)
    assert (smaller.sizes, "10000, 100000" in note) == ((100, 1000), True)
    assert affordable.capacity(search, KINDS[search.scenario], Limits()) == (search, "")
    assert affordable.growth(growing, Limits()) == (growing, "")


def test_a_plan_of_a_load_process_is_written_whole_and_without_credentials(tmp_path: Path) -> None:
    (load, _) = plans(tmp_path, "standard", scenarios=("read_mostly",))
    plan.write(load, tmp_path / "plan.json")
    assert plan.read(tmp_path / "plan.json") == load
    secret = {"main": Credential(Scheme.BEARER, token="secret")}
    with pytest.raises(ValueError, match="credentials"):
        plan.write(replace(load, target=replace(load.target, credentials=secret)), tmp_path / "x")


def test_the_plan_in_the_documents_is_valid(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "load.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"<!-- plan -->\n```toml\n(.*?)```", text, re.DOTALL)
    found = plan_file.read(written(tmp_path, example))
    assert (found.name, found.seed, len(found.scenario)) == ("evening peak", 7, 3)
    assert [load.scenario for load in plans(tmp_path, found.path)] == [
        "crud_lifecycle",
        "read_mostly",
    ]
