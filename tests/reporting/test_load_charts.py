"""Charts of load say what was measured, with units, and nothing that was not."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

from markupsafe import Markup

from pgassay.reporting import load_limits, load_spread, load_tables, load_time
from pgassay.results import CapacityResult, Estimate, GrowthResult, LoadScenario
from pgassay.verdict import Verdict

from .load_sample import capacity, growth, lifecycle, loaded, spread


def parsed(markup: Markup) -> ET.Element:
    return ET.fromstring(markup)  # noqa: S314 - our own text


def words(markup: Markup) -> str:
    return " ".join(parsed(markup).itertext())


def growing() -> GrowthResult:
    return growth("list", 0.97, Verdict.FAIL, "log n")


def every_chart() -> list[Markup]:
    load = loaded()
    return [
        load_time.latency(load),
        load_time.throughput(load),
        load_time.backlog(load),
        load_time.states(load),
        load_time.generator(load),
        load_spread.histogram(load.operations[0]),
        load_spread.time_to(lifecycle()),
        load_limits.capacity(capacity()),
        load_limits.scalability(capacity()),
        load_limits.growth(growing()),
    ]


def test_every_chart_of_load_has_a_name_a_description_and_named_axes() -> None:
    for markup in every_chart():
        chart = parsed(markup)
        assert chart.findtext("title")
        assert chart.findtext("desc")
        axes = [element.text for element in chart.iter("text") if element.get("class") == "axis"]
        assert len(axes) >= 2, markup
        assert not re.search(r"\b(nan|inf)\b", markup)


def test_nothing_is_drawn_of_what_was_not_measured() -> None:
    load = replace(loaded(), timeline=(), heartbeats=(), backlog=(), states={})
    assert not load_time.latency(load)
    assert not load_time.throughput(load)
    assert not load_time.backlog(load)
    assert not load_time.states(load)
    assert not load_time.generator(load)
    assert not load_spread.histogram(replace(spread("x", 0.1, 5), histogram=()))
    assert not load_spread.time_to(spread("x", 0.1, 5))
    assert not load_limits.capacity(replace(capacity(), trials=()))
    assert not load_limits.scalability(replace(capacity(), usl=None))
    assert not load_limits.scalability(replace(capacity(), trials=()))
    assert not load_limits.growth(replace(growing(), points=()))


def test_percentiles_over_time_are_only_those_that_a_second_carries() -> None:
    def with_rate(rate: float) -> LoadScenario:
        moments = tuple({**moment, "completed": rate} for moment in loaded().timeline)
        return replace(loaded(), timeline=moments)

    assert load_time.carried(with_rate(5)) == ["p50", "max"]
    assert load_time.carried(with_rate(20)) == ["p50", "p95", "max"]
    assert load_time.carried(with_rate(100)) == ["p50", "p95", "p99"]
    assert "p99" not in words(load_time.latency(with_rate(20)))


def test_a_phase_that_is_not_judged_is_shaded() -> None:
    assert str(load_time.latency(loaded())).count("strip unjudged") == 1


def test_what_became_of_requests_is_stacked_up_to_what_was_offered() -> None:
    shown = words(load_time.throughput(loaded()))
    for name in ("offered", "good", "throttled", "failed or unanswered"):
        assert name in shown
    calm = tuple({"t": float(t), "offered": 5.0, "completed": 5.0} for t in range(9))
    assert "failed" not in words(load_time.throughput(replace(loaded(), timeline=calm)))


def test_states_are_stacked_from_usable_to_ending_and_named() -> None:
    load = replace(loaded(), states={"ERROR": (0, 1), "NEW": (2, 1), "ACTIVE": (3, 4)})
    assert load_time.state_names(load) == ["ACTIVE", "NEW", "ERROR"]
    shown = words(load_time.states(load))
    assert all(name in shown for name in ("ACTIVE", "NEW", "ERROR"))
    assert load_tables.states(load).rows == (("0 s", "3", "2", "0"), ("1 s", "4", "1", "1"))


def test_a_histogram_has_as_much_height_as_answers_and_marks_its_percentiles() -> None:
    operation = spread("create", 0.03, 400)
    chart = parsed(load_spread.histogram(operation))
    tips = [bar.findtext("title") or "" for bar in chart.iter("rect")]
    assert sum(int(tip.split()[0].replace(",", "")) for tip in tips) == 400
    assert {"p50", "p95", "p99"} <= {element.text for element in chart.iter("text")}


def test_the_most_likely_course_is_drawn_only_where_it_is_known() -> None:
    known = lifecycle()
    assert "line fit" in str(load_spread.time_to(known))
    assert "half took" in load_spread.seen(known)
    unknown = replace(known, likely=None)
    assert "line fit" not in str(load_spread.time_to(unknown))
    assert "half" not in load_spread.seen(unknown)


def test_capacity_shows_its_bracket_its_limit_and_every_trial() -> None:
    drawing = str(load_limits.capacity(capacity()))
    assert drawing.count("strip bracket") == 1
    assert drawing.count("dot kept") == 7
    assert drawing.count("dot lost") == 3
    assert drawing.count('"line limit"') == 2  # with that of the legend
    assert ">limit of p99<" in drawing
    several = replace(
        capacity(), objective="create p95 <= 0.5 s, read p95 <= 0.5 s, list p50 <= 2 s"
    )
    drawing = str(load_limits.capacity(several))
    assert drawing.count('"line limit"') == 3
    assert ">limit of p50, p95<" in drawing
    open_end = replace(capacity(), lowest_bad=None)
    assert "strip bracket" not in str(load_limits.capacity(open_end))


def test_the_law_is_drawn_through_the_requests_of_the_trials_that_it_was_fitted_to() -> None:
    """An arrival makes several requests; trials that were not kept are not steady."""
    law = capacity().usl
    assert law is not None
    trials = tuple(
        replace(each, throughput=11 * (each.throughput or 0)) for each in capacity().trials
    )
    found = replace(capacity(), trials=trials, usl=replace(law, gamma=Estimate(11 * 31.0)))
    drawing = parsed(load_limits.scalability(found))
    dots = list(drawing.iter("circle"))
    assert [each.get("class") for each in dots] == ["dot kept"] * 7
    lines = [each.get("d") or "" for each in drawing.iter() if each.get("class") == "line fit"]
    places = re.findall(r"([0-9.]+) ([0-9.]+)", max(lines, key=len))
    curve = [(float(x), float(y)) for x, y in places]
    for dot in dots:
        x, y = float(dot.get("cx") or 0), float(dot.get("cy") or 0)
        (left, above), (right, below) = sorted(curve, key=lambda place: abs(place[0] - x))[:2]
        between = above + (below - above) * (x - left) / (right - left)
        assert abs(y - between) < 1.5, (x, y, between)


def test_a_law_without_a_peak_is_drawn_without_one() -> None:
    law = capacity().usl
    assert law is not None
    endless = replace(law, beta=Estimate(0.0), peak_concurrency=Estimate(None))
    drawing = str(load_limits.scalability(replace(capacity(), usl=endless)))
    assert "line fit" in drawing
    assert "strip bracket" not in drawing


def test_growth_without_a_fit_shows_its_points_alone() -> None:
    drawing = str(load_limits.growth(replace(growing(), exponent=None)))
    assert "line fit" not in drawing
    assert "p50 4.6 ms at 100 resources after deleting" in drawing


def test_hostile_names_stay_text_in_charts_of_load() -> None:
    name = '"><script>\x00'
    markup = [
        load_spread.histogram(replace(spread("x", 0.1, 50), name=name)),
        load_spread.time_to(replace(lifecycle(), name=name)),
        load_limits.growth(replace(growing(), operation=name)),
        load_limits.capacity(replace(capacity(), scenario=name)),
    ]
    assert all(parsed(chart).find(".//script") is None for chart in markup)


def test_a_search_that_sustained_nothing_draws_no_bracket() -> None:
    result: CapacityResult = replace(capacity(), sustained=None)
    assert "strip bracket" not in str(load_limits.capacity(result))
