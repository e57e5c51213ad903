"""Monitors of lifecycles: values that fall back, states without a cause, durations."""

import gc
from typing import Any

import pytest

from pgassay.exchange import Exchange

from .test_monitors import (
    INSTANCE,
    SCALING,
    SERVICE,
    SERVICES,
    USER,
    Traffic,
    envelope,
    instance,
    service,
)

PATH = f"{SERVICES}/{SERVICE}"
CONFIG = f"{PATH}/config"


@pytest.fixture
def traffic() -> Traffic:
    return Traffic()


def read(traffic: Traffic, **members: Any) -> set[str]:
    return traffic.show("GET", PATH, 200, envelope(service(**members)))


def ask(traffic: Traffic, **members: Any) -> set[str]:
    return traffic.show("PATCH", PATH, 200, envelope(service(**members)), sent=members)


def test_a_value_that_falls_back_is_seen(traffic: Traffic) -> None:
    read(traffic)
    ask(traffic, size="r6gd.large")
    assert not read(traffic)
    assert not read(traffic, size="r6gd.large")
    assert read(traffic) == {"CH-SVC-CHANGE-HOLDS"}


def test_what_is_being_deleted_shows_no_changes_any_more(traffic: Traffic) -> None:
    traffic.show("GET", INSTANCE, 200, instance(cpu=1))
    traffic.show("PUT", INSTANCE, 200, instance(cpu=2), sent={"cpu": 2})
    traffic.show("GET", INSTANCE, 200, instance(cpu=2))
    traffic.show("DELETE", INSTANCE, 204)
    assert "DB-INST-CHANGE-HOLDS" not in traffic.show("GET", INSTANCE, 200, instance(cpu=1))


def test_no_exchange_is_kept_that_broke_nothing(traffic: Traffic) -> None:
    """A load of hours has millions: what is remembered of a resource must not hold its answers."""

    def kept() -> int:
        gc.collect()
        return sum(isinstance(each, Exchange) for each in gc.get_objects())

    before = kept()
    read(traffic)
    ask(traffic, size="r6gd.large")
    read(traffic, state="restarting")
    assert not read(traffic, size="r6gd.large")
    assert kept() == before


def test_values_may_come_one_after_the_other_or_skip_one(traffic: Traffic) -> None:
    read(traffic)
    for size in ("r6gd.large", "r6gd.medium", "r6gd.xlarge"):
        ask(traffic, size=size)
    for size in ("r6gd.medium", "r6gd.large", "r6gd.medium", "r6gd.xlarge"):
        assert not read(traffic, size=size)
    assert "CH-SVC-CHANGE-HOLDS" in read(traffic, size="r6gd.medium")


def test_an_answer_ahead_of_reads_and_a_list_behind_them_are_no_fall_back(
    traffic: Traffic,
) -> None:
    item = {k: v for k, v in service().items() if k not in {"username", "hostname"}}
    read(traffic)
    ask(traffic, size="r6gd.large")
    assert not read(traffic)
    assert not read(traffic, size="r6gd.large")
    assert not traffic.show("GET", SERVICES, 200, envelope([item]))


def test_a_value_of_the_servers_own_making_is_not_judged(traffic: Traffic) -> None:
    read(traffic)
    ask(traffic, name=" n ")
    assert not read(traffic, name="N")
    assert not read(traffic)


def test_what_is_shown_without_what_the_server_does_not_know_is_no_fall_back(
    traffic: Traffic,
) -> None:
    first, second = ([{"key": "k", "value": value}] for value in ("one", "two"))
    read(traffic, tags=first)
    ask(traffic, tags=second)
    read(traffic, tags=second)
    ask(traffic, tags=[first[0] | {"unknown": 1}])
    assert not read(traffic, tags=first)


def test_a_refused_change_explains_no_value(traffic: Traffic) -> None:
    read(traffic)
    ask(traffic, name="m")
    read(traffic, name="m")
    refusal = envelope(status=400, error="BAD_REQUEST: no", result=...)
    traffic.show("PATCH", PATH, 400, refusal, sent={"name": "n"})
    assert read(traffic) == {"CH-SVC-CHANGE-HOLDS"}


def test_a_pair_and_a_configuration_that_fall_back_are_seen(traffic: Traffic) -> None:
    small, large = ({"replicaCpuMillicores": 1000 * n, "replicaMemoryGb": 4 * n} for n in (1, 2))
    maps = ({"pgConfig": {"work_mem": f"{n}MB"}, "pgBouncerConfig": {}} for n in (5, 6))
    for path, method, (old, new), judged in (
        (SCALING, "PATCH", (small, large), "CH-CDC-CHANGE-HOLDS"),
        (CONFIG, "POST", tuple(maps), "CH-CFG-CHANGE-HOLDS"),
    ):
        traffic.show("GET", path, 200, envelope(old))
        traffic.show(method, path, 200, envelope(new), sent=new)
        assert not traffic.show("GET", path, 200, envelope(new))
        assert traffic.show("GET", path, 200, envelope(old)) == {judged}


def test_what_a_put_leaves_out_may_be_as_it_was_before(traffic: Traffic) -> None:
    rest = instance()
    del rest["description"]
    for sent, shown in ((instance(), ""), (instance(description="later"), "later"), (rest, "")):
        traffic.show("PUT", INSTANCE, 200, instance(description=shown), sent=sent)
        assert not traffic.show("GET", INSTANCE, 200, instance(description=shown))


def test_an_instance_in_error_may_fall_back(traffic: Traffic) -> None:
    traffic.show("GET", INSTANCE, 200, instance())
    traffic.show("PUT", INSTANCE, 200, instance(cpu=7), sent=instance(cpu=7))
    assert not traffic.show("GET", INSTANCE, 200, instance(cpu=7))
    assert not traffic.show("GET", INSTANCE, 200, instance(status="ERROR"))


@pytest.mark.parametrize("status", [["ACTIVE"], {"name": "ACTIVE"}, 7])
def test_a_status_that_is_no_text_is_undocumented(traffic: Traffic, status: Any) -> None:
    shown = traffic.show("GET", INSTANCE, 200, instance(status=status))
    assert "DB-INST-STATUS-ENUM" in shown


def test_an_instance_that_works_without_a_request_is_seen(traffic: Traffic) -> None:
    traffic.show("GET", INSTANCE, 200, instance())
    traffic.show("PUT", INSTANCE, 200, instance(), sent=instance())
    traffic.show("GET", INSTANCE, 200, instance(status="IN_PROGRESS"))
    assert not traffic.show("GET", INSTANCE, 200, instance())
    traffic.show("GET", INSTANCE, 200, instance(status="IN_PROGRESS"))
    assert traffic.show("GET", INSTANCE, 200, instance()) == {"DB-INST-STATUS-CAUSE"}


def test_a_user_may_be_what_an_instance_works_for(traffic: Traffic) -> None:
    traffic.show("GET", INSTANCE, 200, instance())
    traffic.show("DELETE", USER, 204)
    traffic.show("GET", INSTANCE, 200, instance(status="IN_PROGRESS"))
    assert not traffic.show("GET", INSTANCE, 200, instance())


def test_a_service_that_restarts_by_itself_is_seen(traffic: Traffic) -> None:
    read(traffic)
    read(traffic, state="unavailable")
    assert not read(traffic)
    read(traffic, state="restarting")
    assert read(traffic) == {"CH-SVC-STATE-CAUSE"}


def test_what_another_tenant_owns_has_a_history_of_its_own(traffic: Traffic) -> None:
    other = PATH.replace("5f0f2a54", "6f0f2a54")
    assert not traffic.show("GET", other, 200, envelope(service()), credential="other_tenant")
    again = envelope(service(state="creating"))
    assert "CH-SVC-STATE-LEGAL" in traffic.show("GET", other, 200, again, credential="other_tenant")


def test_what_others_are_told_of_a_delete_proves_no_absence(traffic: Traffic) -> None:
    missing = envelope(status=404, error="NOT_FOUND: x", result=...)
    read(traffic)
    traffic.show("DELETE", PATH, 200, envelope(result=...))
    traffic.show("GET", PATH, 404, missing, credential="other_tenant")
    assert not read(traffic, state="deleting")


def test_times_to_states_and_values_are_taken(traffic: Traffic) -> None:
    created = service(state="creating") | {"password": "made-For-7-tests", "connectionString": "c"}
    traffic.show("POST", SERVICES, 200, envelope(created))
    read(traffic, state="creating")
    read(traffic)
    ask(traffic, size="r6gd.large")
    read(traffic)
    read(traffic, size="r6gd.large")
    taken = {each.name: each for each in traffic.watch.stopwatch.durations}
    assert taken.keys() == {"service creating to running", "service size to be shown"}
    # Exchanges begin a second apart and take 0.1 s.
    arrival = taken["service creating to running"]
    assert (arrival.lower, arrival.upper) == pytest.approx((0.9, 2.1))
    shown = taken["service size to be shown"]
    assert (shown.lower, shown.upper) == pytest.approx((0.9, 2.1))
