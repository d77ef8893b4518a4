"""Propagation through the Sun as arXiv:2409.02003 prints it, and other ways to read it.

They serve the comparison with that paper only; the package has the first of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

import bayes_cevns as bc
from bayes_cevns.couplings.nodes import EnergyNodes
from bayes_cevns.physics.oscillation import (
    DE_SALAS_2020,
    NsiCouplings,
    OscillationParameters,
    ProductionZone,
    electron_probability,
    mean_cos_2theta,
    solar_model,
)
from bayes_cevns.physics.oscillation.matter import cos_2theta_matter, hamiltonian_terms
from bayes_cevns.sources import Spectrum, solar_flux

type Array = NDArray[np.float64]
#: C(E) = <cos 2 theta_M> at the energies of `nodes`, for some couplings.
type MeanCos = Callable[[NsiCouplings], Array]

CONTINUOUS = ("pp", "13n", "15o", "17f", "8b", "hep")


@cache
def nodes() -> EnergyNodes:
    """Return energy nodes for all neutrinos above the lowest threshold, 0.3 keV."""
    return EnergyNodes(4.0, bc.source("solar_8b").highest_energy_mev, 16)


@cache
def zone(*components: str) -> ProductionZone:
    """Return where components are made, flux-weighted: hydrogen and helium of B16-GS98."""
    sun = solar_model("b16-gs98").hydrogen_and_helium()
    parts = [sun.zone(c) for c in components]
    totals = np.array([sum(f.total_per_cm2_s for f in solar_flux(c)) for c in components])
    return ProductionZone(
        np.concatenate([p.electrons_mol_per_cm3 for p in parts]),
        np.concatenate([p.neutrons_mol_per_cm3 for p in parts]),
        np.concatenate([p.weights * t for p, t in zip(parts, totals / totals.sum(), strict=True)]),
    )


def printed(
    couplings: NsiCouplings,
    mixing: OscillationParameters = DE_SALAS_2020,
    components: tuple[str, ...] = ("8b",),
) -> Array:
    """Return C of its eqs. 11-15, averaged where these components are made."""
    energy = nodes().energy_mev
    made = zone(*components)
    return mean_cos_2theta(made, energy, parameters=mixing, couplings=couplings)


def scaled(factor: float) -> MeanCos:
    """Return a propagation in which the couplings are scaled."""
    return lambda c: printed(NsiCouplings(factor * c.up, factor * c.down))


def at_energy(energy_mev: float) -> MeanCos:
    """Return the propagation with C of one energy at all energies."""

    def constant(couplings: NsiCouplings) -> Array:
        c = mean_cos_2theta(zone("8b"), energy_mev, parameters=DE_SALAS_2020, couplings=couplings)
        return np.full(nodes().count, float(c))

    return constant


def exchanged(couplings: NsiCouplings) -> Array:
    """Return C with Y_u and Y_d exchanged."""
    return printed(NsiCouplings(couplings.down, couplings.up))


def opposite_potential(couplings: NsiCouplings) -> Array:
    """Return C with the opposite sign of the whole matter potential, as for antineutrinos."""
    made, mixing = zone("8b"), DE_SALAS_2020
    x, s = hamiltonian_terms(
        nodes().energy_mev,
        made.electrons_mol_per_cm3,
        made.neutrons_mol_per_cm3,
        mixing,
        couplings,
    )
    vacuum = mixing.dm21_ev2 * np.array([mixing.cos_2theta12, mixing.sin_2theta12])
    return np.asarray(cos_2theta_matter(2 * vacuum[0] - x, 2 * vacuum[1] - s) @ made.weights)


def all_fluxes(couplings: NsiCouplings) -> Array:
    """Return C of its eq. 16 with all fluxes at each energy: of these energies, 8B and hep."""
    energy = nodes().energy_mev
    total, sums = np.zeros(energy.size), np.zeros(energy.size)
    for component in ("8b", "hep"):
        (flux,) = solar_flux(component)
        assert isinstance(flux, Spectrum)
        share = np.interp(energy, flux.energy_mev, flux.flux_per_cm2_s_mev, right=0.0)
        total += share
        sums += share * printed(couplings, components=(component,))
    return sums / total


def mean_of_all_fluxes(couplings: NsiCouplings) -> Array:
    """Return C averaged over all fluxes and all energies, the same at every energy."""
    total = sums = 0.0
    for component in (*CONTINUOUS, "7be", "pep"):
        for flux in solar_flux(component):
            if isinstance(flux, Spectrum):
                energy = np.linspace(0.0, flux.energy_mev[-1], 14)[1:-1]
                share = np.interp(energy, flux.energy_mev, flux.flux_per_cm2_s_mev)
                share *= flux.total_per_cm2_s / share.sum()
            else:
                energy, share = np.array([flux.energy_mev]), np.array([flux.total_per_cm2_s])
            made = solar_model("b16-gs98").hydrogen_and_helium().quadrature(component, 6)
            c = mean_cos_2theta(made, energy, parameters=DE_SALAS_2020, couplings=couplings)
            total, sums = total + share.sum(), sums + share @ c
    return np.full(nodes().count, sums / total)


def printed_probability(energy: float, eps: float, components: tuple[str, ...]) -> float:
    """Return its eq. 16 at one energy, the lines left out."""
    couplings = NsiCouplings.of({"eps_ee_u": eps})
    total = sums = 0.0
    for component in components:
        (flux,) = solar_flux(component)
        assert isinstance(flux, Spectrum)
        share = float(np.interp(energy, flux.energy_mev, flux.flux_per_cm2_s_mev, right=0.0))
        if share > 0:
            c = mean_cos_2theta(
                zone(component), energy, parameters=DE_SALAS_2020, couplings=couplings
            )
            total += share
            sums += share * float(electron_probability(c, DE_SALAS_2020))
    return sums / total if total else float("nan")
