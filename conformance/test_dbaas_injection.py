"""dbaas text that something behind the server could take for a command: it is data."""

from typing import Any

import pytest

from pgassay.check import creates, requirement
from pgassay.expectation import expect_equal, expect_member, expect_rejected
from pgassay.families import DbaasApi
from pgassay.families.access_expectations import expect_data, percent_encoded
from pgassay.families.dbaas import identity
from pgassay.values.injections import NEAR, POLLUTION, TEXTS
from pgassay.values.selection import cases


@requirement("HTTP-TEXT-VERBATIM")
@pytest.mark.parametrize("text", cases(TEXTS, NEAR))
def test_a_description_is_data(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], text: str
) -> None:
    """The description of a user and of a database is refused, or kept letter by letter."""
    uuid = instance["uuid"]
    before = dbaas.user(uuid, user["uuid"]).json()
    for created, read in (
        (dbaas.create_user(uuid, description=text), dbaas.user),
        (dbaas.create_database(uuid, user["uuid"], description=text), dbaas.database),
    ):
        if expect_data(created):
            shown = read(uuid, identity(created))
            expect_equal(expect_member(shown.json(), "description", shown), text, "it", shown)
    expect_equal(dbaas.user(uuid, user["uuid"]).json(), before, "another user")


@creates
@requirement("HTTP-TEXT-VERBATIM")
def test_descriptions_of_an_instance_are_data(dbaas: DbaasApi) -> None:
    """The description of an instance is refused, or kept letter by letter."""
    text = " | ".join(TEXTS.values())
    created = dbaas.create(description=text)
    if expect_data(created):
        shown = dbaas.get(identity(created))
        expect_equal(expect_member(shown.json(), "description", shown), text, "it", shown)


@requirement("HTTP-TEXT-VERBATIM")
@pytest.mark.parametrize("text", cases(TEXTS, NEAR))
def test_text_in_a_path_names_nothing(dbaas: DbaasApi, instance: dict[str, Any], text: str) -> None:
    """Text in the place of an identifier, or behind one, is no identifier."""
    uuid, written = instance["uuid"], percent_encoded(text)
    for path in (dbaas.path(written), dbaas.path(uuid + written), dbaas.path(uuid, written)):
        expect_rejected(dbaas.send("GET", path), "the path names nothing")


@requirement("HTTP-TEXT-VERBATIM")
@pytest.mark.parametrize("member", POLLUTION)
def test_members_of_a_language_are_no_members(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], member: str
) -> None:
    """A member that some languages give a meaning is refused or ignored."""
    uuid, body = instance["uuid"], dbaas.user_creation()
    if expect_data(dbaas.create_user(uuid, body | {member: POLLUTION[member]})):
        later = dbaas.user(uuid, dbaas.new_user(uuid, description=...))
        expect_equal(later.json().get("admin", ...), ..., "the member of another user", later)
    expect_equal(
        dbaas.user(uuid, user["uuid"]).json().get("description"),
        user["description"],
        "the description of another user",
    )
