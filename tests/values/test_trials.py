"""What becomes of a generated body is decided by the document, and it has exactly one fault."""

import json

import pytest

from pgassay.values import forms
from pgassay.values.faults import Bounds, faults_of
from pgassay.values.queries import wrong_queries
from pgassay.values.rules import about, accepted_by, broken_by, judged_at
from pgassay.values.trials import Form, trials, zone_of
from pgassay.values.windows import last_hour
from pgassay.zone import Zone

FORMS = [form for form in vars(forms).values() if isinstance(form, Form)]
RULES = {
    "": "REST",
    "name": "NAME",
    "name length": "LENGTH",
    "tags.*": "TAGS",
    "tags.* length": "TAG-LENGTH",
    "accepted": "VALID",
    "kept": "KEPT",
    "name kept": "NAME-KEPT",
}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_the_sample_of_a_form_is_not_wrong(form: Form) -> None:
    for member in form.sample:
        body = json.dumps(form.valid(member, {})).encode()
        assert zone_of(form, body) is not Zone.INVALID, member


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_place_has_values_that_must_be_refused(form: Form) -> None:
    for place in form.places:
        found = list(trials(form, place, 99))
        assert any(trial.zone is Zone.INVALID for trial in found), place
        assert len({trial.fault.label for trial in found}) == len(found), place


def test_only_open_members_are_tried_with_what_may_be_accepted() -> None:
    zones = {
        trial.zone for place in forms.SERVICE.places for trial in trials(forms.SERVICE, place, 99)
    }
    assert zones == {Zone.INVALID}
    assert {trial.zone for trial in trials(forms.USER, ("name",), 99)} == set(Zone)


def test_a_trial_changes_one_value_only() -> None:
    valid = forms.USER.valid("description", {"name": "fresh"})
    for trial in trials(forms.USER, ("description",), 99):
        text = trial.body(valid).decode("utf-8", "surrogatepass")
        assert '"name": "fresh", "password": "lower-UPPER-12345"' in text


def test_a_member_that_is_named_twice_may_be_read_either_way() -> None:
    valid = forms.CHANGE.valid("cpu", {})
    twice = next(t for t in trials(forms.CHANGE, ("cpu",), 99) if t.fault.label == "twice")
    assert b'"cpu": 1, "cpu": 2' in twice.body(valid)
    assert twice.readings(valid) == [1, 2]


def test_what_a_target_wants_beside_the_sample_is_sent() -> None:
    assert forms.USER.valid("name", {"project_id": "p", "name": "n"}) == {
        "name": "n",
        "password": "lower-UPPER-12345",
        "project_id": "p",
    }


def test_few_trials_still_have_every_kind_of_fault() -> None:
    few, all_of_them = (list(trials(forms.INSTANCE, ("cpu",), most)) for most in (6, 99))
    assert {trial.fault.kind for trial in few} == {trial.fault.kind for trial in all_of_them}
    assert len(few) < len(all_of_them)
    assert {"minimum-1", "maximum+1"} <= {trial.fault.label for trial in few}


def test_limits_are_tried_on_both_sides() -> None:
    labels = {fault.label: fault.spoil(4) for fault in faults_of(4, Bounds(1, 16))}
    sides = ("minimum-1", "minimum", "maximum", "maximum+1")
    assert [labels[side] for side in sides] == [0, 1, 16, 17]


def test_the_nearest_rule_names_the_requirement() -> None:
    assert broken_by(RULES, ("name",), "length") == "LENGTH"
    assert broken_by(RULES, ("name",), "type") == "NAME"
    assert broken_by(RULES, ("tags", 0, "key"), "length") == "TAG-LENGTH"
    assert broken_by(RULES, ("tags", 0, "key"), "type") == "TAGS"
    assert broken_by(RULES, ("size",), "type") == "REST"
    assert broken_by(RULES, ("size",), "syntax") == "HTTP-JSON-SYNTAX"
    assert accepted_by(RULES, ("name",), "length") == "LENGTH"
    assert accepted_by(RULES, ("size",), "type") == "VALID"
    assert about(RULES, "kept", "name") == "NAME-KEPT"
    assert about(RULES, "untouched", "name") == ""


def test_a_place_is_bound_to_what_its_faults_can_break() -> None:
    judged = judged_at(RULES, forms.UPDATE, ("name",))
    assert {"NAME", "LENGTH", "NAME-KEPT"} < set(judged)
    assert "TAGS" not in judged


def test_queries_are_wrong_in_one_parameter() -> None:
    twin = last_hour(limit="20", offset="0")
    wrong = wrong_queries("slowQueryPatternsGetList", twin, "limit", 99)
    assert {"limit": "501"} in wrong.values()
    assert {"limit": "0"} in wrong.values()
    assert {"limit": "20"} not in wrong.values()
