"""Rms radii of nuclei in fm, from their form factors."""

from __future__ import annotations

import numpy as np

from bayes_cevns.physics.constants import HBARC_MEV_FM
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.nuclei import Isotope, Target

#: Momentum transfer of the slope at zero; the next term of the series is below 1e-5 of it.
_SMALL_PER_FM = 1e-3


def rms_radii_fm(form: FormFactor, isotope: Isotope) -> tuple[float, float]:
    """Return the rms radii of protons and neutrons in fm.

    F(q) = 1 - q^2 R^2 / 6 + ... at small q. Of the shell model (`Hoferichter2020`) that of protons
    is the charge radius, and that of neutrons has the sizes of the nucleons and their spin-orbit
    currents in it as well: 0.07 fm more than the rms radius of point neutrons in Cs and I.
    """
    protons, neutrons = form.both(_SMALL_PER_FM * HBARC_MEV_FM, isotope)
    proton, neutron = (
        float(np.sqrt(6.0 * (1.0 - float(value)))) / _SMALL_PER_FM for value in (protons, neutrons)
    )
    return proton, neutron


def neutron_radii_fm(form: FormFactor, target: Target) -> dict[str, float]:
    """Return the rms radius of F_n of each element of a target, over its natural isotopes."""
    return _by_element(target, {one: rms_radii_fm(form, one)[1] for one in target.isotopes})


def point_radii_fm(form: FormFactor, target: Target) -> dict[str, tuple[float, float]]:
    """Return the rms radii of point protons and neutrons of each element of a target.

    Elements whose form factor does not tell point nucleons from their sizes are left out.
    """
    points = {one: form.point_radii_fm(one) for one in target.isotopes}
    unknown = {one.symbol for one, radii in points.items() if radii is None}
    known = {one: r for one, r in points.items() if r and one.symbol not in unknown}
    protons = _by_element(target, {one: r[0] for one, r in known.items()})
    neutrons = _by_element(target, {one: r[1] for one, r in known.items()})
    return {symbol: (protons[symbol], neutrons[symbol]) for symbol in protons}


def charge_radii_fm(target: Target) -> dict[str, float]:
    """Return the rms charge radius of each element of a target, over its measured isotopes."""
    measured = {one: r for one in target.isotopes if (r := one.charge_radius_fm) is not None}
    return _by_element(target, measured)


def _by_element(target: Target, radii_fm: dict[Isotope, float]) -> dict[str, float]:
    """Return the root of the mean square over the natural isotopes of each element."""
    squares: dict[str, float] = {}
    shares: dict[str, float] = {}
    for isotope in target.isotopes:
        if isotope in radii_fm:
            symbol, share = isotope.symbol, isotope.abundance
            shares[symbol] = shares.get(symbol, 0.0) + share
            squares[symbol] = squares.get(symbol, 0.0) + share * radii_fm[isotope] ** 2
    return {symbol: float(np.sqrt(square / shares[symbol])) for symbol, square in squares.items()}
