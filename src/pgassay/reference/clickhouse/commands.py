"""Commands to a service: restart it, promote it, switch it over to a standby."""

from collections.abc import Callable, Mapping
from typing import Any

from pgassay.reference.clickhouse.models import CommandRequest, convert
from pgassay.reference.clickhouse.services import Services
from pgassay.reference.http import bad_request
from pgassay.reference.plane import Action
from pgassay.reference.schedule import outlook
from pgassay.reference.store import Document


class Commands(Services):
    """The operation on `/state` (OpenAPI: postgresServicePatchState)."""

    def command(self, document: Document, body: Any) -> None:
        """Begin to carry out a command.

        ApiError 400 for an unknown command, one that the service cannot follow, and unless the
        service is running, or unavailable and to be restarted; 409 when it is being deleted.
        """
        request = convert(body, CommandRequest)
        known = self.commands()
        self.check_choice("command", tuple(known), request.command)
        self.check_not_deleting(document)
        if (request.command, document["state"]) != ("restart", "unavailable"):
            self.check_ready(document)
        known[request.command](document)
        self.save(document)

    def commands(self) -> Mapping[str, Callable[[Document], None]]:
        """Name the commands and what carries them out."""
        return {"restart": self.restart, "promote": self.promote, "switchover": self.switch_over}

    def restart(self, document: Document) -> None:
        """Have the service restarting, and running again later."""
        document["state"] = "restarting"
        self.begin(document, self.rules.durations.restarting, {"state": "running"}, Action.RESTART)

    def promote(self, document: Document) -> None:
        """Make a primary of a read replica; ApiError 400 for what is one.

        The former primary stays one. Backups of a history of its own begin.
        """
        if outlook(document, "isPrimary"):
            raise bad_request("Non read replica servers cannot be promoted.")
        duration = self.rules.durations.promoting
        changes = {"isPrimary": True, "source": None, "historySince": self.due(duration)}
        self.begin(document, duration, changes, Action.PROMOTE)

    def switch_over(self, document: Document) -> None:
        """Have a standby take over, which shows nowhere; ApiError 400 when there is none."""
        if document["haType"] == "none":
            if self.rules.switchover_ignored:
                return
            raise bad_request("There is no standby to switch over to: haType is none")
        self.begin(document, self.rules.durations.switching_over, {}, Action.SWITCH_OVER)
