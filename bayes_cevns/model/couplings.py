"""The couplings of a model as random variables, and the states in which neutrinos arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor.variable import TensorVariable

from bayes_cevns.arrays import Array
from bayes_cevns.cards.mixing import DELTA_M21, DELTA_M21_UNIT_EV2, SIN2_THETA12
from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.couplings.box_part import BoxPart
from bayes_cevns.couplings.model import CouplingModel, Way
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.couplings.propagation import PropagationOp, mixing_of
from bayes_cevns.couplings.slab_place import place
from bayes_cevns.couplings.stretched import Stretched
from bayes_cevns.couplings.table import CouplingTable
from bayes_cevns.specification.variables import (
    BOX_ENDS,
    BOX_NUMBERS,
    BOX_PLANES,
    BOX_STANDARD,
    COORDINATE,
    COORDINATES,
    COUPLING,
    COUPLING_MAP,
    MATTER,
    OCTANT,
    PRODUCT,
    VALUES,
)
from bayes_cevns.tables.rate_op import RateOp


def single_coupling(prior: CouplingPrior, data: Mapping[str, Array]) -> TensorVariable:
    """Create one coupling with its prior; return its amplitude x, shape (1,).

    The kind of the prior is part of the model, its numbers are data (`prior_data`).
    """
    numbers = pm.Data(COUPLING_MAP, data[COUPLING_MAP])
    lower, upper, centre, scale, length = (numbers[i] for i in range(5))
    t = pm.Uniform(COORDINATE, lower=lower, upper=upper, default_transform=Stretched(length))
    x = centre + scale * prior.map.offset(t, pt)
    if not prior.signed:
        x = pt.abs(x)
    pm.Deterministic(PRODUCT, x)
    pm.Deterministic(COUPLING, pt.abs(x) ** prior.coupling.power)
    return pt.stack([x])


def prior_data(
    prior: CouplingPrior, interval: tuple[float, float] | None = None, *, length: float = 0.0
) -> dict[str, Array]:
    """Return the data of a coupling prior, on the whole coordinate or on one branch of it.

    `length` says how the sampler walks there (`bayes_cevns.couplings.stretched`), and changes
    nothing else.
    """
    lower, upper = interval or (prior.lower, prior.upper)
    return {COUPLING_MAP: np.array([lower, upper, prior.centre, prior.scale, length])}


def couplings_in_part(count: int, data: Mapping[str, Array]) -> TensorVariable:
    """Create couplings that are uniform in a slab of a box, with the share of a part of it.

    In the order of `Slab.order`. Their coordinates are in the unit cube; the part is data
    (`part_data`). Returned are differences from the Standard Model.
    """
    numbers, ends, planes, standard = (
        pm.Data(name, data[name]) for name in (BOX_NUMBERS, BOX_ENDS, BOX_PLANES, BOX_STANDARD)
    )
    coordinates = pm.Uniform(COORDINATES, 0.0, 1.0, shape=count)
    values, log_width = place(coordinates, numbers, ends, count)
    z = (planes[:, :-1] * values).sum(axis=1) + planes[:, -1]
    pm.Potential("couplings_log_width", log_width)
    pm.Potential("couplings_log_share", -pt.softplus(-(3.0 * z + z**3)).sum())
    pm.Deterministic(VALUES, values)
    return values - standard


def part_data(part: BoxPart, standard: Array) -> dict[str, Array]:
    """Return the data of `couplings_in_part`, for values of the Standard Model in their order."""
    slab = part.slab
    return {
        BOX_NUMBERS: slab.numbers,
        BOX_ENDS: slab.ends,
        BOX_PLANES: part.rows,
        BOX_STANDARD: standard,
    }


def named_couplings(prior: BoxPrior) -> TensorVariable:
    """Create a uniform variable for each coupling; return differences from the Standard Model."""
    values = [pm.Uniform(name, *ends) for name, ends in prior.bounds.items()]
    return pt.stack(values) - prior.standard


def arriving_states(
    model: CouplingModel,
    tables: Sequence[CouplingTable],
    couplings: TensorVariable,
    data: Mapping[str, Array],
    mixing: Mapping[str, TensorVariable],
) -> dict[Way, TensorVariable]:
    """Return the states of solar neutrinos at their energy nodes, each shape (nodes, 9).

    `mixing` has the nuisances of `bayes_cevns.cards.mixing`, where they are free.
    """
    ways = dict.fromkeys(way for table in tables for way, _, _ in table.arriving)
    if not ways:
        return {}
    octant = pm.Data(OCTANT, data[OCTANT]) if OCTANT in data else 0.0
    matter = RateOp()(pm.Data(MATTER, data[MATTER]), couplings, pt.zeros(0))
    found = {}
    for way in ways:
        energies = tables[0].nodes[way.component].energy_mev
        propagation = model.propagation_to(way)
        sine, dm21 = (pt.constant(value) for value in mixing_of(propagation))
        if mixing:
            sine, dm21 = mixing[SIN2_THETA12], DELTA_M21_UNIT_EV2 * mixing[DELTA_M21]
            sine = sine + octant * (1.0 - 2.0 * sine)
        states = PropagationOp(propagation, energies)(matter, pt.stack([sine, dm21]))
        found[way] = states.reshape((energies.size, -1))
    return found
