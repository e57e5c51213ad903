"""Who PostgreSQL's programs run as: the caller, or an unprivileged account when that is root.

PostgreSQL refuses to run as root. No account is created and no permission of a parent folder is
changed: an account that exists takes over, and gets folders of its own.
"""

import contextlib
import os
import pwd
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pgassay.reference.postgres.problem import PlaneError

_UNPRIVILEGED = "nobody"
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Account:
    """User and group ids of the account; both None where the caller's own are used."""

    user: int | None = None
    group: int | None = None
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def run(
        self,
        arguments: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        seconds: float = 120,
    ) -> str:
        """Run a program to its end and return its output; PlaneError when it fails."""
        name = Path(arguments[0]).name
        try:
            ended = subprocess.run(
                [str(each) for each in arguments],
                env={**_environment(), **(environment or {})},
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=seconds,
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise PlaneError(f"{name} could not be run: {error}") from None
        if ended.returncode:
            lines = ended.stderr.strip().splitlines() or ["it said nothing"]
            raise PlaneError(f"{name} ended with {ended.returncode}: {lines[-1]}")
        return ended.stdout

    def start(self, arguments: Sequence[str | Path], log: Path) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own, so that a signal of the terminal spares it."""
        self.reap()
        with log.open("ab") as output:
            child = subprocess.Popen(
                [str(each) for each in arguments],
                env=_environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
            )
        with self._lock:
            self._children.append(child)
        return child

    def reap(self) -> None:
        """Take leave of those started programs that have ended, so that none stays a zombie."""
        with self._lock:
            self._children[:] = [child for child in self._children if child.poll() is None]

    def wait(self) -> None:
        """Wait a few seconds for all started programs to end."""
        for child in self._children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_PATIENCE)

    def reaches(self, path: Path) -> bool:
        """Tell whether the account can enter a folder or execute a file."""
        try:
            self.run(["/bin/sh", "-c", 'test -x "$1"', "sh", path])
        except PlaneError:
            return False
        return True

    def own(self, path: Path) -> None:
        """Hand a file or folder over to the account."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group, follow_symlinks=False)

    def share(self, path: Path) -> None:
        """Let the account, and nobody else, enter a folder or read a file that stays ours."""
        if self.group is not None:
            os.chown(path, -1, self.group, follow_symlinks=False)
            path.chmod(0o710 if path.is_dir() else 0o640)


def unprivileged() -> Account:
    """Return the account for this process; PlaneError when root finds none."""
    if os.geteuid() != 0:
        return Account()
    try:
        entry = pwd.getpwnam(_UNPRIVILEGED)
    except KeyError:
        raise PlaneError(
            f"PostgreSQL does not run as root, and there is no account {_UNPRIVILEGED!r} for it; "
            "start pgassay as an ordinary user"
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def _environment() -> dict[str, str]:
    return {"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"}
