"""What tests ask of intervals."""

from pgassay.statistics.estimate import Estimate


def holds(estimate: Estimate, truth: float) -> bool:
    """Tell whether `truth` lies in the interval, its ends included."""
    return estimate.lower <= truth <= estimate.upper
