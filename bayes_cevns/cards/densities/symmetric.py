"""Densities of a nuisance that are symmetric: uniform and normal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self, override

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.cards.densities.base import Density, Formula
from bayes_cevns.errors import ArgumentError

#: A standard deviation: one number, or one for each run.
type Width = float | Mapping[str, float]


@dataclass(frozen=True)
class Uniform(Density):
    """A constant density between two ends, 1 / (high - low).

    It stands for no measurement: the nuisance is free in a profile likelihood.
    """

    low: float
    high: float
    key: ClassVar[str] = "uniform"
    form: ClassVar[str] = "uniform = [low, high]"
    measured: ClassVar[bool] = False

    @property
    def support(self) -> tuple[float, float]:
        """The two ends."""
        return self.low, self.high

    @property
    def centre(self) -> float:
        """The middle."""
        return 0.5 * (self.low + self.high)

    @property
    def width(self) -> float:
        """A twentieth of the range."""
        return 0.05 * (self.high - self.low)

    @staticmethod
    @override
    def kernel_of(functions: Any) -> Formula:
        del functions
        return lambda value, low, high: 0.0 * value  # noqa: ARG005  # all are called with value and numbers

    @staticmethod
    @override
    def slope_of(functions: Any) -> Formula:
        del functions
        return lambda value, low, high: 0.0 * value  # noqa: ARG005  # all are called with value and numbers

    @property
    @override
    def numbers(self) -> tuple[float, float]:
        return self.low, self.high

    @property
    def log_norm(self) -> float:
        """Logarithm of the range."""
        return math.log(self.high - self.low)

    @override
    def cdf(self, value: ArrayLike) -> Array:
        return np.asarray((np.asarray(value) - self.low) / (self.high - self.low))

    @override
    def quantile(self, share: ArrayLike) -> Array:
        return np.asarray(self.low + (self.high - self.low) * np.asarray(share))

    @override
    def remeasured(self, truth: float, random: np.random.Generator) -> Self:
        return self

    @property
    def text(self) -> str:
        """Such as ``uniform:0.0:2.0``."""
        return f"uniform:{float(self.low)!r}:{float(self.high)!r}"

    @override
    def on_card(self) -> list[float]:
        return [self.low, self.high]

    @override
    def check(self) -> None:
        if self.low >= self.high:
            raise ValueError(f"uniform bounds must increase, got {[self.low, self.high]}")


@dataclass(frozen=True)
class Normal(Density):
    """A normal density, exp(-(v - mean)^2 / 2 sd^2) / (sqrt(2 pi) sd).

    In toys, the measured mean is drawn from a normal density around the truth.
    """

    mean: float
    sd: Width = field(hash=False)
    key: ClassVar[str] = "normal"
    form: ClassVar[str] = "normal = [mean, sd]"

    @property
    def centre(self) -> float:
        """The mean."""
        return self.mean

    @property
    def width(self) -> float:
        """The standard deviation."""
        if isinstance(self.sd, Mapping):
            raise ArgumentError(f"expected one run of {', '.join(self.sd)}, got all of them")
        return self.sd

    @staticmethod
    @override
    def kernel_of(functions: Any) -> Formula:
        del functions
        return lambda value, mean, sd: -0.5 * ((value - mean) / sd) ** 2

    @staticmethod
    @override
    def slope_of(functions: Any) -> Formula:
        del functions
        return lambda value, mean, sd: (mean - value) / sd**2

    @property
    @override
    def numbers(self) -> tuple[float, float]:
        return self.mean, self.width

    @property
    def log_norm(self) -> float:
        """Logarithm of sqrt(2 pi) sd."""
        return math.log(math.sqrt(2.0 * math.pi) * self.width)

    @override
    def cdf(self, value: ArrayLike) -> Array:
        from scipy.special import ndtr

        return np.asarray(ndtr((np.asarray(value) - self.mean) / self.width))

    @override
    def quantile(self, share: ArrayLike) -> Array:
        from scipy.special import ndtri

        return np.asarray(self.mean + self.width * ndtri(np.asarray(share, dtype=float)))

    @override
    def remeasured(self, truth: float, random: np.random.Generator) -> Self:
        return replace(self, mean=random.normal(truth, self.width))

    def of_run(self, run: str) -> Self:
        """Return the density of one run."""
        return replace(self, sd=self.sd[run]) if isinstance(self.sd, Mapping) else self

    @property
    def text(self) -> str:
        """Such as ``1.0+-0.05``."""
        return f"{float(self.mean)!r}+-{float(self.width)!r}"

    @override
    def on_card(self) -> list[object]:
        return [self.mean, dict(self.sd) if isinstance(self.sd, Mapping) else self.sd]

    @override
    def check(self) -> None:
        for sd in self.sd.values() if isinstance(self.sd, Mapping) else [self.sd]:
            if not (math.isfinite(sd) and sd > 0):
                raise ValueError(f"a standard deviation must be > 0, got {sd:g}")
