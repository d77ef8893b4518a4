"""A ``pm.Model`` with non-standard interactions in propagation and detection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor.variable import TensorVariable

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.experiments import Experiment
from bayes_cevns.model import joint_model, table_name
from bayes_cevns.nsi.symbolic import NsiExpressions, component_scales
from bayes_cevns.nsi.table import ENERGY_NODES, nsi_tables
from bayes_cevns.physics.checks import numbers
from bayes_cevns.physics.oscillation import (
    COUPLINGS,
    DEFAULT_MODEL,
    DETECTIONS,
    NUFIT_5_3,
    OscillationParameters,
    solar_model,
)
from bayes_cevns.specification import check_experiments, check_nuisance_priors

#: Bounds of the flat prior of every coupling, unless others are named.
BOUNDS = (-1.0, 1.0)

#: Points of the quadrature over the production zone.
RADII = 8

#: The only solar component with energy enough for CEvNS above the thresholds of today.
COMPONENT = "8b"


def nsi_model(
    experiments: Sequence[Experiment],
    *,
    parameters: Sequence[str],
    bounds: Mapping[str, tuple[float, float]] | None = None,
    detection: str = "density-matrix",
    propagation: bool = True,
    mixing: OscillationParameters = NUFIT_5_3,
    solar: str = DEFAULT_MODEL,
    nuisance_priors: Mapping[str, str] | None = None,
    form_factor: str = "helm",
    allow_overlap: bool = False,
    merged: bool = False,
    energy_nodes: int = ENERGY_NODES,
) -> pm.Model:
    """Build the joint model of solar 8B experiments with some NSI couplings free.

    Parameters
    ----------
    experiments
        What `bayes_cevns.experiment` returns, one or more, with 8B neutrinos as their source.
    parameters
        Names of the free couplings, such as ``["eps_ee_u", "eps_emu_d"]`` (`COUPLINGS`); the
        others are zero.
    bounds
        Bounds of their flat priors by name; `BOUNDS` where none are named.
    detection
        ``"density-matrix"`` (default) or ``"propagation-basis"``, that of arXiv:2409.02003.
    propagation
        Whether the couplings act in the Sun as well; otherwise in the detector alone.
    mixing, solar
        Oscillation parameters and name of the solar model.
    nuisance_priors, form_factor, allow_overlap
        As in `bayes_cevns.build_model`.
    merged
        Whether bins without events are merged: the same likelihood in less time.
    energy_nodes
        Energies at which C(E) is evaluated.

    Returns
    -------
    pm.Model
        With one free variable for each coupling named, differentiable in all of them.

    Raises
    ------
    UnknownNameError
        If a coupling, description of detection, solar model or nuisance is unknown.
    ArgumentError
        If no coupling or experiment is named, one is named twice, bounds are not increasing,
        or the source of an experiment is not solar 8B.

    Notes
    -----
    Posteriors of NSI have several modes (a coupling that turns the sign of the amplitude is as
    good as none), between which NUTS does not cross reliably: start chains in each. Propagation
    is adiabatic with two flavours; for where that fails, beyond |eps| = 0.5, see
    `bayes_cevns.physics.oscillation.crossing_probability` and `three_flavour`.
    """
    names = _checked_names(parameters)
    limits = _checked_bounds(names, bounds or {})
    experiments = check_experiments(experiments, allow_overlap=allow_overlap)
    for e in experiments:
        source = e.only_signal("a model of NSI").source
        if not source.name.startswith("solar_8b"):
            raise ArgumentError(
                f"NSI in the Sun need a source of solar 8B, {e.name!r} has {source.name!r}"
            )
    if detection not in DETECTIONS:
        raise UnknownNameError("description of detection", detection, DETECTIONS)
    zone = solar_model(solar).quadrature(COMPONENT, RADII)
    tables = nsi_tables(
        experiments, form_factor=form_factor, merged=merged, energy_nodes=energy_nodes
    )
    nodes = tables[0].nodes
    expressions = NsiExpressions(names, mixing, detection)

    def scales() -> list[TensorVariable]:
        free = [pm.Uniform(name, lower, upper) for name, (lower, upper) in limits.items()]
        couplings = pt.stack(free)
        if propagation:
            mean_cos = expressions.mean_cos_2theta(couplings, nodes, zone)
        else:
            mean_cos = expressions.standard_mean_cos(nodes, zone)
        traces = expressions.traces(couplings)
        return [component_scales(traces, mean_cos, table.mixing) for table in tables]

    data = {table_name(t.experiment): t.coefficients() for t in tables}
    alternatives = check_nuisance_priors(experiments, nuisance_priors)
    return joint_model(tables, data, scales, nuisance_priors=alternatives)


def _checked_names(parameters: Sequence[str]) -> tuple[str, ...]:
    if isinstance(parameters, str):
        parameters = (parameters,)
    for name in parameters:
        if name not in COUPLINGS:
            raise UnknownNameError("NSI coupling", name, COUPLINGS)
    if not parameters or len(set(parameters)) < len(parameters):
        raise ArgumentError(
            f"expected one NSI coupling or more, each once, got {', '.join(parameters) or 'none'}"
        )
    return tuple(parameters)


def _checked_bounds(
    names: Sequence[str], bounds: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    for name, ends in bounds.items():
        if name not in names:
            raise UnknownNameError("free NSI coupling", name, names)
        found = numbers(ends, what=f"the two bounds of {name}")
        if found.shape != (2,):
            raise ArgumentError(f"expected two bounds of {name}, got {ends!r}")
        lower, upper = found
        if not (np.isfinite(lower) and np.isfinite(upper) and lower < upper):
            raise ArgumentError(f"bounds of {name} must increase, got {lower:g} and {upper:g}")
    return {name: bounds.get(name, BOUNDS) for name in names}
