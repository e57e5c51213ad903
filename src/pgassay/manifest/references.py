"""References in a manifest: `$element.path.$id:field`, and templates that contain them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pgassay.manifest.document import Entry
from pgassay.manifest.layout import missing_name

_REFERENCE = re.compile(
    r"\$(?P<element>[A-Za-z_]\w*)(?P<parts>(?:\.\$?[A-Za-z_]\w*)*)"
    r"(?::(?P<field>[A-Za-z_]\w*)(?P<call>\([^()\s]*\))?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference taken apart; `field` is empty when it names a whole resource."""

    text: str
    element: str
    parts: tuple[str, ...]
    field: str
    is_call: bool

    @property
    def kind(self) -> str:
        """The kind of resource that it points into, as `resources` spells it."""
        return ".".join((f"${self.element}", *self.parts[:-1]))

    @property
    def target(self) -> str:
        """The id of the resource, or empty when the last part is none."""
        last = self.parts[-1] if self.parts else ""
        return last[1:] if last.startswith("$") else ""


@dataclass(frozen=True, slots=True)
class Namespace:
    """What references of one manifest may point at."""

    name: str | None
    requirements: Mapping[str, Entry]
    imports: Mapping[str, Entry]
    resources: Mapping[str, Entry]


def parse_reference(text: str) -> Reference | None:
    """Return the reference that the whole text is, or None."""
    match = _REFERENCE.fullmatch(text)
    return _reference(match) if match else None


def references_in(template: str) -> Iterator[Reference]:
    """Yield the references inside a template."""
    return map(_reference, _REFERENCE.finditer(template))


def unresolved(reference: Reference, namespace: Namespace) -> str | None:
    """Return why the reference points nowhere, or None when it points somewhere."""
    if reference.element == namespace.name or reference.parts[:1] == ("imports",):
        return _unresolved_self(reference, namespace)
    if reference.element not in namespace.requirements:
        return f"`{reference.text}`: `{reference.element}` is not among the requirements"
    if not reference.parts:
        return None
    kind = namespace.resources.get(reference.kind)
    resource = kind.members.get(reference.target) if kind else None
    if resource is None:
        return f"`{reference.text}`: there is no such resource in this manifest"
    return _unresolved_field(reference, resource)


#: Members that every resource, or every secret, has without being written.
_GIVEN = ("uuid", "status", "created_at", "updated_at", "value")


def _unresolved_self(reference: Reference, namespace: Namespace) -> str | None:
    if namespace.name is None:
        return missing_name(reference.element)
    if reference.element != namespace.name:
        return f"`{reference.text}`: the manifest's name is `{namespace.name}`"
    section, *rest = reference.parts or ("",)
    if section != "imports" or len(rest) != 1 or rest[0].lstrip("$") not in namespace.imports:
        return f"`{reference.text}`: there is no such import in this manifest"
    return None


def _unresolved_field(reference: Reference, resource: Entry) -> str | None:
    known = reference.is_call or reference.field in ("", *_GIVEN, *resource.members)
    return None if known else f"`{reference.text}`: the resource has no `{reference.field}`"


def _reference(match: re.Match[str]) -> Reference:
    parts = tuple(part for part in match["parts"].split(".") if part)
    return Reference(match[0], match["element"], parts, match["field"] or "", bool(match["call"]))
