"""Counts of interactions whose mass decides which neutrinos count: every mass by itself."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.interpolate import make_interp_spline

import bayes_cevns as bc
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.priors import PRIORS, coupling_prior
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.tables.quadrature import RecoilQuadrature

#: m_4 in MeV up to just below the end of the source, 52.8 MeV of muon decay or 8.5 of a reactor.
CASES = [
    ("coherent_csi", "sterile-dipole", (0.1, 10.0, 27.0, 35.0, 45.0, 49.0, 51.0)),
    ("coherent_csi", "sterile-vector", (10.0, 45.0, 51.0)),
    ("conus_plus", "sterile-dipole-nu_e", (0.1, 1.0, 3.0, 5.0, 7.0)),
    ("coherent_csi", "sterile-oscillation", (1e-6, 3e-6, 1e-5)),
]


def dense(rate, nodes, response, mass):
    """Counts with each interval between nodes cut into 24: the response of the same spline."""
    quadrature = RecoilQuadrature.on_nodes(nodes)
    parts = np.array([np.linspace(a, b, 25)[:-1] for a, b in pairwise(nodes)])
    edges = np.append(parts.ravel(), nodes[-1])
    x, w = np.polynomial.legendre.leggauss(6)
    half = 0.5 * np.diff(edges)[:, None]
    points = (edges[:-1, None] + half * (1 + x)).ravel()
    weights = (half * w).ravel()
    at = make_interp_spline(quadrature.nodes_kev, response, k=3)(points)
    return (rate.components(points, mass) * weights) @ at


@pytest.mark.parametrize(("name", "new", "masses"), CASES)
def test_counts_against_a_dense_integral(name, new, masses):
    """Below 1e-3 of the largest bin, up to the end."""
    table = RateTable(bc.experiment(name), interaction(new))
    for signal in table.signals:
        (rate,) = signal.rates[len(signal.rates) // 2 :][:1]
        values = signal.signal.values
        while values.ndim > 3:
            values = values.isel({values.dims[1]: values.shape[1] // 2})
        nodes = signal.signal.recoil_energy_kev
        response = values.values.reshape(nodes.size, -1)
        place = len(signal.rates) // 2
        for mass in masses:
            weights = signal.weights(mass).reshape(-1, 3, nodes.size)[place]
            found, expected = weights @ response, dense(rate, nodes, response, mass)
            scale = np.abs(expected).max(axis=1, keepdims=True) + 1e-300
            assert np.all(np.abs(found - expected) <= 1e-3 * scale), (signal.signal.name, mass)


def test_between_any_two_masses_nothing_is_interpolated():
    """The counts fall to nothing close to the end without a wiggle below zero."""
    table = RateTable(bc.experiment("conus_plus"), interaction("sterile-dipole-nu_e"))
    counts = np.array([table.nominal(mass)[2] for mass in np.linspace(0.5, 12.4, 60)])
    assert np.all(counts >= 0)
    assert np.all(np.diff(counts) <= 1e-9 * counts[0])
    assert counts[0] > 0


@pytest.mark.parametrize("kind", PRIORS)
def test_above_the_end_of_a_source_there_is_no_limit(kind):
    tables = [RateTable(bc.experiment("coherent_csi"), interaction("sterile-dipole"))]
    with pytest.raises(ArgumentError, match="no event is possible and there is no limit") as error:
        coupling_prior(kind, tables, mass_mev=53.0)
    assert "m_4 = 53 MeV" in str(error.value)
    assert "52.83 MeV" in str(error.value)


def test_a_scan_says_so_before_it_computes():
    with pytest.raises(ArgumentError, match="no event is possible"):
        bc.scan("conus_plus", interaction="sterile-dipole-nu_e", masses_mev=[1.0, 20.0])


@pytest.mark.parametrize("kind", PRIORS)
def test_the_prior_of_an_amplitude_that_is_linear(kind):
    """Between the physical ends 0 and 1; flat in the counts is flat in x."""
    table = RateTable(bc.experiment("coherent_csi"), interaction("sterile-oscillation-nu_mu"))
    prior = coupling_prior(kind, [table], mass_mev=2e-6)
    assert prior.kind == ("log" if kind == "log" else "flat")
    assert not prior.signed
    assert prior.split is None
    assert prior.product(prior.upper) == pytest.approx(1.0, rel=1e-12)
    assert prior.meaningful == (True, True)
    assert prior.ends.high.kind == "physical"
    half = coupling_prior(kind, [table], mass_mev=2e-6, max_coupling=0.5)
    assert half.product(half.upper) == pytest.approx(0.5, rel=1e-12)
    assert half.ends.high.kind == "range"
    if kind == "log":
        lost = -table.nominal(2e-6)[1]
        assert prior.ends.low.bound == pytest.approx(0.01 / lost, rel=1e-9)
