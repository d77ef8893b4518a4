"""Limits of the package beside nested sampling of a hand-written likelihood.

Other likelihood code, another sampler, and the whole signed coordinate at once: nested
sampling finds both modes and weighs them by itself. Writes LIMITS.md beside this file.
"""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from bare import Problem
from nested import NestedRun, run_nested
from page import header, section, table, write
from problem import build_problem, check_against, experiment

import bayes_cevns as bc
from bayes_cevns.couplings.priors import PRIORS, CouplingPrior
from bayes_cevns.specification.variables import COORDINATE
from bayes_cevns.summary.draws import WeightedDraws
from bayes_cevns.summary.fit import Fit

INTERACTIONS = ("scalar-universal", "vector-universal")
MASSES_MEV = (1.0, 10.0, 100.0)
LEVEL = 0.9

#: Limits must agree to this, relative.
TARGET = 0.03

#: More draws than by default: the comparison must not be blurred by the package's own error.
SETTINGS = bc.SamplerSettings(draws=8000)

COMMAND = "python benchmarks/referee.py"

#: Runs of dynesty. With the log prior the limit is a quantile of a wide plateau: many, but short.
_RUNS = {"flat": 8, "flat-rate": 8, "log": 20}
_EFFECTIVE = 4_000
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
        case = Case(interaction, mass, prior)
        check_against(_problem(case)[0], partial(engine.log_density, mass))
        fit = engine.fit(mass, seed=_SEED)
        if not fit.passed:
            raise RuntimeError(f"{interaction} at {mass:g} MeV, {prior}: {fit.reason}")
        weight = None
        if fit.prior is not None and fit.prior.split is not None:
            weight = _weight_above(fit, fit.prior.split)
        limits = {limit.side: (limit.value, limit.mc_error) for limit in bc.limits(fit, LEVEL)}
        answers[case] = Answer(limits, weight)
    return answers


def _weight_above(fit: Fit, split: float) -> Estimate:
    """Return the probability of coordinates above the split, wherever the branches end."""
    draws = WeightedDraws.of(COORDINATE, fit.posterior, fit.quality)
    share = draws.probability(split, np.inf)
    ess = float(fit.quality["ess_bulk"].min())
    parts = (draws.values >= split).mean(axis=(1, 2))
    of_draws = draws.weight**2 * parts * (1.0 - parts) / ess
    of_weights = (draws.weight * (parts - share) * draws.log_evidence_error) ** 2
    return share, float(np.sqrt(np.sum(of_draws + of_weights)))


@cache
def _problem(case: Case) -> tuple[Problem, CouplingPrior]:
    return build_problem(
        experiment(),
        interaction=case.interaction,
        mass_mev=case.mass_mev,
        prior=case.prior,
        merged=True,
    )


def nested_run(case: Case, seed: int) -> NestedRun:
    """Sample the hand-written likelihood with dynesty."""
    return run_nested(_problem(case)[0], seed=seed, effective=_EFFECTIVE)


def nested_answer(case: Case, runs: list[NestedRun]) -> Answer:
    """Return means over independent runs, with their standard errors.

    The scatter of runs, not the error that one run gives itself: that leaves out how many live
    points each mode happens to get, and is half of the scatter for the weights of the modes.
    """
    prior = _problem(case)[1]
    sides = ("positive", "negative") if prior.signed else ("upper",)
    limits = {side: _mean([run.limit(prior, LEVEL, side) for run in runs]) for side in sides}
    split = prior.split
    weight = None if split is None else _mean([run.upper_weight(split) for run in runs])
    return Answer(limits, weight)


def _mean(values: list[float]) -> Estimate:
    return float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(len(values)))


def nested_answers(cases: list[Case]) -> dict[Case, Answer]:
    """Run dynesty for all cases, in processes of their own."""
    context = multiprocessing.get_context("spawn")  # nutpie has started threads: no fork
    with ProcessPoolExecutor(_PROCESSES, mp_context=context) as pool:
        jobs = {
            case: [pool.submit(nested_run, case, _SEED + i) for i in range(_RUNS[case.prior])]
            for case in cases
        }
        return {
            case: nested_answer(case, [job.result() for job in found])
            for case, found in jobs.items()
        }


def main() -> None:
    start = time.perf_counter()
    own: dict[Case, Answer] = {}
    for interaction in INTERACTIONS:
        for prior in PRIORS:
            own |= engine_answers(interaction, prior)
    between = time.perf_counter()
    nested = nested_answers(list(own))
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
    size = np.abs(differences)
    above = int(np.sum(size > TARGET))
    clearly = int(np.sum((size > TARGET) & (np.abs(pulls) > 2.0)))
    return section(
        f"{LEVEL:.0%} credible limits on g",
        "Couplings with an observable sign: P(g <= limit | sign of x = g_nu g_q). Package: "
        f"{SETTINGS.chains} x {SETTINGS.draws} draws of each branch. Nested: {_RUNS['flat']} "
        f"dynamic runs of dynesty ({_RUNS['log']} for the log prior), {_EFFECTIVE} effective draws "
        "each, on the likelihood of `bare.py`; mean and error of the mean. The two likelihoods "
        "were compared first, at random points.",
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
        f"difference is {np.max(size):.1%}; of those above, {clearly} differ by more than 2 σ. In "
        f"units of its error a difference is {np.sqrt(np.mean(np.square(pulls))):.2f} (root mean "
        f"square; 1 is expected), {np.max(np.abs(pulls)):.1f} at most.",
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
