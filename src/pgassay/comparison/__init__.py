"""Compare repeated runs of the load half: did anything become slower?

`series` takes the figures out of the runs' results, `judgement` compares them, `rendering` shows
what was found. Nothing is measured and no target is asked.
"""

from pgassay.comparison.judgement import Comparisons, Relation, Row, Terms, judge
from pgassay.comparison.rendering import document, lines, markdown, table
from pgassay.comparison.series import Run, read

__all__ = [
    "Comparisons",
    "Relation",
    "Row",
    "Run",
    "Terms",
    "document",
    "judge",
    "lines",
    "markdown",
    "read",
    "table",
]
