"""Every prior of a model in words, with where its numbers come from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from bayes_cevns.cards import Experiment
from bayes_cevns.cards.densities import Counted, LogNormal, Normal, SplitNormal, Uniform
from bayes_cevns.cards.priors import Prior
from bayes_cevns.couplings.priors import prior_text
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.nuisance_priors import chosen_prior
from bayes_cevns.specification.variables import nuisance_name
from bayes_cevns.summary.fit import Fit


@dataclass(frozen=True)
class PriorRow:
    """One prior.

    Attributes
    ----------
    parameter, title
        Its name in the model, and what it is.
    words
        The prior in words.
    origin
        Where its numbers come from.
    """

    parameter: str
    title: str
    words: str
    origin: str


def prior_rows(spec: ModelSpec, fits: Mapping[str, Fit]) -> list[PriorRow]:
    """Return the priors of the couplings, then those of the nuisances, each once."""
    nuisances: dict[str, PriorRow] = {}
    for experiment in spec.experiments:
        for name in experiment.nuisances():
            row = _nuisance(spec, experiment, name)
            nuisances.setdefault(row.parameter, row)
    return [*_couplings(spec, fits), *nuisances.values()]


def _couplings(spec: ModelSpec, fits: Mapping[str, Fit]) -> list[PriorRow]:
    if spec.couplings is not None:
        boxes = [fit.box.bounds for fit in fits.values() if fit.box is not None]
        # Studies of ranks keep no fits: their bounds are known where they were given.
        bounds = dict(spec.bounds) | {name: ends for box in boxes for name, ends in box.items()}
        return [
            PriorRow(
                coupling.name,
                f"coupling{'' if not coupling.unit else f' in {coupling.unit}'}",
                _uniform(bounds.get(coupling.name)),
                "choice of the analysis (--bounds)",
            )
            for coupling in spec.couplings.couplings
            if coupling.name in bounds or not boxes
        ]
    if spec.interaction is None:
        return []
    coupling = spec.interaction.coupling
    ranges = {name: fit.prior.range_text for name, fit in fits.items() if fit.prior is not None}
    words = prior_text(spec.prior, coupling)
    texts = list(ranges.values())
    if len(set(texts)) == 1:
        words = texts[0]
    elif texts:
        ends = list(ranges)
        words = f"at {ends[0]}: {texts[0]}; at {ends[-1]}: {texts[-1]}"
    bound = "" if spec.max_coupling is None else " and --max-coupling"
    origin = f"choice of the analysis (--prior {spec.prior}{bound})"
    return [PriorRow(coupling.symbol, coupling.definition, words, origin)]


def _uniform(ends: tuple[float, float] | None) -> str:
    """Return a flat prior in words."""
    if ends is None:
        return "uniform in the bounds by default"
    return f"uniform from {ends[0]:.4g} to {ends[1]:.4g}"


def _nuisance(spec: ModelSpec, experiment: Experiment, name: str) -> PriorRow:
    entry, choices = experiment.card.nuisance[name], dict(spec.nuisance_priors)
    choice = choices.get(name)
    origin = entry.origin
    if choice in entry.alternatives:
        origin = f"{entry.alternatives[choice].origin} (chosen: {choice})"
    elif choice is not None:
        origin = "choice of the analysis (--nuisance), in place of that of the card"
    words = prior_words(chosen_prior(experiment, name, choices))
    if entry.per_run:
        words += ", one for each run"
    return PriorRow(nuisance_name(experiment, name), entry.title, words, origin)


def prior_words(prior: Prior) -> str:
    """Return a prior in words.

    >>> prior_words(Prior.normal(1.0, 0.12, lower=0.0))
    'normal, mean 1, standard deviation 0.12, above 0'
    """
    density = prior.density
    ends = prior.support
    match density:
        case Uniform():
            return f"uniform from {density.low:g} to {density.high:g}"
        case Normal():
            if prior.widths_by_run is not None:
                each = ", ".join(f"{sd:g} ({run})" for run, sd in prior.widths_by_run.items())
            else:
                each = f"{density.sd:g}"
            words = f"normal, mean {density.mean:g}, standard deviation {each}"
        case SplitNormal():
            words = (
                f"normal on either side of {density.centre:g}, standard deviations "
                f"{density.minus:g} below and {density.plus:g} above"
            )
        case LogNormal():
            words = (
                f"log-normal, median {density.median:g}, sigma of the log {density.sigma_of_log:g}"
            )
        case Counted():
            words = f"from {density.n_off:g} events counted elsewhere, tau = {density.tau:g}"
        case _:
            words = density.text
    return words + _cut(*ends, natural=density.support)


def _cut(low: float, high: float, natural: tuple[float, float]) -> str:
    """Return where a density is cut, if it is."""
    below, above = low > natural[0], high < natural[1]
    if below and above:
        return f", from {low:g} to {high:g}"
    if below:
        return f", above {low:g}"
    return f", below {high:g}" if above and math.isfinite(high) else ""
