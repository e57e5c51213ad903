"""Expectations about generated bodies: refused without a trace, or kept as they were sent."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pgassay.client import Client
from pgassay.deviation import Deviation, NoAnswer, NotTestable
from pgassay.exchange import Exchange, Json, Request
from pgassay.expectation import expect, expect_rejected, expect_success, same, show
from pgassay.specification import specification
from pgassay.values.configuration import canonical
from pgassay.values.contents import ANNOUNCED, Content
from pgassay.values.rules import ANSWERED, Rules, about, accepted_by, broken_by
from pgassay.values.trials import Form, Place, Trial, found, trials, zone_of
from pgassay.zone import Zone

_TRIES: Final = 2
#: Bytes from which on a body may be too much to be read at all.
_LARGE: Final = 65536
#: A deviation with the name of the fault that showed it.
_Found = tuple[str, Deviation]


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the bodies of a form are tried.

    `fresh` are valid values of the moment, `twin` is the answer to a valid body. `untouched` reads
    what a refused request leaves alone; `shown` reads what became of the values of an accepted
    one, once that satisfies its argument or time is up.
    """

    client: Client
    form: Form
    path: str
    fresh: Callable[[], Mapping[str, Json]]
    twin: Callable[[], Exchange]
    untouched: Callable[[], Json]
    shown: Callable[[Exchange, Callable[[Json], bool]], Json] = lambda _exchange, _agrees: None

    def answer(self, body: bytes, headers: Mapping[str, str] = ANNOUNCED) -> Exchange:
        """Send a body; raises `Deviation` where all but that is answered.

        Raises `NoAnswer` where a large body is not.
        """
        operation = specification().operation(self.form.operation)
        request = Request(operation.method, self.path, headers, body, family=operation.family)
        for _ in range(_TRIES):
            try:
                return self.client.send(request)
            except NoAnswer as silence:
                unanswered = silence.exchange
                self.untouched()
                if len(body) > _LARGE:
                    raise
        raise Deviation(
            "a request is not answered",
            "an answer, as other requests get one",
            unanswered.line,
            ANSWERED,
            unanswered,
        )

    def prove(self) -> None:
        """Raise `NotTestable` unless a valid body is accepted."""
        twin = self.twin()
        if not twin.succeeded:
            raise NotTestable(f"the valid request is refused as well: {twin.line}")


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A request that must be refused, because of `rule`, by `requirement`."""

    label: str
    rule: str
    requirement: str
    send: Callable[[], Exchange]


def expect_judged(ground: Ground, place: Place, rules: Rules, most: int) -> None:
    """Expect that values at a place are refused, or accepted and kept, as the document says.

    At most so many faults are tried. Raises a group with one deviation for each requirement.
    """
    ground.prove()
    tried = list(trials(ground.form, place, most))
    wrong = [_attempt(ground, rules, trial) for trial in tried if trial.zone is Zone.INVALID]
    untouched = about(rules, "untouched", str(place[0]))
    deviations = [*_refusals(ground, wrong, untouched)]
    for trial in tried:
        if trial.zone is not Zone.INVALID:
            deviations += _keeping(ground, rules, trial)
    _raise(deviations)


def expect_contents_refused(ground: Ground, contents: Sequence[Content], most: int) -> None:
    """Expect that bodies which are wrong as a whole are refused; at most so many are tried."""
    ground.prove()
    decided = [content for content in contents if _decided(ground.form, content)]
    chosen = decided[:: -(-len(decided) // most)]
    _raise(_refusals(ground, [_writing(ground, content) for content in chosen]))


def _decided(form: Form, content: Content) -> bool:
    """Tell whether the document says that a body is wrong: none at all may be legal."""
    return content.body(form.sample) != b"" or zone_of(form, b"") is Zone.INVALID


def _writing(ground: Ground, content: Content) -> _Attempt:
    first = next(iter(ground.form.sample))
    return _Attempt(
        content.label,
        f"the body is wrong: {content.label}",
        content.requirement,
        lambda: ground.answer(
            content.body(ground.form.valid(first, ground.fresh())), content.headers
        ),
    )


def _attempt(ground: Ground, rules: Rules, trial: Trial) -> _Attempt:
    return _Attempt(
        trial.fault.label,
        trial.rule,
        broken_by(rules, trial.place, trial.fault.kind),
        lambda: ground.answer(trial.body(trial.form.valid(trial.member, ground.fresh()))),
    )


def _refusals(
    ground: Ground, attempts: Iterable[_Attempt], untouched: str = ""
) -> Iterator[_Found]:
    refused: list[_Attempt] = []
    before = ground.untouched()
    for attempt in attempts:
        try:
            expect_rejected(attempt.send(), attempt.rule, requirement=attempt.requirement)
        except Deviation as deviation:
            yield attempt.label, deviation
            before = ground.untouched()
            continue
        except NoAnswer:
            # Who sends too much may be cut off: RFC 9110, section 15.5.14.
            continue
        refused.append(attempt)
        # A server that does what it refuses would go on doing so with each of many values.
        if len(refused) == 1 and not same(before, ground.untouched()):
            break
    if not same(before, ground.untouched()):
        yield from _culprit(ground, refused, untouched)


def _culprit(ground: Ground, refused: Iterable[_Attempt], untouched: str) -> Iterator[_Found]:
    """Repeat refused requests until one is seen to change state."""
    for attempt in refused:
        before = ground.untouched()
        exchange = attempt.send()
        try:
            _expect_untouched(ground, before, exchange, untouched or attempt.requirement)
        except Deviation as deviation:
            yield attempt.label, deviation
            return


def _expect_untouched(ground: Ground, before: Json, exchange: Exchange, requirement: str) -> None:
    after = ground.untouched()
    expect(
        same(before, after),
        "a refused request changed state",
        expected=show(before),
        actual=show(after),
        exchange=exchange,
        requirement=requirement,
    )


def _keeping(ground: Ground, rules: Rules, trial: Trial) -> Iterator[_Found]:
    try:
        _expect_kept(ground, rules, trial)
    except Deviation as deviation:
        yield trial.fault.label, deviation


def _expect_kept(ground: Ground, rules: Rules, trial: Trial) -> None:
    """Expect that a value that may be accepted is, if so, shown as it was sent."""
    before, valid = ground.untouched(), trial.form.valid(trial.member, ground.fresh())
    exchange = ground.answer(trial.body(valid))
    if trial.zone is Zone.VALID:
        expect_success(exchange, requirement=accepted_by(rules, trial.place, trial.fault.kind))
    if exchange.rejected:
        _expect_untouched(ground, before, exchange, about(rules, "untouched", trial.member))
    readings = [_plain(value) for value in trial.readings(valid)]
    if not exchange.succeeded or not readings or trial.member in trial.form.secret:
        return

    def agrees(values: Json) -> bool:
        shown = _plain(found(values, trial.place))
        return any(same(shown, reading) for reading in readings)

    values = ground.shown(exchange, agrees)
    aspect = "kept" if trial.zone is Zone.VALID else "altered"
    expect(
        agrees(values),
        f"an accepted value is altered ({trial.fault.label})",
        expected=" or ".join(map(show, readings)),
        actual=show(found(values, trial.place)),
        exchange=exchange,
        requirement=about(rules, aspect, trial.member),
    )


def _plain(value: Json) -> Json:
    """A value for comparison: whether numbers are shown as texts is not judged here."""
    if isinstance(value, dict):
        return {name: canonical(member) for name, member in value.items()}
    return canonical(value)


def _raise(deviations: Iterable[_Found]) -> None:
    """Raise one deviation for each requirement, which names the other faults as well."""
    groups: defaultdict[str, list[_Found]] = defaultdict(list)
    for label, deviation in deviations:
        groups[deviation.requirement].append((label, deviation))
    if groups:
        merged = [_merged(group) for group in groups.values()]
        raise ExceptionGroup("bodies are taken otherwise than documented", merged)


def _merged(group: list[_Found]) -> Deviation:
    deviation, others = group[0][1], [label for label, _ in group[1:]]
    if not others:
        return deviation
    return replace(deviation, title=f"{deviation.title} (and also: {', '.join(others)})")
