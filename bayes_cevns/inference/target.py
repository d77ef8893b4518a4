"""What a sampler samples: a model that can be evaluated, where to begin, and names of its draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.density.draws import draws_of
from bayes_cevns.density.parts import Joint
from bayes_cevns.density.starts import drawn, near_middle
from bayes_cevns.density.writer import arrays_of


class Evaluated(Protocol):
    """A model that can be evaluated, from Python and by address."""

    @property
    def size(self) -> int:
        """Number of parameters."""

    @property
    def user_data(self) -> Any:
        """What the compiled function gets."""

    @property
    def log_density_address(self) -> int:
        """Address of the compiled log-density."""

    def with_data(self, data: Mapping[str, Any]) -> Self:
        """Return the model with other values of some data."""

    def log_density(self, points: Array) -> tuple[Array, Array]:
        """Return log-densities and gradients, of shape (n,) and (n, parameters)."""


class Target[Model: Evaluated](Protocol):
    """A model to sample."""

    @property
    def model(self) -> Model:
        """The model."""

    def with_data(self, data: Mapping[str, Any]) -> Model:
        """Return the model of a fit, with other values of some data."""

    def start(self, seed: int) -> Array:
        """Return a point where a chain may begin, shape (parameters,)."""

    def draws(self, model: Model, points: Array) -> xr.Dataset:
        """Return draws by name, for points of shape (chain, draw, parameters)."""


@dataclass(frozen=True, eq=False)
class PartsTarget:
    """A joint model of experiments, evaluated as arrays.

    Attributes
    ----------
    joint
        Its parts.
    spread_out
        Start the chains at draws of the prior instead of near its middle. They are then far apart,
        and R-hat is large if only some of them found a mode.
    monitored
        Whether every draw has its expected signal and its log-likelihood.
    merging
        Whether the bins without events are merged in each fit.
    """

    joint: Joint
    spread_out: bool = False
    monitored: bool = False
    merging: bool = False
    model: CompiledModel = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "model", CompiledModel(arrays_of(self.joint)))

    def with_data(self, data: Mapping[str, Any]) -> CompiledModel:
        """Return the model of a fit."""
        model = self.model.with_data(data)
        return model.without_empty_bins() if self.merging else model

    def start(self, seed: int) -> Array:
        """Return a point where a chain may begin."""
        return (drawn if self.spread_out else near_middle)(self.joint, seed)

    def draws(self, model: CompiledModel, points: Array) -> xr.Dataset:
        """Return draws by name."""
        return draws_of(self.joint, model, points, monitored=self.monitored)
