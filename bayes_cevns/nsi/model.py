"""A ``pm.Model`` with non-standard interactions in propagation and detection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.tensor.variable import TensorVariable

from bayes_cevns.arguments import flag
from bayes_cevns.couplings.slab import Slab, place
from bayes_cevns.experiments import Experiment
from bayes_cevns.model import joint_model, table_name
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.nsi.specification import NsiSpec
from bayes_cevns.nsi.symbolic import NsiExpressions, component_scales
from bayes_cevns.nsi.table import ENERGY_NODES, NsiTable
from bayes_cevns.physics.oscillation import (
    COUPLINGS,
    DEFAULT_MODEL,
    NUFIT_5_3,
    OscillationParameters,
)

type Array = NDArray[np.float64]

#: Names in `slab_model`: coordinates, couplings, and the data of a branch.
COORDINATES = "nsi_coordinates"
VALUES = "nsi_values"
NUMBERS = "nsi_numbers"
ENDS = "nsi_ends"
CHOSEN = "nsi_chosen"


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
    form_factor: str = DEFAULT_FORM_FACTOR,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
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
    nuisance_priors, form_factor, allow_overlap, allow_conflict
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
    merged = flag(merged, what="merged")
    spec = NsiSpec.of(
        experiments,
        parameters=parameters,
        bounds=bounds,
        detection=detection,
        propagation=propagation,
        mixing=mixing,
        solar=solar,
        nuisance_priors=nuisance_priors,
        form_factor=form_factor,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
        energy_nodes=energy_nodes,
    )

    def free() -> TensorVariable:
        return pt.stack([pm.Uniform(name, *ends) for name, ends in spec.bounds.items()])

    return _joint(spec, spec.tables(merged=merged), spec.parameters, free)


def slab_model(spec: NsiSpec, tables: Sequence[NsiTable], slab: Slab) -> pm.Model:
    """Build the model of some couplings in a branch, all of which is ``pm.Data``.

    Which couplings are free and where they may be are data (`slab_data`), so that one compiled
    model serves all branches of any couplings, if there are as many. In place of the couplings
    it has coordinates in the unit cube, and the couplings as the deterministic `VALUES`, in the
    order of `Slab.order`.
    """
    data = slab_data(spec.parameters, slab)
    count = len(spec.parameters)

    def couplings() -> TensorVariable:
        numbers, ends, chosen = (pm.Data(name, data[name]) for name in (NUMBERS, ENDS, CHOSEN))
        values, log_width = place(
            pm.Uniform(COORDINATES, 0.0, 1.0, shape=count), numbers, ends, count
        )
        values = pm.Deterministic(VALUES, values)
        pm.Potential("nsi_log_width", log_width)
        rows = [values[i] * chosen[i] for i in range(count)]
        return pt.specify_shape(sum(rows[1:], start=rows[0]), len(COUPLINGS))

    return _joint(spec, tables, COUPLINGS, couplings)


def slab_data(parameters: Sequence[str], slab: Slab) -> dict[str, Array]:
    """Return the data of `slab_model` for some couplings in a branch."""
    places = [COUPLINGS.index(parameters[i]) for i in slab.order]
    return {NUMBERS: slab.numbers, ENDS: slab.ends, CHOSEN: np.eye(len(COUPLINGS))[places]}


def _joint(
    spec: NsiSpec,
    tables: Sequence[NsiTable],
    names: tuple[str, ...],
    couplings: Callable[[], TensorVariable],
) -> pm.Model:
    """Put the joint model together for couplings that a function creates inside of it."""
    nodes = tables[0].nodes
    zone = spec.zone
    expressions = NsiExpressions(names, spec.mixing, spec.detection)

    def scales() -> list[TensorVariable]:
        values = couplings()
        if spec.propagation:
            mean_cos = expressions.mean_cos_2theta(values, nodes, zone)
        else:
            mean_cos = expressions.standard_mean_cos(nodes, zone)
        traces = expressions.traces(values)
        return [component_scales(traces, mean_cos, table.mixing) for table in tables]

    data = {table_name(t.experiment): t.coefficients() for t in tables}
    return joint_model(tables, data, scales, nuisance_priors=dict(spec.base.nuisance_priors))
