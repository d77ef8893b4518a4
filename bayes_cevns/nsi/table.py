"""Expected counts with non-standard interactions, as a table in neutrino energy.

With rho(E) = rho_0 + C(E) rho_1 and C(E) = sum_j C_j l_j(E), l_j the cardinal functions of some
energy nodes, every expected count is

    N_b = sum_q (t_0q T_qb + sum_j C_j t_1q T_qjb),   q = PP, PM, MM,

with t_q the traces of `bayes_cevns.physics.oscillation.density_matrix` and T the counts of a unit
charge, flux weighted with l_j(E), summed over isotopes with Z^2, Z N and N^2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.couplings.nodes import EnergyNodes
from bayes_cevns.errors import ArgumentError
from bayes_cevns.experiments.experiment import Experiment, Signal
from bayes_cevns.experiments.rate_table import RateTable
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.cevns import vector_kinematics
from bayes_cevns.physics.form_factors import form_factor as get_form_factor
from bayes_cevns.physics.kinematics import minimum_neutrino_energy_mev, momentum_transfer_mev
from bayes_cevns.physics.nuclei import Target
from bayes_cevns.physics.oscillation.couplings import NsiCouplings
from bayes_cevns.physics.oscillation.density_matrix import (
    DENSITY_MATRIX,
    charge_traces,
    density_matrices,
    nucleon_charges,
)
from bayes_cevns.physics.oscillation.parameters import NUFIT_5_3, OscillationParameters
from bayes_cevns.rates.base import per_tonne_year_kev
from bayes_cevns.sources import Source
from bayes_cevns.tables.quadrature import RecoilQuadrature

type Array = NDArray[np.float64]

#: Nuclear charges that multiply the three traces.
CHARGES = ("PP", "PM", "MM")

ENERGY_NODES = 16

#: Recoil spectra that differ by less than this, relative to the largest, are one component.
_COMPRESSION = 1e-8


@dataclass(frozen=True, kw_only=True, repr=False)
class NsiTable(RateTable):
    """Expected signal counts of an experiment by energy node and nuclear charge.

    Attributes
    ----------
    nodes
        Energy nodes, which cover all neutrinos that the experiment sees.
    """

    nodes: EnergyNodes

    def __post_init__(self) -> None:
        if self.interaction is not None:
            raise ArgumentError("a table for NSI has no mediator: give interaction None")
        if self.signal.channel != "cevns" or self.signal.theory_axes:
            raise ArgumentError(
                f"a table for NSI is of CEvNS without theory axes, {self.experiment.name} has "
                f"{self.signal.channel!r}"
            )

    @property
    def signal(self) -> Signal:
        """The one signal of the experiment."""
        return self.experiment.only_signal("a table for NSI")

    @cached_property
    def recoil_weights(self) -> Array:
        """Recoil weights in 1/(t yr), shape (1 + nodes, 3, recoil_energy).

        First those of the whole flux, then those of the flux times each cardinal function; for
        unit charges squared (`CHARGES`).
        """
        quadrature = RecoilQuadrature.on_nodes(self.signal.recoil_energy_kev)
        spectra = unit_spectra(
            self.signal.source,
            self.experiment.target,
            self.form_factor,
            quadrature.points_kev,
            self.nodes,
        )
        return quadrature.weights(spectra)

    @cached_property
    def _compressed(self) -> tuple[Array, Array]:
        """Return factors of the recoil weights, (1 + nodes, 3, k) and (k, recoil_energy).

        Many spectra, but few shapes: their singular values fall fast, and as many components
        as matter are contracted in place of 3 (1 + nodes).
        """
        weights = self.recoil_weights
        left, size, right = np.linalg.svd(weights.reshape(-1, weights.shape[-1]), False)
        kept = int(np.sum(size > _COMPRESSION * size[0]))
        return (left[:, :kept] * size[:kept]).reshape(*weights.shape[:2], kept), right[:kept]

    @property
    def mixing(self) -> Array:
        """What each node and charge gives to each component, shape (1 + nodes, 3, k)."""
        return self._compressed[0]

    def signal_counts(
        self,
        couplings: NsiCouplings,
        *,
        mean_cos: Array,
        parameters: OscillationParameters = NUFIT_5_3,
        detection: str = DENSITY_MATRIX,
    ) -> Array:
        """Return expected counts at the nodes of the shape axes, shape (*axes, run, bin).

        Parameters
        ----------
        couplings
            Couplings in the detector.
        mean_cos
            C at the energy nodes, shape (nodes,): `mean_cos_2theta` at ``nodes.energy_mev``.
        parameters, detection
            Mixing and description of detection, see `density_matrices`.

        Raises
        ------
        UnknownNameError
            If there is no such description.
        """
        charges = nucleon_charges(couplings)
        constant, slope = (
            charge_traces(density, *charges) for density in density_matrices(parameters, detection)
        )
        scales = np.concatenate([constant[None], np.multiply.outer(mean_cos, slope)])
        weights = np.einsum("jq,jqn->n", scales, self.recoil_weights)
        return np.tensordot(weights, self.signal.values.values, axes=1)

    def coefficients(self, mass_mev: float | None = None) -> Array:
        """Return the input of `RateOp`, shape (*axes, k + companions, bins).

        The signal as the k components of `mixing`, then the companions; no mass is used.
        """
        del mass_mev
        (table,), (response,) = self.signals, self.responses
        folded = table.fold(self._compressed[1], response, self.signal.axes)
        return np.concatenate([folded, self.companion_coefficients], axis=-2)


def nsi_tables(
    experiments: Sequence[Experiment],
    *,
    form_factor: str = DEFAULT_FORM_FACTOR,
    merged: bool = False,
    energy_nodes: int = ENERGY_NODES,
) -> tuple[NsiTable, ...]:
    """Return the tables of some experiments, on energy nodes that they share.

    Raises
    ------
    ArgumentError
        If no experiment is given, or the spectrum of one ends below its threshold.
    """
    if not experiments:
        raise ArgumentError("a model needs one experiment or more, got none")
    lows, highs = [], []
    for e in experiments:
        lightest = min(isotope.mass_mev for isotope in e.target.isotopes)
        signal = e.only_signal("a table for NSI")
        threshold = signal.recoil_energy_kev.min() / const.KEV_PER_MEV
        lows.append(float(minimum_neutrino_energy_mev(threshold, lightest)))
        highs.append(signal.source.highest_energy_mev)
    nodes = EnergyNodes(min(lows), max(highs), energy_nodes)
    return tuple(NsiTable(e, None, form_factor, merged, nodes=nodes) for e in experiments)


def unit_spectra(
    source: Source,
    target: Target,
    form_factor: str,
    recoil_energy_kev: Array,
    nodes: EnergyNodes,
) -> Array:
    """Return dR/dT of unit charges in 1/(t yr keV), shape (1 + nodes, 3, *recoil_energy.shape)."""
    recoil = recoil_energy_kev / const.KEV_PER_MEV
    form = get_form_factor(form_factor)
    total = np.zeros((1 + nodes.count, len(CHARGES), *recoil.shape))
    weighted = _weighted(source, nodes)
    for isotope in target.isotopes:
        minimum = minimum_neutrino_energy_mev(recoil, isotope.mass_mev)
        terms = isotope.abundance * vector_kinematics(isotope, recoil)
        moments = [s.inverse_moments(minimum).sum(axis=0) for s in weighted]
        spectra = np.array([np.einsum("n...,n...->...", terms, m) for m in moments])
        spectra[1:] -= _SHIFT * spectra[0]
        q = momentum_transfer_mev(recoil, isotope.mass_mev)
        protons, neutrons = (
            isotope.z * form.proton(q, isotope),
            isotope.n * form.neutron(q, isotope),
        )
        squares = np.stack([protons**2, protons * neutrons, neutrons**2])
        total += np.einsum("q...,j...->jq...", squares, spectra)
    return total * per_tonne_year_kev(target)


#: Cardinal functions change sign, fluxes may not: they are raised by this, which is then taken off.
_SHIFT = 2.0


def _weighted(source: Source, nodes: EnergyNodes) -> list[Source]:
    """Return the source, and the source times each cardinal function plus `_SHIFT`.

    Linear in energy between the points of the source, as the source itself. Below the nodes,
    where no neutrino is seen, a cardinal function goes on as a constant. Flavours are added up
    afterwards: the density matrix has them.
    """

    def raised(node: int, energy_mev: Array) -> Array:
        inside = np.clip(energy_mev, nodes.low_mev, nodes.high_mev)
        return np.asarray(nodes.cardinal(inside)[node] + _SHIFT)

    return [source, *(source.times(partial(raised, node)) for node in range(nodes.count))]
