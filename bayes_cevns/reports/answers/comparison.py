"""Sentences of a comparison of models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bayes_cevns.reports.answers.answer import (
    Answer,
    at_mass,
    data_cautions,
    interaction_words,
    titles,
)
from bayes_cevns.reports.voices import Voice, listed
from bayes_cevns.studies.comparison.assessment import Assessment
from bayes_cevns.studies.comparison.result import Comparison

if TYPE_CHECKING:
    from bayes_cevns.reports.account import Account


def answer(account: Account, voice: Voice) -> Answer:
    """Return the Bayes factor of each model to the first one, and what is left out."""
    result = account.result
    assert isinstance(result, Comparison)
    first = result.reference
    names = [interaction_words(model.run.spec, voice) for model in result.models]
    experiments = titles(first.run.spec.experiments, voice)
    sentences = [
        _sentence(model, result, voice)
        for model in result.models[1:]
        if not model.reason and not first.reason
    ]
    cautions = data_cautions(account.experiments)
    cautions += [f"{name}: nothing is quoted ({why})" for name, why in account.failures.items()]
    cautions.append("A Bayes factor depends on the width of the prior of the coupling.")
    question = f"Which of {listed(names)} do the data of {experiments} prefer?"
    return Answer(question, tuple(sentences), tuple(cautions))


def _sentence(model: Assessment, result: Comparison, voice: Voice) -> str:
    factor, error = result.log_bayes_factor(model)
    elpd, elpd_error = model.loo.difference(result.reference.loo)
    spec, prior = model.run.spec, model.run.prior
    with_prior = "" if prior is None else f", prior {voice.text(prior.range_text)}"
    return (
        f"The log Bayes factor of {interaction_words(spec, voice)}"
        f"{at_mass(spec, model.run.mass_mev, voice)} to "
        f"{interaction_words(result.reference.run.spec, voice)} is {voice.number(factor, error)} "
        f"(error {voice.error(error)}){with_prior}; the difference of expected log predictive "
        f"densities is {voice.number(elpd, elpd_error)} (error {voice.error(elpd_error)})."
    )
