"""Charts are well-formed SVG that a reader can make sense of, also without seeing it."""

import math
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgassay.reporting import charts, load_spread, load_time
from pgassay.reporting.drawing import LogScale, Scale, area, log_ticks, path, steps, ticks
from pgassay.results import LoadScenario, Percentile

from .sample import operation, scenario


def drawn(load: LoadScenario) -> list[ET.Element]:
    """Draw all charts of a scenario and parse them."""
    markup = [
        charts.latency_percentiles(load.operations),
        load_time.latency(load),
        load_time.throughput(load),
        *map(load_spread.histogram, load.operations),
    ]
    return [ET.fromstring(text) for text in markup if text]  # noqa: S314 - our own text


def test_every_chart_has_a_view_box_a_name_and_a_description() -> None:
    for chart in drawn(scenario()):
        assert chart.get("viewBox")
        assert chart.findtext("title")
        assert chart.findtext("desc")


def test_axes_carry_units() -> None:
    texts = ["".join(chart.itertext()) for chart in drawn(scenario())]
    assert all(" ms" in texts[index] for index in (0, 1, 3))
    assert "requests per second" in texts[2]
    assert "seconds of load" in texts[1]


def test_bars_say_each_percentile_with_its_interval() -> None:
    point = Percentile(99.0, 0.25, 0.2, 0.3)
    one = replace(operation("create", 0.1, 50), percentiles=(point,))
    assert "p99 250 ms, 95 % interval 200 ms to 300 ms" in charts.latency_percentiles([one])


def test_nothing_is_drawn_where_nothing_is_known() -> None:
    unknown = Percentile(50.0, None, None, None)
    empty = replace(operation("create", 0.1, 5), percentiles=(unknown,), histogram=())
    load = replace(scenario(), timeline=(), operations=(empty,))
    assert drawn(load) == []


def test_a_second_without_answers_interrupts_the_line_of_latency() -> None:
    moments = [{"t": float(t), "offered": 1.0, "p50": 0.0 if t == 2 else 0.1} for t in range(5)]
    drawing = str(load_time.latency(replace(scenario(), timeline=tuple(moments))))
    d = drawing.split('<path d="')
    lines = [part.split('"')[0] for part in d if 'class="line low"' in part]
    assert max(line.count("M") for line in lines) == 2


def test_an_hour_is_drawn_with_no_more_points_than_can_be_seen() -> None:
    load = scenario()
    hour = tuple({**load.timeline[t % 120], "t": float(t)} for t in range(3600))
    assert len(load_time.latency(replace(load, timeline=hour))) < 20_000


def test_values_that_are_no_numbers_leave_gaps() -> None:
    spoiled = tuple(
        {**moment, "p99": math.nan, "completed": math.inf} for moment in scenario().timeline
    )
    for chart in drawn(replace(scenario(), timeline=spoiled)):
        assert not re.search(r"\bnan", ET.tostring(chart, encoding="unicode"))


def test_hostile_names_stay_text() -> None:
    named = replace(operation("create", 0.1, 50), name='"><script>\x00')
    load = replace(scenario(), operations=(named,))
    assert all(chart.find(".//script") is None for chart in drawn(load))


@given(st.floats(1e-9, 1e9))
def test_ticks_are_few_rise_evenly_and_reach_the_highest_value(upper: float) -> None:
    values = ticks(upper)
    assert values[0] == 0
    assert values[-1] >= upper * (1 - 1e-9)
    assert 2 <= len(values) <= 7
    assert values == sorted(set(values))


@pytest.mark.parametrize("upper", [0.0, -1.0, math.inf, math.nan])
def test_an_axis_of_nothing_still_has_two_ends(upper: float) -> None:
    assert ticks(upper) == [0.0, 1.0]


def test_what_lies_outside_a_scale_is_drawn_at_its_edge() -> None:
    scale = Scale(0, 10, 100, 200)
    assert [scale(value) for value in (-5, 0, 5, 10, 50)] == [100, 100, 150, 200, 200]
    assert Scale(0, 0, 1, 2)(3) == 2


def test_a_lone_point_is_drawn_as_a_dot() -> None:
    assert 'd="M1 2h0"' in path([None, (1, 2), None], "line")
    assert path([None], "line") == ""


@given(st.floats(1e-9, 1e9), st.floats(1, 1e12))
def test_marks_of_a_logarithmic_axis_are_few_and_enclose_all(lower: float, ratio: float) -> None:
    values = log_ticks(lower, lower * ratio)
    assert values[0] <= lower * 1.01
    assert values[-1] >= lower * ratio * 0.99
    assert 2 <= len(values) <= 9
    assert values == sorted(set(values))


def test_a_logarithmic_scale_gives_each_power_of_ten_the_same_length() -> None:
    scale = LogScale(1, 1000, 0, 300)
    assert [scale(value) for value in (0, 1, 10, 100, 1000, 5000)] == [0, 0, 100, 200, 300, 300]


def test_a_step_curve_keeps_its_height_until_the_next_point() -> None:
    assert steps([(0, 0), (1, 5), (2, 7)]) == [(0, 0), (1, 0), (1, 5), (2, 5), (2, 7)]


def test_a_surface_ends_where_one_of_its_edges_has_a_gap() -> None:
    drawn = area([(0, 1), None, (2, 1), (3, 1)], [(0, 0), (1, 0), (2, 0), (3, 0)], "area")
    assert drawn.count("Z") == 2
    assert area([None], [(0, 0)], "area") == ""
