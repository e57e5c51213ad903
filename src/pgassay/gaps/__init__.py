"""The spec-gap ledger: which way a server went where its documents leave a choice.

The points are listed in `spec/gaps.toml`. A `GapLedger` sees every exchange of a run after
redaction, as monitors do, and lets observers say which branch it shows; checks that know the
context add what no single exchange tells. It records and never judges: no verdict depends on it.
"""

from pgassay.gaps.catalogue import Branch, Gap, gaps
from pgassay.gaps.declaration import excused
from pgassay.gaps.ledger import GapLedger, Recorder

__all__ = ["Branch", "Gap", "GapLedger", "Recorder", "excused", "gaps"]
