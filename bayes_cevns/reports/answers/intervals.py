"""Sentences of intervals: of several couplings, of a measured nuisance, of the Standard Model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bayes_cevns.reports.answers.answer import (
    Answer,
    at_mass,
    data_cautions,
    data_words,
    interaction_words,
    titles,
)
from bayes_cevns.reports.quoted import QuotedInterval, intervals_among, quoted
from bayes_cevns.reports.voices import Voice
from bayes_cevns.specification.model_spec import ModelSpec

if TYPE_CHECKING:
    from bayes_cevns.reports.account import Account


def interval_answer(account: Account, voice: Voice) -> Answer:
    """Return the answer of a study that finds intervals of parameters."""
    spec = account.spec
    groups: dict[tuple[str, float, float | None], list[QuotedInterval]] = {}
    for one in intervals_among(quoted(account.result)):
        groups.setdefault((one.parameter, one.level, one.mass_mev), []).append(one)
    names = list(dict.fromkeys(voice.text(name) for name, _, _ in groups))
    what = f"Which values of {', '.join(names)}" if names else "Which values of the nuisances"
    new = "" if spec.couplings is not None else f", with {interaction_words(spec, voice)}"
    question = f"{what} do the data of {titles(spec.experiments, voice)} allow{new}?"
    sentences = tuple(interval_sentence(pieces, spec, voice) for pieces in groups.values())
    failures = [
        f"{name}: failed, there is no interval to quote ({why})"
        for name, why in account.failures.items()
    ]
    return Answer(
        question,
        sentences,
        (*data_cautions(account.experiments), *failures, *_open(groups.values())),
    )


def interval_sentence(pieces: Sequence[QuotedInterval], spec: ModelSpec, voice: Voice) -> str:
    """Return the pieces of one region as a sentence."""
    first = pieces[0]
    unit = "" if first.unit == "1" else voice.text(f" {first.unit}")
    kind = "credibility" if first.kind == "credible" else "confidence level"
    union = " or ".join(
        f"{voice.text(p.parameter)} in [{_end(p, p.low, voice)}, {_end(p, p.high, voice)}]{unit}"
        for p in pieces
    )
    how = f"prior {voice.text(first.prior_text)}" if first.prior_text else "profile likelihood"
    return (
        f"{union} at {voice.percent(first.level)} {kind}{at_mass(spec, first.mass_mev, voice)}; "
        f"{titles(spec.experiments, voice)}, {data_words(first.data)}; {how}."
    )


def _end(piece: QuotedInterval, value: float, voice: Voice) -> str:
    """Return an end with the digits that tell the ends of its piece apart."""
    return voice.number(value, abs(piece.high - piece.low) / 30.0)


def _open(groups: Iterable[Sequence[QuotedInterval]]) -> list[str]:
    """Return which ends are those of the prior."""
    found = [
        f"{one.parameter}, {100 * one.level:.4g}%: the {one.at_bound} end is that of the range of "
        "a prior, not of the data"
        for pieces in groups
        for one in pieces
        if one.at_bound
    ]
    return list(dict.fromkeys(found))
