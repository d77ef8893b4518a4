"""Draws of a model by the names of its variables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.density.parts import Amplitude, ByValue, InPart, Joint
from bayes_cevns.specification.variables import (
    BOX_STANDARD,
    COORDINATE,
    COORDINATES,
    COUPLING,
    EXPECTED_SIGNAL,
    LOG_LIKELIHOOD,
    PRODUCT,
    VALUES,
)


def draws_of(
    joint: Joint, model: CompiledModel, points: Array, *, monitored: bool = False
) -> xr.Dataset:
    """Return draws by name.

    Parameters
    ----------
    joint, model
        The model, and the same compiled, with the data of these draws.
    points
        In the sampler's coordinates, shape (chain, draw, parameters).
    monitored
        Whether expected signal and log-likelihood are wanted as well.

    Returns
    -------
    Dataset
        Dims (chain, draw, ...): the coordinate of the coupling, x and what is quoted of it, or
        coordinates and values of several; then the nuisances.
    """
    shape = points.shape[:-1]
    found = model.values_and_totals(points) if monitored else model.values(points)
    values, couplings = (each.reshape(*shape, -1) for each in found[:2])
    variables: dict[str, tuple[tuple[str, ...], Array]] = {}

    def add(name: str, array: Array, *dims: str) -> None:
        variables[name] = (("chain", "draw", *dims), array)

    kind, used = joint.couplings, 0
    if isinstance(kind, Amplitude):
        add(COORDINATE, values[..., 0])
        used = 1
    elif isinstance(kind, InPart):
        add(COORDINATES, values[..., : kind.size], f"{COORDINATES}_dim_0")
        used = kind.size
    elif isinstance(kind, ByValue):
        for number, name in enumerate(kind.box.names):
            add(name, values[..., number])
        used = kind.size
    coords: dict[str, list[str]] = {}
    for variable in joint.variables:
        own = values[..., used : used + variable.size]
        used += variable.size
        if variable.dims is None:
            add(variable.name, own[..., 0])
        else:
            add(variable.name, own, variable.dims)
            coords[variable.dims] = list(variable.runs or ())
    if isinstance(kind, Amplitude):
        add(PRODUCT, couplings[..., 0])
        add(COUPLING, np.abs(couplings[..., 0]) ** kind.prior.coupling.power)
    elif isinstance(kind, InPart):
        add(VALUES, couplings + model.arrays.data(BOX_STANDARD), f"{VALUES}_dim_0")
    for name, total in zip((EXPECTED_SIGNAL, LOG_LIKELIHOOD), found[2:], strict=False):
        add(name, total.reshape(shape))
    numbers: Mapping[str, object] = {"chain": np.arange(shape[0]), "draw": np.arange(shape[1])}
    return xr.Dataset(variables, coords={**coords, **numbers})
