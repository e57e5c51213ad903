"""How the shipped OpenAPI document differs from one that somebody else wrote.

Only structure is compared: operations, parameters, fields, what is required, enumerations and
limits. Titles, descriptions, examples, links and names of components say the same in many ways.
"""

from pgassay.difference.argument import Arguments, Verdicts
from pgassay.difference.comparison import Difference, compare
from pgassay.difference.document import Document

__all__ = ["Arguments", "Difference", "Document", "Verdicts", "compare"]
