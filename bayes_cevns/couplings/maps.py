"""Named priors of a coupling, as maps from a coordinate in which the prior is uniform.

The amplitude is x = centre + scale offset(t). An offset is written once, for NumPy, PyTensor and
Numba.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array


class PriorMap(ABC):
    """A map from a coordinate t to an offset, odd and increasing."""

    @staticmethod
    @abstractmethod
    def offset_of(functions: Any) -> Callable[[Any], Any]:
        """Return the offset as a function of t.

        `functions` has ``sign``, ``exp`` and so on: NumPy, ``pytensor.tensor``, or
        `bayes_cevns.density.scalars` for Numba.
        """

    @staticmethod
    @abstractmethod
    def rise_of(functions: Any) -> Callable[[Any], Any]:
        """Return the derivative of the offset as a function of t, likewise."""

    def offset(self, t: Any) -> Any:
        """Return the offset with NumPy."""
        return self.offset_of(np)(t)

    @abstractmethod
    def coordinate(self, offset: ArrayLike) -> Array:
        """Return t: the inverse of `offset`."""

    @abstractmethod
    def slope(self, offset: ArrayLike) -> Array:
        """Return |dt / d offset|: the prior density of the offset, up to a constant."""

    @abstractmethod
    def log_slope_rise(self, offset: ArrayLike) -> Array:
        """Return the derivative of the logarithm of `slope`."""


class Flat(PriorMap):
    """Uniform in the amplitude: the offset is t."""

    @staticmethod
    def offset_of(functions: Any) -> Callable[[Any], Any]:
        """Return t."""
        del functions
        return lambda t: t

    @staticmethod
    def rise_of(functions: Any) -> Callable[[Any], Any]:
        """Return one."""
        del functions
        return lambda t: 0.0 * t + 1.0

    def coordinate(self, offset: ArrayLike) -> Array:
        """Return the offset."""
        return np.asarray(offset, dtype=float)

    def slope(self, offset: ArrayLike) -> Array:
        """Return one."""
        return np.ones_like(np.asarray(offset, dtype=float))

    def log_slope_rise(self, offset: ArrayLike) -> Array:
        """Return zero."""
        return np.zeros_like(np.asarray(offset, dtype=float))


class FlatRate(PriorMap):
    """Uniform in the square of the amplitude, as counts are: sign(t) sqrt(|t|)."""

    @staticmethod
    def offset_of(functions: Any) -> Callable[[Any], Any]:
        """Return sign(t) sqrt(|t|)."""
        sign, sqrt, size = functions.sign, functions.sqrt, functions.abs
        return lambda t: sign(t) * sqrt(size(t))

    @staticmethod
    def rise_of(functions: Any) -> Callable[[Any], Any]:
        """Return 1 / (2 sqrt(|t|))."""
        sqrt, size = functions.sqrt, functions.abs
        return lambda t: 0.5 / sqrt(size(t))

    def coordinate(self, offset: ArrayLike) -> Array:
        """Return sign(o) o^2."""
        o = np.asarray(offset, dtype=float)
        return np.asarray(np.sign(o) * o**2)

    def slope(self, offset: ArrayLike) -> Array:
        """Return 2 |o|."""
        return np.asarray(2.0 * np.abs(np.asarray(offset, dtype=float)))

    def log_slope_rise(self, offset: ArrayLike) -> Array:
        """Return 1 / o."""
        return np.asarray(1.0 / np.asarray(offset, dtype=float))


class Log(PriorMap):
    """Uniform in the logarithm of the amplitude: sign(t) exp(2 |t|), of modulus one or more."""

    @staticmethod
    def offset_of(functions: Any) -> Callable[[Any], Any]:
        """Return sign(t) exp(2 |t|)."""
        sign, exp, size = functions.sign, functions.exp, functions.abs
        return lambda t: sign(t) * exp(2.0 * size(t))

    @staticmethod
    def rise_of(functions: Any) -> Callable[[Any], Any]:
        """Return 2 exp(2 |t|)."""
        exp, size = functions.exp, functions.abs
        return lambda t: 2.0 * exp(2.0 * size(t))

    def coordinate(self, offset: ArrayLike) -> Array:
        """Return sign(o) log(|o|) / 2; zero, the end of the range, for |o| below one."""
        o = np.asarray(offset, dtype=float)
        return np.asarray(np.sign(o) * 0.5 * np.log(np.maximum(np.abs(o), 1.0)))

    def slope(self, offset: ArrayLike) -> Array:
        """Return 1 / (2 |o|)."""
        return np.asarray(0.5 / np.abs(np.asarray(offset, dtype=float)))

    def log_slope_rise(self, offset: ArrayLike) -> Array:
        """Return -1 / o."""
        return np.asarray(-1.0 / np.asarray(offset, dtype=float))


#: Name of a prior -> its map.
MAPS: Final[dict[str, PriorMap]] = {"flat": Flat(), "flat-rate": FlatRate(), "log": Log()}
