"""The density of a background that is known from events counted elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, override

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.cards.densities.base import Density, Formula, check_positive
from bayes_cevns.errors import ArgumentError


@dataclass(frozen=True)
class Counted(Density):
    """A background that is known from events counted elsewhere, in a sideband or without beam.

    Its scale v has the likelihood Poisson(n_off | tau v b0): b0 counts are expected at v = 1 in the
    region of interest, and tau times as many in the other. The prior on v before it is flat, so
    that

        p(v) = rate (rate v)^n_off exp(-rate v) / n_off!,  rate = tau b0,

    a Gamma density of shape n_off + 1. It is the likelihood itself, as the constraint of a profile
    likelihood is: both have their maximum at n_off / rate. Its mean is (n_off + 1) / rate; priors
    1 / sqrt(v) and 1 / v would have n_off + 1/2 and n_off (Cousins, Linnemann and Tucker, Nucl.
    Instrum. Meth. A 595 (2008) 480, physics/0702156, for this problem and these priors). In toys
    n_off is drawn again, from a Poisson distribution with the mean rate x truth.

    Attributes
    ----------
    n_off, tau
        Events counted, and the expected ones there over those in the region of interest.
    expected
        b0; on a card that of its table by default (`bayes_cevns.cards.sidebands`).
    """

    n_off: float
    tau: float
    expected: float | None = None
    key: ClassVar[str] = "counted"
    form: ClassVar[str] = "counted = { n_off = 12, tau = 3.0 }"

    @property
    def rate(self) -> float:
        """Events expected elsewhere at v = 1."""
        if self.expected is None:
            raise ArgumentError(
                "a counted prior needs the counts that are expected at 1 in the region of "
                "interest: give them as the third number, expected"
            )
        return self.tau * self.expected

    @property
    def support(self) -> tuple[float, float]:
        """All numbers that are not negative."""
        return 0.0, math.inf

    @property
    def centre(self) -> float:
        """The scale at which as many are expected as were counted."""
        return self.n_off / self.rate

    @property
    def width(self) -> float:
        """That of a Gamma density of this shape."""
        return math.sqrt(self.n_off + 1.0) / self.rate

    @staticmethod
    @override
    def kernel_of(functions: Any) -> Formula:
        log = functions.log

        def kernel(value: Any, n_off: float, rate: float) -> Any:
            if n_off == 0.0:
                return -rate * value
            return n_off * log(rate * value) - rate * value

        return kernel

    @staticmethod
    @override
    def slope_of(functions: Any) -> Formula:
        del functions

        def slope(value: Any, n_off: float, rate: float) -> Any:
            if n_off == 0.0:
                return 0.0 * value - rate
            return n_off / value - rate

        return slope

    @property
    @override
    def numbers(self) -> tuple[float, float]:
        return self.n_off, self.rate

    @property
    def log_norm(self) -> float:
        """Logarithm of n_off! / rate."""
        return math.lgamma(self.n_off + 1.0) - math.log(self.rate)

    @override
    def cdf(self, value: ArrayLike) -> Array:
        from scipy.special import gammainc

        return np.asarray(gammainc(self.n_off + 1.0, self.rate * np.maximum(value, 0.0)))

    @override
    def quantile(self, share: ArrayLike) -> Array:
        from scipy.special import gammaincinv

        return np.asarray(gammaincinv(self.n_off + 1.0, np.asarray(share, dtype=float)) / self.rate)

    @override
    def constraint(self, value: float) -> tuple[float, float]:
        if self.n_off and value <= 0:
            return -math.inf, 0.0
        return float(self.log_kernel(value, np)), self._slope(value)

    @override
    def remeasured(self, truth: float, random: np.random.Generator) -> Self:
        return replace(self, n_off=float(random.poisson(self.rate * truth)))

    @property
    def text(self) -> str:
        """Such as ``counted:12:3.0:4.0``."""
        expected = "" if self.expected is None else f":{float(self.expected)!r}"
        return f"counted:{float(self.n_off):.0f}:{float(self.tau)!r}{expected}"

    @override
    def on_card(self) -> dict[str, float]:
        found = {"n_off": self.n_off, "tau": self.tau}
        return found if self.expected is None else {**found, "expected": self.expected}

    @override
    def check(self) -> None:
        if not (math.isfinite(self.n_off) and self.n_off >= 0 and self.n_off == int(self.n_off)):
            raise ValueError(
                f"n_off must be a whole number of events, 0 or more, in {self.form}, got "
                f"{self.n_off:g}"
            )
        check_positive(self.tau, "tau", self.form)
        if self.expected is not None:
            check_positive(self.expected, "expected", self.form)
