"""Sentences of ranks of truths and of the coverage of intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bayes_cevns.reports.answers.answer import Answer, at_mass, interaction_words, titles
from bayes_cevns.reports.voices import Voice
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.studies.calibration.coverage_result import PAIR, Coverage, CoverageResult
from bayes_cevns.studies.calibration.rank_result import RankResult

if TYPE_CHECKING:
    from bayes_cevns.reports.account import Account


def ranks(account: Account, voice: Voice) -> Answer:
    """Return whether truths rank uniformly in their posteriors."""
    result = account.result
    assert isinstance(result, RankResult)
    question = f"Are posteriors of {_model(result.spec, result.mass_mev, voice)} calibrated?"
    if not result.p_values:
        return Answer(question, (), (_failed(account, result.fits),))
    least = min(result.p_values, key=lambda name: result.p_values[name])
    verdict = "are" if result.passed else "are not"
    sentence = (
        f"Ranks of {len(result.quantities)} quantities in {len(result.ranks)} posteriors of data "
        f"that were made from the prior {verdict} those that chance explains: the least p-value "
        f"is {voice.number(result.p_values[least])}, of {voice.text(least)}."
    )
    return Answer(question, (sentence,), (_failed(account, result.fits),))


def coverage(account: Account, voice: Voice) -> Answer:
    """Return how often intervals hold a truth."""
    result = account.result
    assert isinstance(result, CoverageResult)
    question = (
        f"How often do intervals of {_model(result.spec, result.mass_mev, voice)} hold a truth?"
    )
    sentences = tuple(
        f"At the truth {voice.text(one.truth)} the {one.interval}{_of(one, voice)} at "
        f"{voice.percent(one.level)} holds it in {voice.number(one.coverage, one.error)} (error "
        f"{voice.error(one.error)}) of {one.toys} toys."
        for one in result.results
        if one.toys and one.interval == ("region" if one.quantity else "limit")
    )
    return Answer(question, sentences, (_failed(account, result.fits),))


def _of(one: Coverage, voice: Voice) -> str:
    """Return of which of several couplings a region is."""
    names = [voice.text(name) for name in one.quantity.split(PAIR) if name]
    return f" of {' and '.join(names)}" if names else ""


def _model(spec: ModelSpec, mass_mev: float | None, voice: Voice) -> str:
    what = f"{interaction_words(spec, voice)}{at_mass(spec, mass_mev, voice)}"
    return f"{what} with {titles(spec.experiments, voice)}"


def _failed(account: Account, fits: int) -> str:
    return f"{len(account.failures)} of {fits} fits failed their gate and are left out."
