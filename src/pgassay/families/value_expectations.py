"""Expectations about generated values: refused without a trace, or kept as they were sent."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pgassay.deviation import Deviation, NoAnswer, NotTestable
from pgassay.exchange import Exchange, Json
from pgassay.expectation import expect, expect_rejected, expect_success, same, show
from pgassay.values.configuration import canonical
from pgassay.values.rules import ANSWERED, Rules, about, broken_by
from pgassay.values.trials import Form, Place, Trial, found, trials
from pgassay.zone import Zone

_TRIES: Final = 2


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the bodies of a form are tried.

    `fresh` are valid values of the moment, `send` sends a body as it is, `twin` is the answer to a
    valid one. `untouched` reads what a refused request leaves alone; `shown` reads what became of
    the values of an accepted one, once that satisfies its argument or time is up.
    """

    form: Form
    fresh: Callable[[], Mapping[str, Json]]
    send: Callable[[bytes], Exchange]
    twin: Callable[[], Exchange]
    untouched: Callable[[], Json]
    shown: Callable[[Exchange, Callable[[Json], bool]], Json] = lambda _exchange, _agrees: None

    def answer(self, body: bytes) -> Exchange:
        """Send a body; raises `Deviation` where all but that is answered."""
        for _ in range(_TRIES):
            try:
                return self.send(body)
            except NoAnswer as silence:
                unanswered = silence.exchange
                self.untouched()
        raise Deviation(
            "a request is not answered",
            "an answer, as other requests get one",
            unanswered.line,
            ANSWERED,
            unanswered,
        )


def expect_judged(ground: Ground, place: Place, rules: Rules, most: int) -> None:
    """Expect that values at a place are refused, or accepted and kept, as the document says.

    At most so many faults are tried. Raises a group with one deviation for each requirement.
    """
    twin = ground.twin()
    if not twin.succeeded:
        raise NotTestable(f"the valid request is refused as well: {twin.line}")
    wrong: list[Trial] = []
    others: list[Trial] = []
    for trial in trials(ground.form, place, most):
        (wrong if trial.zone is Zone.INVALID else others).append(trial)
    deviations = [*_of_wrong(ground, rules, wrong), *_of_others(ground, rules, others)]
    if deviations:
        raise ExceptionGroup("values are taken otherwise than documented", _merged(deviations))


def _of_wrong(
    ground: Ground, rules: Rules, wrong: Iterable[Trial]
) -> Iterator[tuple[Trial, Deviation]]:
    refused, before = [], ground.untouched()
    for trial in wrong:
        try:
            exchange = ground.answer(trial.body(trial.form.valid(trial.member, ground.fresh())))
            requirement = broken_by(rules, trial.place, trial.fault.kind)
            expect_rejected(exchange, trial.rule, requirement=requirement)
            refused.append(trial)
        except Deviation as deviation:
            yield trial, deviation
            before = ground.untouched()
    if not same(before, ground.untouched()):
        yield from _culprits(ground, rules, refused)


def _culprits(
    ground: Ground, rules: Rules, refused: Iterable[Trial]
) -> Iterator[tuple[Trial, Deviation]]:
    """Repeat refused requests, to find those that change state."""
    for trial in refused:
        before = ground.untouched()
        exchange = ground.answer(trial.body(trial.form.valid(trial.member, ground.fresh())))
        try:
            _expect_untouched(ground, rules, trial, before, exchange)
        except Deviation as deviation:
            yield trial, deviation


def _expect_untouched(
    ground: Ground, rules: Rules, trial: Trial, before: Json, exchange: Exchange
) -> None:
    after = ground.untouched()
    expect(
        same(before, after),
        "a refused request changed state",
        expected=show(before),
        actual=show(after),
        exchange=exchange,
        requirement=about(rules, "untouched", trial.member),
    )


def _of_others(
    ground: Ground, rules: Rules, others: Iterable[Trial]
) -> Iterator[tuple[Trial, Deviation]]:
    for trial in others:
        try:
            _expect_kept(ground, rules, trial)
        except Deviation as deviation:
            yield trial, deviation


def _expect_kept(ground: Ground, rules: Rules, trial: Trial) -> None:
    """Expect that a value that may be accepted is, if so, shown as it was sent."""
    before, valid = ground.untouched(), trial.form.valid(trial.member, ground.fresh())
    exchange = ground.answer(trial.body(valid))
    if trial.zone is Zone.VALID:
        requirement = broken_by(rules, trial.place, trial.fault.kind)
        expect_success(exchange, requirement=requirement)
    if exchange.rejected:
        _expect_untouched(ground, rules, trial, before, exchange)
    sent = trial.sent(valid)
    if not exchange.succeeded or sent in (None, ...) or trial.member in trial.form.secret:
        return

    def agrees(values: Json) -> bool:
        return same(_plain(found(values, trial.place)), _plain(sent))

    values = ground.shown(exchange, agrees)
    aspect = "kept" if trial.zone is Zone.VALID else "altered"
    expect(
        agrees(values),
        f"an accepted value is altered ({trial.fault.label})",
        expected=show(sent),
        actual=show(found(values, trial.place)),
        exchange=exchange,
        requirement=about(rules, aspect, trial.member),
    )


def _plain(value: Json) -> Json:
    """A value for comparison: whether numbers are shown as texts is not judged here."""
    if isinstance(value, dict):
        return {name: canonical(member) for name, member in value.items()}
    return canonical(value)


def _merged(deviations: Iterable[tuple[Trial, Deviation]]) -> list[Deviation]:
    """One deviation for each requirement, which names the other faults as well."""
    groups: defaultdict[str, list[tuple[Trial, Deviation]]] = defaultdict(list)
    for trial, deviation in deviations:
        groups[deviation.requirement].append((trial, deviation))
    return [_first(group) for group in groups.values()]


def _first(group: list[tuple[Trial, Deviation]]) -> Deviation:
    deviation, others = group[0][1], [trial.fault.label for trial, _ in group[1:]]
    if not others:
        return deviation
    return replace(deviation, title=f"{deviation.title} (and also: {', '.join(others)})")
