"""The two arrays of a model, and how numbers in them are swapped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.cards.likelihoods.base import NUMPY
from bayes_cevns.density import layout
from bayes_cevns.density.chart import Chart
from bayes_cevns.density.forms import write_form
from bayes_cevns.density.parts import Counts
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError

type Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class Slot(Displayed):
    """A block of numbers that may be swapped.

    Attributes
    ----------
    at, shape
        Where it begins in the numbers, and its shape.
    counts
        Of observed counts: the experiment whose likelihood also has a constant for them.
    constant_at
        Where this constant is.
    form_at
        Of a quadratic form: where it is in the integers.
    """

    at: int
    shape: tuple[int, ...]
    counts: Counts | None = None
    constant_at: int = 0
    form_at: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class ModelArrays(Displayed):
    """A model as two arrays.

    Attributes
    ----------
    ints, floats
        See `bayes_cevns.density.layout`.
    slots
        Name of data -> where they are.
    unused
        Names of data that are in the arrays in another form: rate tables.
    """

    ints: Indices
    floats: Array
    slots: Mapping[str, Slot]
    unused: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """Number of parameters."""
        return int(self.ints[layout.SIZE])

    @property
    def couplings(self) -> int:
        """Number of couplings."""
        return int(self.ints[layout.COUPLINGS])

    @property
    def bins(self) -> int:
        """Number of bins of all experiments."""
        return int(self.ints[layout.BINS_OF_ALL])

    @property
    def has_states(self) -> bool:
        """Whether neutrinos of the Sun come in states that couplings change."""
        return bool(self.ints[layout.WAYS] > 0)

    def data(self, name: str) -> Array:
        """Return the value of some data."""
        slot = self.slots[name]
        size = math.prod(slot.shape)
        return self.floats[slot.at : slot.at + size].reshape(slot.shape)

    def with_data(self, data: Mapping[str, Any]) -> ModelArrays:
        """Return the same model with other values of some data.

        Raises
        ------
        ArgumentError
            If the model has no data of a name, or they are of another shape.
        """
        ints, floats = self.ints.copy(), self.floats.copy()
        for name, given in data.items():
            if name in self.unused:
                continue
            if name not in self.slots:
                raise ArgumentError(
                    f"the model has no data {name!r} (has: {', '.join(self.slots)})"
                )
            slot, value = self.slots[name], np.asarray(given, dtype=float)
            if value.size != math.prod(slot.shape):
                raise ArgumentError(
                    f"data {name!r}: expected shape {slot.shape}, got {value.shape}"
                )
            floats[slot.at : slot.at + value.size] = value.ravel()
            if slot.counts is not None:
                floats[slot.constant_at] = constant_of(slot.counts, value)
            if slot.form_at:
                write_form(ints, floats, slot.form_at, value.reshape(slot.shape), self.couplings)
        return replace(self, ints=ints, floats=floats)

    def with_chart(self, chart: Chart) -> ModelArrays:
        """Return the same model in other coordinates of the sampler, with their Jacobian."""
        ints = self.ints.copy()
        ints[layout.CHART_AT], ints[layout.CHART_PIECES] = self.floats.size, chart.pieces
        floats = np.concatenate([self.floats, chart.numbers])
        return replace(self, ints=ints, floats=floats)


def constant_of(counts: Counts, observed: Array) -> float:
    """Return what the log-likelihood has besides what expected counts change."""
    experiment = counts.table.experiment
    rest = experiment.likelihood.log_rest(np.asarray(observed, dtype=float), NUMPY)
    return float(np.sum(rest))
