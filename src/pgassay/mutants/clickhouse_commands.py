# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults of passwords and state commands of the clickhouse family."""

from typing import Any

from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.backend import SERVICE
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.http import ApiError, bad_request
from pgassay.reference.store import Document

FAULTS = Faults()


@FAULTS.clickhouse("CH-PASSWORD-RULES")
class PasswordLengthUnchecked(ClickhouseService):
    """A new superuser password may have any length."""

    def check_password(self, password: str) -> None:
        super().check_password((password + "x" * 12)[-1024:])


@FAULTS.clickhouse("CH-PASSWORD-RULES")
class PasswordClassesUnchecked(ClickhouseService):
    """A new superuser password may lack letters or digits."""

    def check_password(self, password: str) -> None:
        super().check_password("aA0" + password[3:])


@FAULTS.clickhouse("CH-PASSWORD-RULES")
class PasswordClassesOfAnyScript(ClickhouseService):
    """Letters and digits of every script count as those that a new password needs."""

    def check_password(self, password: str) -> None:
        tests = (str.islower, str.isupper, str.isdigit)
        if all(any(map(test, password)) for test in tests):
            password = "aA0" + password[3:]
        super().check_password(password)


@FAULTS.clickhouse("CH-PASSWORD-TYPE")
class PasswordOfAnotherTypeIgnored(ClickhouseService):
    """A password that is no text counts as none, and one is generated."""

    def set_password(self, document: Document, body: Any) -> Document:
        given = body.get("password") if isinstance(body, dict) else None
        return super().set_password(document, body if isinstance(given, str) else {})


@FAULTS.clickhouse("CH-PASSWORD-SUPPLIED")
class LongPasswordRefused(ClickhouseService):
    """A new password of more than 100 characters is refused."""

    def check_password(self, password: str) -> None:
        super().check_password(password)
        if len(password) > 100:
            raise bad_request("request body.password: too long")


@FAULTS.clickhouse("CH-PASSWORD-SUPPLIED")
class PasswordPunctuationRefused(ClickhouseService):
    """A new password with anything but letters and digits is refused."""

    def check_password(self, password: str) -> None:
        super().check_password(password)
        if not password.isalnum():
            raise bad_request("request body.password: letters and digits only")


@FAULTS.clickhouse("CH-PASSWORD-NOT-RETURNED")
class ChosenPasswordEchoed(ClickhouseService):
    """The answer to a password change repeats the password that was chosen."""

    def set_password(self, document: Document, body: Any) -> Document:
        return {**body, **super().set_password(document, body)}


@FAULTS.clickhouse("CH-PASSWORD-GENERATED")
class GeneratedPasswordHidden(ClickhouseService):
    """A generated password is set and never told."""

    def set_password(self, document: Document, body: Any) -> Document:
        super().set_password(document, body)
        return {}


@FAULTS.clickhouse("CH-PASSWORD-GENERATED")
class GeneratedPasswordPoor(ClickhouseService):
    """A generated password consists of small letters and digits."""

    def generate_password(self) -> str:
        return super().generate_password().lower()


@FAULTS.clickhouse("CH-PASSWORD-GENERATED-FRESH")
class GeneratedPasswordConstant(ClickhouseService):
    """Every generated password is the same."""

    def generate_password(self) -> str:
        return "Initial-password-1"


@FAULTS.clickhouse("CH-PASSWORD-APPLIED")
class PasswordChangeLost(ClickhouseService):
    """A password change is acknowledged, and the password stays."""

    def replace_password(self, document: Document, password: str) -> None:
        pass


@FAULTS.clickhouse("CH-PASSWORD-REJECT-UNTOUCHED")
class RefusedPasswordSet(ClickhouseService):
    """A password change is refused, and the service has another password all the same."""

    def set_password(self, document: Document, body: Any) -> Document:
        try:
            return super().set_password(document, body)
        except ApiError:
            self.replace_password(document, self.generate_password())
            raise


@FAULTS.clickhouse("CH-PASSWORD-KEEPS-SERVICE")
class PasswordChangeRestarts(ClickhouseService):
    """A password change restarts the service."""

    def replace_password(self, document: Document, password: str) -> None:
        super().replace_password(document, password)
        self.restart(document)
        self.save(document)


@FAULTS.clickhouse("CH-PASSWORD-REPLICA")
class ReplicaTakesPassword(ClickhouseService):
    """A read replica accepts a password of its own."""

    def set_password(self, document: Document, body: Any) -> Document:
        if document["isPrimary"]:
            return super().set_password(document, body)
        self.replace_password(document, body["password"])
        return {}


@FAULTS.clickhouse("CH-STATE-RESTART")
class RestartNeverEnds(ClickhouseService):
    """A service that is restarted stays in the state restarting for good."""

    def restart(self, document: Document) -> None:
        document["state"] = "restarting"


@FAULTS.clickhouse("CH-STATE-RESTART")
class RestartRefused(ClickhouseService):
    """A running service cannot be restarted."""

    def restart(self, document: Document) -> None:
        raise bad_request("the service is in use")


@FAULTS.clickhouse("CH-STATE-RESTART")
class RestartMovesService(ClickhouseService):
    """A service has another host name after a restart."""

    def restart(self, document: Document) -> None:
        super().restart(document)
        document["hostname"] = self.hostname(document["name"], document["id"], document["region"])


@FAULTS.clickhouse("CH-SVC-PRIMARY-STEADY", shown_by=("CH-STATE-RESTART",))
class RestartDemotes(ClickhouseService):
    """A primary that is restarted is none any more."""

    def restart(self, document: Document) -> None:
        super().restart(document)
        document["isPrimary"] = False


@FAULTS.clickhouse("CH-STATE-RESTART-STATES")
class RestartStops(ClickhouseService):
    """A service that is restarted is stopped meanwhile."""

    def restart(self, document: Document) -> None:
        super().restart(document)
        document["state"] = "stopped"


@FAULTS.clickhouse("CH-STATE-COMMAND")
class UnknownCommandIgnored(ClickhouseService):
    """A command that nobody knows is acknowledged, and nothing happens."""

    def command(self, document: Document, body: Any) -> None:
        named = body.get("command") if isinstance(body, dict) else None
        if not isinstance(named, str) or named in self.commands():
            super().command(document, body)


@FAULTS.clickhouse("CH-STATE-COMMAND")
class CommandCaseIgnored(ClickhouseService):
    """Commands are understood in capitals and between blanks as well."""

    def command(self, document: Document, body: Any) -> None:
        named = body.get("command") if isinstance(body, dict) else None
        meant = {"command": named.strip(" ").lower()} if isinstance(named, str) else body
        super().command(document, meant)


@FAULTS.clickhouse("CH-STATE-COMMAND-MISSING")
class CommandAssumed(ClickhouseService):
    """A request without a command restarts the service."""

    def command(self, document: Document, body: Any) -> None:
        missing = isinstance(body, dict) and "command" not in body
        super().command(document, {"command": "restart"} if missing else body)


@FAULTS.clickhouse("CH-STATE-REJECT-UNTOUCHED")
class RefusedCommandRestarts(ClickhouseService):
    """A command is refused, and the service is restarted all the same."""

    def command(self, document: Document, body: Any) -> None:
        try:
            super().command(document, body)
        except ApiError:
            if document["state"] == "running":
                self.restart(document)
                self.save(document)
            raise


@FAULTS.clickhouse("CH-STATE-CONFIG-KEPT")
class RestartForgetsConfiguration(ClickhouseService):
    """A restart puts the configuration back to the defaults."""

    def restart(self, document: Document) -> None:
        super().restart(document)
        document["pgConfig"] = {}


@FAULTS.clickhouse("CH-STATE-CONFIG-KEPT")
class PromotionForgetsConfiguration(ClickhouseService):
    """A promotion puts the configuration back to the defaults."""

    def promote(self, document: Document) -> None:
        super().promote(document)
        document["pgConfig"] = {}


@FAULTS.clickhouse("CH-STATE-PROMOTE")
class PromotionIgnored(ClickhouseService):
    """A promotion is acknowledged, and the read replica stays one."""

    def promote(self, document: Document) -> None:
        pass


@FAULTS.clickhouse("CH-STATE-PROMOTE-SOURCE")
class PromotionDemotesSource(ClickhouseService):
    """The promotion of a read replica makes a read replica of its source."""

    def promote(self, document: Document) -> None:
        source = self.store.get(SERVICE, document.get("source") or "")
        super().promote(document)
        if source is not None:
            self.save({**source, "isPrimary": False})


@FAULTS.clickhouse("CH-STATE-PROMOTE-PRIMARY")
class PrimaryPromoted(ClickhouseService):
    """A primary can be promoted, with no effect."""

    def promote(self, document: Document) -> None:
        if not document["isPrimary"]:
            super().promote(document)


@FAULTS.clickhouse("CH-STATE-SWITCHOVER")
class SwitchoverRefused(ClickhouseService):
    """A service with a standby cannot be switched over to it."""

    def switch_over(self, document: Document) -> None:
        raise bad_request("there is no standby")


@FAULTS.clickhouse("CH-STATE-SWITCHOVER")
class SwitchoverNeverEnds(ClickhouseService):
    """A service that is switched over is unavailable for good."""

    def switch_over(self, document: Document) -> None:
        super().switch_over(document)
        document["state"] = "unavailable"


@FAULTS.clickhouse("CH-STATE-SWITCHOVER-KEPT")
class SwitchoverMovesService(ClickhouseService):
    """A service that was switched over has the host name of its former standby."""

    def switch_over(self, document: Document) -> None:
        super().switch_over(document)
        document["hostname"] = "standby-" + document["hostname"]


@FAULTS.clickhouse("CH-STATE-SWITCHOVER-NONE")
class SwitchoverWithoutStandby(ClickhouseService):
    """A switchover without a standby is acknowledged, and nothing happens."""

    def switch_over(self, document: Document) -> None:
        if document["haType"] != "none":
            super().switch_over(document)


@FAULTS.clickhouse("CH-STATE-SWITCHOVER-REPLICA")
class SwitchoverSwapsRoles(ClickhouseService):
    """A switchover of a read replica swaps its role with that of its source."""

    def switch_over(self, document: Document) -> None:
        source = self.store.get(SERVICE, document.get("source") or "")
        if source is None:
            super().switch_over(document)
            return
        document["isPrimary"] = True
        self.save({**source, "isPrimary": False})


@FAULTS.clickhouse("CH-STATE-BUSY")
class RestartInterruptsCreation(ClickhouseService):
    """A service that is restarted right after its creation never comes to run."""

    def command(self, document: Document, body: Any) -> None:
        if self.clock.now() - document["since"] > 5:
            super().command(document, body)
            return
        document |= {"state": "creating", "pending": []}
        self.save(document)


@FAULTS.clickhouse("CH-STATE-BUSY")
class RestartEndsDelete(ClickhouseService):
    """A service that is restarted while it is deleted stays; a delete takes its time."""

    def begin_removal(self, document: Document, duration: float) -> None:
        super().begin_removal(document, 50 * duration)

    def command(self, document: Document, body: Any) -> None:
        if document["state"] != "deleting":
            super().command(document, body)
            return
        document |= {"state": "running", "pending": []}
        self.save(document)
