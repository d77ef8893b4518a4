"""Limits with other priors from one fit, beside fits with these priors; writes prior_weights.md.

    python validation/prior_weights.py

Every fit is weighted to every prior, so that each limit is found from three posteriors, and sampled
once. The Bayes factor to the Standard Model is found twice for each prior: from the evidences, by
bridge sampling, and from the posterior at zero coupling, by Dickey's ratio.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

import bayes_cevns as bc
from bayes_cevns.couplings.priors import PRIORS, CouplingPrior
from bayes_cevns.inference.at_draws import ModelAtDraws
from bayes_cevns.inference.coupling_likelihood import CouplingLikelihood
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.marginal import coupling_likelihood
from bayes_cevns.inference.modes.evidence import fit_evidence
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.summary.fit import Fit

FILE = Path(__file__).with_suffix(".md")
LEVEL = 0.9

#: Experiment, interaction, mediator masses in MeV.
CASES: tuple[tuple[str, str, tuple[float | None, ...]], ...] = (
    ("xenonnt_cevns", "scalar-universal", (1.0, 10.0, 100.0)),
    ("xenonnt_cevns", "vector-universal", (1.0, 10.0, 100.0)),
    ("xenonnt_cevns", "magnetic-moment", (None,)),
    ("coherent_csi", "vector-universal", (10.0, 100.0)),
)

LIMITS = (
    *("data", "interaction", "MeV", "side", "fit with", "prior", "weighted", "error"),
    *("sampled", "error", "difference", "in σ", "Pareto k"),
)
FACTORS = ("data", "interaction", "MeV", "prior", "ln B, evidences", "ln B, Dickey", "in σ")

PAGE = """# Limits with other priors from one fit

Written by `make priors`; do not edit.

{level:g}% credible limits from the draws of one fit, weighted to each prior, beside those of fits
with that prior. Where the fit is the same, so are the draws of the nuisances.

{limits}

In units of its error a difference is {rms:.2f} (root mean square of those with different fits; 1 is
expected), {most:.1f} at most. The largest Pareto k is {k:.2f}.

# Bayes factors to the Standard Model

{factors}
"""


@dataclass(frozen=True, eq=False)
class Posterior:
    """A fit with one prior, and what is known of the coupling from it."""

    prior: CouplingPrior
    fit: Fit
    evidence: tuple[float, float]
    likelihood: CouplingLikelihood


def main() -> None:
    """Measure all cases and write them."""
    limits: list[list[str]] = []
    factors: list[list[str]] = []
    pulls: list[float] = []
    largest_k = 0.0
    for name, interaction, masses in CASES:
        one = bc.experiment(name)
        spec = ModelSpec.of([one])
        standard = fit_evidence(Engine(spec).fit(seed=1), ModelAtDraws(spec), seed=1)
        specs = {kind: ModelSpec.of([one], interaction=interaction, prior=kind) for kind in PRIORS}
        engines = {kind: Engine(each) for kind, each in specs.items()}
        models = {kind: ModelAtDraws(each, masses[0]) for kind, each in specs.items()}
        for mass in masses:
            found = {kind: posterior(engines[kind], models[kind], mass) for kind in PRIORS}
            where = [name, interaction, "" if mass is None else f"{mass:g}"]
            for kind, sampled in found.items():
                factors.append([*where, kind, *factor_cells(sampled, standard)])
                for origin, other in found.items():
                    k = other.likelihood.pareto_k(sampled.prior)
                    largest_k = max(largest_k, k)
                    for side, pull, cells in limit_cells(sampled, other):
                        limits.append([*where, side, origin, kind, *cells, f"{k:.2f}"])
                        pulls += [pull] if origin != kind else []
            print(name, interaction, mass, flush=True)
    text = PAGE.format(
        level=100 * LEVEL,
        limits=table(LIMITS, limits),
        factors=table(FACTORS, factors),
        rms=np.sqrt(np.mean(np.square(pulls))),
        most=np.max(np.abs(pulls)),
        k=largest_k,
    )
    FILE.write_text(text, encoding="utf-8")


def posterior(engine: Engine, model: ModelAtDraws, mass_mev: float | None) -> Posterior:
    """Sample with one prior at one mass."""
    fit = engine.fit(mass_mev, seed=3)
    model.move_to(mass_mev)
    prior = engine.prior(mass_mev)
    assert prior is not None
    return Posterior(prior, fit, fit_evidence(fit, model, seed=1), coupling_likelihood(model, fit))


def limit_cells(sampled: Posterior, other: Posterior) -> list[tuple[str, float, list[str]]]:
    """Return side, pull and cells of each limit: sampled, and weighted from another fit."""
    found = []
    weighted = other.likelihood.limits(sampled.prior, LEVEL)
    for ours, theirs in zip(weighted, bc.limits(sampled.fit, LEVEL), strict=True):
        difference = ours.value - theirs.value
        pull = difference / float(np.hypot(ours.mc_error, theirs.mc_error))
        cells = [
            *(f"{ours.value:.3e}", f"{ours.mc_error / ours.value:.1%}"),
            *(f"{theirs.value:.3e}", f"{theirs.mc_error / theirs.value:.1%}"),
            *(f"{difference / theirs.value:+.1%}", f"{pull:+.1f}"),
        ]
        found.append((ours.side, pull, cells))
    return found


def factor_cells(one: Posterior, standard: tuple[float, float]) -> list[str]:
    """Return the Bayes factor to the Standard Model by evidences and by Dickey's ratio."""
    factor, error = one.evidence[0] - standard[0], float(np.hypot(one.evidence[1], standard[1]))
    ratio, ratio_error = one.likelihood.log_bayes_factor(one.prior)
    pull = (factor - ratio) / float(np.hypot(error, ratio_error))
    return [f"{factor:.3f} ± {error:.3f}", f"{ratio:.3f} ± {ratio_error:.3f}", f"{pull:+.1f}"]


def table(columns: tuple[str, ...], rows: list[list[str]]) -> str:
    """Return rows as a table in Markdown."""
    lines = [columns, ["--"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main()
