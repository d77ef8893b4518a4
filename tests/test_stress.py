"""Experiments at the edges: many bins, many nuisances, no events, very many, one bin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import bayes_cevns as bc
from bayes_cevns.cards.table_file import MOST_BINS
from bayes_cevns.errors import DataError
from bayes_cevns.inference.profile.likelihood import Likelihood
from bayes_cevns.inference.profile.minimum import minimise
from bayes_cevns.specification.model_spec import ModelSpec

SCALAR = {"interaction": "scalar-universal"}


def gradient_by_hand(likelihood: Likelihood, point: np.ndarray, place: int) -> float:
    """Return the slope along one parameter from differences."""
    step = 1e-5 * max(1.0, abs(point[place]))
    moved = [point.copy(), point.copy()]
    moved[0][place] -= step
    moved[1][place] += step
    low, high = (likelihood(at)[0] for at in moved)
    return float((high - low) / (2 * step))


def preview_is_finite(experiment: Any, masses: list[float]) -> Any:
    """Return the preview of an experiment after checking that its limits are numbers."""
    found = bc.preview([experiment], **SCALAR, masses_mev=masses)
    assert found.failures() == {}
    (table,) = (text for name, text in found.tables().items() if name.endswith("limits.csv"))
    rows = table.splitlines()
    place = rows[0].split(",").index("limit")
    limits = np.array([float(row.split(",")[place]) for row in rows[1:]])
    assert limits.size == len(masses)
    assert np.isfinite(limits).all()
    assert (limits > 0).all()
    return limits


@pytest.mark.parametrize("counts", [[0], [5], [10_000_000]])
def test_a_single_bin(counts: list[int], invent: Any) -> None:
    one = invent("single", counts, background=[max(1.0, float(counts[0]))])
    preview_is_finite(one, [10.0])


def test_no_events_in_any_bin(invent: Any) -> None:
    """With nothing seen the log-likelihood of a bin is minus what is expected there."""
    one = invent("none", np.zeros(20, int), background=np.full(20, 0.1))
    likelihood = Likelihood(ModelSpec.of([one]))
    expected = sum(sum(parts.values()) for parts in bc.expected_counts(one).values())
    place = [p.name for p in likelihood.parameters].index("none.flat")
    slope = likelihood(likelihood.nominal)[1][place]
    assert slope == pytest.approx(20 * 0.1, rel=1e-9)
    assert expected > 2.0
    preview_is_finite(one, [1.0, 10.0])


def test_ten_million_counts_a_bin(invent: Any) -> None:
    """The background is measured to 1/sqrt(sum of counts), whatever its prior."""
    counts = np.full(10, 10_000_000)
    one = invent("many", counts, background=counts.astype(float))
    likelihood = Likelihood(ModelSpec.of([one]))
    place = [p.name for p in likelihood.parameters].index("many.flat")
    start = likelihood.nominal
    start[place] = 1.02
    assert minimise(likelihood, start).point[place] == pytest.approx(1.0, abs=1e-6)
    preview_is_finite(one, [10.0])


def with_nuisances(folder: Path, card: Path, number: int) -> Path:
    """Add components to an experiment, each with a nuisance of its own."""
    with xr.open_dataset(folder / f"{card.stem}.nc", engine="h5netcdf") as opened:
        table = opened.load()
    text = card.read_text(encoding="utf-8")
    shape = table["flat"].shape
    random = np.random.default_rng(1)
    for each in range(number):
        name = f"part{each}"
        values = random.uniform(0.0, 2.0 / number, shape)
        table[name] = (table["flat"].dims, values, {"units": "counts"})
        text += (
            f'[background.{name}]\ntemplate = "{name}"\nscaled_by = "{name}"\n[nuisance.{name}]\n'
            f'title = "{name}"\nprior = {{ normal = [1.0, 0.3], lower = 0.0 }}\n'
            'origin = "invented"\n'
        )
    table.to_netcdf(folder / f"{card.stem}.nc", engine="h5netcdf")
    card.write_text(text, encoding="utf-8")
    return card


def test_two_hundred_nuisances(invent: Any) -> None:
    """The slope along each is that of differences, and they all have a minimum together."""
    card = invent.card("wide", np.full(40, 3), background=np.full(40, 1.0))
    one = bc.experiment(with_nuisances(invent.folder, card, 200))
    likelihood = Likelihood(ModelSpec.of([one]))
    assert len(likelihood.parameters) == 202
    point = likelihood.nominal * np.random.default_rng(2).uniform(0.8, 1.2, 202)
    slopes = likelihood(point)[1]
    for place in (0, 7, 100, 201):
        by_hand = gradient_by_hand(likelihood, point, place)
        assert slopes[place] == pytest.approx(by_hand, rel=1e-5, abs=1e-6)
    best = minimise(likelihood, point)
    assert best.value < likelihood(point)[0]
    assert np.abs(likelihood(best.point)[1]).max() < 0.5
    preview_is_finite(one, [10.0])


def fine(invent: Any, number: int) -> Any:
    """Invent an experiment with many bins, and few recoil energies."""
    counts = np.random.default_rng(3).poisson(1.0, number)
    recoils = np.geomspace(0.2, 6.0, 12)
    return invent("fine", counts, background=np.ones(number), recoils_kev=recoils)


@pytest.mark.parametrize("number", [2_000, MOST_BINS])
def test_many_bins(number: int, invent: Any) -> None:
    """The slope is a sum over all of them."""
    one = fine(invent, number)
    likelihood = Likelihood(ModelSpec.of([one]))
    place = [p.name for p in likelihood.parameters].index("fine.flat")
    point = likelihood.nominal
    value, slopes = likelihood(point)
    assert np.isfinite(value)
    by_hand = gradient_by_hand(likelihood, point, place)
    assert slopes[place] == pytest.approx(by_hand, rel=1e-4)
    preview_is_finite(one, [10.0])


def test_more_bins_than_memory_has_place_for(invent: Any) -> None:
    """They are refused before anything is made of them."""
    number = MOST_BINS + 1
    with pytest.raises(DataError, match=rf"has {number} runs x bins, expected {MOST_BINS} at most"):
        fine(invent, number)


@pytest.mark.calibration
def test_a_preview_of_a_thousand_masses(invent: Any) -> None:
    """Limits of neighbouring masses differ by little: the grid of masses makes no steps."""
    one = invent("few", [3, 1], background=[2.0, 1.0])
    masses = bc.log_masses(0.1, 1000.0, 1000).tolist()
    limits = preview_is_finite(one, masses)
    assert np.abs(np.diff(np.log(limits))).max() < 0.05
