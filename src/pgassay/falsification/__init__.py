"""Falsify a green run: change one thing in its evidence, judge again, see which passes notice.

A recorded run is replayed offline: the same checks get the recorded answers on a clock that shows
the recorded times. Before each check the process forks; a child runs that one check with one change
in one answer. A pass that no change can take away has proven nothing.
"""

from pgassay.falsification.engine import Scope, falsify
from pgassay.falsification.falsifier import Effort
from pgassay.falsification.findings import Falsification, Worth, write
from pgassay.falsification.markdown import render, summary

__all__ = ["Effort", "Falsification", "Scope", "Worth", "falsify", "render", "summary", "write"]
