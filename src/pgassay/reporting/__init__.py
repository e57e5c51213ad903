"""Render results for people and for CI systems: pure functions over `Results`."""

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from pgassay.reporting import html, junit, markdown, openmetrics
from pgassay.reporting.excerpt import storable
from pgassay.results import Results

_RENDERERS: Final[Mapping[str, Callable[[Results], str]]] = {
    "junit.xml": junit.render,
    "summary.md": markdown.render,
    "report.html": html.render,
}


def write_reports(results: Results, folder: Path) -> dict[str, Path]:
    """Write `results.json` and every report of it into `folder`; return them by file name.

    The figures of load, where there are any, are written for systems of metrics as well.
    Each file appears whole or not at all, so that a reader never sees half a report. Raises
    `OSError` where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # JSON in UTF-8 cannot hold the lone surrogates that a target may have answered with.
    sound = msgspec.convert(storable(msgspec.to_builtins(results)), Results)
    written = {"results.json": _replace(folder / "results.json", _json(sound))}
    for name, render in _RENDERERS.items():
        written[name] = _replace(folder / name, render(sound))
    if sound.load:
        metrics = openmetrics.render(sound)
        written["load.openmetrics.txt"] = _replace(folder / "load.openmetrics.txt", metrics)
    return written


def _json(results: Results) -> str:
    return msgspec.json.format(msgspec.json.encode(results), indent=1).decode() + "\n"


def _replace(path: Path, text: str) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path
