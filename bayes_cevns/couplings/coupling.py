"""One coupling: what a unit of it adds to the charges of fermions, as matrices in flavour."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from bayes_cevns.arrays import Array, ComplexArray
from bayes_cevns.couplings.flavour import UNIT
from bayes_cevns.display import Displayed
from bayes_cevns.physics.oscillation.couplings import PAIRS
from bayes_cevns.physics.oscillation.hermitian import SIZE

#: The fermions, in the order of every array with an axis of fermions.
FERMIONS: Final = ("u", "d", "eL", "eR")

#: Vector couplings of the Standard Model per unit of sin^2 theta_W, alike for all flavours: -2 Q_f,
#: of which either part of the electron has a half. A charge radius shifts them likewise.
PER_MIXING_ANGLE: Final = np.array([-4.0 / 3.0, 2.0 / 3.0, 1.0, 1.0])

#: Pairs of different flavours, whose couplings are complex.
UNLIKE: Final = tuple(pair for pair, (a, b) in PAIRS.items() if a != b)


def _none() -> Array:
    return np.zeros((len(FERMIONS), SIZE))


def _no_moment() -> ComplexArray:
    return np.zeros((3, 3), dtype=complex)


@dataclass(frozen=True, eq=False, repr=False)
class NamedCoupling(Displayed):
    """One real coupling and what it changes. Charges are linear in it; a moment enters squared.

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
    photon
        Likewise to the products of electric charges of neutrinos and fermions, e^2 q Q_f.
    moment
        What a unit of it adds to the matrix of magnetic moments, in Bohr magnetons: the flavour
        after by the flavour before the scattering, shape (3, 3).
    is_majorana
        Whether it is a moment of Majorana neutrinos, whose matrix is antisymmetric.
    standard
        Its value in the Standard Model.
    unit
        Its unit, nothing for a number.
    """

    name: str
    latex: str
    contact: Array = field(default_factory=_none)
    exchange: Array = field(default_factory=_none)
    photon: Array = field(default_factory=_none)
    moment: ComplexArray = field(default_factory=_no_moment)
    is_majorana: bool = False
    standard: float = 0.0
    unit: str = ""

    @property
    def has_mediator(self) -> bool:
        """Whether it is a coupling of a mediator, which has a mass."""
        return bool(np.any(self.exchange))

    @property
    def has_photon(self) -> bool:
        """Whether it is an electric charge of neutrinos."""
        return bool(np.any(self.photon))

    @property
    def is_moment(self) -> bool:
        """Whether it is a magnetic moment."""
        return bool(np.any(self.moment))

    @property
    def is_diagonal(self) -> bool:
        """Whether it leaves flavours as they are."""
        mixing = [matrix[:, 3:] for matrix in (self.contact, self.exchange, self.photon)]
        transitions = self.moment[~np.eye(3, dtype=bool)]
        return not (any(map(np.any, mixing)) or np.any(transitions))

    def is_same(self, other: NamedCoupling) -> bool:
        """Whether another has the same name and changes the same."""
        texts = [(c.name, c.standard, c.unit) for c in (self, other)]
        arrays = [(c.contact, c.exchange, c.photon, c.moment) for c in (self, other)]
        return texts[0] == texts[1] and all(map(np.array_equal, *arrays))


def in_flavour(pair: str | None, imaginary: bool = False) -> Array:
    """Return the hermitian matrix of a unit coupling of a pair, shape (9,); all alike if `None`."""
    if pair is None:
        return UNIT
    place = list(PAIRS).index(pair)
    return np.asarray(np.eye(SIZE)[place + 3 if imaginary else place])


def flavour_latex(flavours: str) -> str:
    """Return flavours such as ``"emu"`` in mathtext."""
    greek = {"mu": r"\mu ", "tau": r"\tau ", "e": "e"}
    return "".join(greek[f] for f in re.findall("mu|tau|e", flavours)).strip()
