"""Sections, kinds and references of a manifest that YAML could read."""

from collections.abc import Iterator

from pgassay.manifest.document import Entry
from pgassay.manifest.finding import Finding
from pgassay.manifest.kinds import INSTANCES, KINDS, Kind
from pgassay.manifest.layout import SECTIONS
from pgassay.manifest.references import (
    Namespace,
    parse_reference,
    references_in,
    unresolved,
)


def structure_findings(manifest: Entry) -> Iterator[Finding]:
    """Yield what is wrong with a manifest as a document of its format."""
    if not manifest.is_mapping:
        yield manifest.finding("must be a mapping with requirements, imports and resources")
        return
    for section in SECTIONS:
        if section not in manifest.members:
            yield Finding(1, section, "is missing: a manifest has this section")
        else:
            yield from _section_findings(manifest.members[section])
    namespace = _namespace(manifest)
    yield from _import_findings(namespace)
    for kind in namespace.resources.values():
        yield from _kind_findings(kind, namespace)


def _section_findings(section: Entry) -> Iterator[Finding]:
    if not section.is_mapping and section.value is not None:
        yield section.finding("must be a mapping")
    for entry in section.members.values():
        if not entry.is_mapping:
            yield entry.finding("must be a mapping; check the indentation below it")


def _namespace(manifest: Entry) -> Namespace:
    name = manifest.members.get("name")
    sections = {
        section: manifest.members[section].members if section in manifest.members else {}
        for section in SECTIONS
    }
    return Namespace(str(name.value) if name and name.value else None, **sections)


def _import_findings(namespace: Namespace) -> Iterator[Finding]:
    for entry in namespace.imports.values():
        for key in ("element", "kind", "link"):
            if entry.is_mapping and key not in entry.members:
                yield entry.finding(f"has no `{key}`")
        for key in ("element", "link"):
            if key in entry.members:
                yield from _outward_findings(entry.members[key], namespace)


def _outward_findings(entry: Entry, namespace: Namespace) -> Iterator[Finding]:
    """Look up the element only: an import points out of the manifest."""
    reference = parse_reference(str(entry.value))
    if reference is None:
        yield entry.finding("must be a reference such as `$element.path.$id`")
    elif reference.element not in namespace.requirements:
        yield entry.finding(f"`{reference.element}` is not among the requirements")


def _kind_findings(entry: Entry, namespace: Namespace) -> Iterator[Finding]:
    name = entry.path.partition("/")[2]
    kind = next((known for known in KINDS if known.matches(name)), None)
    if kind is None:
        known = ", ".join(known.spelling for known in KINDS)
        yield entry.finding(f"is no kind of resource; known are {known}")
    else:
        parent = kind.parent(name)
        instances = namespace.resources.get(INSTANCES)
        if parent and (instances is None or parent not in instances.members):
            yield entry.finding(f"there is no instance `{parent}` in this manifest")
    for resource in entry.members.values():
        yield from _resource_findings(resource, kind)
        for scalar in resource.scalars():
            yield from _text_findings(scalar, namespace)


def _resource_findings(resource: Entry, kind: Kind | None) -> Iterator[Finding]:
    if not resource.is_mapping:
        yield resource.finding("has no body; check the indentation below it")
    elif kind is not None:
        yield from kind.findings(resource)


def _text_findings(scalar: Entry, namespace: Namespace) -> Iterator[Finding]:
    text = scalar.value.strip() if isinstance(scalar.value, str) else ""
    if text.startswith("$"):
        reference = parse_reference(text)
        if reference is None:
            yield scalar.finding("is no reference; expected `$element.path.$id:field`")
        references = [reference] if reference else []
    elif text.startswith('f"'):
        if not text.endswith('"') or text == 'f"':
            yield scalar.finding('is a template that is not closed; end it with `"`')
        references = list(references_in(text))
    else:
        return
    for reference in references:
        problem = unresolved(reference, namespace)
        if problem:
            yield scalar.finding(problem)
