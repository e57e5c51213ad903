"""The report of a load in all its forms: doubts first, no number that samples do not carry."""

import io
import re
from dataclasses import replace

from rich.console import Console

from pgassay.reporting import html, limits, load_tables, markdown, terminal
from pgassay.reporting.units import between, size
from pgassay.results import LoadOperation, Monitored, Percentile, Results

from .load_sample import capacity, doubtful, examined, loaded, spread

FEW = "too few samples (87)"


def page(results: Results) -> str:
    text = re.sub(r"<(style|script)>.*?</\1>", "", html.render(results), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def shown(results: Results, width: int = 200) -> str:
    console = Console(width=width, file=io.StringIO(), record=True)
    terminal.render(results, console)
    return console.export_text()


def test_the_page_shows_each_figure_with_its_numbers() -> None:
    text = page(examined())
    for title in ("Latency", "Throughput against offered rate", "Backlog", "States", "Generator",
                  "Rate against p99", "Universal Scalability Law", "Growth"):  # fmt: skip
        assert title in text
    assert text.count("Numbers") >= 2 * (5 + 4 + 1) + 2 + 2


def test_a_trend_is_told_with_its_interval_and_what_was_found() -> None:
    text = page(examined())
    assert "900 12 ms +4.86 ms +4.32 ms to +5.4 ms slowing down" in text
    assert "400 48 ms -60 µs no interval no growth proven" in text


def test_a_percentile_without_enough_samples_is_never_a_number() -> None:
    item = next(item for item in loaded().operations if item.succeeded == 87)
    assert [point.value for point in item.percentiles][-1] is None
    assert FEW in page(examined())
    assert FEW in markdown.render(examined()).replace("\\", "")
    assert "p99, p99.9 of delete (87)" in shown(examined())


def test_an_inconclusive_load_says_why_before_anything_else() -> None:
    results = replace(examined(), load=(doubtful(),), capacity=(), growth=())
    for text in (page(results), markdown.render(results), shown(results)):
        assert text.index("could not keep up") < text.index("create")


def test_a_closed_load_is_shown_with_a_warning() -> None:
    results = replace(examined(), load=(doubtful(),))
    for text in (page(results), markdown.render(results), shown(results)):
        assert "Closed model" in text
        assert "25 users" in text
    assert "Closed model" not in page(replace(results, load=(loaded(),)))


def test_late_dropped_throttled_and_unanswered_requests_are_figures() -> None:
    told = markdown.render(examined())
    assert "3 dropped, 4 late, 8 throttled, 0 without an answer" in told
    assert "late 4" in page(examined())


def test_a_load_without_arrivals_has_no_figures_of_arrivals() -> None:
    """Such as a growth: nothing was offered, so that nothing was good or late either."""
    bare = replace(loaded(), operations=(), lifecycle=(), slos=(), offered=1234, sent=1234)
    results = replace(examined(), load=(bare,), capacity=())
    for text in (page(results), markdown.render(results), shown(results)):
        assert "1,234" in text
        for figure in ("arrivals offered", "generator lag p99", "without an answer", " sent, "):
            assert figure not in text


def test_what_the_monitors_did_not_judge_is_told_where_their_work_is() -> None:
    told = "onitors: 12,345 exchanges judged, 400 repeated, 20 not judged"
    for text in (page(examined()), markdown.render(examined()), shown(examined())):
        assert told in text
    bare = replace(examined(), load=(replace(loaded(), monitored=Monitored()),))
    assert "onitors" not in page(bare)


def test_whether_an_operation_got_slower_is_told_without_the_page_as_well() -> None:
    leaking, unknown = loaded().trends
    steady = replace(leaking, operation="create", slope=-1e-6, upper=2.5e-5, slowing=False)
    quieter = replace(steady, operation="poll", upper=1e-6)
    for trends, told in {
        (leaking, unknown): "growth proven: read in steady",
        (quieter, steady): "no growth proven, at most +1.5 ms/min (create in steady)",
        (quieter, unknown): "at most +60 µs/min (poll in steady), unknown for 1 of 2",
        (unknown,): "no growth proven, unknown for 1 of 1",
    }.items():
        results = replace(examined(), load=(replace(loaded(), trends=trends),))
        for text in (markdown.render(results), shown(results)):
            assert "p50 over time" in text
            assert told in text.replace("\\", "")
    bare = replace(examined(), load=(replace(loaded(), trends=()),))
    assert "p50 over time" not in markdown.render(bare) + shown(bare)


def test_no_name_and_no_figure_is_cut_off_on_a_narrow_terminal() -> None:
    busy = [
        replace(spread(name, 0.0331, 900), sent=123_456, throttled=99_999, unfinished=12_345)
        for name in ("create", "cdc_scale", "time_to_updated")
    ]
    results = replace(examined(), load=(replace(loaded(), operations=tuple(busy)),))
    whole = shown(results).splitlines()
    narrow = shown(results, 80).splitlines()
    for name in ("create", "cdc_scale", "time_to_updated"):
        wide, close = (
            next(line for line in lines if line.startswith(f"{name} ")) for lines in (whole, narrow)
        )
        assert close.split() == wide.split()
        assert "123,456" in close


def test_capacity_is_told_with_its_bracket() -> None:
    told = "137.5/s was sustained; 143.8/s was not. At that rate 1,980 creations per minute"
    assert told in page(examined())
    assert told in shown(examined())
    endless = limits.told(replace(capacity(), lowest_bad=None, creates_per_minute=None))
    assert endless.endswith("so the capacity may be higher.")
    assert "No rate was sustained" in limits.told(replace(capacity(), sustained=None))


def test_growth_is_told_with_its_exponent_and_what_is_allowed() -> None:
    assert "0.97 (0.89 to 1.05) | log n | FAIL" in markdown.render(examined())
    assert "exponent 0.97 (0.89 to 1.05), log n allowed" in shown(examined())


def test_rows_over_time_are_few_and_say_what_they_stand_for() -> None:
    table = load_tables.throughput(loaded())
    assert len(table.rows) <= 40
    assert "Each row stands for 4 seconds" in table.note
    assert table.head[:3] == ("from", "offered", "good")


def test_shares_of_a_histogram_end_at_all() -> None:
    assert load_tables.histogram(spread("create", 0.03, 400)).rows[-1][-1] == "100.00%"


def test_an_interval_leaves_out_the_end_that_is_not_known() -> None:
    assert between(0.031, 0.042) == "31 to 42 ms"
    assert between(0.5, 2.0) == "500 ms to 2 s"
    assert between(0.031, None) == "at least 31 ms"
    assert between(None, 0.042) == "at most 42 ms"
    assert between(None, None) == "no interval"


def test_bytes_are_written_with_their_unit() -> None:
    assert [size(count) for count in (170, 1250, 3.4e6, 2e9)] == ["170 B", "1.25 kB", "3.4 MB",
                                                                   "2 GB"]  # fmt: skip


def test_an_operation_without_percentiles_is_still_shown() -> None:
    bare: LoadOperation = replace(
        spread("create", 0.03, 4), percentiles=(Percentile(50.0, None, None, None),), histogram=()
    )
    results = replace(examined(), load=(replace(loaded(), operations=(bare,)),))
    assert "too few samples (0)" in page(results)
