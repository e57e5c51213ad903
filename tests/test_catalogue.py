"""The catalogue follows its schema, and its reader refuses one that does not."""

import json
import time
from collections import Counter
from pathlib import Path

import jsonschema
import pytest

from pgassay._folders import folder
from pgassay.catalogue import Basis, Catalogue, Level, Plane, Requirement
from pgassay.errors import CatalogueError, UsageError

ROW = """
[[requirement]]
id = "DB-EXAMPLE"
family = "dbaas"
level = "MUST"
basis = "quoted"
plane = "control"
statement = "An example does what examples do."
source = "PostgreSQL Service API: Overview"
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


def spec_with(tmp_path: Path, **files: str) -> Path:
    """Make a spec folder with the real schema and the given requirement files."""
    for kind in ("requirements", "schema"):
        (tmp_path / kind).mkdir()
    schema = folder("spec") / "schema" / "requirements.schema.json"
    (tmp_path / "schema" / schema.name).write_bytes(schema.read_bytes())
    for name, content in files.items():
        (tmp_path / "requirements" / f"{name}.toml").write_text(content, encoding="utf-8")
    return tmp_path


def test_the_schema_is_a_valid_2020_12_schema() -> None:
    path = folder("spec") / "schema" / "requirements.schema.json"
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_the_catalogue_covers_both_families(catalogue: Catalogue) -> None:
    families = Counter(row.family for row in catalogue)
    assert len(catalogue) >= 110
    assert families["clickhouse"] >= 60
    assert families["dbaas"] >= 40


def test_every_optional_feature_has_a_row(catalogue: Catalogue) -> None:
    assert {row.feature for row in catalogue} == {
        None,
        "read_replicas",
        "restore",
        "password",
        "state_commands",
        "certificates",
        "metrics",
        "slow_queries",
        "rate_limit",
        "quota",
        "data_plane",
    }


def test_ids_begin_with_the_prefix_of_their_family(catalogue: Catalogue) -> None:
    prefixes = {"clickhouse": "CH-", "dbaas": "DB-", "both": "HTTP-"}
    assert [row.id for row in catalogue if not row.id.startswith(prefixes[row.family])] == []


def test_statements_are_single_sentences_and_are_not_repeated(catalogue: Catalogue) -> None:
    statements = [row.statement for row in catalogue]
    assert len(set(statements)) == len(statements)
    assert [text for text in statements if not text.endswith(".") or ". " in text] == []


def test_what_shows_in_postgresql_needs_the_claim_or_is_untestable(catalogue: Catalogue) -> None:
    shown = {row.id for row in catalogue if row.plane is Plane.DATA and not row.untestable}
    assert shown == {row.id for row in catalogue if row.feature == "data_plane"}


def test_a_standard_or_a_client_alone_is_not_a_quotation(catalogue: Catalogue) -> None:
    weak = ("RFC ", "Official clients", "PostgreSQL documentation", "Prometheus documentation")
    offenders = [
        row.id
        for row in catalogue
        if row.basis is Basis.QUOTED
        and all(source.startswith(weak) for source in row.source.split("; "))
    ]
    assert offenders == []


def test_only_quoted_musts_may_fail(catalogue: Catalogue) -> None:
    for row in catalogue:
        assert row.may_fail == (row.level is Level.MUST and row.basis is Basis.QUOTED)


def test_an_unknown_id_is_answered_with_the_nearest_one(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match=r"Did you mean DB-INST-CPU-RANGE\?"):
        catalogue.get("DB-INST-CPU-RANG")


def test_a_family_is_selected_with_what_both_share(catalogue: Catalogue) -> None:
    selected = catalogue.select(["dbaas"])
    assert {row.family for row in selected} == {"dbaas", "both"}
    assert [row.id for row in selected] == [row.id for row in catalogue if row in selected]


def test_unclaimed_features_can_be_left_out_while_the_core_stays(catalogue: Catalogue) -> None:
    selected = catalogue.select(["clickhouse"], ["restore"])
    assert {row.feature for row in selected} == {None, "restore"}


def test_a_row_becomes_a_requirement(tmp_path: Path) -> None:
    loaded = Catalogue.load(spec_with(tmp_path, one=ROW))
    assert list(loaded) == [
        Requirement(
            id="DB-EXAMPLE",
            family="dbaas",
            level=Level.MUST,
            basis=Basis.QUOTED,
            plane=Plane.CONTROL,
            statement="An example does what examples do.",
            source="PostgreSQL Service API: Overview",
        )
    ]


def test_an_id_in_two_files_is_refused_naming_both(tmp_path: Path) -> None:
    spec = spec_with(tmp_path, one=ROW, two=ROW)
    with pytest.raises(CatalogueError) as caught:
        Catalogue.load(spec)
    assert all(part in str(caught.value) for part in ("one.toml", "two.toml", "DB-EXAMPLE"))


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ('level = "MUST"', 'level = "must"', "DB-EXAMPLE.level"),
        ('family = "dbaas"', 'family = "clickhouse"', "DB-EXAMPLE.family"),
        ("do.", "do", "DB-EXAMPLE.statement"),
        ('plane = "control"', 'plane = "data"', "DB-EXAMPLE"),
        ('basis = "quoted"', 'bases = "quoted"', "DB-EXAMPLE"),
        ("API: Overview", "API", "DB-EXAMPLE.source"),
    ],
)
def test_a_row_outside_the_schema_is_refused_naming_row_and_key(
    tmp_path: Path, before: str, after: str, place: str
) -> None:
    spec = spec_with(tmp_path, one=ROW.replace(before, after))
    with pytest.raises(CatalogueError) as caught:
        Catalogue.load(spec)
    assert f"one.toml [{place}]" in str(caught.value)


def test_a_file_that_is_not_toml_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"one\.toml: not a TOML document"):
        Catalogue.load(spec_with(tmp_path, one="[[requirement"))


def test_loading_is_fast_enough_for_a_command_line() -> None:
    durations = []
    for _ in range(5):
        started = time.process_time()
        Catalogue.load()
        durations.append(time.process_time() - started)
    assert min(durations) < 0.06
