"""Expected counts of the real experiment: totals, splines, merging, companions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from scipy.interpolate import BSpline
from scipy.stats import poisson

from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.errors import ArgumentError, TableError, UnknownNameError
from bayes_cevns.physics.interactions import NUCLEUS, Role, interaction, interactions
from bayes_cevns.physics.theory import Theory
from bayes_cevns.sources import source


def at_nodes(axes, coefficients):
    """Evaluate tensor-product B-splines at every node of every axis."""
    values = coefficients
    for position, axis in enumerate(axes):
        basis = BSpline(np.array(axis.knots), np.eye(len(axis.nodes)), 3)(axis.nodes)
        values = np.moveaxis(np.tensordot(basis, values, axes=(1, position)), 0, position)
    return values


def test_standard_model_counts_of_each_run(rate_table):
    """The collaboration quotes 3.4, 6.2 and 7.5; our own integral to four digits."""
    nominal = rate_table().counts().sel(component="sm", tly=0, tqy=0).sum("bin")
    assert list(nominal["run"].values) == ["sr0", "sr1", "sr2"]
    np.testing.assert_allclose(nominal, [3.4, 6.2, 7.5], atol=0.05)
    np.testing.assert_allclose(nominal, [3.3682, 6.2118, 7.4720], rtol=2e-4)


def test_dims_coords_and_units(rate_table, xenonnt):
    counts = rate_table("b-l").counts(10.0)
    assert isinstance(counts, xr.DataArray)
    assert counts.dims == ("component", "tly", "tqy", "run", "bin")
    assert counts.shape == (3, 7, 7, 3, 81)
    assert list(counts["component"].values) == ["sm", "interference", "new_physics"]
    assert counts.attrs["units"] == "counts"
    np.testing.assert_array_equal(counts["tly"], xenonnt.signal_axes[0].nodes)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, e in interactions().items()
        if NUCLEUS in e.scatters_on and e.axis.role is not Role.OSCILLATION
    ],
)
def test_the_standard_model_is_in_every_table(rate_table, name):
    sm = rate_table().counts()
    assert not sm[1:].any()
    for mass in (0.02, 30.0) if interaction(name).has_mass else (None,):
        found = rate_table(name).counts(mass)[0]
        np.testing.assert_allclose(found.values, sm[0].values, rtol=1e-12)


def test_couplings_combine_to_physical_counts(rate_table):
    """At its deepest dip, every bin of the universal vector still expects something."""
    for mass in (0.01, 20.0, 1e5):
        sm, linear, quadratic = rate_table("vector-universal").counts(mass).values
        assert np.all(sm > 0)
        assert np.all(linear < 0)
        assert np.all(sm - linear**2 / (4 * quadratic) > 1e-5 * sm)


@pytest.mark.parametrize("name", [None, "vector-universal", "scalar-universal"])
@pytest.mark.parametrize("merged", [False, True])
def test_coefficients_interpolate_the_counts(rate_table, xenonnt, name, merged):
    table = rate_table(name, merged=merged)
    counts = table.counts(10.0).values
    signal = 1 if name is None else 3
    expected = np.moveaxis(counts[:signal].reshape(signal, 7, 7, -1), 0, 2)
    neutron = {b.name: b for b in xenonnt.backgrounds}["neutron"].values.values.reshape(7, 7, 1, -1)
    assert [b.name for b in table.companions] == ["neutron"]
    expected = table.merge(np.concatenate([expected, neutron], axis=2))
    found = at_nodes(xenonnt.signal_axes, table.coefficients(10.0))
    assert found.shape == expected.shape == (7, 7, signal + 1, 54 if merged else 243)
    scale = np.abs(expected).max(axis=(0, 1, 3), keepdims=True)
    scale[scale == 0] = 1.0  # a scalar does not interfere
    np.testing.assert_allclose(found / scale, expected / scale, rtol=1e-10, atol=1e-13)


def test_coefficients_are_ready_for_the_op(rate_table):
    values = rate_table("b-l").coefficients(10.0)
    assert values.flags.c_contiguous
    assert values.dtype == np.float64


def test_merging_leaves_the_likelihood_as_it_is(rate_table, xenonnt):
    whole, merged = rate_table("b-l"), rate_table("b-l", merged=True)
    observed = xenonnt.observed.values.ravel()
    ac = {b.name: b for b in xenonnt.backgrounds}["ac"].values.values.ravel()
    difference = []
    for x in (0.0, 1e-10, 1e-9):
        powers = np.array([1.0, x, x**2, 0.3])

        def mean(table, powers=powers):
            # Sum of the B-spline coefficients of one node row: any linear combination will do.
            return powers @ table.coefficients(10.0)[3, 4] + table.merge(ac)

        difference.append(
            poisson.logpmf(observed, mean(whole)).sum()
            - poisson.logpmf(merged.merge(observed), mean(merged)).sum()
        )
    np.testing.assert_allclose(difference, 0.0, atol=1e-11)


def test_other_backgrounds_by_their_axes(rate_table, xenonnt):
    table = rate_table()
    assert {axes: [p.name for p in parts] for axes, parts in table.other_backgrounds.items()} == {
        (): ["ac", "er"]
    }
    (parts,) = table.other_backgrounds.values()
    rows = table.background_coefficients(parts)
    # Accidental coincidences are scaled run by run, electronic recoils together.
    assert rows.shape == (4, 243)
    by_run = rows.reshape(4, 3, 81)
    ac, er = (part.values.values for part in parts)
    for run in range(3):
        np.testing.assert_array_equal(by_run[run, run], ac[run])
        others = [r for r in range(3) if r != run]
        assert not by_run[run, others].any()
    np.testing.assert_array_equal(by_run[3], er)
    assert xenonnt.card.nuisance["ac"].per_run


def test_nominal_and_weakest(rate_table):
    table = rate_table("vector-universal")
    counts = table.counts(10.0)
    totals = counts.sum(("run", "bin"))
    np.testing.assert_allclose(table.nominal(10.0), totals.sel(tly=0.0, tqy=0.0))
    weakest = table.weakest(10.0)
    np.testing.assert_allclose(weakest, np.abs(totals).min(("tly", "tqy")))
    assert np.all(weakest < np.abs(table.nominal(10.0)))
    assert table.nominal(10.0)[1] < 0


def test_a_subset_of_runs_is_a_slice(rate_table, xenonnt):
    some = RateTable(xenonnt.select_runs(["sr2", "sr0"]), interaction("b-l"))
    found = some.counts(10.0)
    assert list(found["run"].values) == ["sr0", "sr2"]
    xr.testing.assert_allclose(found, rate_table("b-l").counts(10.0).sel(run=["sr0", "sr2"]))


def test_another_spectrum_changes_the_counts(rate_table, xenonnt):
    harder = RateTable(xenonnt.with_source(source("solar_8b_winter2006")), None)
    ratio = harder.nominal()[0] / rate_table().nominal()[0]
    assert 1.03 < ratio < 1.08  # Winter's is 3.8% more above 1 keV, 7.7% above 2 keV
    fluxes = {
        flavour: tuple(part.scaled_to(2 * part.total_per_cm2_s) for part in parts)
        for flavour, parts in xenonnt.signals[0].source.fluxes.items()
    }
    doubled = RateTable(
        xenonnt.with_source(replace(xenonnt.signals[0].source, fluxes=fluxes)), None
    )
    assert doubled.nominal()[0] == pytest.approx(2 * rate_table().nominal()[0], rel=1e-12)


@pytest.mark.parametrize("method", ["counts", "coefficients", "nominal", "weakest"])
def test_bad_masses(rate_table, method):
    call = getattr(rate_table("b-l"), method)
    with pytest.raises(ArgumentError, match="'b-l' needs a mediator mass, in MeV"):
        call()
    with pytest.raises(TableError, match="outside the table"):
        call(1e6)
    for mass in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ArgumentError, match="must be positive and finite"):
            call(mass)


def test_the_standard_model_takes_no_notice_of_a_mass(rate_table):
    np.testing.assert_array_equal(rate_table().counts(5.0), rate_table().counts())


def test_unknown_form_factor(xenonnt):
    with pytest.raises(UnknownNameError, match="unknown form factor"):
        RateTable(xenonnt, None, Theory("helmm"))


def test_klein_nystrand_lowers_the_counts(rate_table, xenonnt):
    other = RateTable(xenonnt, None, Theory("klein-nystrand")).nominal()[0]
    assert 0.985 < other / rate_table().nominal()[0] < 0.997
