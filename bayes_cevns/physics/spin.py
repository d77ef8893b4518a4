"""Spin of nuclei: expectation values <S_p>, <S_n> and spin structure functions.

With couplings a_p, a_n of a current to the spins of protons and neutrons (an axial current is
Nbar a_N gamma gamma_5 N), a_0 = a_p + a_n and a_1 = a_p - a_n, a structure function is

    S(q) = a_0^2 S_00(q) + a_0 a_1 S_01(q) + a_1^2 S_11(q),   S = S_T + S_L,

summed over multipoles transverse (T) and longitudinal (L) to the momentum transfer. At q = 0,

    S_T = 2 S_L = (2/3) (2J + 1)(J + 1) / (pi J) (a_p <S_p> + a_n <S_n>)^2.

Shell models have given S(q) for a few nuclei. For the others it is this value at rest times the
fall of the odd nucleon in its orbital (`OddNucleonSpin`).
"""

from __future__ import annotations

import csv
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.polynomial.polynomial import polyval
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import TableError, UnknownNameError
from bayes_cevns.physics.constants import HBARC_MEV_FM
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.physics.odd_nucleon import Orbital, odd_nucleon, schmidt_spins
from bayes_cevns.storage.resources import data_file

#: Ends and middle of the band that two-body currents leave, as the weight of its upper end.
BANDS: Final = {"low": 0.0, "central": 0.5, "high": 1.0}
#: Where the structure functions come from; see `spin_structure`.
SPIN_MODELS: Final = ("best", "klos2013", "anand2013", "odd-nucleon")

_PION_MASS_MEV: Final = 138.039  # mean of the three charge states
#: Beyond this the fits of Klos et al. turn negative (S_11 of 73Ge and 127I), so they end here.
_MAXIMAL_U: Final = 6.0
_TRANSVERSE_AT_ZERO: Final = 2.0 / 3.0


def spin_expectation(isotope: Isotope, *, estimate: bool = False) -> tuple[float, float]:
    """Return <S_p> and <S_n> in the state of maximal projection; zeros without nuclear spin.

    Parameters
    ----------
    isotope
        The nucleus.
    estimate
        Whether a nucleus without published values has those of its odd nucleon alone (Schmidt),
        which are good to a factor of two, and to no sign in deformed nuclei.

    Raises
    ------
    UnknownNameError
        If the nucleus has spin but no values; the nuclei that have them are listed.

    References
    ----------
    Klos et al., Phys. Rev. D 88 (2013) 083516; others: Bednyakov and Simkovic, Phys. Part. Nucl. 36
    (2005) 131, with what they cite.
    """
    if isotope.spin == 0:
        return 0.0, 0.0
    table = _expectation_table()
    if isotope.label in table:
        return table[isotope.label]
    if estimate:
        return schmidt_spins(isotope)
    raise UnknownNameError("nucleus with published spin expectation values", isotope.label, table)


class SpinStructure(ABC):
    """Spin structure function of one nucleus, split into its two polarisations."""

    @abstractmethod
    def polarisations(self, q_mev: ArrayLike, a_p: float, a_n: float) -> tuple[Array, Array]:
        """Return S_T(q) and S_L(q), both >= 0.

        Parameters
        ----------
        q_mev
            Momentum transfer in MeV, any shape.
        a_p, a_n
            Couplings to the spins of protons and neutrons.

        Returns
        -------
        tuple of ndarray
            Each of the shape of `q_mev`, without unit.

        Raises
        ------
        TableError
            If q is beyond the range of the tables.
        """

    def transverse(self, q_mev: ArrayLike, a_p: float, a_n: float) -> Array:
        """Return S_T(q); see `polarisations`."""
        return self.polarisations(q_mev, a_p, a_n)[0]

    def longitudinal(self, q_mev: ArrayLike, a_p: float, a_n: float) -> Array:
        """Return S_L(q); see `polarisations`."""
        return self.polarisations(q_mev, a_p, a_n)[1]


class _NoSpin(SpinStructure):
    """A nucleus of spin zero, which no spin-dependent current sees in elastic scattering."""

    def polarisations(
        self,
        q_mev: ArrayLike,
        a_p: float,
        a_n: float,
    ) -> tuple[Array, Array]:
        del a_p, a_n  # there is no spin to couple to
        zero = np.zeros_like(np.asarray(q_mev, dtype=float))
        return zero, zero.copy()


@dataclass(frozen=True)
class AnandSpin(SpinStructure):
    """One-body currents: W_Sigma' (transverse) and W_Sigma'' (longitudinal).

    The operators are the bare spins: there is no two-body current and no form factor of the
    nucleon, so that this is right for any current that couples to spins. They are polynomials of
    an oscillator basis, good at every q.

    Attributes
    ----------
    label, a
        The nucleus and its mass number.
    pion_pole
        Whether the longitudinal response is that of an axial current, whose isovector part is
        lowered by the pion: a_1 -> a_1 m_pi^2 / (q^2 + m_pi^2).

    References
    ----------
    Anand, Fitzpatrick and Haxton, Phys. Rev. C 89 (2014) 065501.
    """

    label: str
    a: int
    pion_pole: bool = False

    def polarisations(self, q_mev: ArrayLike, a_p: float, a_n: float) -> tuple[Array, Array]:
        """Return W_Sigma'(q) and W_Sigma''(q); see `SpinStructure.polarisations`."""
        q = np.asarray(q_mev, dtype=float)
        u = _u(q, self.a)
        s_00, s_01, s_11 = polyval(0.5 * u, _anand_table()[self.label])
        a_0, a_1 = a_p + a_n, a_p - a_n
        pole = _PION_MASS_MEV**2 / (q**2 + _PION_MASS_MEV**2) if self.pion_pole else 1.0
        longitudinal_a_1 = a_1 * pole
        # Isospin 01 and 10 are equal. A sum of squares may round to less than zero.
        transverse, longitudinal = (
            np.maximum(np.exp(-u) * (a_0**2 * w_00 + 2 * a_0 * b_1 * w_01 + b_1**2 * w_11), 0.0)
            for w_00, w_01, w_11, b_1 in zip(s_00, s_01, s_11, (a_1, longitudinal_a_1), strict=True)
        )
        return transverse, longitudinal


@dataclass(frozen=True)
class KlosSpin(SpinStructure):
    """Structure functions with two-body currents, split as the one-body currents are.

    S_ij is that of Klos et al., which is not published by polarisation. Its transverse share is
    taken from Anand et al.: W_Sigma' / (W_Sigma' + W_Sigma''), exactly 2/3 at q = 0, where the
    longitudinal response has the pion pole as it has in S_ij. 29Si, of which there is no response,
    has 2/3 at every q, as a 2s_1/2 neutron has, which carries most of its spin.

    S_11 and S_01 have the two-body axial currents: for isovector currents that are not axial
    prefer `AnandSpin`. An isoscalar current (a_p = a_n) has none of these and no pion pole.

    Attributes
    ----------
    label, a
        The nucleus and its mass number.
    band
        Place in the band of the two-body currents: "low", "central" or "high".

    References
    ----------
    Klos et al., Phys. Rev. D 88 (2013) 083516.
    """

    label: str
    a: int
    band: str = "central"

    def total(self, q_mev: ArrayLike, a_p: float, a_n: float) -> Array:
        """Return S_T + S_L, shape of `q_mev`; errors as `SpinStructure.polarisations`."""
        _check_range(q_mev, self.a, self.label)
        u = _u(q_mev, self.a)
        table, weight = _klos_table()[self.label], BANDS[self.band]
        a_0, a_1 = a_p + a_n, a_p - a_n
        s_11 = (1 - weight) * table["s11_min"] + weight * table["s11_max"]
        ends = sorted((table["s01_a"], table["s01_b"]), key=lambda end: float(abs(end[0])))
        s_01 = (1 - weight) * ends[0] + weight * ends[1]
        coefficients = a_0**2 * table["s00"] + a_0 * a_1 * s_01 + a_1**2 * s_11
        # Separate fits of S_ij need not stay a square where spins of p and n cancel.
        return np.maximum(np.exp(-u) * polyval(u, coefficients), 0.0)

    def polarisations(self, q_mev: ArrayLike, a_p: float, a_n: float) -> tuple[Array, Array]:
        """Return S_T(q) and S_L(q); see `SpinStructure.polarisations`."""
        total = self.total(q_mev, a_p, a_n)
        share = self._transverse_share(q_mev, a_p, a_n)
        return share * total, (1.0 - share) * total

    def _transverse_share(self, q_mev: ArrayLike, a_p: float, a_n: float) -> Array:
        if self.label not in _anand_table():
            return np.full_like(np.asarray(q_mev, dtype=float), _TRANSVERSE_AT_ZERO)
        one_body = AnandSpin(self.label, self.a, pion_pole=True)
        transverse, longitudinal = one_body.polarisations(q_mev, a_p, a_n)
        both = transverse + longitudinal
        known = both > 0
        return np.where(known, transverse / np.where(known, both, 1.0), _TRANSVERSE_AT_ZERO)


@dataclass(frozen=True)
class OddNucleonSpin(SpinStructure):
    """Spins at rest, times the fall of S_T and S_L of the odd nucleon in its orbital.

    For nuclei of which <S_p> and <S_n> are known, but no structure function. The fall is that of
    `Orbital.spin_form_factors`, with the same oscillator length as the other models. There are no
    two-body currents, which lower the isovector spin by 14% to 32%, and no pion pole.

    Against S_T(q)/S_T(0) of Klos et al. for isoscalar couplings it is, at q = 30, 50 and 70 MeV,
    1.00, 1.00 and 1.01 of 73Ge, 1.01, 1.03 and 1.09 of 127I, 1.03, 1.11 and 1.29 of 129Xe, 1.05,
    1.19 and 1.72 of 131Xe (of which little is left there), 1.00, 1.00 and 0.99 of 29Si, 0.97, 0.91
    and 0.81 of the deformed 23Na. A bare exp(-u) is 1.61 of 73Ge and 1.72 of 127I at 50 MeV.

    Attributes
    ----------
    orbital
        That of the odd nucleon.
    a, spin
        Mass number and spin J of the nucleus.
    proton, neutron
        <S_p> and <S_n>.
    """

    orbital: Orbital
    a: int
    spin: float
    proton: float
    neutron: float

    def polarisations(self, q_mev: ArrayLike, a_p: float, a_n: float) -> tuple[Array, Array]:
        """Return S_T(q) and S_L(q); see `SpinStructure.polarisations`."""
        norm = (2.0 * self.spin + 1.0) * (self.spin + 1.0) / (np.pi * self.spin)
        at_rest = norm * (a_p * self.proton + a_n * self.neutron) ** 2
        transverse, longitudinal = self.orbital.spin_form_factors(_u(q_mev, self.a))
        share = _TRANSVERSE_AT_ZERO
        return at_rest * share * transverse, at_rest * (1.0 - share) * longitudinal


def spin_structure(
    isotope: Isotope, *, model: str = "best", band: str = "central", estimate: bool = False
) -> SpinStructure:
    """Return the spin structure function of a nucleus.

    Parameters
    ----------
    isotope
        The nucleus. One of spin zero has none: its functions are zero.
    model
        "klos2013" (`KlosSpin`), "anand2013" (`AnandSpin`), "odd-nucleon" (`OddNucleonSpin`), or
        "best": that of Klos et al. where there is one, else that of the odd nucleon.
    band
        Place in the band of two-body currents of "klos2013": "low", "central" or "high".
    estimate
        Whether a nucleus without any published spins has those of its odd nucleon, see
        `spin_expectation`.

    Raises
    ------
    UnknownNameError
        If the model or band is unknown, or the nucleus has spin but no structure function of the
        model, or no spins; the known ones are listed.
    """
    if model not in SPIN_MODELS:
        raise UnknownNameError("spin model", model, SPIN_MODELS)
    if band not in BANDS:
        raise UnknownNameError("band of two-body currents", band, BANDS)
    if isotope.spin == 0:
        return _NoSpin()
    if model == "best":
        model = "klos2013" if isotope.label in _klos_table() else "odd-nucleon"
    if model == "odd-nucleon":
        spins = spin_expectation(isotope, estimate=estimate)
        return OddNucleonSpin(odd_nucleon(isotope)[1], isotope.a, isotope.spin, *spins)
    known = _klos_table() if model == "klos2013" else _anand_table()
    if isotope.label not in known:
        raise UnknownNameError(f"nucleus with spin structure {model}", isotope.label, known)
    if model == "klos2013":
        return KlosSpin(isotope.label, isotope.a, band)
    return AnandSpin(isotope.label, isotope.a)


def _oscillator_squared_fm2(a: int) -> float:
    """Return b^2 = 41.467 / (45 A^-1/3 - 25 A^-2/3) fm^2."""
    return float(41.467 / (45.0 * a ** (-1.0 / 3.0) - 25.0 * a ** (-2.0 / 3.0)))


def _u(q_mev: ArrayLike, a: int) -> Array:
    """Return u = q^2 b^2 / 2."""
    q_per_fm = np.asarray(q_mev, dtype=float) / HBARC_MEV_FM
    return np.asarray(0.5 * q_per_fm**2 * _oscillator_squared_fm2(a))


def _check_range(q_mev: ArrayLike, a: int, label: str) -> None:
    q = np.abs(np.asarray(q_mev, dtype=float))
    limit = HBARC_MEV_FM * float(np.sqrt(2.0 * _MAXIMAL_U / _oscillator_squared_fm2(a)))
    if not np.all(q <= limit):
        raise TableError(
            f"spin structure of {label}: expected q up to {limit:.0f} MeV, where the fit of Klos "
            f"et al. ends, got {np.max(q):.0f} MeV; use smaller recoil energies"
        )


def _read(name: str) -> list[dict[str, str]]:
    with data_file(f"nuclei/{name}").open() as stream:
        return list(csv.DictReader(line for line in stream if not line.startswith("#")))


def _coefficients(row: dict[str, str]) -> Array:
    return np.array([float(value) for key, value in row.items() if key[0] == "c"])


@cache
def _expectation_table() -> dict[str, tuple[float, float]]:
    return {
        f"{row['symbol']}-{row['a']}": (float(row["proton"]), float(row["neutron"]))
        for row in _read("spin_expectation_values.csv")
    }


@cache
def _klos_table() -> dict[str, dict[str, Array]]:
    table: dict[str, dict[str, Array]] = {}
    for row in _read("klos2013.csv"):
        label = f"{row['symbol']}-{row['a']}"
        table.setdefault(label, {})[row["function"]] = _coefficients(row)
    return table


@cache
def _anand_table() -> dict[str, Array]:
    """Read coefficients, shape (power, isospin 00, 01 and 11, transverse and longitudinal)."""
    rows: dict[str, dict[tuple[str, str], Array]] = {}
    for row in _read("anand2013.csv"):
        label = f"{row['symbol']}-{row['a']}"
        rows.setdefault(label, {})[row["isospin"], row["response"]] = _coefficients(row)
    return {
        label: np.stack(
            [
                np.stack([of[isospin, kind] for kind in ("transverse", "longitudinal")], axis=-1)
                for isospin in ("00", "01", "11")
            ],
            axis=1,
        )
        for label, of in rows.items()
    }
