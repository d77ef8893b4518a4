"""Couplings by their names: which fermions and flavours each of them is a coupling to.

Couplings of neutrinos of flavours a and b to a current J_f of fermions come in two kinds,

    eps_ab_f   in units of the Fermi coupling, - sqrt2 G_F eps (nubar_a gamma P_L nu_b) J_f,
    x_ab_f     a product g_nu g_f of the couplings of a mediator Z',
               (g_nu nubar_a gamma P_L nu_b + g_f J_f) Z': as eps = x / (sqrt2 G_F (q^2 + m^2)),

with f one of u, d, q (u and d alike), p, n (proton and neutron: 2 u + d and u + 2 d), e or eV
(electrons; J = fbar gamma f for all of these), eA (J = - ebar gamma gamma_5 e) and eL, eR (their
left- and right-handed parts, J = ebar gamma P_L e for x, but 2 ebar gamma P_L e for eps, as is
customary: eps_eV = eps_eL + eps_eR). Without ab they are alike for all flavours. Beside them there
are the weak mixing angle, charge radii and magnetic moments by flavour.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.couplings.flavour import FLAVOUR_NUMBERS, UNIT
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.checks import finite
from bayes_cevns.physics.interactions.standard_model import RADIUS_SHIFT_PER_CM2
from bayes_cevns.physics.oscillation.couplings import PAIRS
from bayes_cevns.physics.oscillation.hermitian import SIZE

type Array = NDArray[np.float64]

#: What vector couplings are to, in the order of every array with an axis of fermions.
FERMIONS: Final = ("u", "d", "eL", "eR")

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

#: Vector couplings of the Standard Model per unit of sin^2 theta_W, alike for all flavours: -2 Q_f,
#: of which either part of the electron has a half. A charge radius shifts them likewise.
_PER_MIXING_ANGLE: Final = np.array([-4.0 / 3.0, 2.0 / 3.0, 1.0, 1.0])

_FLAVOURS: Final = ("e", "mu", "tau")
_VECTOR: Final = re.compile(
    rf"(?P<kind>eps|x)(?:_(?P<pair>{'|'.join(PAIRS)}))?_(?P<fermion>{'|'.join(CONTENT)})"
    r"(?P<imaginary>_im)?"
)
_RADIUS: Final = re.compile(rf"r2_nu(?:_(?P<flavour>{'|'.join(_FLAVOURS)}))?")
_MOMENT: Final = re.compile(rf"mu_nu(?:_(?P<flavour>{'|'.join(_FLAVOURS)}))?")
MIXING_ANGLE: Final = "sin2_theta_w"

#: What may be written, for error messages.
GRAMMAR: Final = (
    "eps_ee_u (pairs of flavours ee, mumu, tautau, emu, etau, mutau or none; fermions "
    f"{', '.join(CONTENT)}; _im for an imaginary part), x_ee_u likewise for a mediator, "
    "sin2_theta_w, r2_nu_e, mu_nu_e, mu_nu"
)


@dataclass(frozen=True, eq=False, repr=False)
class NamedCoupling(Displayed):
    """One real coupling and what it changes, all of it linear but for a moment's rate.

    Attributes
    ----------
    name
        Its name.
    latex
        The same in mathtext, without dollars.
    contact
        What a unit of it adds to the vector couplings in units of the Fermi coupling, by fermion
        and entry of the hermitian matrix in flavour, shape (4, 9).
    exchange
        What a unit of it adds to the products g_nu g_f of a mediator, shape (4, 9).
    moment
        Flavours whose magnetic moment, in Bohr magnetons, it is, shape (3,): ones and zeros.
    standard
        Its value in the Standard Model.
    unit
        Its unit, nothing for a number.
    """

    name: str
    latex: str
    contact: Array
    exchange: Array
    moment: Array
    standard: float = 0.0
    unit: str = ""

    @property
    def has_mediator(self) -> bool:
        """Whether it is a coupling of a mediator, which has a mass."""
        return bool(np.any(self.exchange))

    @property
    def is_moment(self) -> bool:
        """Whether it is a magnetic moment."""
        return bool(np.any(self.moment))

    @property
    def is_diagonal(self) -> bool:
        """Whether it leaves flavours as they are."""
        return not (np.any(self.contact[:, 3:]) or np.any(self.exchange[:, 3:]))


def coupling_values(given: Mapping[str, complex]) -> dict[str, float]:
    """Return values of real couplings by their names.

    Parameters
    ----------
    given
        Values by name; complex ones of off-diagonal couplings are their real and imaginary parts,
        the latter under the name with ``_im``.

    Raises
    ------
    UnknownNameError
        If there is no coupling of a name.
    ArgumentError
        If a value is not finite, is complex for a coupling that is real, or is given twice.
    """
    found: dict[str, float] = {}

    def add(name: str, value: float) -> None:
        if name in found:
            raise ArgumentError(f"coupling {name} is given twice")
        found[name] = value

    for key, value in given.items():
        name = full_name(key)
        if isinstance(value, complex) and value.imag != 0.0:
            if _vector(f"{name}_im") is None:
                raise ArgumentError(f"coupling {name} is real, got {value:g}")
            add(f"{name}_im", float(finite(value.imag, what=f"coupling {name}")))
        real = value.real if isinstance(value, complex) else value
        add(name, float(finite(real, what=f"coupling {name}")))
    return found


def standard_values(given: Iterable[str]) -> dict[str, float]:
    """Return the values of couplings in the Standard Model, by their names."""
    return {name: named_coupling(name).standard for name in given}


def named_coupling(name: str) -> NamedCoupling:
    """Return a coupling by its name.

    Parameters
    ----------
    name
        Such as ``"eps_ee_u"``; ``"ee_u"`` stands for it.

    Raises
    ------
    UnknownNameError
        If there is no such coupling; the message says what may be written.

    References
    ----------
    Lagrangian: Coloma et al., JHEP 08 (2023) 032, arXiv:2305.07698, eq. 2.1; Giunti and Studenikin,
    Rev. Mod. Phys. 87 (2015) 531, for radii and moments.
    """
    if isinstance(name, str):
        for made in (_vector(name), _vector(f"eps_{name}"), _electromagnetic(name)):
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
    if imaginary and (pair is None or pair[: len(pair) // 2] == pair[len(pair) // 2 :]):
        return None  # diagonal entries of a hermitian matrix are real
    flavour = UNIT
    if pair is not None:
        place = list(PAIRS).index(pair)
        flavour = np.eye(SIZE)[place + 3 if imaginary else place]
    current = 0.5 if kind == "x" and fermion in _CHIRAL else 1.0
    matrix = np.multiply.outer(current * np.array(CONTENT[fermion]), flavour)
    nothing = np.zeros_like(matrix)
    return NamedCoupling(
        name=name,
        latex=_latex(kind, pair, fermion, bool(imaginary)),
        contact=matrix if kind == "eps" else nothing,
        exchange=matrix if kind == "x" else nothing,
        moment=np.zeros(3),
    )


def _latex(kind: str, pair: str | None, fermion: str, imaginary: bool) -> str:
    greek = {"mu": r"\mu", "tau": r"\tau", "e": "e"}
    flavours = "" if pair is None else "".join(greek[f] for f in re.findall("mu|tau|e", pair))
    if kind == "eps":
        text = rf"\varepsilon^{{{fermion}}}" + (f"_{{{flavours}}}" if flavours else "")
    else:
        text = rf"(g_\nu g_{{{fermion}}})" + (f"_{{{flavours}}}" if flavours else "")
    return rf"\mathrm{{Im}}\,{text}" if imaginary else text


def _electromagnetic(name: str) -> NamedCoupling | None:
    nothing = np.zeros((len(FERMIONS), SIZE))
    if name == MIXING_ANGLE:
        contact = np.multiply.outer(_PER_MIXING_ANGLE, UNIT)
        return NamedCoupling(
            name, r"\sin^2\theta_W", contact, nothing, np.zeros(3), const.SIN2_THETA_W
        )
    if radius := _RADIUS.fullmatch(name):
        flavours, latex = _chosen(radius["flavour"])
        charges = RADIUS_SHIFT_PER_CM2 * 1e-32 * _PER_MIXING_ANGLE
        contact = np.multiply.outer(charges, flavours @ FLAVOUR_NUMBERS)
        text = rf"\langle r^2_{{\nu{latex}}}\rangle"
        return NamedCoupling(name, text, contact, nothing, np.zeros(3), unit="1e-32 cm^2")
    if moment := _MOMENT.fullmatch(name):
        flavours, latex = _chosen(moment["flavour"])
        text = rf"\mu_{{\nu{latex}}}"
        return NamedCoupling(name, text, nothing, nothing, flavours, unit="mu_B")
    return None


def _chosen(flavour: str | None) -> tuple[Array, str]:
    """Return which flavours are meant, and their index in mathtext."""
    if flavour is None:
        return np.ones(3), ""
    index = {"e": "_e", "mu": r"_\mu", "tau": r"_\tau"}[flavour]
    return np.eye(3)[_FLAVOURS.index(flavour)], index


def standard_couplings(sin2_theta_w: float = const.SIN2_THETA_W) -> Array:
    """Return the vector couplings of the Standard Model, shape (4, 9).

    g_V^u = 1/2 - 4/3 s^2, g_V^d = -1/2 + 2/3 s^2, g_L^e = s^2 - 1/2 (+ 1 for nu_e, charged
    currents), g_R^e = s^2 with s^2 = sin^2 theta_W.

    References
    ----------
    Freedman, Phys. Rev. D 9 (1974) 1389; 't Hooft, Phys. Lett. B 37 (1971) 195.
    """
    neutral = np.array([0.5, -0.5, -0.5, 0.0]) + sin2_theta_w * _PER_MIXING_ANGLE
    couplings = np.multiply.outer(neutral, UNIT)
    couplings[FERMIONS.index("eL")] += FLAVOUR_NUMBERS[0]
    return np.asarray(couplings)
