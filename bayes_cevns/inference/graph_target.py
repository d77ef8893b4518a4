"""Any ``pm.Model`` as what a sampler samples: compiled from its graph, for seconds, by nutpie."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pymc as pm
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.density.compiled import FUNCTION
from bayes_cevns.inference.nuts import compiled_by_nutpie
from bayes_cevns.model.compiling import same_digits

_EXPAND = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_uint64] * 2, *[ctypes.c_void_p] * 3)


@dataclass(frozen=True, eq=False)
class GraphModel:
    """A model that nutpie compiled.

    Attributes
    ----------
    compiled
        What ``nutpie.compile_pymc_model`` returns.
    """

    compiled: Any

    @property
    def size(self) -> int:
        """Number of parameters."""
        return int(self.compiled.n_dim)

    @property
    def user_data(self) -> Any:
        """What the compiled function gets."""
        return self.compiled.user_data

    @property
    def log_density_address(self) -> int:
        """Address of the compiled log-density."""
        return int(self.compiled.compiled_logp_func.address)

    def with_data(self, data: Mapping[str, Any]) -> Self:
        """Return the model with other values of some ``pm.Data``."""
        return type(self)(self.compiled.with_data(**data))

    def log_density(self, points: Array) -> tuple[Array, Array]:
        """Return log-densities and gradients, of shape (n,) and (n, parameters).

        Minus infinity where the model cannot be evaluated.
        """
        function = FUNCTION(self.log_density_address)
        points = np.ascontiguousarray(points, dtype=float).reshape(-1, self.size)
        values, gradients = np.full(len(points), -np.inf), np.full(points.shape, np.nan)
        data, found = self.user_data.ctypes.data, np.zeros(())
        for i, point in enumerate(points):
            slope = gradients[i].ctypes.data
            code = function(self.size, point.ctypes.data, slope, found.ctypes.data, data)
            if code == 0:
                values[i] = found
        return values, gradients

    def expanded(self, points: Array) -> dict[str, tuple[tuple[str, ...], Array]]:
        """Return all variables by name, with their dimensions, for points (chain, draw, d)."""
        compiled = self.compiled
        function = _EXPAND(compiled.compiled_expand_func.address)
        flat = np.ascontiguousarray(points, dtype=float).reshape(-1, self.size)
        out = np.empty((len(flat), compiled.n_expanded))
        data = self.user_data.ctypes.data
        for point, row in zip(flat, out, strict=True):
            function(self.size, row.size, point.ctypes.data, row.ctypes.data, data)
        found = {}
        for name, place, shape in zip(*compiled.shape_info, strict=True):
            values = out[:, place].reshape(*points.shape[:2], *shape)
            named = (compiled.dims or {}).get(name, ())
            dims = named if len(named) == len(shape) else _numbered(name, len(shape))
            found[name] = (("chain", "draw", *dims), values)
        return found


def _numbered(name: str, count: int) -> tuple[str, ...]:
    return tuple(f"{name}_dim_{number}" for number in range(count))


@dataclass(frozen=True, eq=False)
class GraphTarget:
    """A ``pm.Model`` to sample; its ``pm.Data`` may be swapped.

    Attributes
    ----------
    source
        The model.
    spread_out
        Start the chains at draws of the prior instead of near its middle.
    """

    source: pm.Model
    spread_out: bool = False
    model: GraphModel = field(init=False)

    def __post_init__(self) -> None:
        strategy = "prior" if self.spread_out else "support_point"
        with same_digits():
            compiled = compiled_by_nutpie(self.source, strategy)
        object.__setattr__(self, "model", GraphModel(compiled))

    def with_data(self, data: Mapping[str, Any]) -> GraphModel:
        """Return the model of a fit."""
        return self.model.with_data(data)

    def start(self, seed: int) -> Array:
        """Return a point where a chain may begin."""
        return np.asarray(self.model.compiled.initial_point_func(seed))

    def draws(self, model: GraphModel, points: Array) -> xr.Dataset:
        """Return draws by name: random variables and deterministics."""
        wanted = [rv.name for rv in (*self.source.free_RVs, *self.source.deterministics)]
        variables = {
            name: found for name, found in model.expanded(points).items() if name in wanted
        }
        used = {dim for dims, _ in variables.values() for dim in dims}
        coords = {
            name: list(values)
            for name, values in (model.compiled.coords or {}).items()
            if name in used
        }
        numbers = {"chain": np.arange(points.shape[0]), "draw": np.arange(points.shape[1])}
        return xr.Dataset({name: variables[name] for name in wanted}, coords={**coords, **numbers})
