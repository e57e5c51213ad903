"""What the generator counted is what the reference saw, to the unit."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from pgassay.reference.app import create_app
from pgassay.reference.clickhouse.seed import SEED
from pgassay.reference.clock import SystemClock
from pgassay.reference.server import running
from pgassay.reference.settings import Credentials, Settings
from pgassay.target.model import (
    ClickhouseSettings,
    Credential,
    Family,
    Limits,
    Scheme,
    Target,
    Timing,
)
from pgassay.traffic import LoadOptions, examine, record
from pgassay.verdict import Verdict

CONTROL = "control"
#: The reference's operations, and which of the generator's they are.
OPERATIONS = {
    "organizationGetList": ("organizations",),
    "postgresServiceCreate": ("create",),
    "postgresServiceGet": ("poll", "read"),
    "postgresServiceGetList": ("list",),
    "postgresServicePatch": ("update", "scale"),
    "postgresServiceDelete": ("delete",),
    "clickPipeCdcScalingGet": ("cdc_read", "cdc_poll"),
    "clickPipeCdcScalingUpdate": ("cdc_scale",),
    "dbaas.list_versions": ("versions",),
    "dbaas.create_instance": ("create",),
    "dbaas.get_instance": ("poll", "read"),
    "dbaas.list_instances": ("list",),
    "dbaas.update_instance": ("update", "scale"),
    "dbaas.delete_instance": ("delete",),
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A running reference."""

    target: Target

    def counts(self) -> dict[str, int]:
        """What the reference counted since its start."""
        url = f"{self.target.base_url}/_control/requests"
        answer = httpx.get(url, headers={"X-Control-Token": CONTROL}, trust_env=False)
        found: dict[str, int] = answer.json()
        # The look itself belongs to no family.
        return {name: count for name, count in found.items() if name != "unknown"}

    def pair(self) -> object:
        """The CDC scaling as it is."""
        path = f"/v1/organizations/{SEED.organization}/services/{SEED.scalable_service}"
        url = f"{self.target.base_url}{path}/clickpipesCdcScaling"
        headers = self.target.credentials["clickhouse.main"].headers
        return httpx.get(url, headers=headers, trust_env=False).json()["result"]


@pytest.fixture
def reference() -> Iterator[Reference]:
    """A fresh reference of both families, a thousand times faster than documented."""
    credentials = Credentials.generate()
    key, token = credentials.key("main"), credentials.token("main")
    app = create_app(Settings(credentials, control_token=CONTROL), SystemClock())
    with running(app) as url:
        yield Reference(
            Target(
                "reference",
                url,
                (Family.CLICKHOUSE, Family.DBAAS),
                {
                    "clickhouse.main": Credential(
                        Scheme.BASIC, username=key.key_id, password=key.secret
                    ),
                    "dbaas.main": Credential(Scheme.BEARER, token=token.token),
                },
                clickhouse=ClickhouseSettings(service_id=SEED.scalable_service),
                timing=Timing(
                    create=5, scale=5, delete=5, cdc=5, poll=0.05, settle=0.2, request=10
                ),
                limits=Limits(concurrent_resources=100),
                embedded=True,
            )
        )


@pytest.mark.parametrize("family", list(Family))
def test_counts_agree_with_the_reference_and_nothing_is_left(
    reference: Reference, tmp_path: Path, family: Family
) -> None:
    pair = reference.pair()
    before = reference.counts()
    options = LoadOptions((family,), seed=1, rate=10.0, duration=1.0)
    scenarios = examine(reference.target, options, tmp_path).load
    assert [item.scenario for item in scenarios] == ["crud_lifecycle", "scaling"]
    own: dict[str, int] = {}
    for item in scenarios:
        # A fifth of the second is the plan's warm-up, at half the rate.
        assert (item.offered, item.sent, item.dropped, item.ledger) == (9, 9, 0, ())
        assert item.created == item.removed > 0
        assert item.verdict is not Verdict.FAIL, item
        found = record.read(tmp_path / f"load-{family}-{item.scenario}.samples.json")
        assert found is not None
        for name, count in found.requests.items():
            own[name] = own.get(name, 0) + count
    seen = {name: count - before.get(name, 0) for name, count in reference.counts().items()}
    assert {name: count for name, count in seen.items() if count} == {
        name: sum(own.get(mine, 0) for mine in operations)
        for name, operations in OPERATIONS.items()
        if name.startswith("dbaas.") == (family is Family.DBAAS)
        and any(own.get(mine) for mine in operations)
    }
    assert reference.pair() == pair


def test_a_refused_credential_is_inconclusive_and_names_the_answer(
    reference: Reference, tmp_path: Path
) -> None:
    wrong = {"main": Credential(Scheme.BASIC, username="nobody", password="wrong")}
    target = Target(
        "t", reference.target.base_url, (Family.CLICKHOUSE,), wrong, timing=Timing(request=5)
    )
    for found in examine(target, LoadOptions(), tmp_path).load:
        assert (found.verdict, found.offered) == (Verdict.INCONCLUSIVE, 0)
        assert "401" in found.note
