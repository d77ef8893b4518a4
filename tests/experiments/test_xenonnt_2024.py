"""XENONnT's search of 2024 against its release and papers."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.specification.expected_counts import expected_counts
from bayes_cevns.storage.resources import data_file

SNO = 5.25 / 5.46


@pytest.fixture(scope="module")
def search() -> Experiment:
    return experiment("xenonnt_2024")


def test_observed_and_expected_events(search: Experiment) -> None:
    """arXiv:2408.02877: 37 observed, 26.4 background and 11.9 of 8B, at the flux of SNO."""
    assert search.observed.sum("bin").values.tolist() == [9, 28]
    counts = expected_counts(search)
    parts = {name: sum(counts[run][name] for run in search.runs) for name in counts["sr0"]}
    signal = SNO * parts.pop("sm")
    assert signal == pytest.approx(11.9, abs=0.1)
    assert sum(parts.values()) == pytest.approx(26.4, abs=0.05)


def test_standard_model_is_the_template_in_every_bin(search: Experiment) -> None:
    """The spectra of the release and of this package differ by 0.6%, at one flux."""
    with xr.open_dataset(data_file("xenonnt_2024/response.nc"), engine="h5netcdf") as table:
        released = (table["released_signal"] * table["exposure"]).transpose("run", "bin").values
    ours = SNO * RateTable(search, None).counts().sel(component="sm").values
    np.testing.assert_allclose(ours, released, rtol=0.01)
    np.testing.assert_allclose(released.sum(axis=1), [4.25, 7.67], atol=0.005)


def test_the_accidental_coincidences_are_those_of_2026(
    search: Experiment, xenonnt: Experiment
) -> None:
    """Both releases have the same bins: the template of the same events is the same."""
    old, new = (next(b.values for b in e.backgrounds if b.name == "ac") for e in (search, xenonnt))
    np.testing.assert_allclose(old.values, new.sel(run=["sr0", "sr1"]).values, rtol=1e-12)
    observed = xenonnt.observed.sel(run=["sr0", "sr1"]).values
    np.testing.assert_array_equal(search.observed.values, observed)


def test_three_bins_of_s2_are_the_same_events(search: Experiment) -> None:
    """Fig. 2 of arXiv:2408.02877 has 37 events; bins of S2 are the slowest index."""
    coarse = experiment("xenonnt_2024_s2")
    assert coarse.observed.values.tolist() == [[16, 14, 7]]
    fine = {"sm": RateTable(search, None).counts().sel(component="sm")}
    found = {"sm": RateTable(coarse, None).counts().sel(component="sm")}
    fine |= {part.name: part.values for part in search.backgrounds}
    found |= {part.name: part.values for part in coarse.backgrounds}
    for name, values in fine.items():
        expected = values.sum("run").values.reshape(3, 27).sum(axis=1)
        np.testing.assert_allclose(found[name].values[0], expected, rtol=1e-6)
