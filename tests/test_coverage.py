"""Checks are found by reading the source: decorators in conformance, JUDGES in the package."""

from pathlib import Path

import pytest

from pgassay.catalogue import Catalogue
from pgassay.coverage import CheckLocation, checks_by_requirement, uncovered

CHECKS = """
@requirement("DB-A", "DB-B")
def test_one(): ...

@pgassay.requirement("DB-A")
class TestGroup:
    @requirement("DB-C")
    async def test_two(self): ...

@other("DB-D")
def test_three(): ...
"""


@pytest.fixture
def conformance(tmp_path: Path) -> Path:
    path = tmp_path / "conformance"
    path.mkdir()
    (path / "test_example.py").write_text(CHECKS, encoding="utf-8")
    (path / "conftest.py").write_text('@requirement("DB-E")\ndef no_check(): ...\n', "utf-8")
    return path


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "pgassay"
    (path / "monitors").mkdir(parents=True)
    (path / "monitors" / "clock.py").write_text('JUDGES = ("DB-A",)\n', encoding="utf-8")
    (path / "load.py").write_text('JUDGES: Final = ("DB-F",)\n', encoding="utf-8")
    return path


def test_the_rules_of_a_table_are_bindings(conformance: Path, package: Path) -> None:
    rules = 'JUDGES: Final = {"user": {"name": "DB-R", "": "DB-S"}, "size": "DB-T"}\n'
    (conformance / "test_table.py").write_text(rules, encoding="utf-8")
    found = checks_by_requirement(conformance, package)
    place = (CheckLocation("conformance/test_table.py", 1, "test_table"),)
    assert [found[name] for name in ("DB-R", "DB-S", "DB-T")] == [place] * 3


def test_decorated_functions_and_classes_are_checks(conformance: Path, package: Path) -> None:
    found = checks_by_requirement(conformance, package)
    file = "conformance/test_example.py"
    assert found["DB-B"] == (CheckLocation(file, 3, "test_one"),)
    assert found["DB-C"] == (CheckLocation(file, 8, "TestGroup::test_two"),)
    assert found["DB-A"][:2] == (
        CheckLocation(file, 3, "test_one"),
        CheckLocation(file, 6, "TestGroup"),
    )


def test_modules_declare_what_they_judge(conformance: Path, package: Path) -> None:
    found = checks_by_requirement(conformance, package)
    assert found["DB-A"][-1] == CheckLocation("pgassay/monitors/clock.py", 1, "clock")
    assert found["DB-F"] == (CheckLocation("pgassay/load.py", 1, "load"),)


def test_other_decorators_and_files_are_no_checks(conformance: Path, package: Path) -> None:
    assert set(checks_by_requirement(conformance, package)) == {"DB-A", "DB-B", "DB-C", "DB-F"}


def test_what_cannot_be_tested_does_not_count_as_uncovered() -> None:
    catalogue = Catalogue.load()
    open_rows = uncovered(catalogue, {"DB-INST-CREATE": ()})
    assert all(row.untestable is None for row in open_rows)
    assert catalogue.get("DB-INST-CREATE") not in open_rows
    assert catalogue.get("DB-INST-GET") in open_rows


def test_every_id_that_a_check_names_is_in_the_catalogue() -> None:
    catalogue = Catalogue.load()
    unknown = {
        identifier: [str(location) for location in locations]
        for identifier, locations in checks_by_requirement().items()
        if identifier not in catalogue
    }
    assert unknown == {}


def test_no_check_names_a_requirement_that_says_it_is_untestable() -> None:
    catalogue = Catalogue.load()
    named = set(checks_by_requirement())
    assert [row.id for row in catalogue if row.untestable and row.id in named] == []
