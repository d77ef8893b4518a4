"""Ranks in posteriors that are known: a Poisson count with a Gamma prior."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy import special

from bayes_cevns.studies.calibration.ranks import independent_draws, rank, scalars
from bayes_cevns.studies.calibration.uniformity import Uniformity
from bayes_cevns.summary.fit import Fit

#: With a prior of unit rate, the posterior of a mean after n counts is Gamma(SHAPE + n), rate 2.
SHAPE, SIZE, FITS, SPLIT = 2.0, 39, 300, 1.0


def exact_fit(count: int, random: np.random.Generator, *, wrong: float) -> Fit:
    """The Gamma posterior of a Poisson mean, below and above a split, as two branches."""
    shape = SHAPE + count
    below = float(special.gammainc(shape, 2 * SPLIT))
    ends = [(0.0, below), (below, 1.0)]
    draws = [special.gammaincinv(shape, random.uniform(*end, size=(2, 50))) / 2 for end in ends]
    weight = np.array([below, 1 - below]) + np.array([wrong, -wrong])
    mean = xr.DataArray(np.array(draws), dims=("branch", "chain", "draw"))
    pair = xr.concat([mean, -mean], dim="run").assign_coords(run=["one", "two"])
    weight = np.clip(weight, 0, 1)
    return Fit(
        None,
        xr.Dataset({"mean": mean, "pair": pair, "coupling": mean}),
        xr.Dataset(),
        xr.Dataset({"weight": ("branch", weight / weight.sum())}),
    )


def p_values(*, wrong: float = 0.0, scale: float = 1.0) -> dict[str, float]:
    ranks: dict[str, list[int]] = {}
    for number in range(FITS):
        random = np.random.default_rng([3, number])
        truth = random.gamma(SHAPE)
        fit = exact_fit(int(random.poisson(truth * scale)), random, wrong=wrong)
        draws = independent_draws(fit, SIZE, random)
        assert set(draws) == {"mean", "pair[one]", "pair[two]"}
        for name, true in zip(draws, (truth, truth, -truth), strict=True):
            ranks.setdefault(name, []).append(rank(true, draws[name], random))
    test = Uniformity(FITS, SIZE)
    return {name: test.p_value(values) for name, values in ranks.items()}


def test_ranks_in_an_exact_posterior_are_uniform() -> None:
    assert min(p_values().values()) > 0.05


def test_wrong_weights_of_branches_are_seen() -> None:
    assert max(p_values(wrong=0.2).values()) < 0.005


def test_a_wrong_rate_is_seen() -> None:
    assert max(p_values(scale=0.7).values()) < 0.005


def test_draws_of_branches_come_with_their_weights() -> None:
    random = np.random.default_rng(1)
    fit = exact_fit(1, random, wrong=0.0)
    share = [np.mean(independent_draws(fit, SIZE, random)["mean"] < SPLIT) for _ in range(400)]
    below = float(fit.quality["weight"][0])
    assert np.mean(share) == pytest.approx(below, abs=4 * np.std(share) / 20)
    assert np.std(share) == pytest.approx(np.sqrt(below * (1 - below) / SIZE), rel=0.15)


def test_ties_are_broken_at_random() -> None:
    random = np.random.default_rng(1)
    found = {rank(1.0, [0.0, 1.0, 1.0, 2.0], random) for _ in range(100)}
    assert found == {1, 2, 3}
    assert rank(-1.0, [0.0, 1.0], random) == 0
    assert rank(5.0, [0.0, 1.0], random) == 2


def test_scalars_of_a_vector_carry_its_labels() -> None:
    data = xr.Dataset({"a": (("sample", "run"), [[1.0, 2.0]])}, coords={"run": ["r0", "r1"]})
    found = scalars(data, {"sample": np.zeros(1, int)})
    assert {name: v.tolist() for name, v in found.items()} == {"a[r0]": [1], "a[r1]": [2]}
