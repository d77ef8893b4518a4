"""Posteriors of several couplings, together or one at a time, with what is quoted of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from bayes_cevns.arguments import callbacks, flag, named, out_folder
from bayes_cevns.bounds import SEED_END
from bayes_cevns.couplings.arrival import split_by_component
from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.couplings.visible import check_visible
from bayes_cevns.display import Displayed
from bayes_cevns.ends import CROSSING, Ends
from bayes_cevns.errors import ArgumentError, ConvergenceError
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.fit import Fit
from bayes_cevns.inference.profile.likelihood import nuisance_parameters
from bayes_cevns.inference.settings import SamplerSettings, check_seed
from bayes_cevns.names import DEFAULT_FORM_FACTOR, NSI_PHASE_CONVENTION
from bayes_cevns.physics.oscillation import CITE, Propagation
from bayes_cevns.specification.columns import (
    CREDIBLE,
    LABEL_COLUMNS,
    PRIOR_TEXT,
    experiment_label,
    labels,
)
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.references import bibtex, citations
from bayes_cevns.specification.variables import nuisance_name
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.studies.fit_files import RunDirectory, fits_tree, run_directory
from bayes_cevns.studies.identity import spec_request
from bayes_cevns.summary.draws import check_levels
from bayes_cevns.summary.intervals import Interval, intervals
from bayes_cevns.summary.regions import CredibleRegions, credible_regions

INTERVAL_COLUMNS = (
    *("experiment", "parameter", *LABEL_COLUMNS, "mass_mev", "prior", PRIOR_TEXT, "level"),
    *("low", "high", "branch_weight", "at_bound", "at_physical", "bound_of", "phase_convention"),
)

LEVELS = (0.68, 0.9, 0.95)

#: Name of the fit in which all couplings are free together.
JOINT = "joint"

#: The only prior: uniform between the bounds of each coupling.
PRIOR = "flat"


@dataclass(eq=False, repr=False)
class CouplingFits(Displayed):
    """Posteriors of several couplings.

    Attributes
    ----------
    spec, levels, seed, settings
        What was asked for.
    one_at_a_time
        Whether each coupling was alone, the others as in the Standard Model; otherwise all are
        free together.
    box
        The prior of all couplings.
    fits
        By coupling if they are one at a time, otherwise one, under the name ``"joint"``.
    """

    spec: ModelSpec
    levels: tuple[float, ...]
    seed: int
    settings: SamplerSettings
    one_at_a_time: bool
    box: BoxPrior
    fits: dict[str, Fit]

    def _rows(self) -> dict[str, object]:
        return {
            "experiment": self.experiment,
            "couplings": self.names,
            "free": "one at a time" if self.one_at_a_time else "together",
            "levels": self.levels,
            "seed": self.seed,
            "fits": self.fits,
            "failures": self.failures,
        }

    @property
    def model(self) -> CouplingModel:
        """The couplings."""
        assert self.spec.couplings is not None
        return self.spec.couplings

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the couplings."""
        return self.box.names

    @property
    def has_phase(self) -> bool:
        """Whether the CP phase matters: where solar neutrinos arrive as superpositions."""
        return not self.model.keeps_flavours and any(
            split_by_component(signal.source)[0]
            for experiment in self.spec.experiments
            for signal in experiment.signals
        )

    def reference(self, parameter: str) -> float:
        """Return the value of a parameter in the Standard Model, nominal for a nuisance."""
        known = dict(zip(self.names, self.box.standard.tolist(), strict=True))
        if parameter in known:
            return float(known[parameter])
        return nuisance_parameters(self.spec)[parameter][0].nominal

    @property
    def experiment(self) -> str:
        """Names of the experiments, joined with ``+``."""
        return "+".join(experiment_label(e) for e in self.spec.experiments)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """All pairs of couplings that were free together."""
        return () if self.one_at_a_time else tuple(combinations(self.names, 2))

    @property
    def failures(self) -> dict[str, str]:
        """Why fits failed their gate, by their names."""
        return {name: fit.reason for name, fit in self.fits.items() if not fit.passed}

    def fit(self, parameter: str) -> Fit:
        """Return the fit in which a coupling is free."""
        return self.fits[parameter if self.one_at_a_time else JOINT]

    def intervals(self, parameter: str, level: float) -> tuple[Interval, ...]:
        """Return the credible intervals of a coupling, marginalised over the others.

        Raises
        ------
        UnknownNameError
            If there is no such coupling.
        """
        name = named(parameter, "coupling", self.names)
        fit, others = self.fit(name), self._others(name)
        return intervals(fit, name, level, self.box.bounds[name], others, self.box.ends(name))

    def _others(self, *parameters: str) -> dict[str, tuple[float, float]]:
        """Return the couplings that were free together with some, with their bounds."""
        bounds = {} if self.one_at_a_time else self.box.bounds
        return {name: ends for name, ends in bounds.items() if name not in parameters}

    def notes(self, parameter: str) -> list[str]:
        """Return what is to be said of intervals that end with a prior, and not with the data."""
        found = {
            (end.of, end.bound): None
            for level in self.levels
            for interval in self.intervals(parameter, level)
            for end in (interval.ends.low, interval.ends.high)
            if end.kind == "range"
        }
        return [
            f"open: the density does not vanish at the prior's bound {bound:.4g} of {name}, on "
            f"which an end of {parameter} depends: --bounds {name.removeprefix('eps_')}=LOW:HIGH"
            for name, bound in found
        ]

    def regions(self, one: str, two: str) -> CredibleRegions:
        """Return the credible regions of two parameters, marginalised over the others.

        Parameters
        ----------
        one, two
            Couplings that were free together; or a nuisance that is one number for one of them.

        Raises
        ------
        ArgumentError
            If they were not free together, or are one.
        """
        if one == two:
            raise ArgumentError(f"a region needs two parameters, got {one} twice")
        domains = self._domain(one), self._domain(two)
        others = self._others(one, two)
        own = self._ends(one, domains[0]), self._ends(two, domains[1])
        return credible_regions(self.fits[JOINT], (one, two), self.levels, domains, others, own)

    def _ends(self, name: str, domain: tuple[float, float]) -> Ends:
        """Return what the ends of a range are: of a nuisance, where its draws end, or its own."""
        if name in self.names:
            return self.box.ends(name)
        nuisance = nuisance_parameters(self.spec)[name][0]
        low, high = nuisance.ends.low, nuisance.ends.high
        return Ends(
            low if domain[0] == nuisance.lower else CROSSING,
            high if domain[1] == nuisance.upper else CROSSING,
        )

    def _domain(self, name: str) -> tuple[float, float]:
        """Return the range of a parameter of the joint fit: its prior's, or that of its draws."""
        if self.one_at_a_time:
            raise ArgumentError(f"{name} was not free together with another coupling")
        if name in self.names:
            return self.box.bounds[name]
        known = nuisances_of(self.spec.experiments)
        named(name, "coupling or nuisance", (*self.names, *known))
        (nuisance,) = nuisance_parameters(self.spec)[name]
        draws = self.fits[JOINT].posterior[name].values
        margin = 0.5 * float(draws.max() - draws.min())
        return (
            max(nuisance.lower, float(draws.min()) - margin),
            min(nuisance.upper, float(draws.max()) + margin),
        )

    def interval_rows(self) -> list[dict[str, Any]]:
        """Return rows with the columns of ``intervals.csv``; fits that failed have none."""
        units = {c.name: c.unit or "1" for c in self.model.couplings}
        return [
            {
                "experiment": self.experiment,
                "parameter": parameter,
                **labels(self.spec, CREDIBLE),
                "coupling": parameter,
                "unit": units[parameter],
                "mass_mev": "" if self.model.mass_mev is None else self.model.mass_mev,
                "prior": PRIOR,
                PRIOR_TEXT: f"uniform in {parameter}",
                "level": level,
                "low": interval.low,
                "high": interval.high,
                "branch_weight": interval.branch_weight,
                "at_bound": interval.ends.at_bound,
                "at_physical": interval.ends.at_physical,
                "bound_of": interval.ends.bound_of,
                "phase_convention": NSI_PHASE_CONVENTION,
            }
            for parameter in self.names
            if self.fit(parameter).passed
            for level in self.levels
            for interval in self.intervals(parameter, level)
        ]


def nuisances_of(experiments: Sequence[Experiment]) -> tuple[str, ...]:
    """Return the nuisances of some experiments that are one number, by name.

    Those that each run has for itself have no region with a coupling.
    """
    found = [
        nuisance_name(experiment, name)
        for experiment in experiments
        for name in experiment.nuisances()
        if not experiment.per_run([name])
    ]
    return tuple(dict.fromkeys(found))


def sample_couplings(
    experiments: Sequence[Experiment],
    *,
    couplings: Sequence[str],
    mass_mev: float | None = None,
    one_at_a_time: bool = False,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    levels: Sequence[float] = LEVELS,
    propagation: Propagation | None = None,
    matter: bool = True,
    seed: int = 1,
    nuisance_priors: Mapping[str, str] | None = None,
    form_factor: str = DEFAULT_FORM_FACTOR,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
    settings: SamplerSettings | None = None,
    out: Path | str | None = None,
    on_fit: Callable[[str, Fit], None] | None = None,
) -> CouplingFits:
    """Sample the posterior of several couplings, all modes with the weight that they have.

    Parameters
    ----------
    experiments
        Experiments of the joint fit.
    couplings
        Free couplings, such as ``["eps_ee_u", "eps_ee_d"]`` (or ``"ee_u"``); see
        `bayes_cevns.couplings.named`.
    mass_mev
        Mass of the mediator in MeV, if some are couplings of one (those that begin with ``x_``).
    one_at_a_time
        Fit each of them alone, the others as in the Standard Model, instead of all together.
    bounds
        Bounds of their flat priors by name; by default -1 to 1 for ``eps``, and where the counts
        of the coupling alone are far above the data for those without a natural scale.
    levels
        Credible levels of intervals and regions.
    propagation
        How solar neutrinos arrive; three flavours and the Earth by default.
    matter
        Whether the couplings act on the way, in Sun and Earth, as well as in the detector.
    seed
        Seed of the random numbers.
    nuisance_priors, form_factor, allow_overlap, allow_conflict
        As in `bayes_cevns.build_model`.
    settings
        How to sample.
    out
        Folder for intervals.csv, posterior.nc, run.toml and citations.bib; one that holds the
        same request already is read, not written.
    on_fit
        Called after each fit with its name, to show progress.

    Returns
    -------
    CouplingFits
        With its fits, intervals and regions.

    Raises
    ------
    ConvergenceError
        If a fit fails its gate after all retries; with `out`, what there is, is written.
    ArgumentError, UnknownNameError, OutputError
        If something asked for does not exist or cannot be, among them a coupling that no
        experiment sees, before anything is sampled.
    ImpossibleDataError
        If there are events where the model expects none at any of its parameters.

    Notes
    -----
    The box of the couplings is cut where the posterior has a least value between two modes, along
    each principal direction of the signal (`bayes_cevns.inference.modes.box_branches`); NUTS
    samples each part, bridge sampling weighs it, and points all over it tell whether the chains
    missed anything.
    """
    matter = flag(matter, what="matter")
    spec = ModelSpec.of(
        experiments,
        couplings=CouplingModel.of(
            couplings, mass_mev=mass_mev, propagation=propagation, matter=matter
        ),
        bounds=bounds,
        nuisance_priors=nuisance_priors,
        form_factor=form_factor,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
    )
    settings = SamplerSettings.of(settings)
    seed, out, levels = check_seed(seed), out_folder(out), check_levels(levels)
    one_at_a_time = flag(one_at_a_time, what="one_at_a_time")
    callbacks(on_fit=on_fit)
    engine = Engine(spec, settings, free=1 if one_at_a_time else None)
    engine.check([None], seed=seed)
    check_visible(of_couplings(engine.tables), engine.box, apart=one_at_a_time)
    names = engine.box.names
    jobs = {name: (name,) for name in names} if one_at_a_time else {JOINT: names}
    result = CouplingFits(spec, levels, seed, settings, one_at_a_time, engine.box, {})
    references = bibtex(tuple(dict.fromkeys([*citations(spec), *CITE])))
    with run_directory(out, _request(result)) as directory:
        finished = directory.load_fits([_place(name) for name in jobs]) if directory else None
        if finished is not None:
            result.fits.update(zip(jobs, finished, strict=True))
        try:
            if finished is None:
                _sample_all(result, engine, jobs, directory, on_fit)
        finally:
            if directory:
                _take_kept(result, jobs, directory)  # one may have been saved just now
                directory.write("citations.bib", references)
                _write(result, directory, len(jobs), tree=finished is None)
    if result.failures:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in result.failures.items())
        raise ConvergenceError(
            f"{len(result.failures)} of {len(jobs)} fits failed their gate after "
            f"{settings.retries} retries ({reasons}): use more draws or warm-up"
        )
    return result


def _sample_all(
    result: CouplingFits,
    engine: Engine,
    jobs: Mapping[str, tuple[str, ...]],
    directory: RunDirectory | None,
    on_fit: Callable[[str, Fit], None] | None,
) -> None:
    """Take the fits that are on disk, sample the others, and keep each of them at once."""
    if directory:
        _take_kept(result, jobs, directory)
    for number, (name, parameters) in enumerate(jobs.items()):
        if name not in result.fits:
            fit = engine.fit(free=parameters, seed=(result.seed + number) % SEED_END)
            if directory:
                directory.save_point(number, fit)
            result.fits[name] = fit
        if on_fit:
            on_fit(name, result.fits[name])


def _take_kept(
    result: CouplingFits, jobs: Mapping[str, tuple[str, ...]], directory: RunDirectory
) -> None:
    """Add the fits that are on disk, and put all of them in the order of the jobs."""
    found = dict(result.fits)
    for number, name in enumerate(jobs):
        if name not in found and (fit := directory.load_point(number)) is not None:
            found[name] = fit
    result.fits = {name: found[name] for name in jobs if name in found}


def _write(result: CouplingFits, directory: RunDirectory, jobs: int, *, tree: bool) -> None:
    """Write intervals.csv and run.toml, and posterior.nc where asked."""
    complete = len(result.fits) == jobs
    if complete:
        directory.write("intervals.csv", csv_text(INTERVAL_COLUMNS, result.interval_rows()))
    fits = {_place(name): fit for name, fit in result.fits.items()}
    report = {
        "fits_finished": list(result.fits),
        "failures": result.failures,
        "branch_weights": {
            name: [float(w) for w in fit.quality["weight"].values]
            for name, fit in result.fits.items()
        },
    }
    directory.finish(
        fits_tree(fits, result.spec.experiments) if tree and fits else None,
        complete=complete,
        report=report,
    )


def _place(name: str) -> str:
    """Return where a fit is in the tree: alone at its root, or below its name."""
    return "" if name == JOINT else name


def _request(result: CouplingFits) -> dict[str, Any]:
    """Return everything that decides the outcome, as TOML values."""
    return {
        "kind": "couplings",
        **spec_request(result.spec),
        "one_at_a_time": result.one_at_a_time,
        "levels": list(result.levels),
        "seed": result.seed,
        "sampler": result.settings.as_request(),
    }
