"""Histories of operations that overlapped in time, and whether some order explains them.

A history is *legal* when its operations could have happened one after the other, each at a moment
between its start and its end, with the answers that were seen (linearizability: Herlihy and Wing,
1990). What must hold of the order is said by a model of the examined thing.
"""

from pgassay.history.contradiction import expect_legal, shrunk
from pgassay.history.operation import ACCEPTED, REFUSED, Operation, change, seen
from pgassay.history.search import Legality, Model, judge

__all__ = [
    "ACCEPTED",
    "REFUSED",
    "Legality",
    "Model",
    "Operation",
    "change",
    "expect_legal",
    "judge",
    "seen",
    "shrunk",
]
