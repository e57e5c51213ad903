"""Where a data plane keeps its clusters: a folder that one process uses at a time."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pgassay.reference.postgres.account import Account
from pgassay.reference.postgres.problem import PlaneError

_PREFIX, _LOCK = "pgassay-postgres-", "lock"
_ATTEMPTS, _PAUSE = 20, 0.05


class Folder:
    """The data directory; PlaneError when it cannot be used.

    It belongs to the caller and only PostgreSQL's account may enter it, so what the caller writes
    is never where that account could put something else.
    """

    def __init__(self, path: Path, account: Account) -> None:
        self.path = path.absolute()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _claim(self.path)
        except BlockingIOError:
            raise PlaneError(f"another server uses the data directory {self.path}") from None
        except OSError as error:
            raise PlaneError(f"cannot use the data directory {path}: {error.strerror}") from None
        try:
            self.path.chmod(0o700)
            account.share(self.path)
            self._check_reached(account)
            self.clusters.mkdir(mode=0o700, exist_ok=True)
            account.share(self.clusters)
        except BaseException:
            os.close(self._lock)
            raise

    @property
    def clusters(self) -> Path:
        """The folder with one folder for each cluster, named by its id."""
        return self.path / "clusters"

    @property
    def template(self) -> Path:
        """The cluster that all others are copies of."""
        return self.path / "template"

    @property
    def passfile(self) -> Path:
        """The password of the plane's own role, in libpq's format."""
        return self.path / "passfile"

    @property
    def access_rules(self) -> Path:
        """The pg_hba.conf of clusters without TLS."""
        return self.path / "pg_hba.conf"

    @property
    def encrypted_access_rules(self) -> Path:
        """The pg_hba.conf of clusters with TLS: nobody gets in without it."""
        return self.path / "pg_hba_tls.conf"

    def close(self) -> None:
        """Let another process use the folder."""
        os.close(self._lock)

    def _check_reached(self, account: Account) -> None:
        if not account.reaches(self.path):
            raise PlaneError(
                f"the account that PostgreSQL runs as cannot reach {self.path}; choose a data "
                "directory below folders that everybody may enter"
            )


def replace_text(path: Path, text: str, account: Account, *, secret: bool = False) -> None:
    """Write a file that PostgreSQL reads, so that it sees the old one or the new one.

    A secret one becomes the account's own: PostgreSQL insists on that for a private key.
    """
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    if secret:
        account.own(part)
    else:
        account.share(part)
    part.replace(path)


def copy_folder(source: Path, target: Path, account: Account, *more: str) -> None:
    """Copy a folder of the account's to another one of its, with more files that are empty.

    The account does it itself: nothing that is put there meanwhile misleads a more powerful user.
    """
    # A name of its own: a copy that a crashed server began may still go on.
    part = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    account.own(part)
    script = 'cp -R "$1/." "$2" && cd "$2" && shift 2 && for file; do : > "$file"; done'
    account.run(["/bin/sh", "-c", script, "sh", source, part, *more])
    part.rename(target)


def remove_folder(path: Path) -> None:
    """Remove a folder, even while a program of a crashed server still writes there; OSError."""
    for _ in range(_ATTEMPTS):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
        time.sleep(_PAUSE)
    shutil.rmtree(path)


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a data directory for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as path:
        yield Path(path)


@contextlib.contextmanager
def abandoned_folders() -> Iterator[list[Path]]:
    """Find the temporary data directories that crashed servers of this user left behind.

    They are locked for the block, after which they are removed.
    """
    with contextlib.ExitStack() as stack:
        found = []
        for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            lock = _abandoned(path)
            if lock is not None:
                stack.callback(os.close, lock)
                stack.callback(_remove_locked, path)
                found.append(path)
        yield found


def _claim(path: Path) -> int:
    """Lock a data directory and return the lock; OSError, BlockingIOError when it is in use."""
    name = path / _LOCK
    if not name.exists():
        if any(path.iterdir()):
            raise PlaneError(f"{path} holds something else; name a new or empty data directory")
        # It appears locked, so that nobody takes a new directory for an abandoned one.
        lock, new = tempfile.mkstemp(prefix=f"{_LOCK}.", dir=path)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        Path(new).rename(name)
        return lock
    return _locked(name)


def _locked(file: Path) -> int:
    lock = os.open(file, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


def _abandoned(path: Path) -> int | None:
    """Lock a temporary data directory that nobody uses; None when it is not such a one."""
    try:
        mine = path.is_dir() and not path.is_symlink() and path.stat().st_uid == os.geteuid()
        return _locked(path / _LOCK) if mine else None
    except OSError:
        # In use, gone by now, or just being made.
        return None


def _remove_locked(path: Path) -> None:
    """Remove a directory, its lock last: what is interrupted is found again."""
    for each in path.iterdir():
        if each.name != _LOCK:
            remove_folder(each) if each.is_dir() else each.unlink(missing_ok=True)
    shutil.rmtree(path, ignore_errors=True)
