"""Simulation-based calibration: truths from the prior, their ranks in their posteriors."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arguments import callbacks, out_folder
from bayes_cevns.bounds import within
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.settings import SamplerSettings, check_seed
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.checks import real
from bayes_cevns.physics.interactions import STANDARD_MODEL, Interaction
from bayes_cevns.specification.columns import CREDIBLE, LABEL_COLUMNS, TOY, labels, toy_label
from bayes_cevns.specification.model_spec import ModelSpec, listed_experiments
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.storage.folder import RunFolder, ledger_in
from bayes_cevns.storage.ledger import Row
from bayes_cevns.studies.calibration.ranks import independent_draws, rank, scalars
from bayes_cevns.studies.calibration.simulated import RANKED, Study, farthest_limit, own_prior
from bayes_cevns.studies.calibration.simulator import Predictive
from bayes_cevns.studies.calibration.uniformity import Uniformity
from bayes_cevns.studies.fit_files import run_directory
from bayes_cevns.studies.identity import content_digest

RANKS_FILE = "ranks.csv"
UNIFORMITY_FILE = "uniformity.csv"
UNIFORMITY_COLUMNS = ("quantity", *LABEL_COLUMNS, "fits", "p_value", "inside_band")
_KEY = ("fit",)
_FIXED = (*_KEY, *LABEL_COLUMNS, "passed", "attempts", "seconds", "reason")

#: Fewer ranks tell nothing: their band is wider than 0.3 to either side.
_LEAST_FITS = 20


@dataclass(frozen=True, eq=False, repr=False)
class RankStudy(Displayed):
    """Ranks of truths in their posteriors.

    Attributes
    ----------
    spec, mass_mev, prior
        The model, and the prior that its coupling was drawn from.
    quantities
        What was ranked: parameters, x, the expected signal, the log-likelihood.
    ranks
        From 0 to 99, shape (fits that passed their gate, quantities).
    reasons
        Why the other fits failed. To leave them out is no bias: whether a fit converges
        depends on its data, and ranks are uniform for any choice of data.
    seconds
        Time of all fits together.
    """

    spec: ModelSpec
    mass_mev: float | None
    prior: CouplingPrior | None
    quantities: tuple[str, ...]
    ranks: NDArray[np.int64]
    reasons: tuple[str, ...]
    seconds: float

    @property
    def fits(self) -> int:
        """How many fits were made."""
        return len(self.ranks) + len(self.reasons)

    @cached_property
    def uniformity(self) -> Uniformity:
        """The test that the ranks are to pass."""
        return Uniformity(len(self.ranks), RANKED)

    @cached_property
    def p_values(self) -> dict[str, float]:
        """Quantity -> probability of ranks as far from uniform, if the posterior is right.

        The ranks lie within their 95% simultaneous band if it is above 0.05.
        """
        columns = zip(self.quantities, self.ranks.T, strict=True)
        return {name: self.uniformity.p_value(ranks) for name, ranks in columns}

    @property
    def outside(self) -> tuple[str, ...]:
        """The quantities whose ranks leave the 95% band. One in twenty does by chance."""
        return tuple(name for name, p in self.p_values.items() if p <= 0.05)

    @property
    def passed(self) -> bool:
        """Whether all ranks together are what chance explains.

        The least p-value is above 0.05 divided by the number of quantities (Bonferroni).
        """
        return min(self.p_values.values()) > 0.05 / len(self.quantities)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a quantity, with the columns of ``uniformity.csv``."""
        return [
            {
                "quantity": name,
                **labels(self.spec, CREDIBLE, TOY),
                "fits": len(self.ranks),
                "p_value": f"{p:.4f}",
                "inside_band": p > 0.05,
            }
            for name, p in self.p_values.items()
        ]


def calibrate(
    experiments: Sequence[Experiment],
    *,
    interaction: str | Interaction = STANDARD_MODEL,
    mass_mev: float | None = None,
    prior: str = "flat-rate",
    fits: int = 1000,
    reach: float = 2.0,
    seed: int = 1,
    generated_by: Sequence[Experiment] | None = None,
    nuisance_priors: Mapping[str, str] | None = None,
    form_factor: str = DEFAULT_FORM_FACTOR,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
    settings: SamplerSettings | None = None,
    out: Path | str | None = None,
    on_fit: Callable[[int], None] | None = None,
) -> RankStudy:
    """Check the posteriors of a model by simulation-based calibration.

    Truths are drawn from the prior, nuisances with the coupling, and data from the likelihood;
    each data set is fitted as if it had been observed. If the sampler, the weights of the
    branches and the likelihood are right, the rank of a truth among draws of its posterior is
    uniform, for every parameter and every function of parameters and data.

    Parameters
    ----------
    experiments
        Experiments of the joint fit; what they observed sets no more than the range of x.
    interaction, mass_mev
        Name of an interaction (or ``"sm"``: nuisances alone), and its mediator mass.
    prior
        Prior of the coupling.
    fits
        How many.
    reach
        The prior ends where x is this many times the 90% credible limit from the data at hand
        (the weaker one, of two signs): where it ends for a quoted limit, all truths would lie far
        beyond what the experiments see.
    seed
        Seed of all random numbers; each fit has its own, whatever their number.
    generated_by
        Experiments that make the data instead, the same with other responses or backgrounds: to
        see what a mistake in them does.
    nuisance_priors, form_factor, allow_overlap, allow_conflict
        As in `bayes_cevns.sample`.
    settings
        How to sample; by default 2 chains of 400 draws, whose gate asks for 198 effective ones.
    out
        Folder for ranks.csv, which grows fit by fit, uniformity.csv and run.toml. The same
        request goes on where it stopped; with more fits, it adds those, with fewer, all that are
        there count.
    on_fit
        Called after each fit with their number, to show progress.

    Returns
    -------
    RankStudy
        Ranks with their p-values.

    Raises
    ------
    ArgumentError, UnknownNameError, TableError, OutputError
        If something asked for does not exist or cannot be.
    ConvergenceError
        If the fit of the data at hand, which sets the range of x, fails.

    References
    ----------
    Talts et al., arXiv:1804.06788; Modrak et al., arXiv:2211.02383, for functions of the data;
    Saeilynoja, Buerkner and Vehtari, arXiv:2103.10522, for the bands.
    """
    fits, seed, out = within("fits", fits), check_seed(seed), out_folder(out)
    callbacks(on_fit=on_fit)
    if fits < _LEAST_FITS:
        raise ArgumentError(
            f"the ranks of {fits} fits tell nothing: ask for {_LEAST_FITS} or more, and for 1000 "
            "to see a posterior that is wrong by a tenth of its width"
        )
    reach = real(reach, what="reach")
    if not (np.isfinite(reach) and reach > 0):
        raise ArgumentError(f"reach must be positive and finite, got {reach:g}")
    spec = ModelSpec.of(
        experiments,
        interaction=interaction,
        prior=prior,
        nuisance_priors=nuisance_priors,
        form_factor=form_factor,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
    )
    if generated_by is not None:
        generated_by = listed_experiments(generated_by)
    study = Study.of(spec, mass_mev, seed=seed, settings=settings)
    generating = study.spec
    if generated_by is not None:
        _check_alike(study.spec.experiments, generated_by)
        generating = replace(study.spec, experiments=tuple(generated_by))
    request = study.request("calibration", reach=reach)
    if generated_by is not None:
        request["generated_by"] = {e.name: content_digest(e) for e in generated_by}
    with run_directory(out, request) as directory:
        result = rank_study(
            study, generating=generating, fits=fits, reach=reach, folder=directory, on_fit=on_fit
        )
        if directory is not None:
            directory.write(UNIFORMITY_FILE, csv_text(UNIFORMITY_COLUMNS, result.rows()))
            report = {"fits": result.fits, "failed": len(result.reasons), "seconds": result.seconds}
            directory.finish(None, complete=True, report=report)
    return result


def rank_study(
    study: Study,
    *,
    generating: ModelSpec,
    fits: int,
    reach: float,
    folder: RunFolder | None = None,
    on_fit: Callable[[int], None] | None = None,
) -> RankStudy:
    """Rank truths that one model makes in the posteriors of another; see `calibrate`.

    Parameters
    ----------
    study
        The model that is fitted.
    generating
        The model that makes the data, with the same parameters.
    fits, reach, on_fit
        As in `calibrate`.
    folder
        Where the ranks are kept. All that are there count, also those beyond `fits`.
    """
    prior = truth_prior(study, reach)
    source = Predictive(generating, study.mass_mev, prior)
    monitor = Predictive(study.spec, study.mass_mev, prior)
    example = scalars(monitor.quantities(*source.draw(np.random.default_rng(study.seed))))
    quantities = tuple(example)
    ledger = ledger_in(folder, RANKS_FILE, (*_FIXED, *quantities), key=_KEY)
    done = {int(row["fit"]) for row in ledger.rows}
    for number in range(fits):
        if number not in done:
            quoted = labels(study.spec, CREDIBLE, toy_label(number))
            ranked = _one(study, prior, source, monitor, number)
            ledger.append({"fit": number, **quoted, **ranked})
        if on_fit is not None:
            on_fit(number + 1)
    return _result(study, prior, quantities, sorted(ledger.rows, key=lambda row: int(row["fit"])))


def _one(
    study: Study,
    prior: CouplingPrior | None,
    source: Predictive,
    monitor: Predictive,
    number: int,
) -> dict[str, Any]:
    """Draw one truth, fit its data and rank it."""
    start = time.perf_counter()
    random = np.random.default_rng([study.seed, number])
    values, counts = source.draw(random)
    truth = scalars(monitor.quantities(values, counts))
    fit = study.engine.fit(
        study.mass_mev, seed=int(random.integers(2**31)), prior=prior, observed=counts
    )
    ranks = {}
    if fit.passed:
        draws = independent_draws(fit, RANKED, random)
        ranks = {name: rank(float(true[0]), draws[name], random) for name, true in truth.items()}
    return {
        "passed": fit.passed,
        "attempts": int(fit.quality["attempts"].max()),
        "seconds": f"{time.perf_counter() - start:.2f}",
        "reason": fit.reason,
        **ranks,
    }


def truth_prior(study: Study, reach: float) -> CouplingPrior | None:
    """Return the prior of the study's kind that ends at `reach` times the limit."""
    if study.spec.interaction is None:
        return None
    fit = study.reference()
    prior = own_prior(fit.prior)
    return prior.up_to(float(prior.quoted(reach * farthest_limit(fit))))


def _result(
    study: Study, prior: CouplingPrior | None, quantities: tuple[str, ...], rows: list[Row]
) -> RankStudy:
    passed = [row for row in rows if row["passed"] == "True"]
    ranks = np.array([[int(row[name]) for name in quantities] for row in passed], dtype=np.int64)
    return RankStudy(
        study.spec,
        study.mass_mev,
        prior,
        quantities,
        ranks.reshape(-1, len(quantities)),
        tuple(row["reason"] for row in rows if row["passed"] != "True"),
        sum(float(row["seconds"]) for row in rows),
    )


def _check_alike(fitted: Sequence[Experiment], generating: Sequence[Experiment]) -> None:
    """Check that two sets of experiments have the same bins and parameters."""

    def shape(experiments: Sequence[Experiment]) -> list[object]:
        return [(e.name, e.observed.shape, e.nuisances()) for e in experiments]

    if shape(fitted) != shape(generating):
        raise ArgumentError(
            "generated_by must name the same experiments as are fitted, with the same bins and "
            f"nuisances: {', '.join(e.name for e in fitted)}; got "
            f"{', '.join(e.name for e in generating)}"
        )
