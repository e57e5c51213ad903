"""Errors say what happened, where, what was expected and what to do next."""

import pickle

import pytest

from pgassay.errors import (
    CatalogueError,
    ConfigurationError,
    CredentialsRefused,
    PgassayError,
    SuiteBroken,
    TargetUnreachable,
    UsageError,
    nearest,
)


def test_the_message_consists_of_sentences_in_a_fixed_order() -> None:
    error = ConfigurationError(
        "unknown key 'base-url'",
        where="staging.toml [target]",
        expected="one of base_url, name",
        remedy="Rename the key.",
    )
    assert str(error) == (
        "staging.toml [target]: unknown key 'base-url'. Expected one of base_url, name. "
        "Rename the key."
    )
    assert error.message == str(error)


def test_parts_that_were_not_given_leave_no_trace() -> None:
    assert str(UsageError("no checks were selected")) == "no checks were selected."


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [
        (UsageError, 2),
        (ConfigurationError, 2),
        (TargetUnreachable, 2),
        (CredentialsRefused, 2),
        (SuiteBroken, 3),
        (CatalogueError, 3),
    ],
)
def test_each_kind_has_its_exit_status(kind: type[PgassayError], exit_code: int) -> None:
    assert kind.exit_code == exit_code


def test_parts_cannot_be_assigned() -> None:
    with pytest.raises(AttributeError):
        UsageError("a").what = "b"  # type: ignore[misc]


def test_an_error_survives_the_way_between_processes() -> None:
    error = TargetUnreachable("connection refused", where="http://127.0.0.1:1", remedy="Start it.")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - written by this line
    assert (type(copy), str(copy)) == (TargetUnreachable, str(error))


def test_nearest_ignores_case_and_rejects_what_is_not_similar() -> None:
    names = ["base_url", "families", "DB-INST-CPU-RANGE"]
    assert nearest("base-url", names) == "base_url"
    assert nearest("db-inst-cpu-rang", names) == "DB-INST-CPU-RANGE"
    assert nearest("zzz", names) is None
