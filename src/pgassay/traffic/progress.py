"""How far a load is, for those who watch it."""

from dataclasses import dataclass


@dataclass(slots=True)
class Progress:
    """What goes on in a load.

    `began` is the clock's time at which arrivals began to come, None before. While they come
    `stage` is empty and the phases of the plan tell; before and after it is in words. `backlog`
    counts the resources that are on their way.
    """

    stage: str = "preparing"
    began: float | None = None
    backlog: int = 0

    def begin(self, moment: float) -> None:
        """Note that arrivals come from the clock's `moment` on."""
        self.stage, self.began = "", moment
