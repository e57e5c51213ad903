"""RFC 3339 is read in all its forms, and nothing else is."""

import pytest

from pgassay.reference.timestamps import has_milliseconds, parse_timestamp

MOMENT = 1_780_000_000_000_000


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("2026-05-28T20:26:40Z", MOMENT),
        ("2026-05-28t20:26:40z", MOMENT),
        ("2026-05-28T20:26:40.000Z", MOMENT),
        ("2026-05-28T20:26:40.5Z", MOMENT + 500_000),
        ("2026-05-28T20:26:40.918300Z", MOMENT + 918_300),
        ("2026-05-28T20:26:40.0000010004Z", MOMENT + 1),
        ("2026-05-28T22:26:40+02:00", MOMENT),
        ("2026-05-28T20:26:40-00:00", MOMENT),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ("2017-01-01T01:59:60+02:00", 1_483_228_800_000_000),
        ("0001-01-01T00:00:00+01:00", -62_135_600_400_000_000),
    ],
)
def test_every_form_is_read(text: str, microseconds: int) -> None:
    assert parse_timestamp(text) == microseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-05-28",
        "2026-05-28T20:26:40",
        "2026-05-28T20:26Z",
        "2026-05-28 20:26:40Z",
        "2026-05-28T20:26:40 00:00",
        "2026-05-28T20:26:40+0200",
        "2026-05-28T20:26:40.Z",
        "2026-05-28T20:26:60Z",
        "2026-05-28T24:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-05-28T20:26:40Z\n",
        "٢٠٢٦-05-28T20:26:40Z",
        "1780000000",
        "0000-01-01T00:00:00Z",
    ],
)
def test_what_is_no_date_time_is_not_read(text: str) -> None:
    assert parse_timestamp(text) is None


def test_milliseconds_are_one_form_among_others() -> None:
    assert has_milliseconds("2026-05-28T20:26:40.000Z")
    assert not has_milliseconds("2026-05-28T20:26:40Z")
    assert not has_milliseconds("2026-05-28T20:26:40.000+00:00")
