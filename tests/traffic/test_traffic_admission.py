"""A 429 that says when to come again is obeyed; one that does not is counted."""

import pytest

from pgassay.traffic.admission import Admission, asked_pause

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0"}, 0.0),
        ({"x-ratelimit-reset": "1.5"}, 1.5),
        ({"x-ratelimit-reset": str(NOW + 3)}, 3.0),
        ({"x-ratelimit-reset": "1", "retry-after": "4"}, 4.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:25 GMT"}, 5.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_the_pause_that_an_answer_asks_for(headers: dict[str, str], expected: float | None) -> None:
    assert asked_pause(headers, NOW) == expected


def test_what_is_due_before_the_named_time_waits_for_it_and_is_counted() -> None:
    admission = Admission(0.0, lambda: NOW)
    admission.refused({"retry-after": "2"}, now=100.0)
    assert [admission.slot(due) for due in (100.5, 101.0, 102.0, 103.0)] == [
        102.0,
        102.0,
        102.0,
        103.0,
    ]
    told = admission.throttling
    assert (told.answers, told.unannounced, told.held, told.held_seconds) == (1, 0, 2, 2.5)


def test_a_429_that_names_no_time_holds_nobody_back_and_is_counted() -> None:
    admission = Admission(0.0, lambda: NOW)
    admission.refused({}, now=100.0)
    assert admission.slot(100.5) == 100.5
    assert (admission.throttling.answers, admission.throttling.unannounced) == (1, 1)


def test_cleanup_does_not_wait_for_hours() -> None:
    admission = Admission(0.0, lambda: NOW)
    admission.refused({"retry-after": "7200"}, now=100.0)
    assert admission.slot(100.0) == 7300.0
    assert admission.slot(100.0, measured=False) == 160.0


def test_requests_keep_the_distance_that_the_target_file_asks_for() -> None:
    admission = Admission(2.0)
    assert [admission.slot(due) for due in (100.0, 100.1, 102.0)] == [100.0, 100.5, 102.0]
