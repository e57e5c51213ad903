"""End a load early once an objective is lost for sure: what still comes could not save it."""

from typing import Final

from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.verdicts import Outlook, lost

#: An arrival sends any number of these; of all other operations it sends one at most.
_POLLS: Final = dict.fromkeys(("poll", "config_poll", "user_poll", "cdc_poll"))


class EarlyEnd:
    """The objectives of one plan, looked at while it is carried out."""

    def __init__(self, plan: LoadPlan) -> None:
        """One worker of several knows too little of the whole to be sure of anything."""
        self._objectives = plan.objectives
        self._sure = plan.workers == 1 and plan.model == "open"

    def __call__(self, record: LoadRecord, arrivals: int) -> str:
        """Name what is lost, with `arrivals` that have not ended yet; empty where nothing is."""
        if not self._sure:
            return ""
        result = lost(self._objectives, record, Outlook(arrivals, _POLLS))
        return f"{result.id}: {result.note}" if result else ""
