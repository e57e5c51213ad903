"""clickhouse services as PostgreSQL shows them: logins, version, configuration, data."""

from pgassay.check import full, requirement
from pgassay.deviation import NotTestable
from pgassay.expectation import expect, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse_copies import needed
from pgassay.families.clickhouse_databases import (
    STARTED,
    Backed,
    backed,
    expect_verified,
    set_password,
)
from pgassay.families.clickhouse_expectations import configuration
from pgassay.families.command_expectations import restarted
from pgassay.families.data_plane import (
    expect_becomes,
    expect_closed,
    expect_done,
    expect_kept_out,
    expect_opened,
    expect_value,
)

#: Values that no service has by default, as PostgreSQL shows them; none waits for a restart.
VALUES = {"work_mem": "7MB", "random_page_cost": "1.7", "autovacuum_naptime": "23s"}


@requirement("CH-SVC-CONNECTION-LOGIN")
def test_the_connection_string_logs_in(clickhouse: ClickhouseApi, database: Backed) -> None:
    """The connection string of the creation logs in once the service runs."""
    expect_opened(database.database, "the connection string of a running service does not log in")


@requirement("CH-DATA-USER")
def test_user_and_password_log_in(clickhouse: ClickhouseApi, database: Backed) -> None:
    """The session that the shown user opens is that user's."""
    user = str(database.answered.get("username"))
    answer = database.database.changed(user=user).ask("SELECT session_user::text")
    expect_value(answer, user, "the shown user is not who logs in", exchange=database.created)


@requirement("CH-DATA-PASSWORD-WRONG")
def test_another_password_is_refused(clickhouse: ClickhouseApi, database: Backed) -> None:
    """A login with a password that was never set is refused."""
    wrong = database.database.changed(password=clickhouse.names.password())
    expect_kept_out(wrong, database.database, "a wrong password logs in")


@requirement("CH-DATA-SCRAM")
def test_logins_use_scram(clickhouse: ClickhouseApi, database: Backed) -> None:
    """Libpq is content with the server when it must not use anything but SCRAM-SHA-256."""
    expect_opened(database.database, "the connection string does not log in")
    strict = database.database.changed(require_auth="scram-sha-256")
    expect_done(strict.ask("SELECT 1"), "the server does not authenticate with SCRAM-SHA-256")


@requirement("CH-DATA-TLS")
def test_the_certificate_verifies_with_the_bundle(
    clickhouse: ClickhouseApi, database: Backed
) -> None:
    """Libpq verifies certificate and host name with the CA certificates of the service."""
    needed(clickhouse, "certificates")
    expect_verified(clickhouse, database, "the server's certificate does not verify")


@requirement("CH-SVC-VERSION-SERVER")
def test_the_server_has_the_reported_version(clickhouse: ClickhouseApi, database: Backed) -> None:
    """The server's major version is the postgresVersion of the service."""
    shown = clickhouse.shown(database.id).get("postgresVersion")
    question = "SELECT (current_setting('server_version_num')::int / 10000)::text"
    answer = database.database.ask(question)
    expect_value(answer, shown, f"the server is not PostgreSQL {shown}")


@requirement("CH-CFG-EFFECT", "CH-DATA-CONFIG-RUNNING")
def test_configured_values_are_in_use(clickhouse: ClickhouseApi, database: Backed) -> None:
    """Configured values come to be in use, without a restart."""
    way, before = database.database, database.database.ask(STARTED)
    expect_status(clickhouse.merge_configuration(database.id, configuration(VALUES)), 200)
    for name, value in VALUES.items():
        title = f"the server does not use the configured {name}"
        expect_becomes(way, f"SHOW {name}", value, title, "CH-CFG-EFFECT")
    title = "a configuration change restarted the server"
    expect_value(way.ask(STARTED), before.value, title, "CH-DATA-CONFIG-RUNNING")


@requirement("CH-CFG-EFFECT")
def test_a_replacement_is_in_use(clickhouse: ClickhouseApi, database: Backed) -> None:
    """A value is in use as long as the configuration shows it, and no longer."""
    way, question = database.database, "SHOW maintenance_work_mem"
    default = way.ask(question).value
    for values in ({"maintenance_work_mem": "77MB"}, {"work_mem": "6MB"}):
        wanted = configuration(values)
        expect_status(clickhouse.replace_configuration(database.id, wanted), 200)
        shown = clickhouse.wait_configuration(database.id, wanted).value or {}
        value = shown.get("pgConfig", {}).get("maintenance_work_mem", default)
        expect_becomes(way, question, value, "the server does not use what a replacement left")


@requirement("CH-DATA-CONFIG-RESTART", "CH-DATA-RESTART")
@full
def test_a_restart_brings_what_waits_for_it(clickhouse: ClickhouseApi, database: Backed) -> None:
    """The restart command starts another server process, which uses the new max_connections."""
    needed(clickhouse, "state_commands")
    way, before = database.database, database.database.ask(STARTED)
    body = configuration({"max_connections": 123})
    expect_status(clickhouse.merge_configuration(database.id, body), 200)
    expect_status(restarted(clickhouse, database.id), 200)
    after = way.ask(STARTED)
    expect(
        after.succeeded and after.value != before.value,
        "the server was not started anew",
        expected=f"another start than {before.value}",
        actual=after.line,
        requirement="CH-DATA-RESTART",
    )
    title = "the restarted server does not use what waited for the restart"
    expect_becomes(way, "SHOW max_connections", "123", title, "CH-DATA-CONFIG-RESTART")


@requirement("CH-DATA-PASSWORD-SET")
def test_a_new_password_replaces_the_one_before(
    clickhouse: ClickhouseApi, database: Backed
) -> None:
    """After a password change the new password logs in, and the one before is refused."""
    needed(clickhouse, "password")
    former, _ = set_password(clickhouse, database, {"password": clickhouse.names.password()})
    expect_opened(database.database, "the password that was set does not log in")
    expect_kept_out(former, database.database, "the password before the change still logs in")


@requirement("CH-DATA-PASSWORD-GENERATED")
def test_a_generated_password_logs_in(clickhouse: ClickhouseApi, database: Backed) -> None:
    """The password that the answer to a change holds logs in."""
    needed(clickhouse, "password")
    set_password(clickhouse, database, {})
    expect_opened(database.database, "the generated password does not log in")


@requirement("CH-SVC-DELETE-DATA")
def test_nobody_reaches_a_deleted_service(clickhouse: ClickhouseApi) -> None:
    """The way into a service that worked before its delete is closed after it."""
    own = backed(clickhouse)
    if not own.database.ask("SELECT 1").connected:
        raise NotTestable("the service could not be reached before it was deleted")
    clickhouse.delete(own.id)
    clickhouse.wait_gone(own.id)
    expect_closed(own.database, "the database of a deleted service can be reached")
