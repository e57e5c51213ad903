"""Seeing checks fail: whether the suite finds the fault of a server that is known to be faulty."""

from pgassay.assessment.examination import Subject, hasty, observe
from pgassay.assessment.fate import Assessment, assess, hunt
from pgassay.assessment.reach import Reach

__all__ = ["Assessment", "Reach", "Subject", "assess", "hasty", "hunt", "observe"]
