"""Files that are replaced as a whole: a reader finds all of one or nothing."""

from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write `content` beside `path` first, and then put it there; raises `OSError`."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)
