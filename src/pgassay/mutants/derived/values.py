"""Places inside values: the members of a JSON value, and those of the reference's rules."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

#: A place: names of members, and `ITEMS` for all items of an array.
Place = tuple[str, ...]
ITEMS: Final = "[]"

#: What is to become of an object that has a member: it gets the object and the member's name.
Change = Callable[[dict[str, Any], str], None]


def places(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every member inside a JSON value with the first value that is found there."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield (*place, name), member
            yield from places(member, (*place, name))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*place, ITEMS))


def apply(value: Any, place: Place, effect: Change) -> None:
    """Apply an effect to each object in a JSON value that has its last member at `place`."""
    for owner in _owners(value, place[:-1]):
        if isinstance(owner, dict):
            effect(owner, place[-1])


def _owners(value: Any, place: Place) -> Iterator[Any]:
    if not place:
        yield value
    elif place[0] == ITEMS and isinstance(value, list):
        for item in value:
            yield from _owners(item, place[1:])
    elif isinstance(value, dict) and place[0] in value:
        yield from _owners(value[place[0]], place[1:])


def written(place: Place) -> str:
    """Write a place as people do: `result.tags[].key`."""
    return ".".join(place).replace("." + ITEMS, ITEMS)


def rules_within(rules: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every rule and every member of one inside a dataclass of rules, outer ones first."""
    if is_dataclass(rules):
        members = {each.name: getattr(rules, each.name) for each in fields(rules)}
    else:
        members = dict(rules) if isinstance(rules, Mapping) else {}
    for name, member in members.items():
        yield (*place, name), member
        yield from rules_within(member, (*place, name))


def with_rule(rules: Any, place: Place, value: Any) -> Any:
    """Return rules in which one member, however deep, has another value."""
    name, rest = place[0], place[1:]
    if isinstance(rules, Mapping):
        return {**rules, name: with_rule(rules[name], rest, value) if rest else value}
    inner = with_rule(getattr(rules, name), rest, value) if rest else value
    return replace(rules, **{name: inner})


def rule_at(rules: Any, place: Place) -> Any:
    """Return the member of rules at a place; KeyError or AttributeError when there is none."""
    for name in place:
        rules = rules[name] if isinstance(rules, Mapping) else getattr(rules, name)
    return rules
