"""Charges of targets as matrices in flavour space, and the rates that their products give.

The amplitude of scattering on a target is a sum of charges G_i times kinematic factors. Each G_i is
a hermitian matrix in flavour space. Final flavours are not observed and are summed over, so that
neutrinos in the state rho scatter with the rate

    sum over pairs i <= j of Tr[rho (G_i G_j + G_j G_i)/2] n_ij T_ij,   n_ii = 1, n_ij = 2,

with T_ij the rate of a flux of unit trace for unit charges. On a nucleus the charges are those of
protons and neutrons, and T_ij has their numbers and form factors; on electrons there are a left-
and a right-handed charge. A mediator adds the same charges once more, with the factor
1 / (sqrt2 G_F (q^2 + m^2)) in T_ij; the photon does likewise without mass.

References: Coloma et al., JHEP 08 (2023) 032, arXiv:2305.07698, eqs. 2.14-2.20.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.coupling import NamedCoupling
from bayes_cevns.couplings.flavour import symmetric_products
from bayes_cevns.display import Displayed
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.cevns import vector_kinematics
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.kinematics import chiral_kinematics, momentum_transfer_mev
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.physics.oscillation.hermitian import METRIC, to_vector

#: Charges of a proton and a neutron per unit coupling to u, d, eL, eR.
NUCLEUS: Final = np.array([[2.0, 1.0, 0.0, 0.0], [1.0, 2.0, 0.0, 0.0]])

#: Left- and right-handed charges of an electron, likewise.
ELECTRON: Final = np.array([[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])


@dataclass(frozen=True, eq=False, repr=False)
class Charges(Displayed):
    """The charges of a target for some couplings: linear in them.

    Attributes
    ----------
    constant
        Without any coupling, that is, of the Standard Model, shape (charges, 9).
    slopes
        What a unit of each coupling adds, counted from its value in the Standard Model, shape
        (couplings, charges, 9).
    """

    constant: Array
    slopes: Array

    @classmethod
    def of(cls, content: Array, standard: Array, couplings: Sequence[NamedCoupling]) -> Charges:
        """Put the charges of a target together.

        Parameters
        ----------
        content
            `NUCLEUS` or `ELECTRON`.
        standard
            `standard_couplings`, shape (4, 9).
        couplings
            The couplings. If one is that of a mediator, its charges follow the others, and if one
            is an electric charge, those of the photon come last.
        """
        slopes = [np.array([content @ c.contact for c in couplings]).reshape(-1, *_shape(content))]
        constant = [content @ standard]
        if any(c.has_mediator for c in couplings):
            slopes.append(np.array([content @ c.exchange for c in couplings]))
        if any(c.has_photon for c in couplings):
            slopes.append(np.array([content @ c.photon for c in couplings]))
        constant += [np.zeros_like(constant[0])] * (len(slopes) - 1)
        return cls(np.concatenate(constant), np.concatenate(slopes, axis=1))

    def products(self) -> Array:
        """Return the products of pairs of charges by powers of the couplings.

        Returns
        -------
        ndarray
            n_ij (G_i G_j + G_j G_i)/2 in entries times `METRIC`, so that the sum over entries
            with those of rho is the trace; shape (monomials, pairs, 9), in the order of
            `monomials` and `pairs_of`.
        """
        pairs = pairs_of(len(self.constant))
        tensor = symmetric_products()
        polynomial = np.concatenate([self.constant[None], self.slopes])
        found = []
        for a, b in monomial_factors(len(self.slopes)):
            first, second = polynomial[a], polynomial[b]
            row = []
            for i, j in pairs:
                value = np.einsum("i,j,ijk->k", first[i], second[j], tensor)
                if a != b:
                    value = value + np.einsum("i,j,ijk->k", second[i], first[j], tensor)
                row.append((1.0 if i == j else 2.0) * value * METRIC)
            found.append(row)
        return np.asarray(found)


def _shape(content: Array) -> tuple[int, int]:
    return len(content), len(METRIC)


def pairs_of(charges: int) -> tuple[tuple[int, int], ...]:
    """Return the pairs i <= j of some charges."""
    return tuple(combinations_with_replacement(range(charges), 2))


def monomial_factors(couplings: int) -> tuple[tuple[int, int], ...]:
    """Return the pairs a <= b of factors of all monomials up to second order.

    Of 1 (number 0) and the couplings (1, 2, ...): first 1 and the couplings, then their products.
    """
    return tuple(combinations_with_replacement(range(couplings + 1), 2))


def monomials_of(couplings: int, chosen: Sequence[int]) -> NDArray[np.intp]:
    """Return the indices of the monomials of chosen couplings among those of all."""
    places = [0, *(number + 1 for number in chosen)]
    known = {pair: row for row, pair in enumerate(monomial_factors(couplings))}
    wanted = ((places[a], places[b]) for a, b in monomial_factors(len(chosen)))
    return np.array([known[min(pair), max(pair)] for pair in wanted])


def monomials(couplings: Array) -> Array:
    """Return the values of all monomials, from shape (..., k) to (..., m)."""
    values = np.asarray(couplings, dtype=float)
    padded = np.concatenate([np.ones((*values.shape[:-1], 1)), values], axis=-1)
    factors = np.array(monomial_factors(values.shape[-1]))
    return np.asarray(padded[..., factors[:, 0]] * padded[..., factors[:, 1]])


def nuclear_pairs(
    isotope: Isotope,
    recoil_energy_mev: Array,
    form: FormFactor,
    exchanged_masses_mev: Sequence[float] = (),
) -> Array:
    """Return the coefficients of E^-n for unit charges, shape (pairs, 3, R).

    (G_F^2 m / pi) w_i w_j (1 - T/E - m T / (2 E^2)), w = Z F_p and N F_n; divided by
    sqrt2 G_F (q^2 + m^2) for what is exchanged beside the Z: a mediator, the photon of mass zero.

    References
    ----------
    Lindner, Rodejohann and Xu, JHEP 03 (2017) 097, eq. 2.9.
    """
    q = momentum_transfer_mev(recoil_energy_mev, isotope.mass_mev)
    proton, neutron = form.both(q, isotope)
    numbers = (isotope.z * proton, isotope.n * neutron)
    weights = list(numbers)
    for mass in exchanged_masses_mev:
        propagator = _propagator(isotope.mass_mev, recoil_energy_mev, mass)
        weights += [number * propagator for number in numbers]
    kinematics = vector_kinematics(isotope, recoil_energy_mev)
    return np.stack([weights[i] * weights[j] * kinematics for i, j in pairs_of(len(weights))])


def electron_pairs(recoil_energy_mev: Array, exchanged_masses_mev: Sequence[float] = ()) -> Array:
    """Return the coefficients of E^-n for unit charges of neutrinos, shape (pairs, 3, R).

    (2 G_F^2 m_e / pi) times 1 (left, left), (1 - T/E)^2 (right, right) and - m_e T / (2 E^2) (left,
    right: half, for the pair counts twice); antineutrinos have left and right exchanged.

    References
    ----------
    't Hooft, Phys. Lett. B 37 (1971) 195.
    """
    mass = const.ELECTRON_MASS_MEV
    strength = 2.0 * const.FERMI_CONSTANT_PER_MEV2**2 * mass / np.pi
    chirality, propagators = (0, 1), [np.ones_like(recoil_energy_mev)]
    propagators += [_propagator(mass, recoil_energy_mev, m) for m in exchanged_masses_mev]
    charges = [(hand, factor) for factor in propagators for hand in chirality]
    found = []
    for i, j in pairs_of(len(charges)):
        (one, first), (two, second) = charges[i], charges[j]
        terms = chiral_kinematics(
            mass,
            recoil_energy_mev,
            left_left=float(one == two == 0),
            right_right=float(one == two == 1),
            left_right=0.5 * (one != two),
        )
        found.append(strength * first * second * terms)
    return np.stack(found)


def exchanged(pairs: Array) -> Array:
    """Return what `electron_pairs` returned for antineutrinos: left and right change places."""
    charges = int(np.sqrt(2 * len(pairs)))
    order = pairs_of(charges)
    swapped = [tuple(sorted((i ^ 1, j ^ 1))) for i, j in order]
    return pairs[[order.index((i, j)) for i, j in swapped]]


def _propagator(target_mass_mev: float, recoil_energy_mev: Array, mass_mev: float) -> Array:
    """Return 1 / (sqrt2 G_F (q^2 + m^2)), the factor of a product of couplings, shape R."""
    q2 = 2.0 * target_mass_mev * recoil_energy_mev
    fermi = np.sqrt(2.0) * const.FERMI_CONSTANT_PER_MEV2
    return np.asarray(1.0 / (fermi * (q2 + mass_mev**2)))


def moment_products(couplings: Sequence[NamedCoupling]) -> Array:
    """Return the squares of magnetic moments by powers of the couplings, shape (monomials, 1, 9).

    A moment flips the helicity of a neutrino and does not interfere with the weak interaction. The
    rate is Tr[rho lambda^+ lambda] times that of a moment of one Bohr magneton, with lambda the sum
    of the moments as matrices in flavour: final flavours are summed over.

    References
    ----------
    Giunti and Studenikin, Rev. Mod. Phys. 87 (2015) 531.
    """
    moments = [np.zeros((3, 3)), *(coupling.moment for coupling in couplings)]
    found = []
    for a, b in monomial_factors(len(couplings)):
        square = moments[a].conj().T @ moments[b]
        if a != b:
            square = square + square.conj().T
        found.append([to_vector(square) * METRIC])
    return np.asarray(found)


def nuclear_moment(isotope: Isotope, recoil_energy_mev: Array, form: FormFactor) -> Array:
    """Return the coefficients of E^-n of a moment of one Bohr magneton, shape (1, 3, R)."""
    terms = interaction("magnetic-moment").nuclear_terms(isotope, recoil_energy_mev, 1.0, form)
    return np.asarray(terms[1])


def electron_moment(recoil_energy_mev: Array) -> Array:
    """Return the coefficients of E^-n of a moment of one Bohr magneton, shape (1, 3, R)."""
    return np.asarray(interaction("magnetic-moment").electron_terms(recoil_energy_mev, 1.0)[1])
