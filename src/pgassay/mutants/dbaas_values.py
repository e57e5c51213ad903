"""Faults in what the dbaas family accepts: limits, patterns, reserved names."""

from pgassay.mutants.mutant import Mutant
from pgassay.reference import Behaviour
from pgassay.reference.dbaas.rules import (
    DatabaseRules,
    DbaasRules,
    IdentifierRule,
    InstanceRules,
    Range,
    TextRule,
    UserRules,
)

_FIRST, _REST = "[A-Za-z_]", "[A-Za-z0-9_]*"


def _instance(name: str, description: str, breaks: str, **rules: Range) -> Mutant:
    wrong = DbaasRules(instance=InstanceRules(**rules))  # type: ignore[arg-type]
    return Mutant(name, description, (breaks,), Behaviour(dbaas=wrong))


def _user(name: str, description: str, breaks: str, rules: UserRules) -> Mutant:
    return Mutant(name, description, (breaks,), Behaviour(dbaas=DbaasRules(user=rules)))


def _user_name(
    name: str,
    description: str,
    breaks: str,
    *,
    pattern: str = r"[A-Za-z_][A-Za-z0-9_$]*",
    longest: int = 63,
    reserved: tuple[str, ...] = ("pg_", "dbaas_", "postgres"),
) -> Mutant:
    rule = IdentifierRule(
        pattern, "letters, digits, underscores and dollar signs", longest, reserved
    )
    return _user(name, description, f"DB-USER-NAME-{breaks}", UserRules(name=rule))


def _database_name(
    name: str, description: str, breaks: str, *, pattern: str = _FIRST + _REST, longest: int = 63
) -> Mutant:
    rule = IdentifierRule(pattern, "letters, digits and underscores", longest)
    wrong = DbaasRules(database=DatabaseRules(name=rule))
    return Mutant(name, description, (f"DB-DB-NAME-{breaks}",), Behaviour(dbaas=wrong))


FAULTS: tuple[Mutant, ...] = (
    _instance(
        "CpuZeroAccepted",
        "An instance without any CPU core can be created.",
        "DB-INST-CPU-RANGE",
        cpu=Range(0, 128, "cores"),
    ),
    _instance(
        "CpuAboveMaximumAccepted",
        "An instance with 129 CPU cores can be created.",
        "DB-INST-CPU-RANGE",
        cpu=Range(1, 129, "cores"),
    ),
    _instance(
        "CpuMaximumRefused",
        "An instance with 128 CPU cores cannot be created.",
        "DB-INST-CPU-RANGE",
        cpu=Range(1, 127, "cores"),
    ),
    _instance(
        "RamBelowMinimumAccepted",
        "An instance with 511 MB of memory can be created.",
        "DB-INST-RAM-RANGE",
        ram=Range(511, 1024 * 1024, "MB"),
    ),
    _instance(
        "RamAboveMaximumAccepted",
        "An instance with 1 MB more than 1 TB of memory can be created.",
        "DB-INST-RAM-RANGE",
        ram=Range(512, 1024 * 1024 + 1, "MB"),
    ),
    _instance(
        "RamMinimumRefused",
        "An instance with 512 MB of memory cannot be created.",
        "DB-INST-RAM-RANGE",
        ram=Range(513, 1024 * 1024, "MB"),
    ),
    _instance(
        "DiskBelowMinimumAccepted",
        "An instance with a disk of 7 GB can be created.",
        "DB-INST-DISK-RANGE",
        disk_size=Range(7, 1024, "GB"),
    ),
    _instance(
        "DiskAboveMaximumAccepted",
        "An instance with a disk of 1025 GB can be created.",
        "DB-INST-DISK-RANGE",
        disk_size=Range(8, 1025, "GB"),
    ),
    _instance(
        "DiskMinimumRefused",
        "An instance with a disk of 8 GB cannot be created.",
        "DB-INST-DISK-RANGE",
        disk_size=Range(9, 1024, "GB"),
    ),
    _instance(
        "NodesZeroAccepted",
        "An instance without any node can be created.",
        "DB-INST-NODES-RANGE",
        nodes_number=Range(0, 16, "nodes"),
    ),
    _instance(
        "NodesAboveMaximumAccepted",
        "An instance with 17 nodes can be created.",
        "DB-INST-NODES-RANGE",
        nodes_number=Range(1, 17, "nodes"),
    ),
    _instance(
        "NodesMaximumRefused",
        "An instance with 16 nodes cannot be created.",
        "DB-INST-NODES-RANGE",
        nodes_number=Range(1, 15, "nodes"),
    ),
    _instance(
        "SyncReplicasNegativeAccepted",
        "An instance with -1 synchronous replicas can be created.",
        "DB-INST-SYNC-RANGE",
        sync_replica_number=Range(-1, 15, "synchronous replicas"),
    ),
    _instance(
        "SyncReplicasAboveMaximumAccepted",
        "An instance with 16 synchronous replicas can be created.",
        "DB-INST-SYNC-RANGE",
        sync_replica_number=Range(0, 16, "synchronous replicas"),
    ),
    _instance(
        "SyncReplicasMaximumRefused",
        "An instance with 15 synchronous replicas cannot be created.",
        "DB-INST-SYNC-RANGE",
        sync_replica_number=Range(0, 14, "synchronous replicas"),
    ),
    _user_name(
        "UserNameWithDigitFirstAccepted",
        "A user name may begin with a digit.",
        "FIRST",
        pattern=r"[A-Za-z0-9_][A-Za-z0-9_$]*",
    ),
    _user_name(
        "UserNameWithUnderscoreFirstRefused",
        "A user name may not begin with an underscore.",
        "FIRST",
        pattern=r"[A-Za-z][A-Za-z0-9_$]*",
    ),
    _user_name(
        "UserNameWithHyphenAccepted",
        "A user name may have hyphens.",
        "CHARACTERS",
        pattern=r"[A-Za-z_][A-Za-z0-9_$-]*",
    ),
    _user_name(
        "UserNameWithNewlineAccepted",
        "A user name may end with a newline, as the pattern's last anchor lets it through.",
        "CHARACTERS",
        pattern=r"[A-Za-z_][A-Za-z0-9_$]*\n?",
    ),
    _user_name(
        "UserNameWithDollarRefused",
        "A user name may not have a dollar sign.",
        "CHARACTERS",
        pattern=_FIRST + _REST,
    ),
    _user_name(
        "UserNameTooLongAccepted", "A user name may have 64 characters.", "LENGTH", longest=64
    ),
    _user_name(
        "UserNameLongestRefused", "A user name may not have 63 characters.", "LENGTH", longest=62
    ),
    _user_name(
        "UserNameEmptyAccepted",
        "A user name may be empty.",
        "LENGTH",
        pattern=r"([A-Za-z_][A-Za-z0-9_$]*)?",
    ),
    _user_name(
        "PgPrefixAccepted",
        "A user name may begin with pg_.",
        "RESERVED",
        reserved=("dbaas_", "postgres"),
    ),
    _user_name(
        "DbaasPrefixAccepted",
        "A user name may begin with dbaas_.",
        "RESERVED",
        reserved=("pg_", "postgres"),
    ),
    _user_name(
        "PostgresPrefixAccepted",
        "A user name may begin with postgres, as long as it goes on.",
        "RESERVED",
        pattern=r"(?!postgres\Z)[A-Za-z_][A-Za-z0-9_$]*",
        reserved=("pg_", "dbaas_"),
    ),
    _user(
        "UserDescriptionRefused",
        "A user with a description cannot be created.",
        "DB-USER-CREATE",
        UserRules(description=TextRule(0, 0)),
    ),
    _user(
        "PasswordTooShortAccepted",
        "A password may have 7 characters.",
        "DB-USER-PASSWORD-LENGTH",
        UserRules(password=TextRule(7, 99)),
    ),
    _user(
        "PasswordTooLongAccepted",
        "A password may have 100 characters.",
        "DB-USER-PASSWORD-LENGTH",
        UserRules(password=TextRule(8, 100)),
    ),
    _user(
        "PasswordShortestRefused",
        "A password may not have 8 characters.",
        "DB-USER-PASSWORD-LENGTH",
        UserRules(password=TextRule(9, 99)),
    ),
    _user(
        "PasswordLongestRefused",
        "A password may not have 99 characters.",
        "DB-USER-PASSWORD-LENGTH",
        UserRules(password=TextRule(8, 98)),
    ),
    _database_name(
        "DatabaseNameWithDigitFirstAccepted",
        "A database name may begin with a digit.",
        "FIRST",
        pattern="[A-Za-z0-9_]" + _REST,
    ),
    _database_name(
        "DatabaseNameWithDollarAccepted",
        "A database name may have a dollar sign.",
        "CHARACTERS",
        pattern=r"[A-Za-z_][A-Za-z0-9_$]*",
    ),
    _database_name(
        "DatabaseNameWithNewlineAccepted",
        "A database name may end with a newline, as the pattern's last anchor lets it through.",
        "CHARACTERS",
        pattern=_FIRST + _REST + r"\n?",
    ),
    _database_name(
        "DatabaseNameWithBlankAccepted",
        "A database name may have a blank after its first character.",
        "CHARACTERS",
        pattern=r"[A-Za-z_][A-Za-z0-9_ ]*",
    ),
    _database_name(
        "DatabaseNameTooLongAccepted",
        "A database name may have 64 characters.",
        "LENGTH",
        longest=64,
    ),
    _database_name(
        "DatabaseNameLongestRefused",
        "A database name may not have 63 characters.",
        "LENGTH",
        longest=62,
    ),
)
