"""Where the samples of a run are: one file for each worker of each load."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pgassay.traffic.samples_file import RawSample, read_origin, read_samples

#: The number of a worker may stand in the name of its journal as well.
_NAME: Final = re.compile(
    r"(?P<stem>load-(?P<family>[^-]+)-(?P<scenario>.+?))(?:\.w\d+)?\.w(?P<worker>\d+)"
)


@dataclass(frozen=True, slots=True)
class Load:
    """The samples of one scenario on one family, by worker."""

    stem: str
    family: str
    scenario: str
    files: tuple[tuple[int, Path], ...]

    @property
    def origin(self) -> float:
        """The Unix time at which the load began: that of the first worker to begin."""
        return min(read_origin(path) for _, path in self.files)

    def samples(self) -> Iterator[tuple[int, RawSample]]:
        """Yield worker and sample, worker by worker, in the order in which requests ended."""
        for worker, path in self.files:
            for sample in read_samples(path):
                yield worker, sample


def loads(run_folder: Path) -> tuple[Load, ...]:
    """Return the loads whose samples lie in a run's folder, in the order of their names."""
    found: dict[str, Load] = {}
    for path in sorted(run_folder.glob("load-*.samples")):
        match = _NAME.fullmatch(path.name.removesuffix(".samples"))
        if match:
            known = found.get(match["stem"])
            files = (*(known.files if known else ()), (int(match["worker"]), path))
            found[match["stem"]] = Load(
                match["stem"], match["family"], match["scenario"], tuple(sorted(files))
            )
    return tuple(found.values())
