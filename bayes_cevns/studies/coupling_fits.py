"""What posteriors of several couplings have found: intervals, credible regions and their tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import degrees
from typing import TYPE_CHECKING, Any

from bayes_cevns.arguments import named
from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.display import Displayed
from bayes_cevns.ends import CROSSING, Ends
from bayes_cevns.errors import ArgumentError
from bayes_cevns.names import NSI_PHASE_CONVENTION, PHASE_CONVENTION_TEXTS
from bayes_cevns.sources.components import split_by_component
from bayes_cevns.specification.columns import (
    CREDIBLE,
    LABEL_COLUMNS,
    PRIOR_TEXT,
    experiments_label,
    labels,
    with_nuisances,
)
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import nuisance_name
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.studies.study import Result
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.intervals import Interval, intervals
from bayes_cevns.summary.regions import CredibleRegions, credible_regions

if TYPE_CHECKING:
    from bayes_cevns.inference.profile.parameters import Parameter

INTERVAL_COLUMNS = (
    *("experiment", "parameter", *LABEL_COLUMNS, "mass_mev", "prior", PRIOR_TEXT, "level"),
    *("low", "high", "branch_weight", "at_bound", "at_physical", "bound_of", "phase_convention"),
)

#: Name of the fit in which all couplings are free together.
JOINT = "joint"

#: The only prior: uniform between the bounds of each coupling.
PRIOR = "flat"


@dataclass(frozen=True, eq=False, repr=False)
class NamedFit(Displayed):
    """The posterior of some couplings that are free together.

    Attributes
    ----------
    name
        The coupling that is free alone, or ``"joint"``.
    fit
        The posterior.
    """

    name: str
    fit: Fit


@dataclass(eq=False, repr=False)
class CouplingFits(Result):
    """Posteriors of several couplings.

    Attributes
    ----------
    spec, levels, seed, one_at_a_time
        What was asked for: whether each coupling was alone, the others as in the Standard Model;
        otherwise all are free together.
    fits
        By coupling if they are one at a time, otherwise one, under the name ``"joint"``; of a run
        that was interrupted, those that are finished.
    pairs
        Pairs of which the credible regions are drawn.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> fits = bc.sample_couplings("conus_plus", couplings=["eps_ee_u"], seed=1)
    >>> [interval.low < interval.high for interval in fits.intervals("eps_ee_u", 0.9)]
    [True, True]
    """

    spec: ModelSpec
    levels: tuple[float, ...]
    seed: int
    one_at_a_time: bool
    fits: dict[str, Fit]
    pairs: tuple[tuple[str, str], ...] = ()

    def _rows(self) -> dict[str, object]:
        return {
            "experiment": self.experiment,
            "couplings": self.names,
            "free": "one at a time" if self.one_at_a_time else "together",
            "levels": self.levels,
            "seed": self.seed,
            "fits": self.fits,
            "failures": self.failures(),
        }

    @property
    def model(self) -> CouplingModel:
        """The couplings."""
        assert self.spec.couplings is not None
        return self.spec.couplings

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the couplings."""
        return self.model.names

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
        if parameter in self.names:
            return float(self.model.standard_values[self.names.index(parameter)])
        return self._nuisance(parameter).nominal

    def _nuisance(self, name: str) -> Parameter:
        """Return a nuisance that is one number."""
        from bayes_cevns.inference.profile.parameters import nuisance_parameters

        return nuisance_parameters(self.spec)[name][0]

    @property
    def experiment(self) -> str:
        """Names of the experiments, joined with ``+``."""
        return experiments_label(self.spec.experiments)

    @property
    def quoted(self) -> tuple[str, ...]:
        """The couplings of which the fit is finished and has passed its gate."""
        free = {name: name if self.one_at_a_time else JOINT for name in self.names}
        return tuple(n for n, fit in free.items() if fit in self.fits and self.fits[fit].passed)

    def fit(self, parameter: str) -> Fit:
        """Return the fit in which a coupling is free.

        Raises
        ------
        ArgumentError
            If it is not finished.
        """
        name = parameter if self.one_at_a_time else JOINT
        if name not in self.fits:
            raise ArgumentError(f"the fit of {parameter} is not finished: run it on")
        return self.fits[name]

    def _box(self, parameter: str) -> BoxPrior:
        """Return the prior of the couplings that were free together with one of them."""
        box = self.fit(parameter).box
        assert box is not None, "a fit of couplings has their prior"
        return box

    def intervals(self, parameter: str, level: float) -> tuple[Interval, ...]:
        """Return the credible intervals of a coupling, marginalised over the others.

        Raises
        ------
        UnknownNameError
            If there is no such coupling.
        """
        name = named(parameter, "coupling", self.names)
        box = self._box(name)
        others = {other: ends for other, ends in box.bounds.items() if other != name}
        return intervals(self.fit(name), name, level, box.bounds[name], others, box.ends(name))

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
        own = self._ends(one, domains[0]), self._ends(two, domains[1])
        bounds = self._box(JOINT).bounds
        others = {name: ends for name, ends in bounds.items() if name not in (one, two)}
        return credible_regions(self.fit(JOINT), (one, two), self.levels, domains, others, own)

    def _ends(self, name: str, domain: tuple[float, float]) -> Ends:
        """Return what the ends of a range are: of a nuisance, where its draws end, or its own."""
        if name in self.names:
            return self._box(JOINT).ends(name)
        nuisance = self._nuisance(name)
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
            return self._box(JOINT).bounds[name]
        known = nuisances_of(self.spec.experiments)
        named(name, "coupling or nuisance", (*self.names, *known))
        nuisance = self._nuisance(name)
        draws = self.fit(JOINT).posterior[name].values
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
                PRIOR_TEXT: with_nuisances(self.spec, f"uniform in {parameter}"),
                "level": level,
                "low": interval.low,
                "high": interval.high,
                "branch_weight": interval.branch_weight,
                "at_bound": interval.ends.at_bound,
                "at_physical": interval.ends.at_physical,
                "bound_of": interval.ends.bound_of,
                "phase_convention": NSI_PHASE_CONVENTION,
            }
            for parameter in self.quoted
            for level in self.levels
            for interval in self.intervals(parameter, level)
        ]

    def tables(self) -> dict[str, str]:
        """Return intervals.csv."""
        return {"intervals.csv": csv_text(INTERVAL_COLUMNS, self.interval_rows())}

    def report(self) -> dict[str, Any]:
        """Return which fits are finished, and the weights of their branches."""
        weights = {name: fit.quality["weight"].values for name, fit in self.fits.items()}
        octants = {name: each for name, each in self._octants().items() if each}
        return {
            "fits_finished": list(self.fits),
            "branch_weights": {name: list(map(float, each)) for name, each in weights.items()},
            **({"octants": octants} if octants else {}),
        }

    def _octants(self) -> dict[str, dict[str, float]]:
        """Return the weight of each octant of theta_12 by fit, of fits that have any."""
        return {name: octant_weights(fit) for name, fit in self.fits.items()}

    def failures(self) -> dict[str, str]:
        """Return why fits failed their gate, by their names."""
        return {name: fit.reason for name, fit in self.fits.items() if not fit.passed}

    def lines(self) -> list[str]:
        """Return the convention of phases where it matters, intervals, and which ends are open."""
        found = []
        if self.has_phase:
            phase = degrees(self.model.propagation.parameters.delta_cp_rad)
            convention = PHASE_CONVENTION_TEXTS[NSI_PHASE_CONVENTION]
            found.append(f"phases: {convention}, delta = {phase:.4g} deg")
        for name, weights in self._octants().items():
            if weights:
                each = ", ".join(f"{octant} {weight:.3f}" for octant, weight in weights.items())
                found.append(f"octant of theta_12, fit {name}: {each}")
        for name in self.quoted:
            found += [self._interval_line(name, level) for level in self.levels]
            found += [f"  {note}" for note in self.notes(name)]
        for one, two in self.drawn:
            found += [f"{one}, {two}: {n}: --bounds" for n in self.regions(one, two).notes]
        return found

    def _interval_line(self, name: str, level: float) -> str:
        pieces = ", ".join(
            f"[{i.low:.4g}, {i.high:.4g}] (weight {i.branch_weight:.2f})"
            for i in self.intervals(name, level)
        )
        return f"{name}, {100 * level:.4g}% credible: {pieces}"

    @property
    def drawn(self) -> tuple[tuple[str, str], ...]:
        """The pairs that can be drawn: none of a fit that failed its gate."""
        return self.pairs if self.quoted else ()


def octant_weights(fit: Fit) -> dict[str, float]:
    """Return the weights of the octants of theta_12 in a fit; none where they have no part."""
    if "octant" not in fit.quality:
        return {}
    found: dict[str, float] = {}
    pairs = zip(fit.quality["octant"].values, fit.quality["weight"].values, strict=True)
    for octant, weight in pairs:
        found[str(octant)] = found.get(str(octant), 0.0) + float(weight)
    return found


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
