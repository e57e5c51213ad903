"""The linter of element manifests: a sound manifest is clean, each defect is said at its line."""

import pytest

from pgassay.manifest import Finding, lint

SOUND = """\
name: shop
requirements:
  core:
    from_version: "1.2.0"
  dbaas:
    from_version: "0.3.0"
imports:
  pg17:
    element: "$dbaas"
    kind: "resource"
    link: "$dbaas.types.postgres.versions.$pg17"
resources:
  $core.secret.passwords:
    orders_password:
      name: orders_password
  $dbaas.types.postgres.instances:
    orders:
      name: orders-cluster
      cpu: 2
      ram: 4096
      disk_size: 40
      nodes_number: 3
      sync_replica_number: 1
      version: $shop.imports.$pg17:uuid
  $dbaas.types.postgres.instances.$orders.users:
    clerk:
      name: clerk
      password: $core.secret.passwords.$orders_password:value
      instance: $dbaas.types.postgres.instances.$orders:uuid
  $dbaas.types.postgres.instances.$orders.databases:
    ledger:
      name: ledger
      owner: $dbaas.types.postgres.instances.$orders.users.$clerk:uuid
      instance: $dbaas.types.postgres.instances.$orders:uuid
  $core.config.configs:
    access:
      name: access
      body:
        kind: "text"
        content: |
          f"
          USER=$dbaas.types.postgres.instances.$orders.users.$clerk:name
          PASS=$core.secret.passwords.$orders_password:value
          HOSTS=$dbaas.types.postgres.instances.$orders:to_str(ipsv4)
          "
"""


def line_of(text: str, fragment: str) -> int:
    """Return the number of the only line that contains a fragment."""
    (number,) = [n for n, line in enumerate(text.splitlines(), 1) if fragment in line]
    return number


def replaced(old: str, new: str) -> str:
    """Return the sound manifest with its only occurrence of a fragment replaced."""
    assert SOUND.count(old) == 1, old
    return SOUND.replace(old, new)


def test_a_sound_manifest_is_clean() -> None:
    """The positive twin of every other test here."""
    assert lint(SOUND) == ()


def test_a_sound_manifest_stays_clean_when_written_differently() -> None:
    """Comments, a document's markers, an empty section, a URI, a folded template."""
    variants = [
        "---\n# shop\n" + SOUND + "...\n",
        replaced("      version: $shop.imports.$pg17:uuid", "      version: /v1/types/postgres/v"),
        replaced("content: |\n", "content:\n"),
        "imports:\nname: empty\nrequirements:\nresources:\n",
    ]

    assert [lint(variant) for variant in variants] == [()] * len(variants)


DEFECTS = [
    ("      cpu: 2", "      cpu: 129", "cpu: 129", "whole number from 1 to 128"),
    ("      cpu: 2", "      cpu: 0", "cpu: 0", "whole number from 1 to 128"),
    ("      cpu: 2", '      cpu: "2"', 'cpu: "2"', "whole number"),
    ("      cpu: 2", "      cpu: true", "cpu: true", "whole number"),
    ("      cpu: 2", "      cpu: 2.0", "cpu: 2.0", "whole number"),
    ("ram: 4096", "ram: 511", "ram: 511", "from 512 to 1048576"),
    ("disk_size: 40", "disk_size: 1025", "disk_size: 1025", "from 8 to 1024"),
    ("nodes_number: 3", "nodes_number: 17", "nodes_number: 17", "from 1 to 16"),
    ("replica_number: 1", "replica_number: 16", "replica_number: 16", "from 0 to 15"),
    ("name: orders-cluster", 'name: ""', 'name: ""', "a text that is not empty"),
    ("name: clerk", "name: postgres_clerk", "name: postgres_clerk", "must not start with pg_"),
    ("name: clerk", "name: 1clerk", "name: 1clerk", "not start with a digit"),
    ("name: ledger", "name: le$dger", "name: le$dger", "letters, digits or underscores"),
    ("name: ledger", f"name: {'x' * 64}", "x" * 64, "1 to 63"),
    ('element: "$dbaas"', 'element: "dbaas"', 'element: "dbaas"', "must be a reference"),
    ("$dbaas.types.postgres.versions", "$kafka.versions", "$kafka", "`kafka` is not among"),
    ("    link:", "    ling:", "  pg17:", "has no `link`"),
    ("version: $shop.imports.$pg17", "version: $shop.imports.$pg16", "$pg16", "no such import"),
    ("version: $shop.", "version: $store.", "$store", "the manifest's name is `shop`"),
    ("name: shop\n", "title: shop\n", "version: $shop", "has no `name: shop`"),
    ("$orders_password:value\n      inst", "$lost:value\n      inst", "$lost", "no such resource"),
    ("$clerk:name", "$clark:name", "content: |", "no such resource"),
    ("$clerk:name", "$clerk:nickname", "content: |", "the resource has no `nickname`"),
    ("owner: $dbaas.types", "owner: $dbaas..types", "$dbaas..types", "is no reference"),
    ("$orders.databases:", "$order.databases:", "$order.databases", "no instance `order`"),
    ("$core.config.configs:", "$core.config.settings:", "settings:", "is no kind of resource"),
    ("  dbaas:\n", "  dbase:\n", "element:", "`dbaas` is not among the requirements"),
    ('          "\n', "", "content: |", "is a template that is not closed"),
    ("      nodes_number: 3", "      cpu: 2\n      nodes_number: 3", None, "is written twice"),
    ("      name: clerk\n", "", "    clerk:", "has no `name`"),
    ("      version: $shop.imports.$pg17:uuid\n", "", "    orders:", "has no `version`"),
    ("      name: access\n", "      name: ...\n", "name: ...", "is elided"),
    ("      name: orders_password", "", "    orders_password:", "has no body"),
]


@pytest.mark.parametrize(("old", "new", "at", "message"), DEFECTS, ids=lambda part: str(part)[:40])
def test_a_defect_is_said_at_its_line(old: str, new: str, at: str | None, message: str) -> None:
    """One change to the sound manifest, and a finding for it."""
    text = replaced(old, new)
    line = line_of(text, at) if at else line_of(SOUND, "disk_size") + 1

    findings = lint(text)

    assert any(each.line == line and message in each.message for each in findings), findings


def test_a_password_in_clear_text_is_told_without_repeating_it() -> None:
    """A manifest refers to a secret; findings may end up in a log."""
    text = SOUND.replace(
        "password: $core.secret.passwords.$orders_password:value", "password: hunter22", 1
    )

    (finding,) = lint(text)

    assert "must refer to a secret" in finding.message
    assert "hunter22" not in str(finding)
    assert finding.path.endswith("/clerk/password")


@pytest.mark.parametrize("section", ["requirements", "imports", "resources"])
def test_a_missing_section_is_told(section: str) -> None:
    """Requirements, imports, resources."""
    text = replaced(f"\n{section}:", f"\nx_{section}:")

    assert Finding(1, section, "is missing: a manifest has this section") in lint(text)


def test_an_elided_body_is_told_although_yaml_cannot_read_it() -> None:
    """`...` followed by members is no YAML."""
    text = replaced("      name: access\n", "      ...\n")

    messages = {finding.line: finding.message for finding in lint(text)}

    assert messages[line_of(text, "      ...")] == "is elided with `...`; write it out"
    assert any("is not valid YAML" in message for message in messages.values())


def test_lost_indentation_is_told_with_what_else_the_lines_show() -> None:
    """As in a manifest that was copied from a rendered page."""
    text = replaced("      nodes_number: 3\n", "      nodes_number: 3\n      cpu: 4\n")
    text = text.replace("name: shop\n", "").replace("      name: access\n", "...\n")
    flat = "\n".join(line.strip() for line in text.splitlines())

    said = {(finding.path, finding.message.partition(",")[0]) for finding in lint(flat)}

    lost = "has lost its indentation: indent what belongs to the section"
    assert said >= {
        ("requirements", lost),
        ("imports", lost),
        ("resources", lost),
        ("orders/cpu", "is written twice"),
        ("version", "refers to the manifest itself as `$shop`"),
        ("access", "is elided with `...`; write it out"),
    }


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "text", "...", "\0", "a: [", "{? [a] : b}", "a: 2024-99-99", "[" * 5000),
        *("a: &x [*x]", "a: !!python/object/apply:os.getcwd []", "resources: 1", "%", "\t- a"),
        "resources: {$core.config.configs: [1]}",
    ],
    ids=lambda text: repr(text[:20]),
)
def test_any_other_text_is_told_as_findings(text: str) -> None:
    """The linter answers for every input; nothing in a manifest is executed or followed."""
    assert lint(text)


def test_findings_sort_by_line_and_read_as_a_sentence() -> None:
    """Line, place, message."""
    findings = lint(replaced("ram: 4096", "ram: 1").replace("cpu: 2", "cpu: 0"))

    assert [str(finding) for finding in findings] == [
        f"line {line_of(SOUND, key)}: resources/$dbaas.types.postgres.instances/orders/{key}: "
        f"must be a whole number from {limits}"
        for key, limits in (("cpu", "1 to 128"), ("ram", "512 to 1048576"))
    ]
