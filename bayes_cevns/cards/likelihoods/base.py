"""What a likelihood of observed counts must say; everything that depends on its kind asks it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self, override

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.tables.bins import add_bins

#: A formula of observed and expected counts and of some numbers, element by element.
type Formula = Callable[..., Any]

#: A change of arrays with dims (run, bin), such as the choice of some bins.
type Change = Callable[[xr.DataArray], xr.DataArray]


@dataclass(frozen=True, eq=False, repr=False)
class CountLikelihood(Displayed, ABC):
    """How observed counts are distributed about the expected ones.

    Its fields are arrays with dims (run, bin). Counts have the shape (..., run, bin).

    Attributes
    ----------
    title
        Its name.
    counts_events
        Whether data are whole numbers of events, not measured numbers with errors.
    merges
        Whether bins without events may be added up.
    """

    title: ClassVar[str]
    counts_events: ClassVar[bool] = False
    merges: ClassVar[bool] = False

    def _title(self) -> str:
        return self.title

    @staticmethod
    @abstractmethod
    def kernel_of(functions: Any) -> Formula:
        """Return the logarithm of the probability of a bin without what its mean does not change.

        Parameters
        ----------
        functions
            `NUMPY`, the module ``pytensor.tensor``, or `bayes_cevns.density.scalars` for Numba.

        Returns
        -------
        callable
            Of the observed and the expected counts, and of `numbers`.
        """

    @staticmethod
    @abstractmethod
    def slope_of(functions: Any) -> Formula:
        """Return the derivative of `kernel_of` with respect to the expected counts, likewise."""

    @property
    def numbers(self) -> tuple[Array, ...]:
        """The numbers of each bin that `kernel_of` takes, each of shape (run, bin)."""
        return ()

    @abstractmethod
    def log_rest(self, observed: Any, functions: Any) -> Any:
        """Return what `kernel_of` leaves out of the logarithms of the probabilities."""

    def log_terms(self, observed: Any, mean: Any, functions: Any) -> Any:
        """Return logarithms of probabilities whose sum is that of all data, one for each bin.

        Parameters
        ----------
        observed, mean
            Observed and expected counts: arrays, or tensors of shape (run, bin).
        functions
            `NUMPY`, or the module ``pytensor.tensor``.
        """
        kernel = self.kernel_of(functions)(observed, mean, *self.numbers)
        return kernel + self.log_rest(observed, functions)

    def left_out(self, observed: Array, mean: Array) -> Array:
        """Return the log-probability of each bin given all the others, shape of `mean`."""
        return np.asarray(self.log_terms(observed, mean, NUMPY))

    @abstractmethod
    def drawn(self, mean: Array, random: np.random.Generator) -> Array:
        """Return data drawn about expected counts."""

    @abstractmethod
    def deviance(self, observed: Array, mean: Array, places: NDArray[np.int64]) -> Array:
        """Return -2 log of the likelihood ratio to a model that expects what was observed.

        Parameters
        ----------
        observed, mean
            Counts, shape (..., run, bin).
        places
            Number of the bin to which each is added up before, shape (run x bin,).

        Returns
        -------
        ndarray
            Summed over the n, shape (...).
        """

    @property
    def sigma(self) -> xr.DataArray | None:
        """Standard deviations of measured numbers, mean ones if not alike; ``None`` for events."""
        return None

    @property
    def arrays(self) -> tuple[xr.DataArray, ...]:
        """Its arrays."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def changed(self, change: Change) -> Self:
        """Return the likelihood of some of the runs or bins."""
        return replace(self, **{f.name: change(getattr(self, f.name)) for f in fields(self)})

    @abstractmethod
    def with_exposure(self, factor: float) -> Self:
        """Return the likelihood of data of another exposure, which has all components scaled.

        Raises
        ------
        ArgumentError
            If its errors are not known there.
        """


def folded(values: Array, places: NDArray[np.int64]) -> Array:
    """Return values of shape (..., run, bin) added up to (..., n)."""
    return add_bins(values.reshape(*values.shape[:-2], -1), places)


def within(formula: Formula, functions: Any) -> Formula:
    """Return a formula as another one may call it: compiled, if the functions are Numba's."""
    compiled = getattr(functions, "compiled", None)
    return formula if compiled is None else compiled(formula)


class _NumPy:
    """The functions of likelihoods as NumPy and SciPy have them."""

    log, where = staticmethod(np.log), staticmethod(np.where)
    maximum, minimum = staticmethod(np.maximum), staticmethod(np.minimum)

    @staticmethod
    def gammaln(values: Array) -> Array:
        """Return the logarithm of the Gamma function."""
        from scipy.special import gammaln

        return np.asarray(gammaln(values))

    @staticmethod
    def digamma(values: Array) -> Array:
        """Return the derivative of the logarithm of the Gamma function."""
        from scipy.special import digamma

        return np.asarray(digamma(values))


NUMPY = _NumPy()


@dataclass(frozen=True, eq=False, repr=False)
class MeasuredNumbers(CountLikelihood):
    """Measured numbers with errors, not events."""

    @override
    def with_exposure(self, factor: float) -> Self:
        raise ArgumentError(
            "its table has errors, not counts, and does not say which part of them is statistical; "
            "project an experiment with a Poisson likelihood"
        )
