"""Named priors of a coupling, as maps from a coordinate in which the prior is uniform.

The amplitude is x = centre + scale offset(t). An offset is written once, for NumPy and PyTensor.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array


class PriorMap(ABC):
    """A map from a coordinate t to an offset, odd and increasing."""

    @abstractmethod
    def offset(self, t: Any, xp: ModuleType = np) -> Any:
        """Return the offset, with the functions of NumPy or of ``pytensor.tensor``."""

    @abstractmethod
    def coordinate(self, offset: ArrayLike) -> Array:
        """Return t: the inverse of `offset`."""

    @abstractmethod
    def slope(self, offset: ArrayLike) -> Array:
        """Return |dt / d offset|: the prior density of the offset, up to a constant."""


class Flat(PriorMap):
    """Uniform in the amplitude: the offset is t."""

    def offset(self, t: Any, xp: ModuleType = np) -> Any:
        """Return t."""
        del xp
        return t

    def coordinate(self, offset: ArrayLike) -> Array:
        """Return the offset."""
        return np.asarray(offset, dtype=float)

    def slope(self, offset: ArrayLike) -> Array:
        """Return one."""
        return np.ones_like(np.asarray(offset, dtype=float))


class FlatRate(PriorMap):
    """Uniform in the square of the amplitude, as counts are: sign(t) sqrt(|t|)."""

    def offset(self, t: Any, xp: ModuleType = np) -> Any:
        """Return sign(t) sqrt(|t|)."""
        return xp.sign(t) * xp.sqrt(xp.abs(t))

    def coordinate(self, offset: ArrayLike) -> Array:
        """Return sign(o) o^2."""
        o = np.asarray(offset, dtype=float)
        return np.asarray(np.sign(o) * o**2)

    def slope(self, offset: ArrayLike) -> Array:
        """Return 2 |o|."""
        return np.asarray(2.0 * np.abs(np.asarray(offset, dtype=float)))


class Log(PriorMap):
    """Uniform in the logarithm of the amplitude: sign(t) exp(2 |t|), of modulus one or more."""

    def offset(self, t: Any, xp: ModuleType = np) -> Any:
        """Return sign(t) exp(2 |t|)."""
        return xp.sign(t) * xp.exp(2.0 * xp.abs(t))

    def coordinate(self, offset: ArrayLike) -> Array:
        """Return sign(o) log(|o|) / 2; zero, the end of the range, for |o| below one."""
        o = np.asarray(offset, dtype=float)
        return np.asarray(np.sign(o) * 0.5 * np.log(np.maximum(np.abs(o), 1.0)))

    def slope(self, offset: ArrayLike) -> Array:
        """Return 1 / (2 |o|)."""
        return np.asarray(0.5 / np.abs(np.asarray(offset, dtype=float)))


#: Name of a prior -> its map.
MAPS: Final[dict[str, PriorMap]] = {"flat": Flat(), "flat-rate": FlatRate(), "log": Log()}
