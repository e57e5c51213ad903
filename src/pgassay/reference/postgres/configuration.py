"""The configuration file of a cluster; it stands outside of the data directory.

So it is the plane's alone: the whole file is written anew with every change, and an ALTER SYSTEM
of the service's owner, kept in the data directory, stays the owner's business.
"""

import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pgassay.reference.postgres.access import HOST
from pgassay.reference.postgres.capabilities import Capabilities
from pgassay.reference.postgres.folder import Folder
from pgassay.reference.postgres.parameters import quoted

_BASE: Mapping[str, str] = {
    "listen_addresses": HOST,
    # Their paths would be limited to some hundred characters, and nothing needs them.
    "unix_socket_directories": "",
    # What a killed process wrote is safe with the kernel; a power cut is another matter.
    "fsync": "off",
    "shared_buffers": "8MB",
    "huge_pages": "off",
    # In the data directory, so that they vanish with it even after a kill.
    "dynamic_shared_memory_type": "mmap",
    "max_logical_replication_workers": "0",
    "superuser_reserved_connections": "0",
    "wal_level": "logical",
    "min_wal_size": "5MB",
    "max_wal_size": "64MB",
    "archive_mode": "on",
    "wal_retrieve_retry_interval": "100ms",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # Statements may hold passwords.
    "log_min_error_statement": "panic",
}
#: Since PostgreSQL 18: three processes less.
_IO = {"io_method": "sync"}


def base_settings(
    name: str, port: int, archive: Path, folder: Folder, capabilities: Capabilities | None
) -> dict[str, str]:
    """Return what holds for every cluster; without capabilities the build is not known yet."""
    copy = f"cp %p {_shell(archive)}/%f.part && mv {_shell(archive)}/%f.part {_shell(archive)}/%f"
    settings = {
        **_BASE,
        "cluster_name": name,
        "port": str(port),
        "hba_file": str(folder.access_rules),
        "archive_command": copy,
    }
    if capabilities is None:
        return settings
    if "io_method" in capabilities.limits:
        settings |= _IO
    return settings


def encrypted(path: Path, folder: Folder) -> dict[str, str]:
    """Return what makes a cluster speak TLS only, with the certificate in its folder."""
    return {
        "hba_file": str(folder.encrypted_access_rules),
        "ssl": "on",
        "ssl_cert_file": str(path / "server.crt"),
        "ssl_key_file": str(path / "server.key"),
        "ssl_min_protocol_version": "TLSv1.3",
    }


def following(address: str, passfile: Path, archive: Path, name: str) -> dict[str, str]:
    """Return what makes a standby: it follows a primary and reads what it missed in the archive."""
    return {
        "primary_conninfo": f"{address} passfile={_value(passfile)} application_name={name}",
        "restore_command": _restore(archive),
    }


def recovering(target: float, archive: Path) -> dict[str, str]:
    """Return what makes a recovery end before the first commit at the target (epoch seconds)."""
    moment = datetime.fromtimestamp(target, UTC).isoformat(sep=" ", timespec="microseconds")
    return {
        "restore_command": _restore(archive),
        "recovery_target_time": moment,
        "recovery_target_inclusive": "off",
        "recovery_target_action": "promote",
        "hot_standby": "off",
    }


def written(settings: Mapping[str, str]) -> str:
    """Return the text of a configuration file."""
    return "".join(f"{name} = {quoted(value)}\n" for name, value in settings.items())


def _restore(archive: Path) -> str:
    return f"cp {_shell(archive)}/%f %p"


def _shell(path: Path) -> str:
    # PostgreSQL replaces what follows a percent sign before the shell sees the command.
    return shlex.quote(str(path)).replace("%", "%%")


def _value(value: object) -> str:
    """Quote a value of a connection string (libpq documentation, section 32.1.1)."""
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
