"""Interpolation in the mediator mass against the exact integral at that mass."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.errors import ArgumentError, TableError
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.interactions import NUCLEUS, interaction, interactions
from bayes_cevns.physics.nuclei import target
from bayes_cevns.rates import NuclearRecoilRate
from bayes_cevns.sources import Source, source
from bayes_cevns.tables.mass_axis import MASS_RANGE_MEV, MassTable, recoil_weights

NODES_KEV = np.array([0.5, 0.8, 1.0, 1.4, 2.0, 3.0])


@pytest.fixture(scope="module")
def small() -> MassTable:
    return MassTable.build(
        NuclearRecoilRate(
            source=source("solar_8b"), target=target("Xe"), interaction=interaction("b-l")
        ),
        NODES_KEV,
    )


#: The 8B spectrum unevenly in all flavours: loops of muons and taus would cancel in even ones.
SHARES = dict(zip(FLAVOURS, (0.3, 0.4, 0.15, 0.05, 0.08, 0.02), strict=True))


@pytest.fixture(scope="module")
def uneven() -> Source:
    parts = [part for fluxes in source("solar_8b").fluxes.values() for part in fluxes]
    fluxes = {
        flavour: tuple(part.scaled_to(share * part.total_per_cm2_s) for part in parts)
        for flavour, share in SHARES.items()
    }
    return Source("uneven", fluxes)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, e in interactions().items()
        if e.has_mass and NUCLEUS in e.scatters_on and not e.axis.moves_flux
    ],
)
def test_any_bin_at_any_mass(xenonnt, uneven, name):
    """Measured: at most 4e-8 in any bin of any run, at every node of the yield axes."""
    table = RateTable(xenonnt.with_source(uneven), interaction(name))
    rng = np.random.default_rng(20240)
    # Everywhere, and more densely where the propagator turns over, m = q = 11 to 35 MeV.
    masses = 10.0 ** np.concatenate([rng.uniform(-2, 5, 40), rng.uniform(0.7, 2.0, 30)])
    (signal,) = xenonnt.signals
    response = signal.values.values.reshape(signal.recoil_energy_kev.size, -1)
    (part,) = table.signals
    (rate,) = part.rates
    exact = recoil_weights(rate, signal.recoil_energy_kev, masses) @ response
    found = np.array([part.weights(m) for m in masses]) @ response
    assert found.shape == exact.shape
    counts = table.counts(masses[0]).values.reshape(3, -1)
    np.testing.assert_allclose(counts, found[0], rtol=1e-12, atol=1e-12 * np.abs(counts).max())
    assert np.all(exact[:, [0, 2]] > 0)
    for component in (0, 1, 2):
        np.testing.assert_allclose(found[:, component], exact[:, component], rtol=1e-6)


@pytest.mark.parametrize("mass", [*MASS_RANGE_MEV, 1.0, 10.0])
def test_ends_and_nodes_of_the_table(small, mass):
    exact = recoil_weights(
        NuclearRecoilRate(
            source=source("solar_8b"), target=target("Xe"), interaction=interaction("b-l")
        ),
        NODES_KEV,
        mass,
    )
    np.testing.assert_allclose(small.weights(mass), exact, rtol=1e-9)


def test_shapes_of_scalars_and_vectors(small):
    assert small.weights(3.0).shape == (3, NODES_KEV.size)
    assert small.weights(np.array(3.0)).shape == (3, NODES_KEV.size)
    assert small.weights(3).shape == (3, NODES_KEV.size)
    many = small.weights([3.0, 7.0])
    assert many.shape == (2, 3, NODES_KEV.size)
    np.testing.assert_array_equal(many[1], small.weights(7.0))
    assert small.weights([]).shape == (0, 3, NODES_KEV.size)


@pytest.mark.parametrize("mass", [9.99e-3, 1.001e5, 1e-30, 1e30, [1.0, 1e6]])
def test_a_mass_outside_is_refused(small, mass):
    with pytest.raises(TableError, match=r"outside the table \(0\.01 to 100000 MeV\)"):
        small.weights(mass)


@pytest.mark.parametrize("mass", [0.0, -1.0, np.nan, np.inf, [1.0, np.nan]])
def test_a_mass_that_is_none(small, mass):
    with pytest.raises(ArgumentError, match="must be positive and finite"):
        small.weights(mass)


def test_a_matrix_of_masses_is_never_mixed_up_with_the_energies(small):
    masses = np.linspace(1.0, 9.0, 2 * NODES_KEV.size).reshape(2, NODES_KEV.size)
    expected = np.array([[small.weights(m) for m in row] for row in masses])
    try:
        found = small.weights(masses)
    except (ArgumentError, TableError):
        return
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_arrays_hold_the_whole_table(small):
    again = MassTable.of_arrays(small.to_arrays())
    for mass in (0.3, 44.0):
        np.testing.assert_array_equal(again.weights(mass), small.weights(mass))


@pytest.mark.parametrize("masses", [[5.0], [5.0] * 7, [5.0, 6.0]])
def test_a_rate_table_takes_one_mass_at_a_time(xenonnt, masses):
    table = RateTable(xenonnt, interaction("b-l"))
    with pytest.raises((ArgumentError, TableError), match="mass"):
        table.coefficients(masses)
