"""Some couplings chosen of all, in any order: the table of them alone, and of all at once."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.interpolate import BSpline

from bayes_cevns.cards import experiment
from bayes_cevns.couplings.channels import monomials
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import CouplingTable, coupling_tables

NAMES = ("ee_u", "emu_d", "tautau_q", "mumu_n", "sin2_theta_w")
CHOICES = [(3,), (1, 4), (4, 1), (2, 0, 3), (4, 3, 2, 1, 0)]
#: Solar and not; one signal and two; of one run or several with their own scales.
EXPERIMENTS = (
    "conus_plus",
    "conus_plus_spectrum",
    "coherent_ge",
    "xenonnt_cevns",
    "xenonnt_s2only",
)


@cache
def whole(name: str, *, matter: bool) -> CouplingTable:
    model = CouplingModel.of(NAMES, matter=matter)
    (table,) = coupling_tables([experiment(name)], model)
    return table


def by_components(table: CouplingTable, values: np.ndarray) -> np.ndarray:
    """Return the B-spline coefficients of the signals at values of the chosen couplings.

    As the model computes them: forms, traces with states, and components.
    """
    model = table.spectra[0].model
    chosen = list(table.chosen)
    shifts = values - model.standard_values[chosen]
    powers = monomials(shifts)
    factors = powers @ table.form
    matter = np.tensordot(shifts, model.matter_slopes[chosen], axes=1)
    for way, products, mixing in table.arriving:
        states = model.arrival(way, table.nodes[way.component].energy_mev, matter)
        pairs = (powers @ products).reshape(mixing.shape[1], -1)
        factors = factors + np.einsum("ne,pe,npc->c", states, pairs, mixing)
    return np.einsum("c,...cb->...b", factors, table.coefficients())


@pytest.mark.parametrize("matter", [True, False])
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_chosen_couplings_are_those_of_the_whole(name: str, matter: bool) -> None:
    table = whole(name, matter=matter)
    rng = np.random.default_rng(1)
    standard = table.spectra[0].model.standard_values
    for chosen in CHOICES:
        some = rng.uniform(-0.3, 0.3, len(chosen)) + standard[list(chosen)]
        every = standard.copy()
        every[list(chosen)] = some
        found = by_components(table.choose(chosen), some)
        expected = by_components(table, every)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_components_are_the_counts(name: str) -> None:
    """Splines through nodes give back `SignalSpectra.counts`, all runs together."""
    table = whole(name, matter=True)
    values = np.array([0.2, -0.1, 0.3, 0.15, 0.25])
    found = by_components(table, values)
    axes = table.experiment.signal_axes
    for axis, nodes in enumerate(axes):
        basis = BSpline(nodes.knots, np.eye(len(nodes.nodes)), 3)(np.array(nodes.nodes))
        found = np.moveaxis(np.tensordot(basis, found, axes=(1, axis)), 0, axis)
    names = [axis.name for axis in axes]
    total = sum(spectra.counts(values) for spectra in table.spectra)
    expected = total.transpose(*names, "run", "bin").values
    np.testing.assert_allclose(
        found, expected.reshape(found.shape), rtol=0, atol=1e-9 * expected.max()
    )


def test_powers_are_components_where_these_are_fewer() -> None:
    """One coupling has three powers; the spectra of a reactor have more shapes than that."""
    table = whole("xenonnt_cevns", matter=False)
    (spectra,) = table.spectra
    for count in range(1, 6):
        (signal,) = table.choose(range(count)).signals
        powers = (count + 1) * (count + 2) // 2
        assert signal.by_power == (powers < spectra.count)
        assert signal.count == min(powers, spectra.count)
    (signal,) = whole("xenonnt_cevns", matter=True).choose([0]).signals
    assert not signal.by_power, "states have no powers"


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("name", ["coherent_ge", "xenonnt_cevns"])
def test_merged_bins(name: str, merged: bool) -> None:
    one = experiment(name)
    (table,) = coupling_tables([one], CouplingModel.of(["ee_u"]), merged=merged)
    bins = table.coefficients().shape[-1]
    every = one.observed.size
    assert bins == every if not merged else bins <= every
    (plain,) = coupling_tables([one], CouplingModel.of(["ee_u"]))
    total = by_components(plain, np.array([0.2])).sum(axis=-1)
    np.testing.assert_allclose(by_components(table, np.array([0.2])).sum(axis=-1), total, rtol=1e-9)
