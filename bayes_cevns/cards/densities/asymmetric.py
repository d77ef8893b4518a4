"""Densities of a nuisance with unlike errors below and above."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, override

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.cards.densities.base import Density, Formula, check_positive


@dataclass(frozen=True)
class SplitNormal(Density):
    """Two halves of normal densities that meet at the mode: mean + plus - minus.

        p(v) = sqrt(2 / pi) / (minus + plus) exp(-(v - mean)^2 / 2 s^2),

    s = minus below the mode and plus above it, so that minus / (minus + plus) of the probability is
    below (G. T. Fechner's two-piece normal density; Wallis, Stat. Sci. 29 (2014) 106). Its mode is
    what was measured; its mean lies sqrt(2 / pi) (plus - minus) above.

    In toys the measured mode is the truth less a draw of v - mean: as often as the nuisance lies
    far above what was measured, what is measured lies far below.
    """

    mean: float
    minus: float
    plus: float
    key: ClassVar[str] = "asymmetric"
    form: ClassVar[str] = "asymmetric = [mean, minus, plus]"

    @property
    def centre(self) -> float:
        """The mode."""
        return self.mean

    @property
    def width(self) -> float:
        """The mean of both standard deviations."""
        return 0.5 * (self.minus + self.plus)

    @staticmethod
    @override
    def kernel_of(functions: Any) -> Formula:
        where = functions.where

        def kernel(value: Any, mean: float, minus: float, plus: float) -> Any:
            return -0.5 * ((value - mean) / where(value < mean, minus, plus)) ** 2

        return kernel

    @staticmethod
    @override
    def slope_of(functions: Any) -> Formula:
        where = functions.where

        def slope(value: Any, mean: float, minus: float, plus: float) -> Any:
            return (mean - value) / where(value < mean, minus, plus) ** 2

        return slope

    @property
    @override
    def numbers(self) -> tuple[float, float, float]:
        return self.mean, self.minus, self.plus

    @property
    def log_norm(self) -> float:
        """Logarithm of sqrt(pi / 2) (minus + plus)."""
        return math.log(0.5 * math.sqrt(2.0 * math.pi) * (self.minus + self.plus))

    @override
    def cdf(self, value: ArrayLike) -> Array:
        from scipy.special import ndtr

        distance = np.asarray(value) - self.mean
        below = 2.0 * self.minus * ndtr(distance / self.minus)
        above = self.minus - self.plus + 2.0 * self.plus * ndtr(distance / self.plus)
        return np.asarray(np.where(distance < 0, below, above) / (self.minus + self.plus))

    @override
    def quantile(self, share: ArrayLike) -> Array:
        from scipy.special import ndtri

        share = np.asarray(share, dtype=float)
        total = self.minus + self.plus
        lower = ndtri(np.minimum(0.5 * share * total / self.minus, 0.5))
        upper = -ndtri(np.minimum(0.5 * (1.0 - share) * total / self.plus, 0.5))
        below = share * total < self.minus
        return np.asarray(self.mean + np.where(below, self.minus * lower, self.plus * upper))

    @override
    def remeasured(self, truth: float, random: np.random.Generator) -> Self:
        distance = float(self.quantile(random.uniform())) - self.mean
        return replace(self, mean=truth - distance)

    @property
    def text(self) -> str:
        """Such as ``1.0+0.1-0.05``."""
        return f"{float(self.mean)!r}+{float(self.plus)!r}-{float(self.minus)!r}"

    @override
    def on_card(self) -> list[float]:
        return [self.mean, self.minus, self.plus]

    @override
    def check(self) -> None:
        check_positive(self.minus, "minus, the distance to the lower end,", self.form)
        check_positive(self.plus, "plus, the distance to the upper end,", self.form)


@dataclass(frozen=True)
class LogNormal(Density):
    """A normal density of the logarithm around that of the median.

        p(v) = exp(-ln(v / median)^2 / 2 s^2) / (sqrt(2 pi) s v),  s = sigma_of_log.

    The measurement is that of ln v, and the density is its likelihood with a prior that is flat in
    ln v: the constraint of a profile likelihood is -ln(v / median)^2 / 2 s^2, without the 1 / v,
    which is of this prior. Its maximum is the median. In toys the measured ln(median) is drawn from
    a normal density around that of the truth.
    """

    median: float
    sigma_of_log: float
    key: ClassVar[str] = "lognormal"
    form: ClassVar[str] = "lognormal = [median, sigma_of_log]"

    @property
    def support(self) -> tuple[float, float]:
        """All positive numbers."""
        return 0.0, math.inf

    @property
    def centre(self) -> float:
        """The median."""
        return self.median

    @property
    def width(self) -> float:
        """The median times that of the logarithm."""
        return self.median * self.sigma_of_log

    @staticmethod
    @override
    def kernel_of(functions: Any) -> Formula:
        log = functions.log

        def kernel(value: Any, log_median: float, sigma: float) -> Any:
            return -0.5 * ((log(value) - log_median) / sigma) ** 2 - log(value)

        return kernel

    @staticmethod
    @override
    def slope_of(functions: Any) -> Formula:
        log = functions.log

        def slope(value: Any, log_median: float, sigma: float) -> Any:
            return -((log(value) - log_median) / sigma**2 + 1.0) / value

        return slope

    @property
    @override
    def numbers(self) -> tuple[float, float]:
        return math.log(self.median), self.sigma_of_log

    @property
    def log_norm(self) -> float:
        """Logarithm of sqrt(2 pi) sigma_of_log."""
        return math.log(math.sqrt(2.0 * math.pi) * self.sigma_of_log)

    @override
    def cdf(self, value: ArrayLike) -> Array:
        from scipy.special import ndtr

        with np.errstate(divide="ignore"):
            pull = (np.log(value) - math.log(self.median)) / self.sigma_of_log
        return np.asarray(ndtr(pull))

    @override
    def quantile(self, share: ArrayLike) -> Array:
        from scipy.special import ndtri

        return np.asarray(
            self.median * np.exp(self.sigma_of_log * ndtri(np.asarray(share, dtype=float)))
        )

    @override
    def constraint(self, value: float) -> tuple[float, float]:
        if value <= 0:
            return -math.inf, 0.0
        pull = math.log(value / self.median) / self.sigma_of_log
        return -0.5 * pull**2, self._slope(value)

    @override
    def _slope(self, value: float) -> float:
        return -math.log(value / self.median) / (value * self.sigma_of_log**2)

    @override
    def remeasured(self, truth: float, random: np.random.Generator) -> Self:
        return replace(self, median=truth * math.exp(random.normal(0.0, self.sigma_of_log)))

    @property
    def text(self) -> str:
        """Such as ``lognormal:1.0:0.1``."""
        return f"lognormal:{float(self.median)!r}:{float(self.sigma_of_log)!r}"

    @override
    def on_card(self) -> list[float]:
        return [self.median, self.sigma_of_log]

    @override
    def check(self) -> None:
        check_positive(self.median, "the median", self.form)
        check_positive(self.sigma_of_log, "sigma_of_log", self.form)
