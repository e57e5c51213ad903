"""The files in `deploy/` are what Compose and Kubernetes accept, and hold no credential."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import kubernetes_validate
import pytest
import yaml

from pgassay.cli import command as root
from pgassay.target.model import Family
from pgassay.target.overrides import Overrides
from pgassay.target.reading import read_target

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
KUBERNETES = DEPLOY / "kubernetes.yaml"
#: The oldest and the newest of the validator that clusters still run.
VERSIONS = ("1.30", "1.34")


def objects() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(KUBERNETES.read_text(encoding="utf-8")))


def test_compose_accepts_its_file() -> None:
    """It is valid by the schema of the Compose specification."""
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "check_jsonschema",
            "--builtin-schema",
            "vendor.compose-spec",
            COMPOSE,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_accepts_every_object(version: str) -> None:
    """Each is valid by the cluster's own schema, and has no member that it does not know."""
    for item in objects():
        kubernetes_validate.validate(item, version, strict=True)


def scripts(value: object) -> Iterator[str]:
    """Every shell script in a manifest."""
    if isinstance(value, dict):
        for part in value.values():
            yield from scripts(part)
    elif isinstance(value, list):
        if value[:2] == ["sh", "-c"]:
            yield value[2]
        for part in value:
            yield from scripts(part)


@pytest.mark.parametrize("path", [COMPOSE, KUBERNETES], ids=lambda path: path.stem)
def test_the_commands_in_it_exist(path: Path) -> None:
    """Master and workers are started with commands and options that pgassay has."""
    found = [*scripts(list(yaml.safe_load_all(path.read_text(encoding="utf-8"))))]
    assert len(found) == 2
    for script in found:
        name, *words = shlex.split(script.rpartition("pgassay ")[2])
        chosen = root.get_command(click.Context(root), name)
        assert chosen is not None
        known = {option for parameter in chosen.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known


def test_the_jobs_have_as_many_workers_as_the_master_expects() -> None:
    jobs = {item["metadata"]["name"]: item["spec"] for item in objects() if item["kind"] == "Job"}
    worker = jobs["pgassay-worker"]
    (script,) = scripts(jobs["pgassay-master"])
    assert f"--workers {worker['completions']} " in script
    assert worker["completions"] == worker["parallelism"]
    assert worker["completionMode"] == "Indexed"


def test_the_target_file_of_the_config_map_is_one(tmp_path: Path) -> None:
    (config,) = (item for item in objects() if item["kind"] == "ConfigMap")
    path = tmp_path / "target.toml"
    path.write_text(config["data"]["target.toml"], encoding="utf-8")
    target = read_target(path, {"PG_TOKEN": "Secret0Token0For0Tests"}, Overrides())
    assert target.credential("main", Family.DBAAS) is not None


def test_the_only_image_is_that_of_python() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (COMPOSE, KUBERNETES)]
    images = [line.split()[-1] for text in texts for line in text.splitlines() if "image:" in line]
    assert set(images) == {"python:3.13-slim"}
