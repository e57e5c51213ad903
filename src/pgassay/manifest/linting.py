"""The linter's one entrance: from the text of a manifest to its findings."""

from pgassay.manifest.document import UnreadableError, read
from pgassay.manifest.finding import Finding
from pgassay.manifest.layout import layout_findings, lost_indentation
from pgassay.manifest.structure import structure_findings


def lint(text: str) -> tuple[Finding, ...]:
    """Return every defect found in the text of a manifest, by line; none for a sound one.

    Where indentation or syntax is broken, keys cannot be told apart by their place; then only
    what the lines themselves show is reported, and a second run after the repair shows the rest.
    """
    findings = set(lost_indentation(text))
    try:
        manifest, problems = read(text)
    except UnreadableError as error:
        return tuple(sorted({error.finding, *findings, *layout_findings(text)}))
    if findings:
        return tuple(sorted({*findings, *layout_findings(text)}))
    return tuple(sorted({*problems, *structure_findings(manifest)}))
