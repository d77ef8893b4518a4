"""A model as arrays, with the compiled functions that evaluate it."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.density.chart import Chart
from bayes_cevns.density.machine_code import loaded
from bayes_cevns.density.merging import without_empty_bins
from bayes_cevns.density.model_arrays import ModelArrays
from bayes_cevns.density.names import LOG_DENSITY, LOG_DENSITY_WITH_STATES, NO_MEMORY
from bayes_cevns.display import Displayed

#: Size, and addresses of points, gradients, values and user data -> code: what nutpie calls.
FUNCTION = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)

#: No outputs are wanted.
_NOTHING = np.zeros((0, 0))


@dataclass(frozen=True, eq=False, repr=False)
class CompiledModel(Displayed):
    """A model that can be evaluated.

    Attributes
    ----------
    arrays
        The model. They must stay as they are while it is used.
    """

    arrays: ModelArrays

    @property
    def size(self) -> int:
        """Number of parameters."""
        return self.arrays.size

    def with_data(self, data: Mapping[str, Any]) -> Self:
        """Return the model with other values of some data."""
        return type(self)(self.arrays.with_data(data))

    def without_empty_bins(self) -> Self:
        """Return the model with the bins without events merged, where that is exact."""
        return type(self)(without_empty_bins(self.arrays))

    def with_chart(self, chart: Chart | None) -> Self:
        """Return the model in the sampler's coordinates of a chart."""
        return self if chart is None else type(self)(self.arrays.with_chart(chart))

    @cached_property
    def user_data(self) -> Any:
        """What the compiled functions get to find the arrays, for one point a call."""
        return self._user_data(1)

    def _user_data(self, points: int, outputs: Array = _NOTHING) -> Any:
        ints, floats = self.arrays.ints, self.arrays.floats
        numbers = [
            *(ints.ctypes.data, ints.size, floats.ctypes.data, floats.size, points),
            *(outputs.ctypes.data, outputs.shape[1]),
        ]
        return np.array(numbers, dtype=np.int64)

    @property
    def log_density_address(self) -> int:
        """Address of the compiled log-density."""
        return loaded(LOG_DENSITY_WITH_STATES if self.arrays.has_states else LOG_DENSITY).address

    def log_density(self, points: Array) -> tuple[Array, Array]:
        """Return the log-density and its gradient.

        Parameters
        ----------
        points
            In the sampler's coordinates, shape (n, parameters).

        Returns
        -------
        tuple of ndarray
            Shapes (n,) and (n, parameters). Minus infinity, and an undefined gradient, at points at
            which the model cannot be evaluated.
        """
        return self._evaluated(points, _NOTHING)

    def counts(self, points: Array) -> tuple[Array, Array, Array]:
        """Return expected signal, log-likelihood and expected counts of all experiments.

        Parameters
        ----------
        points
            In the sampler's coordinates, shape (n, parameters).

        Returns
        -------
        tuple of ndarray
            Shapes (n,), (n,) and (n, bins): those of one experiment after the other.
        """
        outputs, _, after = self._outputs(points, 2 + self.arrays.bins)
        return outputs[:, after], outputs[:, after + 1], outputs[:, after + 2 :]

    def values(self, points: Array) -> tuple[Array, Array]:
        """Return parameters, shape (n, parameters), and couplings, shape (n, k).

        Couplings are the amplitude x, or differences of several from the Standard Model.
        """
        outputs, size, _ = self._outputs(points, 0)
        return outputs[:, :size], outputs[:, size:]

    def values_and_totals(self, points: Array) -> tuple[Array, Array, Array, Array]:
        """Return `values`, expected signal and log-likelihood, both of shape (n,)."""
        outputs, size, after = self._outputs(points, 2 + self.arrays.bins)
        return outputs[:, :size], outputs[:, size:after], outputs[:, after], outputs[:, after + 1]

    def _outputs(self, points: Array, more: int) -> tuple[Array, int, int]:
        """Return parameters, couplings and so many more outputs, and where the last two begin."""
        after = self.size + self.arrays.couplings
        outputs = np.empty((points.size // self.size, after + more))
        self._evaluated(points, outputs)
        return outputs, self.size, after

    def _evaluated(self, points: Array, outputs: Array) -> tuple[Array, Array]:
        """Evaluate points, and fill in the outputs, if there is space."""
        points = np.ascontiguousarray(points, dtype=float).reshape(-1, self.size)
        values, gradients = np.empty(len(points)), np.empty(points.shape)
        data = self._user_data(len(points), outputs)
        code = FUNCTION(self.log_density_address)(
            self.size,
            points.ctypes.data,
            gradients.ctypes.data,
            values.ctypes.data,
            data.ctypes.data,
        )
        if code == NO_MEMORY:
            raise MemoryError
        return values, gradients
