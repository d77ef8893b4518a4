"""Couplings by their names: to which fermions and flavours each couples.

Couplings of neutrinos of flavours a and b to a current J_f of fermions come in two kinds,

    eps_ab_f   in units of the Fermi coupling, - sqrt2 G_F eps (nubar_a gamma P_L nu_b) J_f,
    x_ab_f     a product g_nu g_f of the couplings of a mediator Z',
               (g_nu nubar_a gamma P_L nu_b + g_f J_f) Z': as eps = x / (sqrt2 G_F (q^2 + m^2)),

with f one of u, d, q (u and d alike), p, n (proton and neutron: 2 u + d and u + 2 d), e or eV
(electrons; J = fbar gamma f for all of these), eA (J = - ebar gamma gamma_5 e) and eL, eR (their
left- and right-handed parts, J = ebar gamma P_L e for x, but 2 ebar gamma P_L e for eps, as is
customary: eps_eV = eps_eL + eps_eR). Without ab they are alike for all flavours. In place of f,
``[eta=30,phi=45]`` is a direction in the space of proton, neutron and electron (`direction`).
Beside them there are the weak mixing angle and, by flavour, charge radii, electric charges and
magnetic moments (`electromagnetic`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.couplings import angles
from bayes_cevns.couplings.coupling import (
    PER_MIXING_ANGLE,
    UNLIKE,
    NamedCoupling,
    flavour_latex,
    in_flavour,
)
from bayes_cevns.couplings.electromagnetic import electromagnetic
from bayes_cevns.couplings.flavour import FLAVOUR_NUMBERS, UNIT
from bayes_cevns.errors import ArgumentError, UnknownNameError, shown
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.oscillation.couplings import PAIRS
from bayes_cevns.physics.weak_charges import TREE, WeakCharges

#: Name of a fermion in a coupling -> couplings to `FERMIONS` per unit of it. A coupling of protons
#: alone is 2/3 to u and -1/3 to d; eps_eV = eps_eL + eps_eR and eps_eA = eps_eL - eps_eR.
CONTENT: Final[dict[str, tuple[float, ...]]] = {
    "u": (1.0, 0.0, 0.0, 0.0),
    "d": (0.0, 1.0, 0.0, 0.0),
    "q": (1.0, 1.0, 0.0, 0.0),
    "p": (2.0 / 3.0, -1.0 / 3.0, 0.0, 0.0),
    "n": (-1.0 / 3.0, 2.0 / 3.0, 0.0, 0.0),
    "e": (0.0, 0.0, 0.5, 0.5),
    "eV": (0.0, 0.0, 0.5, 0.5),
    "eA": (0.0, 0.0, 0.5, -0.5),
    "eL": (0.0, 0.0, 1.0, 0.0),
    "eR": (0.0, 0.0, 0.0, 1.0),
}

#: Currents of one chirality, twice as large for eps as for x.
_CHIRAL: Final = ("eL", "eR")

_VECTOR: Final = re.compile(
    rf"(?P<kind>eps|x)(?:_(?P<pair>{'|'.join(PAIRS)}))?_(?P<fermion>{'|'.join(CONTENT)})"
    r"(?P<imaginary>_im)?"
)
_DIRECTION: Final = re.compile(
    rf"eps(?:_(?P<pair>{'|'.join(PAIRS)}))?\[eta=(?P<eta>[^,\]]+),phi=(?P<phi>[^,\]]+)\]"
    r"(?P<imaginary>_im)?"
)
MIXING_ANGLE: Final = "sin2_theta_w"

#: The grammar of names, for error messages.
GRAMMAR: Final = (
    "eps_ee_u (pairs of flavours ee, mumu, tautau, emu, etau, mutau or none; fermions "
    f"{', '.join(CONTENT)}; _im for an imaginary part), x_ee_u likewise for a mediator, "
    "eps_ee[eta=30,phi=45] (degrees, -90 to 90) in a direction of proton, neutron and electron, "
    "sin2_theta_w, r2_nu_e, r2_nu_emu, q_nu_e, q_nu_emu, mu_nu_e, mu_nu_emu, mu_nu, lambda_nu_emu "
    "(Majorana), _im likewise"
)


def named_coupling(name: str) -> NamedCoupling:
    """Return a coupling by its name.

    Parameters
    ----------
    name
        Such as ``"eps_ee_u"`` or ``"eps_ee[eta=30,phi=45]"``; ``"ee_u"`` stands for the first.

    Raises
    ------
    UnknownNameError
        If there is no such coupling; the message says what may be written.
    ArgumentError
        If an angle is not a number from -90 to 90.

    References
    ----------
    Lagrangian: Coloma et al., JHEP 08 (2023) 032, arXiv:2305.07698, eq. 2.1; Giunti and Studenikin,
    Rev. Mod. Phys. 87 (2015) 531, for radii and moments.
    """
    for text in (name, f"eps_{name}") if isinstance(name, str) else ():
        for made in (_vector(text), _directed(text), _mixing_angle(text), electromagnetic(text)):
            if made is not None:
                return made
    raise UnknownNameError("coupling", name, (GRAMMAR,))


def full_name(name: str) -> str:
    """Return the whole name of a coupling: ``ee_u`` stands for ``eps_ee_u``.

    Raises
    ------
    UnknownNameError
        If there is no such coupling.
    """
    return named_coupling(name).name


def known_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of couplings, whole and without their ``eps_``."""
    given = tuple(names)
    return (*given, *(name.removeprefix("eps_") for name in given if name.startswith("eps_")))


def _vector(name: str) -> NamedCoupling | None:
    found = _VECTOR.fullmatch(name)
    if found is None:
        return None
    kind, pair, fermion, imaginary = (
        found[key] for key in ("kind", "pair", "fermion", "imaginary")
    )
    if imaginary and pair not in UNLIKE:
        return None  # diagonal entries of a hermitian matrix are real
    current = 0.5 if kind == "x" and fermion in _CHIRAL else 1.0
    content = current * np.array(CONTENT[fermion])
    matrix = np.multiply.outer(content, in_flavour(pair, bool(imaginary)))
    latex = _latex(kind, pair, fermion, bool(imaginary))
    if kind == "eps":
        return NamedCoupling(name, latex, contact=matrix)
    return NamedCoupling(name, latex, exchange=matrix)


def direction(
    pair: str | None, eta_deg: float, phi_deg: float, *, imaginary: bool = False
) -> NamedCoupling:
    """Return a vector coupling to protons, neutrons and electrons in a fixed proportion.

        eps^p = sqrt5 cos(eta) cos(phi) eps,   eps^n = sqrt5 sin(eta) eps,
        eps^e = sqrt5 cos(eta) sin(phi) eps,

    so that eta = arctan(1/2) and phi = 0 is a coupling to u alone, eta = arctan(2) to d alone, and
    eta = 0, phi = 90 to electrons alone (vector, half of eps^e to either hand). What the Sun and
    the Earth do depends on eps^p + eps^e, so on cos(phi) + sin(phi), as they have no charge: at
    phi = -45 on neutrons alone.

    Parameters
    ----------
    pair
        Flavours, such as ``"ee"`` or ``"emu"``; `None` for all flavours alike.
    eta_deg, phi_deg
        The angles in degrees, each from -90 to 90: all directions up to their sign.
    imaginary
        Whether it is the imaginary part of the coupling of two different flavours.

    Raises
    ------
    UnknownNameError
        If there is no such pair.
    ArgumentError
        If an angle is not a number from -90 to 90, or the imaginary part is of one flavour.

    Examples
    --------
    >>> direction("ee", 30, 45).name
    'eps_ee[eta=30,phi=45]'

    References
    ----------
    Amaral, Cerdeno, Cheek and Foldenauer, JHEP 07 (2023) 071, arXiv:2302.12846; their program has
    the factors of proton, neutron and electron (SNuDD, ``models.py``).
    """
    if pair is not None and pair not in PAIRS:
        raise UnknownNameError("pair of flavours", pair, PAIRS)
    if imaginary and pair not in UNLIKE:
        raise ArgumentError(
            f"expected an imaginary part of a pair of unlike flavours ({', '.join(UNLIKE)}), got "
            f"{shown(pair)}: diagonal couplings are real"
        )
    eta = angles.checked(eta_deg, "the angle eta", 90.0)
    phi = angles.checked(phi_deg, "the angle phi", 90.0)
    (cos_eta, sin_eta), (cos_phi, sin_phi) = angles.cos_sin(eta), angles.cos_sin(phi)
    charges = np.sqrt(5.0) * np.array([cos_eta * cos_phi, sin_eta, cos_eta * sin_phi])
    content = charges @ np.array([CONTENT[fermion] for fermion in "pne"])
    ending = "_im" if imaginary else ""
    texts = [repr(angle).removesuffix(".0") for angle in (eta, phi)]
    name = "_".join(["eps", *([pair] if pair else [])]) + "[eta={},phi={}]".format(*texts) + ending
    upper = r"\eta={}^\circ,\varphi={}^\circ".format(*texts)
    matrix = np.multiply.outer(content, in_flavour(pair, imaginary))
    latex = _latex("eps", pair, upper, imaginary)
    return NamedCoupling(name, latex, contact=matrix)


def _directed(name: str) -> NamedCoupling | None:
    found = _DIRECTION.fullmatch(name)
    if found is None or (found["imaginary"] and found["pair"] not in UNLIKE):
        return None
    eta, phi = (angles.read(found[key], f"the angle {key}") for key in ("eta", "phi"))
    return direction(found["pair"], eta, phi, imaginary=bool(found["imaginary"]))


def _latex(kind: str, pair: str | None, fermion: str, imaginary: bool) -> str:
    flavours = "" if pair is None else flavour_latex(pair)
    if kind == "eps":
        text = rf"\varepsilon^{{{fermion}}}" + (f"_{{{flavours}}}" if flavours else "")
    else:
        text = rf"(g_\nu g_{{{fermion}}})" + (f"_{{{flavours}}}" if flavours else "")
    return rf"\mathrm{{Im}}\,{text}" if imaginary else text


def _mixing_angle(name: str) -> NamedCoupling | None:
    if name != MIXING_ANGLE:
        return None
    contact = np.multiply.outer(PER_MIXING_ANGLE, UNIT)
    latex = r"\sin^2\theta_W"
    return NamedCoupling(name, latex, contact=contact, standard=const.SIN2_THETA_W)


def standard_couplings(weak: WeakCharges = TREE) -> Array:
    """Return the vector couplings of the Standard Model, shape (4, 9).

    g_V^u = (2 g_V^p - g_V^n)/3, g_V^d = (2 g_V^n - g_V^p)/3, g_L^e and g_R^e, diagonal in flavour;
    at tree level 1/2 - 4/3 s^2, -1/2 + 2/3 s^2, s^2 - 1/2 (+ 1 for nu_e, charged currents), s^2
    with s^2 = sin^2 theta_W.
    """
    proton, neutron, electron = np.array(weak.proton), weak.neutron, weak.of_electron
    up, down = (2.0 * proton - neutron) / 3.0, (2.0 * neutron - proton) / 3.0
    by_flavour = np.array([up, down, electron.left[:3], electron.right[:3]])
    return by_flavour @ FLAVOUR_NUMBERS
