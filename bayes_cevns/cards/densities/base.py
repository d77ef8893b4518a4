"""Kinds of priors of one nuisance: what is known of it, and the measurement that it is known from.

Each kind is one class. Its formulas are element by element and take their functions from NumPy or
PyTensor, so that the sampler, the profile likelihood and the tests have the same ones. A kind
stands for an auxiliary measurement of the nuisance, which is repeated in toys.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array

#: A formula of a value and of some numbers, element by element.
type Formula = Callable[..., Any]

#: The most numbers that a formula takes.
MOST_NUMBERS = 3


@dataclass(frozen=True)
class Density(ABC):
    """The density of a nuisance before it is cut at bounds.

    Attributes
    ----------
    key
        What it is called on a card.
    form
        How it is written on a card.
    """

    key: ClassVar[str]
    form: ClassVar[str]

    #: Whether it stands for a measurement: a profile likelihood has no term for it otherwise.
    measured: ClassVar[bool] = True

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value."""
        return -math.inf, math.inf

    @property
    @abstractmethod
    def centre(self) -> float:
        """The value that the measurement gave."""

    @property
    @abstractmethod
    def width(self) -> float:
        """About one standard deviation."""

    @staticmethod
    @abstractmethod
    def kernel_of(functions: Any) -> Formula:
        """Return the logarithm of the density without its normalisation, as a function.

        Parameters
        ----------
        functions
            What has ``log``, ``where`` and so on: the module ``numpy``, ``pytensor.tensor``, or
            `bayes_cevns.density.scalars` for Numba.

        Returns
        -------
        callable
            Of a value inside the support, and of `numbers`.
        """

    @staticmethod
    @abstractmethod
    def slope_of(functions: Any) -> Formula:
        """Return the derivative of `kernel_of` with respect to the value, likewise."""

    @property
    @abstractmethod
    def numbers(self) -> tuple[float, ...]:
        """The numbers that `kernel_of` takes besides the value, `MOST_NUMBERS` at most."""

    def log_kernel(self, value: Any, functions: Any) -> Any:
        """Return the logarithm of the density without its normalisation.

        Parameters
        ----------
        value
            Values inside the support, an array or a tensor.
        functions
            The module ``numpy`` or ``pytensor.tensor``.
        """
        return self.kernel_of(functions)(value, *self.numbers)

    @property
    @abstractmethod
    def log_norm(self) -> float:
        """Logarithm of the integral of the kernel."""

    @abstractmethod
    def cdf(self, value: ArrayLike) -> Array:
        """Return the probability of smaller values."""

    @abstractmethod
    def quantile(self, share: ArrayLike) -> Array:
        """Return the value below which there is a probability."""

    def constraint(self, value: float) -> tuple[float, float]:
        """Return the log-likelihood of the measurement at a value, and its slope.

        Up to a constant: it is the kernel where the density is that likelihood with a flat prior.
        """
        return float(self.log_kernel(value, np)), self._slope(value)

    def _slope(self, value: float) -> float:
        """Return the derivative of the log-likelihood of the measurement."""
        return float(self.slope_of(np)(value, *self.numbers))

    @abstractmethod
    def remeasured(self, truth: float, random: np.random.Generator) -> Self:
        """Return what the same measurement would give if a value were true: a toy of it."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The density in a word, such as ``"1.0+-0.05"`` (`bayes_cevns.cards.prior_words`)."""

    @abstractmethod
    def on_card(self) -> object:
        """Return what a card has for it behind its `key`."""

    @abstractmethod
    def check(self) -> None:
        """Check the numbers.

        Raises
        ------
        ValueError
            With what was expected.
        """


def check_positive(value: float, what: str, form: str) -> None:
    """Check a number of a density: a `ValueError` says what was expected."""
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{what} must be > 0 in {form}, got {value:g}")
