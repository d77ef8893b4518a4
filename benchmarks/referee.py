"""Limits of the package beside nested sampling of a hand-written likelihood.

Other likelihood code, another sampler, and the whole signed coordinate at once: nested
sampling finds both modes and weighs them by itself. Writes LIMITS.md beside this file.
"""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from markdown import header, section, table, write
from nested import run_nested
from problem import build_problem, check_against, experiment

import bayes_cevns as bc
from bayes_cevns.priors import PRIORS

INTERACTIONS = ("scalar-universal", "vector-universal")
MASSES_MEV = (1.0, 10.0, 100.0)
LEVEL = 0.9

#: Limits must agree to this, relative.
TARGET = 0.03

#: More draws than by default: the comparison must not be blurred by the package's own error.
SETTINGS = bc.SamplerSettings(draws=4000)

COMMAND = "python benchmarks/referee.py"

_LIVE_POINTS = 1500
_SEED = 1
_PROCESSES = 2


type Estimate = tuple[float, float]


@dataclass(frozen=True)
class Case:
    """One posterior."""

    interaction: str
    mass_mev: float
    prior: str

    def cells(self) -> list[str]:
        """Return its first cells in a table."""
        return [self.interaction, f"{self.mass_mev:g}", self.prior]


@dataclass(frozen=True)
class Answer:
    """What one program says: (value, standard error) of each limit and of the upper branch."""

    limits: dict[str, Estimate]
    upper_weight: Estimate | None


def engine_answers(interaction: str, prior: str) -> dict[Case, Answer]:
    """Fit with the package at every mass, after comparing the two likelihoods."""
    spec = bc.ModelSpec.of([experiment()], interaction=interaction, prior=prior)
    engine = bc.Engine(spec, SETTINGS)
    answers = {}
    for mass in MASSES_MEV:
        problem, _ = build_problem(
            experiment(), interaction=interaction, mass_mev=mass, prior=prior, merged=True
        )
        check_against(problem, partial(engine.log_density, mass))
        fit = engine.fit(mass, seed=_SEED)
        if not fit.passed:
            raise RuntimeError(f"{interaction} at {mass:g} MeV, {prior}: {fit.reason}")
        weight = None
        if fit.quality.sizes["branch"] == 2:
            share = float(fit.quality["weight"][1])
            error = float(np.hypot(*fit.quality["log_evidence_error"].values.astype(float)))
            weight = (share, share * (1.0 - share) * error)
        limits = {limit.side: (limit.value, limit.mc_error) for limit in bc.limits(fit, LEVEL)}
        answers[Case(interaction, mass, prior)] = Answer(limits, weight)
    return answers


def nested_answer(case: Case) -> Answer:
    """Sample the hand-written likelihood with dynesty."""
    problem, prior = build_problem(
        experiment(),
        interaction=case.interaction,
        mass_mev=case.mass_mev,
        prior=case.prior,
        merged=True,
    )
    run = run_nested(problem, nlive=_LIVE_POINTS, seed=_SEED)
    sides = ("positive", "negative") if prior.signed else ("upper",)
    return Answer(
        {side: run.limit(prior, LEVEL, side) for side in sides},
        None if prior.split is None else run.upper_weight(prior),
    )


def main() -> None:
    start = time.perf_counter()
    own: dict[Case, Answer] = {}
    for interaction in INTERACTIONS:
        for prior in PRIORS:
            own |= engine_answers(interaction, prior)
    between = time.perf_counter()
    # nutpie has started threads: no fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(_PROCESSES, mp_context=context) as pool:
        nested = dict(zip(own, pool.map(nested_answer, own), strict=True))
    end = time.perf_counter()

    text = report(own, nested)
    footer = (
        f"Took {between - start:.0f} s in the package, {len(INTERACTIONS) * len(PRIORS)} "
        f"compilations included, and {end - between:.0f} s in dynesty on {_PROCESSES} processes.\n"
    )
    page = "\n".join([header("Limits and their referee", COMMAND), text, footer])
    print(page)
    write("LIMITS.md", page)


def report(own: dict[Case, Answer], nested: dict[Case, Answer]) -> str:
    """Return the sections of the page."""
    limits, weights = [], []
    for case, answer in own.items():
        referee = nested[case]
        for side, estimate in answer.limits.items():
            limits.append(([*case.cells(), side], estimate, referee.limits[side]))
        if answer.upper_weight is not None and referee.upper_weight is not None:
            weights.append((case.cells(), answer.upper_weight, referee.upper_weight))
    return "\n".join([_limits_section(limits), _weights_section(weights)])


type Comparison = tuple[list[str], Estimate, Estimate]


def _limits_section(found: list[Comparison]) -> str:
    rows, differences, pulls = [], [], []
    for cells, (value, error), (other, other_error) in found:
        differences.append(value / other - 1.0)
        pulls.append((value - other) / np.hypot(error, other_error))
        rows.append(
            [
                *cells,
                f"{value:.3e}",
                f"{error / value:.1%}",
                f"{other:.3e}",
                f"{other_error / other:.1%}",
                f"{differences[-1]:+.1%}",
                f"{pulls[-1]:+.1f}",
            ]
        )
    above = int(np.sum(np.abs(differences) > TARGET))
    return section(
        f"{LEVEL:.0%} credible limits on g",
        "Couplings with an observable sign: P(g <= limit | sign of x = g_nu g_q). Package: "
        f"{SETTINGS.chains} x {SETTINGS.draws} draws of each branch. Nested: dynesty with "
        f"{_LIVE_POINTS} live points on the likelihood of `bare.py`, errors by bootstrap. The two "
        "likelihoods were compared first, at random points.",
        table(
            [
                " interaction",
                "MeV",
                " prior",
                " side",
                "package",
                "error",
                "nested",
                "error",
                "difference",
                "in σ",
            ],
            rows,
        ),
        f"Target: within {TARGET:.0%}. {len(rows) - above} of {len(rows)} are; the largest "
        f"difference is {np.max(np.abs(differences)):.1%}. In units of its error a difference is "
        f"{np.sqrt(np.mean(np.square(pulls))):.2f} (root mean square; 1 is expected), "
        f"{np.max(np.abs(pulls)):.1f} at most.",
    )


def _weights_section(found: list[Comparison]) -> str:
    rows, pulls = [], []
    for cells, (value, error), (other, other_error) in found:
        pulls.append((value - other) / np.hypot(error, other_error))
        ours, theirs = f"{value:.3f} ± {error:.3f}", f"{other:.3f} ± {other_error:.3f}"
        rows.append([*cells, ours, theirs, f"{pulls[-1]:+.1f}"])
    return section(
        "Probability of the upper branch",
        "Signed couplings have two modes, on either side of the x at which the nominal signal is "
        "least. Package: evidence of each branch by bridge sampling. Nested: share of the weights.",
        table([" interaction", "MeV", " prior", "package", "nested", "in σ"], rows),
        f"Root mean square of the differences in σ: {np.sqrt(np.mean(np.square(pulls))):.2f}.",
    )


if __name__ == "__main__":
    main()
