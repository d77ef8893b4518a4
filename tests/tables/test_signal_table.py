"""Several signals in one table: other axes, other sources, a theory axis, channels unaffected."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.interpolate import make_interp_spline

from bayes_cevns.cards import Experiment
from bayes_cevns.cards.card import NuisanceCard
from bayes_cevns.cards.priors import Prior
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.errors import ArgumentError, ChannelError
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates import build_rate
from bayes_cevns.sources import source
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.tables.mass_axis import recoil_weights
from bayes_cevns.tables.shape_axes import ShapeAxis

RADII = ShapeAxis("neutron_radius_scale", (0.8, 0.9, 1.0, 1.1, 1.2))
MASS_MEV = 10.0


@pytest.fixture(scope="module")
def two_signals(xenonnt: Experiment) -> Experiment:
    """XENONnT with two signals: one on (tly, tqy, radius), one on tqy alone from another source."""
    (first,) = xenonnt.signals
    second = replace(
        first,
        name="second",
        source=source("solar_8b_winter2006"),
        values=first.values.sel(tly=1.0, drop=True),
        axes=first.axes[1:],
    )
    radius = NuisanceCard(
        title="radius",
        axis=True,
        theory=RADII.nodes,
        prior=Prior.normal(1.0, 0.05, lower=0.8, upper=1.2),
        origin="a test",
    )
    nuisance = {"neutron_radius_scale": radius, **xenonnt.card.nuisance}
    return replace(
        xenonnt,
        card=xenonnt.card.model_copy(update={"nuisance": nuisance}),
        signals=(replace(first, theory_axes=(RADII,)), second),
    )


def direct(one: Experiment, signal: int, name: str | None, place: dict[str, float]) -> np.ndarray:
    """Counts of a signal at a place on its axes: rates computed at that very radius."""
    part = one.signals[signal]
    rate = build_rate(
        part.channel,
        source=part.source,
        target=one.target,
        interaction=None if name is None else interaction(name),
        theory=Theory().at({axis.name: place[axis.name] for axis in part.theory_axes}),
    )
    weights = recoil_weights(rate, part.recoil_energy_kev, None if name is None else MASS_MEV)
    response = part.values.values
    for axis in part.axes:  # recoil energy stays first, the next axis is always the second
        response = make_interp_spline(axis.nodes, response, k=3, axis=1)(place[axis.name])
    return np.tensordot(weights, response, axes=1).reshape(3, -1)


@pytest.mark.parametrize("name", [None, "vector-universal"])
def test_coefficients_at_a_place_between_the_nodes(two_signals: Experiment, name) -> None:
    table = RateTable(two_signals, None if name is None else interaction(name))
    axes = two_signals.signal_axes
    assert [axis.name for axis in axes] == ["neutron_radius_scale", "tly", "tqy"]
    place = {"neutron_radius_scale": 1.04, "tly": -0.7, "tqy": 1.3}
    values = table.coefficients(None if name is None else MASS_MEV)
    for axis in axes:
        basis = np.eye(len(axis.nodes))
        at = make_interp_spline(axis.nodes, basis, k=3)
        rows = np.linalg.solve(axis.coefficients(basis, 0).T, at(place[axis.name]))
        values = np.tensordot(rows, values, axes=1)
    powers = 1 if name is None else 3
    expected = np.concatenate([direct(two_signals, s, name, place)[:powers] for s in (0, 1)])
    scale = np.abs(expected).max(axis=1, keepdims=True)
    # The rest is what neutrons have; five radii give the Standard Model to a part in 10^5.
    np.testing.assert_allclose(values[: 2 * powers] / scale, expected / scale, atol=2e-5)


def test_totals_and_counts_agree(two_signals: Experiment) -> None:
    table = RateTable(two_signals, interaction("b-l"))
    counts = table.counts(MASS_MEV)
    assert counts.dims == ("component", "neutron_radius_scale", "tly", "tqy", "run", "bin")
    nominal = counts.sel(neutron_radius_scale=1.0, tly=0.0, tqy=0.0).sum(("run", "bin"))
    np.testing.assert_allclose(table.nominal(MASS_MEV), nominal, rtol=1e-12)
    weakest = sum(np.abs(s.totals(MASS_MEV)).reshape(3, -1).min(axis=1) for s in table.signals)
    np.testing.assert_allclose(table.weakest(MASS_MEV), weakest)


def test_a_larger_nucleus_is_seen_less(two_signals: Experiment) -> None:
    counts = RateTable(two_signals, None).signals[0].counts().sel(component="sm", tly=0, tqy=0)
    totals = counts.sum(("run", "bin"))
    assert np.all(np.diff(totals) < 0)
    # F^2 falls as 1 - q^2 r^2 / 3: at 1.5 keV (q = 19 MeV, r = 4.8 fm) 10% in radius are 1.4%.
    assert (
        0.01
        < 1 - float(totals.sel(neutron_radius_scale=1.1) / totals.sel(neutron_radius_scale=1.0))
        < 0.02
    )


def test_an_interaction_leaves_other_channels_alone(two_signals: Experiment) -> None:
    """Through electrons alone: recoils of nuclei have the Standard Model and nothing else."""
    first, second = two_signals.signals
    electrons = replace(second, channel="electron", source=source("solar_pp"))
    mixed = replace(two_signals, signals=(first, electrons))
    table = RateTable(mixed, interaction("scalar-leptophilic"))
    assert [s.count for s in table.signals] == [1, 3]
    values = table.coefficients(MASS_MEV)
    assert values.shape[-2] == 1 + 3 + len(table.companions)
    standard = RateTable(mixed, None).coefficients()
    np.testing.assert_allclose(values[..., 0, :], standard[..., 0, :], rtol=1e-12)
    np.testing.assert_allclose(values[..., 1, :], standard[..., 1, :], rtol=1e-12)
    ModelSpec.of([mixed], interaction="scalar-leptophilic")
    with pytest.raises(ChannelError, match="does not change the signal"):
        ModelSpec.of([two_signals], interaction="scalar-leptophilic")


def test_another_source_needs_one_signal(two_signals: Experiment) -> None:
    with pytest.raises(ArgumentError, match="has several"):
        two_signals.with_source(source("solar_8b"))
