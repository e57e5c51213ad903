"""A YAML document with the line and path of every value, duplicate keys told rather than lost."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml
from yaml.constructor import SafeConstructor

from pgassay.manifest.finding import Finding


class UnreadableError(Exception):
    """The text is no YAML document; `finding` says where and why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Entry:
    """A value at its place: a scalar in `value`, or members by key (or position) below it."""

    path: str
    line: int
    value: object = None
    members: dict[str, "Entry"] = field(default_factory=dict)
    is_mapping: bool = False

    def finding(self, message: str) -> Finding:
        """Return a finding at this place."""
        return Finding(self.line, self.path, message)

    def scalars(self) -> Iterator["Entry"]:
        """Yield every scalar at or below this place."""
        if not self.members:
            yield self
        for member in self.members.values():
            yield from member.scalars()


def read(text: str) -> tuple[Entry, list[Finding]]:
    """Return the document and the findings of its reading; UnreadableError when it is no YAML."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise UnreadableError(Finding(line, "", f"is not valid YAML: {error.problem}")) from None
    except yaml.YAMLError:
        problem = "is not valid YAML: has characters that YAML does not allow"
        raise UnreadableError(Finding(1, "", problem)) from None
    except RecursionError:
        raise UnreadableError(Finding(1, "", "is nested too deeply")) from None
    reader = _Reader()
    if node is None:
        return Entry("", 1), reader.findings
    return reader.entry(node, ""), reader.findings


class _Reader:
    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._seen: set[int] = set()
        self._constructor = SafeConstructor()

    def entry(self, node: yaml.Node, path: str) -> Entry:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            return Entry(path, line, self._scalar(node, path, line))
        # An alias may contain itself, or double the document at every level.
        if id(node) in self._seen:
            self.findings.append(Finding(line, path, "is an alias; write the value out"))
            return Entry(path, line)
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return Entry(path, line, None, self._members(node, path), is_mapping=True)
        members = {
            str(index): self.entry(member, f"{path}/{index}".lstrip("/"))
            for index, member in enumerate(node.value)
        }
        return Entry(path, line, None, members)

    def _members(self, node: yaml.MappingNode, path: str) -> dict[str, Entry]:
        members: dict[str, Entry] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            below = f"{path}/{name}".lstrip("/")
            line = key.start_mark.line + 1
            if name in members:
                problem = f"is written twice, first in line {members[name].line}"
                self.findings.append(Finding(line, below, problem))
            entry = self.entry(value, below)
            members[name] = Entry(below, line, entry.value, entry.members, entry.is_mapping)
        return members

    def _scalar(self, node: yaml.ScalarNode, path: str, line: int) -> object:
        if node.value == "..." and node.style is None:
            self.findings.append(Finding(line, path, "is elided with `...`; write it out"))
            return None
        try:
            return self._constructor.construct_object(node)
        except (yaml.YAMLError, ValueError):
            self.findings.append(Finding(line, path, "has a value that its YAML type cannot have"))
            return None
