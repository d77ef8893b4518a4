"""The table of NSI counts against integrals over neutrino energy, and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from bayes_cevns.nsi import NsiTable, nsi_tables
from scipy.interpolate import BSpline

from bayes_cevns.errors import ArgumentError
from bayes_cevns.experiments.rate_table import RateTable
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.form_factors import helm
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.oscillation import (
    COUPLINGS,
    DETECTIONS,
    NO_NSI,
    NUFIT_5_3,
    NsiCouplings,
    charge_traces,
    density_matrices,
    heavy_vector,
    mean_cos_2theta,
    nucleon_charges,
)
from bayes_cevns.sources import boron8
from bayes_cevns.tables.quadrature import RecoilQuadrature


@pytest.fixture(scope="module")
def table(xenonnt) -> NsiTable:
    (built,) = nsi_tables([xenonnt])
    return built


def counts(table: NsiTable, couplings: NsiCouplings, detection: str = "density-matrix"):
    mean = mean_cos_2theta("8b", table.nodes.energy_mev, couplings=couplings)
    return table.signal_counts(couplings, mean_cos=mean, detection=detection)


@pytest.fixture(scope="module")
def integrate(xenonnt):
    """Counts by integration over neutrino energy point by point, without nodes or moments."""
    quadrature = RecoilQuadrature.on_nodes(xenonnt.signals[0].recoil_energy_kev)
    recoil = quadrature.points_kev[:, None] / 1e3
    produced = boron8()
    energy = np.linspace(5.0, produced.energy_mev[-1], 3001)
    flux = np.interp(energy, produced.energy_mev, produced.flux_per_cm2_s_mev)
    flux *= np.gradient(energy)

    def counts_of(couplings: NsiCouplings, detection: str):
        mean = mean_cos_2theta("8b", energy, couplings=couplings)
        charges = nucleon_charges(couplings)
        constant, slope = (
            charge_traces(density, *charges)[:, None]
            for density in density_matrices(NUFIT_5_3, detection)
        )
        proton, mixed, neutron = constant + mean * slope
        spectrum = np.zeros(recoil.size)
        for isotope in xenonnt.target.isotopes:
            z, n, mass = isotope.z, isotope.n, isotope.mass_mev
            squared = z**2 * proton + z * n * mixed + n**2 * neutron
            kinematics = 1 - recoil / energy - mass * recoil / (2 * energy**2)
            kinematics[recoil > 2 * energy**2 / (mass + 2 * energy)] = 0.0
            form = helm.proton(np.sqrt(2 * mass * recoil[:, 0]), isotope) ** 2
            strength = isotope.abundance * const.FERMI_CONSTANT_PER_MEV2**2 * mass / np.pi
            spectrum += strength * form * (kinematics @ (squared * flux))
        spectrum *= xenonnt.target.atoms_per_tonne * const.HBARC_SQUARED_MEV2_CM2
        spectrum *= const.SECONDS_PER_YEAR / const.KEV_PER_MEV
        return np.tensordot(quadrature.weights(spectrum), xenonnt.signals[0].values.values, axes=1)

    return counts_of


@pytest.mark.parametrize("detection", DETECTIONS)
@pytest.mark.parametrize("size", [0.0, 0.1, 0.5])
def test_against_an_integral_over_energy(table, integrate, detection, size):
    values = np.random.default_rng(2).uniform(-size, size, 12)
    couplings = NsiCouplings.of(dict(zip(COUPLINGS, values, strict=True)))
    found, expected = counts(table, couplings, detection), integrate(couplings, detection)
    np.testing.assert_allclose(found, expected, rtol=3e-4, atol=1e-6)


def test_interpolation_in_energy(xenonnt, table):
    """Random couplings against four times as many nodes; what is left is below 1e-4."""
    (fine,) = nsi_tables([xenonnt], energy_nodes=64)
    rng = np.random.default_rng(4)
    for size in (0.1, 0.3, 1.0):
        for values in rng.uniform(-size, size, (6, 12)):
            couplings = NsiCouplings.of(dict(zip(COUPLINGS, values, strict=True)))
            np.testing.assert_allclose(
                counts(table, couplings), counts(fine, couplings), rtol=1e-5, atol=1e-9
            )


@pytest.mark.parametrize("detection", DETECTIONS)
def test_the_standard_model(xenonnt, table, detection):
    expected = RateTable(xenonnt, None).counts().sel(component="sm").values
    np.testing.assert_allclose(counts(table, NO_NSI, detection), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("detection", DETECTIONS)
@pytest.mark.parametrize("epsilon", [-0.1, 0.05, 0.3])
def test_the_heavy_vector(xenonnt, table, epsilon, detection):
    mass = 1e5
    x = epsilon * np.sqrt(2) * const.FERMI_CONSTANT_PER_MEV2 * mass**2
    vector = RateTable(xenonnt, interaction("vector-universal")).counts(mass).values
    expected = vector[0] + x * vector[1] + x**2 * vector[2]
    couplings = heavy_vector(1.0, x, x, mass)
    np.testing.assert_allclose(couplings.up, epsilon * np.eye(3))
    found = counts(table, couplings, detection)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-9)


def test_compression(xenonnt, table):
    """The few components that are contracted give back the counts at a node of the shape axes."""
    count = table.mixing.shape[-1]
    assert count < 20
    axes = xenonnt.signal_axes
    splines = [BSpline(axis.knots, np.eye(len(axis.nodes)), 3) for axis in axes]
    components = table.coefficients()[..., :count, :]
    for spline, value in zip(splines, (1.0, -2.0), strict=True):
        components = np.tensordot(spline(value), components, axes=1)
    found = np.einsum("jqk,kb->jqb", table.mixing, components)
    response = xenonnt.signals[0].values.sel({axes[0].name: 1.0, axes[1].name: -2.0})
    expected = table.recoil_weights @ response.values.reshape(response.shape[0], -1)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7 * np.abs(expected).max())


def test_a_bin_cannot_be_negative(table):
    rng = np.random.default_rng(6)
    for values in rng.uniform(-1, 1, (20, 12)):
        couplings = NsiCouplings.of(dict(zip(COUPLINGS, values, strict=True)))
        assert counts(table, couplings).min() >= -1e-12


def test_wrong_tables(xenonnt, table):
    with pytest.raises(ArgumentError, match="one experiment or more"):
        nsi_tables([])
    with pytest.raises(ArgumentError, match="no mediator"):
        NsiTable(xenonnt, interaction("vector-universal"), nodes=table.nodes)
