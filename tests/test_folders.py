"""The suite finds its folders in a checkout and in an installed wheel."""

from pathlib import Path

import pytest

from pgassay import _folders
from pgassay._folders import folder


def test_a_checkout_has_the_folder_beside_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = Path(__file__).resolve().parents[1]
    monkeypatch.setattr(_folders, "_PACKAGE", checkout / "src" / "pgassay")
    assert folder("spec") == checkout / "spec"


def test_an_installed_package_uses_its_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = tmp_path / "_bundle" / "load"
    bundled.mkdir(parents=True)
    monkeypatch.setattr(_folders, "_PACKAGE", tmp_path)
    assert folder("load") == bundled


def test_a_missing_folder_is_reported_with_the_path_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "_bundle").mkdir()
    monkeypatch.setattr(_folders, "_PACKAGE", tmp_path)
    with pytest.raises(FileNotFoundError) as caught:
        folder("reports")
    assert str(tmp_path / "_bundle" / "reports") in str(caught.value)
