"""Hatchling's build hook: ships the suite's folders inside the wheel, as `pgassay/_bundle/`.

`pgassay._folders.folder` finds them there after an installation. The files are listed here, not
by version control, so that a wheel built from the sdist and one built from a checkout agree.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("conformance", "load", "spec", "reports/templates", "reports/schema")
"""What ships, relative to the root of the project."""


class BundleHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling exports no config type
    """Put every file of `FOLDERS` into a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to the wheel, unless it is editable: then the checkout's are used.

        Raises:
            FileNotFoundError: a folder is missing or empty; the message names its path.
        """
        if version == "editable":
            return
        root = Path(self.root)
        for name in FOLDERS:
            build_data["force_include"] |= {
                str(file): f"pgassay/_bundle/{file.relative_to(root).as_posix()}"
                for file in _files(root / name)
            }


def _files(folder: Path) -> Iterator[Path]:
    """Yield the folder's files, without what tools leave behind: hidden files and bytecode."""
    found = False
    for path in sorted(folder.rglob("*")):
        within = path.relative_to(folder).parts
        if path.is_file() and not any(p.startswith(".") or p == "__pycache__" for p in within):
            found = True
            yield path
    if not found:
        raise FileNotFoundError(f"the wheel needs the files of {folder}, and there are none")
