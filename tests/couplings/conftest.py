"""Readable twins of the counts of a signal: integrals over neutrino energy, point by point."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from bayes_cevns.cards import Experiment
from bayes_cevns.cards.experiment import RECOIL_ENERGY, Signal
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.form_factors import form_factor
from bayes_cevns.physics.nuclei import Target
from bayes_cevns.sources.line import Line
from bayes_cevns.tables.quadrature import RecoilQuadrature

type Array = np.ndarray

#: Of Z F_p and N F_n, shape (R, 1), and neutrino energies, shape (E,).
type SquaredCharge = Callable[[Array, Array, Array], Array]

G_FERMI_PER_MEV2 = 1.1663787e-11
HBARC2_MEV2_CM2 = 3.89379372e-22
SECONDS_PER_YEAR = 365.25 * 86400.0
SIN2 = 0.23857


@dataclass(frozen=True)
class SlowSignal:
    """Counts of CEvNS of one signal, without moments, nodes or components."""

    signal: Signal
    target: Target
    energies: int = 20001

    @classmethod
    def of(cls, experiment: Experiment, name: str, energies: int = 20001) -> SlowSignal:
        (signal,) = (s for s in experiment.signals if s.name == name)
        return cls(signal, experiment.target, energies)

    def fluxes(self) -> Iterator[tuple[str, Array, Array]]:
        """Yield flavour, energies and fluxes times the steps of energy."""
        for flavour, several in self.signal.source.fluxes.items():
            for flux in several:
                if isinstance(flux, Line):
                    yield flavour, np.array([flux.energy_mev]), np.array([flux.total_per_cm2_s])
                else:
                    low, high = max(1e-3, flux.energy_mev[0]), flux.energy_mev[-1]
                    energy = np.linspace(low, high, self.energies)
                    values = np.interp(energy, flux.energy_mev, flux.flux_per_cm2_s_mev)
                    step = np.full(energy.size, energy[1] - energy[0])
                    step[[0, -1]] *= 0.5
                    yield flavour, energy, values * step

    def counts(self, squared: Callable[[str], SquaredCharge]) -> Array:
        """Return counts at nominal radius for charges squared by flavour; response's dims.

        G_F^2 m / pi Q^2 (1 - T/E - m T / (2 E^2)), isotope by isotope.
        """
        quadrature = RecoilQuadrature.on_nodes(self.signal.recoil_energy_kev)
        recoil = quadrature.points_kev[:, None] / 1e3
        factors = form_factor(DEFAULT_FORM_FACTOR)
        spectrum = np.zeros(recoil.shape[0])
        for flavour, energy, flux in self.fluxes():
            for isotope in self.target.isotopes:
                mass = isotope.mass_mev
                proton, neutron = factors.both(np.sqrt(2 * mass * recoil), isotope)
                kinematics = 1 - recoil / energy - mass * recoil / (2 * energy**2)
                kinematics[recoil > 2 * energy**2 / (mass + 2 * energy)] = 0.0
                q2 = squared(flavour)(isotope.z * proton, isotope.n * neutron, energy)
                strength = isotope.abundance * G_FERMI_PER_MEV2**2 * mass / np.pi
                spectrum += strength * (kinematics * q2) @ flux
        spectrum *= self.target.atoms_per_tonne * HBARC2_MEV2_CM2 * SECONDS_PER_YEAR / 1e3
        response = self.signal.values
        assert response.dims[0] == RECOIL_ENERGY
        return np.tensordot(quadrature.weights(spectrum), response.values, axes=1)


@pytest.fixture(scope="session")
def slow_signal() -> Callable[..., SlowSignal]:
    return SlowSignal.of
