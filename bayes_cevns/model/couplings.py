"""The couplings of a model as random variables, and the states in which neutrinos arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor.variable import TensorVariable

from bayes_cevns.arrays import Array
from bayes_cevns.cards.mixing import DELTA_M21, DELTA_M21_UNIT_EV2, SIN2_THETA12
from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.couplings.model import Way
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.couplings.propagation import PropagationOp
from bayes_cevns.couplings.propagation_tables import mixing_of
from bayes_cevns.density.parts import SolarWay
from bayes_cevns.model.nuisances import Nuisances
from bayes_cevns.model.slab_place import PlaceOp
from bayes_cevns.model.stretched import Stretched
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

    The kind of the prior is part of the model, its numbers are data
    (`bayes_cevns.density.data.prior_data`).
    """
    numbers = pm.Data(COUPLING_MAP, data[COUPLING_MAP])
    lower, upper, centre, scale, length = (numbers[i] for i in range(5))
    t = pm.Uniform(COORDINATE, lower=lower, upper=upper, default_transform=Stretched(length))
    x = centre + scale * prior.map.offset_of(pt)(t)
    if not prior.signed:
        x = pt.abs(x)
    pm.Deterministic(PRODUCT, x)
    pm.Deterministic(COUPLING, pt.abs(x) ** prior.coupling.power)
    return pt.stack([x])


def couplings_in_part(count: int, data: Mapping[str, Array]) -> TensorVariable:
    """Create couplings that are uniform in a slab of a box, with the share of a part of it.

    In the order of `Slab.order`. Their coordinates are in the unit cube; the part is data
    (`bayes_cevns.density.data.part_data`). Returned are differences from the Standard Model.
    """
    numbers, ends, planes, standard = (
        pm.Data(name, data[name]) for name in (BOX_NUMBERS, BOX_ENDS, BOX_PLANES, BOX_STANDARD)
    )
    coordinates = pm.Uniform(COORDINATES, 0.0, 1.0, shape=count)
    values, log_width = PlaceOp()(coordinates, numbers, ends)
    z = (planes[:, :-1] * values).sum(axis=1) + planes[:, -1]
    pm.Potential("couplings_log_width", log_width)
    pm.Potential("couplings_log_share", -pt.softplus(-(3.0 * z + z**3)).sum())
    pm.Deterministic(VALUES, values)
    return values - standard


def named_couplings(prior: BoxPrior) -> TensorVariable:
    """Create a uniform variable for each coupling; return differences from the Standard Model."""
    values = [pm.Uniform(name, *ends) for name, ends in prior.bounds.items()]
    return pt.stack(values) - prior.standard


def arriving_states(
    ways: Sequence[SolarWay],
    couplings: TensorVariable,
    data: Mapping[str, Array],
    nuisances: Nuisances,
) -> dict[Way, TensorVariable]:
    """Return the states of solar neutrinos at their energy nodes, each shape (nodes, 9)."""
    if not ways:
        return {}
    octant = pm.Data(OCTANT, data[OCTANT]) if OCTANT in data else 0.0
    matter = RateOp()(pm.Data(MATTER, data[MATTER]), couplings, pt.zeros(0))
    found = {}
    for each in ways:
        sine, dm21 = (pt.constant(value) for value in mixing_of(each.propagation))
        if each.mixing:
            sine = nuisances.at(each.mixing[SIN2_THETA12])
            dm21 = DELTA_M21_UNIT_EV2 * nuisances.at(each.mixing[DELTA_M21])
            sine = sine + octant * (1.0 - 2.0 * sine)
        op = PropagationOp(each.propagation, each.energy_mev)
        states = op(matter, pt.stack([sine, dm21]))
        found[each.way] = states.reshape((each.energy_mev.size, -1))
    return found
