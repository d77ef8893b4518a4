"""The prior of one nuisance: a density of some kind, cut at bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arguments import of_kind
from bayes_cevns.arrays import Array
from bayes_cevns.cards.densities import (
    Counted,
    Density,
    LogNormal,
    Normal,
    SplitNormal,
    Uniform,
    Width,
)
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.physics.checks import finite, real

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


@dataclass(frozen=True)
class Prior:
    """The prior of one nuisance.

    Made by `normal`, `uniform`, `asymmetric`, `lognormal` and `counted`.

    Attributes
    ----------
    density
        Its kind, with the formula (`bayes_cevns.cards.densities`).
    lower, upper
        Where it is cut, if it is; it is normalised between them.

    Examples
    --------
    >>> Prior.normal(1.0, 0.05, lower=0.0).text
    '1.0+-0.05[0.0:]'
    """

    density: Density
    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        # A type checker wants a class that can be made; `isinstance` takes an abstract one as well.
        of_kind(self.density, Density, what="a density, as of bayes_cevns.Prior.normal")  # type: ignore[type-abstract]
        for name in ("lower", "upper"):
            object.__setattr__(self, name, _bound(name, getattr(self, name)))
        try:
            if any(value is np.ma.masked for value in vars(self.density).values()):
                raise TypeError
            self.check()
        except (TypeError, ArithmeticError):
            raise ArgumentError(f"expected numbers in a prior, got {shown(self.density)}") from None
        except ValueError as error:
            raise ArgumentError(str(error)) from None

    @classmethod
    def normal(
        cls, mean: float, sd: Width, *, lower: float | None = None, upper: float | None = None
    ) -> Prior:
        """Return a normal prior; ``sd`` may be a dictionary with one for each run."""
        return cls(Normal(mean, sd), lower, upper)

    @classmethod
    def uniform(cls, low: float, high: float) -> Prior:
        """Return a uniform prior between two ends."""
        return cls(Uniform(low, high))

    @classmethod
    def asymmetric(
        cls,
        mean: float,
        minus: float,
        plus: float,
        *,
        lower: float | None = None,
        upper: float | None = None,
    ) -> Prior:
        """Return a normal prior with two standard deviations, below and above its mode."""
        return cls(SplitNormal(mean, minus, plus), lower, upper)

    @classmethod
    def lognormal(
        cls,
        median: float,
        sigma_of_log: float,
        *,
        lower: float | None = None,
        upper: float | None = None,
    ) -> Prior:
        """Return a prior that is normal in the logarithm."""
        return cls(LogNormal(median, sigma_of_log), lower, upper)

    @classmethod
    def counted(
        cls,
        n_off: float,
        tau: float,
        expected: float,
        *,
        lower: float | None = None,
        upper: float | None = None,
    ) -> Prior:
        """Return the prior of the scale of a background that was counted elsewhere.

        Parameters
        ----------
        n_off, tau
            Events there, and the expected ones there over those in the region of interest.
        expected
            Counts that are expected in the region of interest at a scale of 1.
        lower, upper
            Where it is cut.
        """
        return cls(Counted(n_off, tau, expected), lower, upper)

    def check(self) -> None:
        """Check numbers and bounds.

        Raises
        ------
        ValueError
            With what was expected.
        """
        self.density.check()
        if isinstance(self.density, Uniform) and (self.lower, self.upper) != (None, None):
            raise ValueError("a uniform prior takes no lower or upper")
        low, high = self.support
        if low >= high:
            raise ValueError(f"lower {low:g} must be below upper {high:g}")
        if isinstance(self.density, Counted) and self.density.expected is None:
            return  # its centre is known with its table
        if not low <= self.centre <= high:
            raise ValueError(f"the mean {self.centre:g} must be within {low:g} to {high:g}")

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value that the nuisance may take."""
        low, high = self.density.support
        return (
            low if self.lower is None else max(low, self.lower),
            high if self.upper is None else min(high, self.upper),
        )

    @property
    def measured(self) -> bool:
        """Whether it stands for a measurement, so that a profile likelihood has a term for it."""
        return self.density.measured

    @property
    def widths_by_run(self) -> Mapping[str, float] | None:
        """Standard deviation of each run, if they are given run by run."""
        sd = self.density.sd if isinstance(self.density, Normal) else None
        return sd if isinstance(sd, Mapping) else None

    @property
    def centre(self) -> float:
        """What was measured, such as the mean of a normal; the middle of a uniform density."""
        return self.density.centre

    @property
    def mean_and_sd(self) -> tuple[float, Width] | None:
        """Mean and standard deviation of a normal prior, ``None`` for those of other kinds."""
        one = self.density
        return (one.mean, one.sd) if isinstance(one, Normal) else None

    def of_run(self, run: str | None) -> Prior:
        """Return the prior of one run, or of all of them."""
        if run is None or not isinstance(self.density, Normal):
            return self
        return replace(self, density=self.density.of_run(run))

    def within(self, low: float, high: float) -> Prior:
        """Return the prior cut at bounds as well."""
        own_low, own_high = self.support
        if isinstance(self.density, Uniform):
            return Prior.uniform(max(low, own_low), min(high, own_high))
        lower, upper = max(low, own_low), min(high, own_high)
        return replace(
            self,
            lower=lower if math.isfinite(lower) else None,
            upper=upper if math.isfinite(upper) else None,
        )

    @property
    def log_norm(self) -> float:
        """Logarithm of the integral of the kernel of the density, between the bounds."""
        below, above = self._shares
        return self.density.log_norm + math.log(above - below)

    @property
    def _shares(self) -> tuple[float, float]:
        """Probabilities of the density below either bound."""
        low, high = (float(v) for v in self.density.cdf(np.array(self.support)))
        return low, high

    def log_density(self, values: ArrayLike) -> Array:
        """Return the logarithm of the normalised density, for values within the bounds."""
        return np.asarray(self.density.log_kernel(np.asarray(values), np) - self.log_norm)

    def log_slope(self, values: ArrayLike) -> Array:
        """Return the derivative of `log_density`."""
        slope = self.density.slope_of(np)
        return np.asarray(slope(np.asarray(values, dtype=float), *self.density.numbers))

    def quantile(self, shares: ArrayLike) -> Array:
        """Return the values below which there are some probabilities."""
        low, high = self._shares
        return self.density.quantile(low + (high - low) * np.asarray(shares))

    def drawn(self, random: np.random.Generator, size: Any) -> Array:
        """Return draws."""
        if isinstance(self.density, Uniform):
            return np.asarray(random.uniform(self.density.low, self.density.high, size))
        return self.quantile(random.uniform(size=size))

    @property
    def text(self) -> str:
        """The prior in a word, which `bayes_cevns.cards.prior_words.parsed` reads."""
        if self.lower is None and self.upper is None:
            return self.density.text
        ends = ("" if end is None else repr(float(end)) for end in (self.lower, self.upper))
        return f"{self.density.text}[{':'.join(ends)}]"

    @property
    def on_card(self) -> dict[str, object]:
        """The keys of a card for it."""
        ends = {"lower": self.lower, "upper": self.upper}
        given = {key: end for key, end in ends.items() if end is not None}
        return {self.density.key: self.density.on_card(), **given}

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Let a card be read with the keys of `PriorKeys`."""
        from pydantic_core import core_schema

        from bayes_cevns.cards.prior_keys import PriorKeys

        return core_schema.no_info_wrap_validator_function(
            lambda given, keys: given if isinstance(given, Prior) else keys(given).prior,
            handler.generate_schema(PriorKeys),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda prior: prior.on_card
            ),
        )


def _bound(name: str, value: object) -> float | None:
    """Return a bound of a prior as a finite number, or none.

    Raises
    ------
    ArgumentError
        If it is anything else.
    """
    if value is None:
        return None
    return float(finite(real(value, what=f"{name} of a prior"), what=f"{name} of a prior"))
