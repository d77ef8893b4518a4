"""Folds of every card against its whole tables: counts and slopes, everywhere on the axes.

A fold may be wrong by 1e-8 of the counts: a table is taken for a product if it is one to 1e-9.
"""

from __future__ import annotations

import numpy as np
import pytest
from folding import folded, whole  # beside this file

from bayes_cevns.cards import experiment, experiment_names
from bayes_cevns.cards.folds import background_fold, signal_fold
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov

BOUND = 1e-8
#: Whether bins are merged, an interaction and masses in MeV.
CASES = (
    (True, "scalar-universal", (0.02,)),
    (True, "b-l", (10.0, 3e4)),
    (False, "vector-universal", (1.0,)),
)
PLACES = 4


def table_of(name: str, interaction: str, *, merged: bool = True) -> RateTable:
    one = experiment(name)
    one = asimov(one) if one.data == "none" else one
    spec = ModelSpec.of([one], interaction=interaction)
    return (spec.merging_bins() if merged else spec).tables()[0]


def compare(fold, coefficients, axes, seed: int) -> None:
    """Compare a fold with a table, and its adjoint with the slopes of the table."""
    rng = np.random.default_rng(seed)
    low, high = (np.array([axis.nodes[end] for axis in axes]) for end in (0, -1))
    for share in [*rng.uniform(size=(PLACES, len(axes))), np.zeros(len(axes)), np.ones(len(axes))]:
        point = np.clip(low + share * (high - low), low, high)
        here = whole(coefficients, axes, point)
        # Each component about as many events as the others, of either sign.
        total = np.abs(here).sum(axis=1)
        factors = rng.normal(size=total.size) / np.where(total > 0, total, 1.0)
        cotangent = rng.normal(size=here.shape[1])
        counts, to_factors, to_shape = folded(fold, point, factors, cotangent)
        size = np.abs(factors) @ np.abs(here)
        assert np.all(np.abs(counts - factors @ here) <= BOUND * size + 1e-13 * size.sum())
        bound = BOUND * np.abs(here) @ np.abs(cotangent)
        assert np.all(np.abs(to_factors - here @ cotangent) <= bound + 1e-13 * total)
        for axis, found in enumerate(to_shape):
            slope = whole(coefficients, axes, point, axis)
            expected = factors @ slope @ cotangent
            scale = np.abs(factors) @ np.abs(slope) @ np.abs(cotangent)
            width = high[axis] - low[axis]
            assert abs(found - expected) <= BOUND * (scale + size @ np.abs(cotangent) / width)


@pytest.mark.parametrize("name", experiment_names())
def test_signals_of_every_card(name: str) -> None:
    for merged, interaction, masses in CASES:
        table = table_of(name, interaction, merged=merged)
        for seed, mass in enumerate(masses):
            fold = signal_fold(table, mass)
            compare(fold, table.coefficients(mass), table.experiment.signal_axes, seed)


@pytest.mark.parametrize("name", experiment_names())
def test_backgrounds_of_every_card(name: str) -> None:
    for merged in (True, False):
        table = table_of(name, "b-l", merged=merged)
        for axes, parts in table.other_backgrounds.items():
            runs = [None, *range(len(table.experiment.runs))]
            for seed, run in enumerate(runs):
                fold = background_fold(table, parts, run)
                compare(fold, table.background_coefficients(parts, run), axes, seed)


@pytest.mark.parametrize("name", ["coherent_csi", "xenonnt_er", "dresden_ii"])
def test_several_couplings(name: str) -> None:
    model = CouplingModel.of(["ee_u", "mumu_u", "emu_d"] if name != "xenonnt_er" else ["ee_eL"])
    spec = ModelSpec.of([experiment(name)], couplings=model).merging_bins()
    (table,) = spec.tables()
    compare(signal_fold(table), table.coefficients(), table.experiment.signal_axes, 1)


def test_what_is_a_product_is_folded_as_one() -> None:
    """Energy and time of COHERENT, by the numbers that a call reads."""
    for name, least in (("coherent_csi", 80), ("coherent_lar", 100), ("coherent_ge", 4)):
        table = table_of(name, "b-l")
        whole_table = table.coefficients(10.0)
        assert whole_table.size > least * signal_fold(table, 10.0).real.size
