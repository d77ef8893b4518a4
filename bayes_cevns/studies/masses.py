"""The mediator masses of a scan, and energies, equally spaced in their logarithm."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.bounds import within
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.checks import decimal, positive, real
from bayes_cevns.physics.interactions import Interaction, check_masses
from bayes_cevns.physics.interactions.axis import MEDIATOR_MASS


def log_masses(low_mev: float, high_mev: float, number: int) -> Array:
    """Return masses that are equally spaced in their logarithm.

    Raises
    ------
    ArgumentError
        If the range is empty or reversed, or the number is not positive.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> [float(mass) for mass in bc.log_masses(1.0, 100.0, 3)]
    [1.0, 10.0, 100.0]
    """
    low_mev = real(low_mev, what="the lowest mass, in MeV,")
    high_mev = real(high_mev, what="the highest mass, in MeV,")
    check_masses([low_mev, high_mev])
    return _log_spaced(low_mev, high_mev, within("masses", number), "a mass range", "MeV")


def log_energies(low_kev: float, high_kev: float, number: int) -> Array:
    """Return energies that are equally spaced in their logarithm.

    Raises
    ------
    ArgumentError
        If an end is not positive and finite, the range is empty or reversed, or the number is not
        positive.
    """
    positive(np.array([low_kev, high_kev]), what="energy", unit="keV")
    return _log_spaced(low_kev, high_kev, within("energies", number), "an energy range", "keV")


def _log_spaced(low: float, high: float, number: int, what: str, unit: str) -> Array:
    if number < 1 or low > high or (number == 1) != (low == high):
        raise ArgumentError(
            f"{what} needs low < high and a number of two or more, "
            f"got {low:g} to {high:g} {unit} and {number}"
        )
    # Ten significant digits: the same numbers print and compare alike everywhere.
    return np.array([float(f"{value:.10g}") for value in np.geomspace(low, high, number)])


def check_scan_masses(masses_mev: ArrayLike) -> list[float]:
    """Return the masses of a scan after checking them.

    Raises
    ------
    ArgumentError
        If there is none, one is not positive, or they do not increase.
    """
    check_masses(masses_mev)
    masses = np.atleast_1d(decimal(masses_mev))
    if masses.ndim != 1 or masses.size == 0:
        raise ArgumentError("a scan needs one mediator mass or more, in MeV; got none")
    within("masses", masses.size)
    if np.any(np.diff(masses) <= 0):
        raise ArgumentError(
            "the masses of a scan must increase; got "
            + ", ".join(f"{m:g}" for m in masses[:6])
            + (", ..." if masses.size > 6 else "")
        )
    return [float(mass) for mass in masses]


def masses_of(interaction: Interaction | None, masses_mev: ArrayLike | None) -> list[float | None]:
    """Return the masses at which an interaction is looked at: ``[None]`` without a mediator.

    Raises
    ------
    ArgumentError
        If it needs masses and there is none, or has none and is given some; or as
        `check_scan_masses`.
    """
    if interaction is None or interaction.has_mass:
        if masses_mev is None:
            name = "an interaction" if interaction is None else repr(interaction.name)
            axis = MEDIATOR_MASS if interaction is None else interaction.axis
            raise ArgumentError(
                f"{name} needs a {axis.name}, or several, in MeV: masses_mev=[1.0, 10.0] "
                "(--masses 1,10 or 0.1:1000:61)"
            )
        return list(check_scan_masses(masses_mev))
    interaction.check_masses(masses_mev)
    return [None]
