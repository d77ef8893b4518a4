"""Electromagnetic properties of neutrinos by flavour: charge radii, charges, magnetic moments.

All are matrices in flavour; entries of two different flavours are complex.

``r2_nu_emu``, charge radii in 1e-32 cm^2 beyond those that the weak charges have: hermitian.
``q_nu_emu``, electric charges in units of e: hermitian. A photon couples them to protons and
    electrons, with the propagator 1 / q^2 and alpha(0). Matter is neutral: there is no potential.
``mu_nu_emu``, magnetic moments of Dirac neutrinos in Bohr magnetons: hermitian.
``lambda_nu_emu``, those of Majorana neutrinos: antisymmetric, so that none is of one flavour. Their
    complex entries are magnetic and electric dipole moments together.

The currents of radii and charges are those of the weak interaction, nubar_a gamma P_L nu_b: for
antineutrinos all change their sign together, and the matrices are transposed. What a radius or a
charge adds to the weak charge of a target so is the same number for both, though the charge of an
antineutrino is the opposite. Only left and right change places on electrons, as without them.

References: Giunti and Studenikin, Rev. Mod. Phys. 87 (2015) 531.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from bayes_cevns.arrays import Array, ComplexArray
from bayes_cevns.couplings.coupling import (
    PER_MIXING_ANGLE,
    UNLIKE,
    NamedCoupling,
    flavour_latex,
    in_flavour,
)
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.interactions.standard_model import RADIUS_SHIFT_PER_CM2
from bayes_cevns.physics.oscillation.hermitian import to_matrix

_FLAVOURS: Final = ("e", "mu", "tau")
_NAME: Final = re.compile(
    rf"(?P<kind>r2|q|mu|lambda)_nu(?:_(?P<flavours>{'|'.join((*_FLAVOURS, *UNLIKE))}))?"
    r"(?P<imaginary>_im)?"
)
#: e^2 = 4 pi alpha(0) times the charge of each fermion; either part of the electron has a half.
_PHOTON: Final = -0.5 * PER_MIXING_ANGLE * 4.0 * np.pi * const.FINE_STRUCTURE
_RADIUS: Final = RADIUS_SHIFT_PER_CM2 * 1e-32 * PER_MIXING_ANGLE

_LATEX: Final = {
    "r2": r"\langle r^2_{{\nu{}}}\rangle",
    "q": r"q_{{\nu{}}}",
    "mu": r"\mu_{{\nu{}}}",
    "lambda": r"\lambda_{{\nu{}}}",
}
_UNITS: Final = {"r2": "1e-32 cm^2", "q": "e", "mu": "mu_B", "lambda": "mu_B"}


def electromagnetic(name: str) -> NamedCoupling | None:
    """Return an electromagnetic coupling by its name, such as ``"r2_nu_emu_im"``, if it is one."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    kind, flavours, imaginary = (found[key] for key in ("kind", "flavours", "imaginary"))
    unlike = flavours in UNLIKE
    if (imaginary or kind == "lambda") and not unlike:
        return None  # real, or zero
    index = "" if flavours is None else f"_{{{flavour_latex(flavours)}}}"
    latex = _LATEX[kind].format(index)
    if imaginary:
        latex = rf"\mathrm{{Im}}\,{latex}"
    pair = flavours if unlike or flavours is None else 2 * flavours
    matrix = in_flavour(pair, bool(imaginary))
    if kind == "r2":
        contact = np.multiply.outer(_RADIUS, matrix)
        return NamedCoupling(name, latex, contact=contact, unit=_UNITS[kind])
    if kind == "q":
        photon = np.multiply.outer(_PHOTON, matrix)
        return NamedCoupling(name, latex, photon=photon, unit=_UNITS[kind])
    majorana = kind == "lambda"
    moment = _antisymmetric(matrix) if majorana else to_matrix(matrix)
    return NamedCoupling(name, latex, moment=moment, is_majorana=majorana, unit=_UNITS[kind])


def _antisymmetric(matrix: Array) -> ComplexArray:
    """Return the upper triangle of a hermitian matrix less its transpose."""
    upper = np.triu(to_matrix(matrix), 1)
    return np.asarray(upper - upper.T)
