"""What a model of NSI is made of, checked by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bayes_cevns.arguments import flag, mapping, named, names, of_kind
from bayes_cevns.bounds import within
from bayes_cevns.couplings.slab import Slab
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, UnknownNameError, shown
from bayes_cevns.experiments import Experiment
from bayes_cevns.experiments.possible import check_possible
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.nsi.table import ENERGY_NODES, NsiTable, nsi_tables
from bayes_cevns.physics.checks import decimal, numbers
from bayes_cevns.physics.oscillation import (
    COUPLINGS,
    DEFAULT_MODEL,
    DETECTIONS,
    NUFIT_5_3,
    OscillationParameters,
    solar_model,
)
from bayes_cevns.physics.oscillation.solar_models import ProductionZone
from bayes_cevns.specification import ModelSpec

#: Bounds of the flat prior of every coupling, unless others are named.
BOUNDS = (-1.0, 1.0)

#: Points of the quadrature over the production zone.
RADII = 8

#: The only solar component with energy enough for CEvNS above the thresholds of today.
COMPONENT = "8b"

_PREFIX = "eps_"
_SHORT = tuple(name.removeprefix(_PREFIX) for name in COUPLINGS)


@dataclass(frozen=True, repr=False)
class NsiSpec(Displayed):
    """What a model of NSI is made of.

    Attributes
    ----------
    base
        The same experiments, nuisance priors and form factor in the Standard Model.
    bounds
        Bounds of the flat prior of every free coupling; the other couplings are zero.
    detection, propagation, mixing, solar, energy_nodes
        As in `bayes_cevns.nsi_model`.
    """

    base: ModelSpec
    bounds: Mapping[str, tuple[float, float]]
    detection: str
    propagation: bool
    mixing: OscillationParameters
    solar: str
    energy_nodes: int

    @classmethod
    def of(
        cls,
        experiments: Sequence[Experiment],
        *,
        parameters: Sequence[str],
        bounds: Mapping[str, tuple[float, float]] | None = None,
        detection: str = "density-matrix",
        propagation: bool = True,
        mixing: OscillationParameters = NUFIT_5_3,
        solar: str = DEFAULT_MODEL,
        nuisance_priors: Mapping[str, str] | None = None,
        form_factor: str = DEFAULT_FORM_FACTOR,
        allow_overlap: bool = False,
        allow_conflict: bool = False,
        energy_nodes: int = ENERGY_NODES,
    ) -> NsiSpec:
        """Build a specification from names, checking each of them; see `nsi_model`."""
        limits = _checked_bounds(checked_names(parameters), bounds)
        base = ModelSpec.of(
            experiments,
            nuisance_priors=nuisance_priors,
            form_factor=form_factor,
            allow_overlap=allow_overlap,
            allow_conflict=allow_conflict,
        )
        check_solar_cevns(base.experiments)
        named(detection, "description of detection", DETECTIONS)
        solar_model(solar)
        propagation = flag(propagation, what="propagation")
        energy_nodes = within("energy_nodes", energy_nodes)
        of_kind(mixing, OscillationParameters, what="oscillation parameters, such as NUFIT_5_3")
        return cls(base, limits, detection, propagation, mixing, solar, energy_nodes)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the free couplings."""
        return tuple(self.bounds)

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """The experiments of the joint fit."""
        return self.base.experiments

    @property
    def box(self) -> Slab:
        """The support of the prior."""
        return Slab.box(*np.transpose(list(self.bounds.values())))

    @property
    def zone(self) -> ProductionZone:
        """Where in the Sun the neutrinos are made."""
        return solar_model(self.solar).quadrature(COMPONENT, RADII)

    def tables(self, *, merged: bool) -> tuple[NsiTable, ...]:
        """Return the table of each experiment, with empty bins merged or not.

        Raises
        ------
        ImpossibleDataError
            If there are events where the model expects none at any of its parameters.
        """
        # The couplings change how often neutrinos scatter, not which recoils they can make.
        for table in self.base.tables():
            check_possible(table, table.coefficients())
        return nsi_tables(
            self.experiments,
            form_factor=self.base.form_factor,
            merged=merged,
            energy_nodes=self.energy_nodes,
        )

    def with_free(self, parameters: Sequence[str]) -> NsiSpec:
        """Return the same with some of the free couplings free, the others zero."""
        return replace(self, bounds={name: self.bounds[name] for name in parameters})


def full_name(name: str) -> str:
    """Return the name of a coupling in `COUPLINGS`: ``ee_u`` stands for ``eps_ee_u``.

    Raises
    ------
    UnknownNameError
        If there is no such coupling.
    """
    full = f"{_PREFIX}{name}"
    return full if full in COUPLINGS else named(name, "NSI coupling", COUPLINGS)


def checked_names(parameters: Sequence[str]) -> tuple[str, ...]:
    """Return the full names of some couplings.

    Raises
    ------
    UnknownNameError
        If one is unknown.
    ArgumentError
        If there is none, or one comes twice.
    """
    given = names(parameters, what="a list of NSI couplings, such as ['ee_u', 'ee_d']")
    found = tuple(full_name(name) for name in given)
    if not found or len(set(found)) < len(found):
        raise ArgumentError(
            f"expected one NSI coupling or more, each once, got {', '.join(given) or 'none'}"
        )
    return found


def _checked_bounds(
    free: Sequence[str], bounds: Mapping[str, tuple[float, float]] | None
) -> dict[str, tuple[float, float]]:
    found = {}
    given = mapping(bounds, what="bounds by coupling, such as {'ee_u': (-1.0, 1.0)}")
    for key, ends in given.items():
        name = full_name(named(key, "NSI coupling", (*COUPLINGS, *_SHORT)))
        if name not in free:
            raise UnknownNameError("free NSI coupling", key, free)
        if name in found:
            raise ArgumentError(f"bounds of {name} are given twice")
        # Whatever a caller gives is an object until these two have looked at it.
        numbers(ends, what=f"the two bounds of {name}")  # type: ignore[arg-type]
        pair = decimal(ends)  # type: ignore[arg-type]
        if pair.shape != (2,):
            raise ArgumentError(f"expected two bounds of {name}, got {shown(ends)}")
        lower, upper = (float(end) for end in pair)
        if not (np.isfinite(lower) and np.isfinite(upper) and lower < upper):
            raise ArgumentError(f"bounds of {name} must increase, got {lower:g} and {upper:g}")
        found[name] = (lower, upper)
    return {name: found.get(name, BOUNDS) for name in free}


def check_solar_cevns(experiments: Sequence[Experiment]) -> None:
    """Check that experiments have one signal each, CEvNS of solar 8B.

    Raises
    ------
    ArgumentError
        With the names of those that have another.
    """
    others = [
        f"{e.name} ({', '.join(f'{s.channel} of {s.source.name}' for s in e.signals)})"
        for e in experiments
        if len(e.signals) != 1
        or e.signals[0].channel != "cevns"
        or not e.signals[0].source.name.startswith("solar_8b")
    ]
    if others:
        raise ArgumentError(
            "NSI in the Sun need experiments with one signal, CEvNS of solar 8B: leave out "
            + ", ".join(others)
        )
