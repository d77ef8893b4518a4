"""From matter couplings to the flavour density matrix of solar neutrinos at the detector.

    rho = U [ sum_k P_k |nu_k><nu_k| + 1/2 (night - day) ] U^dagger

with the shares P_k of mass eigenstates of `sun`, three flavours and level crossings included, and
half of the year night. At night nu_1 and nu_2 change as in `night`. That nu_3 takes part at all is
seen in the first order of V/dm31: the detector lies in rock, whose eigenstates have

    rho_j3 = 2 sqrt2 G_F n_e E M_j3 (P_3 - P_j)/(m_3^2 - m_j^2),   j = 1, 2,

on average over the fast phases. With random couplings in [-1, 1]^12 it changes the rate of 8B by up
to 4e-3. By day the rock above a laboratory, thinner than an oscillation length of dm31, is left
out.

Held against direct integration (tests/oscillation/test_propagation.py). The two-flavour forms of
arXiv:2409.02003 are here by name (`flavours="two"`); `density_matrix` has what they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.arguments import named, of_kind
from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.oscillation.density_matrix import (
    DENSITY_MATRIX,
    DETECTIONS,
    density_matrices,
)
from bayes_cevns.physics.oscillation.hermitian import METRIC, SIZE, to_vector
from bayes_cevns.physics.oscillation.matter import (
    POTENTIAL_EV2_PER_MEV,
    Projections,
    check_energies,
    cos_2theta_matter,
)
from bayes_cevns.physics.oscillation.matter_couplings import (
    checked_matter,
    matter_couplings,
    matter_terms,
)
from bayes_cevns.physics.oscillation.night import (
    crossed_ratio,
    latitude,
    night_change,
    surface_electrons_mol_per_cm3,
)
from bayes_cevns.physics.oscillation.parameters import DEFAULT_MIXING, OscillationParameters
from bayes_cevns.physics.oscillation.solar_models import COMPONENTS, DEFAULT_MODEL, solar_model
from bayes_cevns.physics.oscillation.sun import TWO_POTENTIALS, Sun, mass_state_shares
from bayes_cevns.physics.oscillation.year_cache import year

#: What the Earth does: the average over the nights and days of a year, or nothing.
EARTHS = {
    "year": "nights of the year at a latitude, half of the time",
    "none": "days alone",
}

FLAVOURS = {
    "three": "three flavours, level crossings included",
    "two": "two flavours in the limit of large dm31, adiabatic, by day (arXiv:2409.02003)",
}

#: Gran Sasso.
DEFAULT_LATITUDE_DEG = 42.4

_TWO_FLAVOUR_NODES = 8


class MassBasis(NamedTuple):
    """Linear maps between flavours and mass eigenstates.

    Attributes
    ----------
    parts
        Parts of the density matrix as vectors in flavour, shape (10, 9): |nu_k><nu_k|; Pauli's
        matrices of nu_1 and nu_2; real and imaginary part of the entries 13 and 23.
    potential
        The same seven numbers of a potential M that the Earth needs, M -> (m_x, m_y, m_z, Re M_13,
        Im M_13, Re M_23, Im M_23), shape (7, 9).
    """

    parts: Array
    potential: Array

    @classmethod
    def of(cls, parameters: OscillationParameters) -> MassBasis:
        """Return the maps of a mixing matrix."""
        mixing = parameters.mixing_matrix()
        one = np.eye(3)

        def pair(j: int, k: int, factor: complex) -> NDArray[np.complex128]:
            entry = factor * np.multiply.outer(one[j], one[k])
            return np.asarray(entry + entry.conj().T)

        diagonal = [np.diag(row) for row in one]
        pauli = [pair(0, 1, 1.0), pair(0, 1, -1j), np.diag([1.0, -1.0, 0.0])]
        third = [pair(j, 2, factor) for j in (0, 1) for factor in (1.0, 1j)]
        matrices = np.array([*diagonal, *pauli, *third])
        parts = to_vector(mixing @ matrices @ mixing.conj().T)
        # Half of Tr[M T] is the coefficient of T for each of these seven.
        return cls(parts, 0.5 * parts[3:] * METRIC)


@dataclass(frozen=True, kw_only=True, repr=False)
class Propagation(Displayed):
    """How neutrinos of one solar component come to a detector.

    Attributes
    ----------
    component
        One of `COMPONENTS`.
    earth
        ``"year"`` (default) or ``"none"``, see `EARTHS`.
    latitude_deg
        Of the detector, degrees north.
    parameters
        Mixing.
    model
        Name of a solar model.
    flavours
        ``"three"`` (default) or ``"two"``, see `FLAVOURS`.
    detection
        With two flavours, the description of detection: one of `DETECTIONS`.

    Raises
    ------
    UnknownNameError
        If a name is not known.
    ArgumentError
        If the latitude is beyond the poles, dm31 between 0 and dm21, or if two flavours are
        asked for with the Earth or another detection with three.

    Examples
    --------
    >>> from bayes_cevns.physics.oscillation import Propagation, matter_couplings
    >>> day = Propagation(earth="none").density(10.0, matter_couplings())
    >>> [round(float(p), 3) for p in day[0, :3]]
    [0.327, 0.402, 0.271]
    """

    component: str = "8b"
    earth: str = "year"
    latitude_deg: float = DEFAULT_LATITUDE_DEG
    parameters: OscillationParameters = DEFAULT_MIXING
    model: str = DEFAULT_MODEL
    flavours: str = "three"
    detection: str = DENSITY_MATRIX

    def __post_init__(self) -> None:
        named(self.earth, "description of the Earth", EARTHS)
        named(self.flavours, "number of flavours", FLAVOURS)
        named(self.component, "solar neutrino component", COMPONENTS)
        named(self.detection, "description of detection", DETECTIONS)
        of_kind(self.parameters, OscillationParameters, what="oscillation parameters")
        solar_model(self.model)
        object.__setattr__(self, "latitude_deg", latitude(self.latitude_deg))
        if self.flavours == "two" and self.earth != "none":
            raise ArgumentError('two flavours are for days alone: give earth="none"')
        if self.flavours == "three" and self.detection != DENSITY_MATRIX:
            raise ArgumentError(
                f'{self.detection} is a description with two flavours: give flavours="two"'
            )

    def density(self, energy_mev: ArrayLike, matter: ArrayLike) -> Array:
        """Return the density matrix at the detector, shape (..., n, 9).

        Parameters
        ----------
        energy_mev
            Neutrino energies in MeV, > 0, shape (n,) or a scalar.
        matter
            Matter couplings, shape (..., 3, 9), see `matter_couplings`.

        Returns
        -------
        ndarray
            In the layout of `hermitian`; trace one.

        Raises
        ------
        ArgumentError
            If an energy is not positive and finite, or the couplings are not finite or of
            another shape.
        """
        energies = np.atleast_1d(check_energies(energy_mev))
        values = checked_matter(matter)
        constant, per_neutron = (part.reshape(-1, SIZE) for part in matter_terms(values))
        if self.flavours == "two":
            found = self._two_flavours(energies, constant, per_neutron)
        else:
            found = self._three_flavours(energies, constant, per_neutron)
        return found.reshape(*values.shape[:-2], energies.size, SIZE)

    def probabilities(self, energy_mev: ArrayLike) -> Array:
        """Return the Standard Model's probabilities of nu_e, nu_mu and nu_tau, shape (3, n).

        Arguments and errors are those of `density`.
        """
        return np.asarray(self.density(energy_mev, matter_couplings())[:, :3].T)

    @cached_property
    def sun(self) -> Sun:
        """Production zone and vacuum Hamiltonian."""
        return Sun.of(self.parameters, self.model, self.component)

    @cached_property
    def basis(self) -> MassBasis:
        """Maps between flavours and mass eigenstates."""
        return MassBasis.of(self.parameters)

    @cached_property
    def earth_ratio(self) -> float:
        """Neutrons per electron of the Earth as this latitude sees it."""
        return crossed_ratio(self.latitude_deg)

    def _three_flavours(self, energies: Array, constant: Array, per_neutron: Array) -> Array:
        shares = mass_state_shares(self.sun, energies, constant, per_neutron)
        parts = np.zeros((*shares.shape[1:], len(self.basis.parts)))
        parts[..., :3] = np.moveaxis(shares, 0, -1)
        if self.earth == "year":
            potential = (constant + self.earth_ratio * per_neutron) @ self.basis.potential.T
            parts[..., 3:6] = self._first_two(energies, shares, potential[:, :3])
            parts[..., 6:] = self._third(energies, shares, potential[:, 3:])
        return np.asarray(parts @ self.basis.parts)

    def _first_two(self, energies: Array, shares: Array, m: Array) -> Array:
        """Return half a night's change of nu_1 and nu_2, coefficients of Pauli's matrices."""
        table, dm21 = year(self.latitude_deg), self.parameters.dm21_ev2
        x = np.multiply.outer(2.0 * TWO_POTENTIALS / dm21 * energies, m).swapaxes(0, 1)
        change = night_change(table.knots, table.coefficients(energies, dm21), x)
        return np.asarray(0.25 * (shares[0] - shares[1])[..., None] * change)

    def _third(self, energies: Array, shares: Array, entries: Array) -> Array:
        """Return half a night's entries 13 and 23, real and imaginary parts."""
        scale = TWO_POTENTIALS * surface_electrons_mol_per_cm3() * energies
        masses = np.array([0.0, self.parameters.dm21_ev2])
        mixed = [
            0.5 * scale * (shares[2] - shares[j]) / (self.parameters.dm31_ev2 - masses[j])
            for j in (0, 0, 1, 1)
        ]
        return np.asarray(np.stack(mixed, axis=-1) * entries[:, None, :])

    @cached_property
    def two_flavour_terms(self) -> tuple[Array, Array, Array]:
        """What two flavours need.

        Returns
        -------
        tuple of ndarray
            Nodes of the production zone (density, Y_n, weight), shape (8, 3); the maps from a
            potential per electron to -A, Re B and Im B per energy, potential and density, shape
            (3, 9); rho_0 and rho_1 as vectors, shape (2, 9).
        """
        zone = solar_model(self.model).quadrature(self.component, _TWO_FLAVOUR_NODES)
        electrons = zone.electrons_mol_per_cm3
        nodes = np.column_stack([electrons, zone.neutrons_mol_per_cm3 / electrons, zone.weights])
        maps = Projections.of_hermitian(self.parameters)
        rho = np.stack([to_vector(m) for m in density_matrices(self.parameters, self.detection)])
        return nodes, maps, rho

    def _two_flavours(self, energies: Array, constant: Array, per_neutron: Array) -> Array:
        (electrons, ratio, weights), maps, rho = (
            self.two_flavour_terms[0].T,
            *self.two_flavour_terms[1:],
        )
        matter = constant[:, None, :] + ratio[:, None] * per_neutron[:, None, :]
        scale = 4.0 * POTENTIAL_EV2_PER_MEV * np.multiply.outer(energies, electrons)
        x, real, imaginary = np.moveaxis(scale[:, :, None] * (matter @ maps.T)[:, None], -1, 0)
        x = x + self.parameters.dm21_ev2 * self.parameters.cos_2theta12
        s = real + 1j * imaginary + self.parameters.dm21_ev2 * self.parameters.sin_2theta12
        mean = cos_2theta_matter(x, s) @ weights
        return np.asarray(rho[0] + mean[..., None] * rho[1])


def flavour_probabilities(
    component: str,
    energy_mev: ArrayLike,
    *,
    earth: str = "year",
    latitude_deg: float = DEFAULT_LATITUDE_DEG,
    model: str = DEFAULT_MODEL,
    parameters: OscillationParameters = DEFAULT_MIXING,
) -> Array:
    """Return the probabilities that solar neutrinos arrive as nu_e, nu_mu and nu_tau.

    Three flavours, and the Earth as a year at Gran Sasso unless another latitude is given. See
    `Propagation` for the arguments and errors, `two_flavour_probabilities` for the approximation
    that most papers make.

    Returns
    -------
    ndarray
        Shape (3, *energy_mev.shape), of sum one.
    """
    energies = check_energies(energy_mev)
    way = Propagation(
        component=component,
        earth=earth,
        latitude_deg=latitude_deg,
        model=model,
        parameters=parameters,
    )
    return way.probabilities(energies.ravel()).reshape(3, *energies.shape)
