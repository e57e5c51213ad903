"""A path leads to one resource, and names its parameters."""

import pytest

from pgassay.reference.http import ApiError, Operation, resource
from pgassay.reference.routing import Router


async def _never(request: object) -> None:
    raise AssertionError


def _router(*paths: str) -> Router:
    return Router(resource(path) for path in paths)


def test_parameters_are_named_in_the_order_of_the_path() -> None:
    found = _router("/v1/{tenant}/things/{thing}").find("/v1/a/things/b")
    assert found is not None
    assert list(found[1].items()) == [("tenant", "a"), ("thing", "b")]


def test_a_literal_segment_goes_before_a_parameter() -> None:
    router = _router("/things/{thing}", "/things/metrics", "/things/{thing}/parts")
    for path, expected in (
        ("/things/metrics", "/things/metrics"),
        ("/things/metric", "/things/{thing}"),
        ("/things/metrics/parts", "/things/{thing}/parts"),
    ):
        found = router.find(path)
        assert found is not None
        assert found[0].path == expected


@pytest.mark.parametrize(
    "path", ["", "/", "/things", "/things/", "/things/a/", "//things/a", "/things/a\n", "things/a"]
)
def test_other_paths_lead_nowhere(path: str) -> None:
    assert _router("/things/{thing}").find(path) is None


def test_a_trailing_slash_is_a_path_of_its_own() -> None:
    found = _router("/things", "/things/").find("/things/")
    assert found is not None
    assert found[0].path == "/things/"


def test_one_path_has_one_resource() -> None:
    with pytest.raises(ValueError, match="/things/"):
        _router("/things/{thing}", "/things/{id}")


def test_a_method_that_is_not_there_is_told_which_are() -> None:
    things = resource("/things", Operation("POST", "make", _never), Operation("GET", "get", _never))  # type: ignore[arg-type]
    assert things.operation("HEAD").name == "get"
    with pytest.raises(ApiError) as refusal:
        things.operation("PUT")
    assert refusal.value.headers == {"Allow": "GET, HEAD, POST"}
