"""The XENONnT ionisation-only search against its release and against a slow twin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pymc as pm
import pytensor
import pytest
import xarray as xr
from scipy import stats
from scipy.interpolate import make_interp_spline

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.density.data import data_at
from bayes_cevns.model import assemble, build_model
from bayes_cevns.specification.expected_counts import expected_counts
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.resources import data_file

RUNS = ("sr0", "sr1", "sr2")
NODES = np.arange(-3.0, 4.0)
EFFICIENCY = 0.112
WIDTHS = {
    "cathode": (0.146, 0.104, 0.074),
    "de": (0.408, 0.192, 0.135),
    "ae": (0.171, 0.078, 0.078),
}
SNO = 5.25 / 5.46


@pytest.fixture(scope="module")
def s2only() -> Experiment:
    return experiment("xenonnt_s2only")


@pytest.fixture(scope="module")
def released() -> xr.DataArray:
    """Counts of the release's own CEvNS templates, dims (run, tqy, bin)."""
    with xr.open_dataset(data_file("xenonnt_s2only/response.nc"), engine="h5netcdf") as table:
        return (table["released_cevns"] * table["exposure"]).load()


@pytest.fixture(scope="module")
def ours(s2only: Experiment) -> xr.DataArray:
    return RateTable(s2only, None).counts().sel(component="sm")


def test_exposures_and_events(s2only: Experiment) -> None:
    """s2_only_statistical_model.yaml and arXiv:2601.11296."""
    assert s2only.exposure_tonne_year.values.tolist() == [1.50, 2.44, 3.89]
    assert s2only.observed.sum("bin").values.tolist() == [583, 864, 1107]


def test_released_cevns(released: xr.DataArray) -> None:
    """Templates of the release times exposure."""
    totals = released.sel(tqy=0).sum("bin")
    np.testing.assert_allclose(totals, [20.6, 29.4, 32.3], rtol=0, atol=0.06)


def test_standard_model_is_that_of_the_release(ours: xr.DataArray, released: xr.DataArray) -> None:
    """At the flux of SNO, whose uncertainty the release takes."""
    ratio = SNO * (ours / released).sel(tqy=0).transpose("run", "bin").values
    total = SNO * ours.sel(tqy=0).sum("bin") / released.sel(tqy=0).sum("bin")
    np.testing.assert_allclose(total, 1, rtol=0, atol=0.01)
    np.testing.assert_allclose(ratio[:, :4], 1, rtol=0, atol=0.025)
    np.testing.assert_allclose(ratio[:, 4:], 1, rtol=0, atol=0.06)


def test_charge_yield_acts_as_in_the_release(ours: xr.DataArray, released: xr.DataArray) -> None:
    """At high yields recoils below the response's end, 0.5 keV, are missing."""
    for tqy, tolerance in {-3: 0.01, -1: 0.015, 1: 0.03, 3: 0.06}.items():
        ratio = SNO * ours.sel(tqy=tqy).sum("bin") / released.sel(tqy=tqy).sum("bin")
        np.testing.assert_allclose(ratio, 1, rtol=0, atol=tolerance)


def test_spline_agrees_with_a_rectangle_sum(s2only: Experiment, ours: xr.DataArray) -> None:
    """The nodes lie close enough that the continuation between them does not matter."""
    energy = s2only.signals[0].recoil_energy_kev
    rate = RateTable(s2only, None).signals[0].rates[0].components(energy, None)[0]
    response = s2only.signals[0].values.sel(tqy=0).values
    rectangles = np.tensordot(rate * np.gradient(energy), response, axes=1)
    np.testing.assert_allclose(rectangles, ours.sel(tqy=0).values, rtol=0.003)


def test_nominal_backgrounds(s2only: Experiment) -> None:
    """The release's templates times exposure."""
    counts = expected_counts(s2only)
    for name, expected in {
        "cathode": (476.77, 660.29, 1207.11),
        "de": (1.323, 0.341, 17.206),
        "ae": (97.04, 108.48, 0.0),
    }.items():
        found = [counts[run][name] for run in RUNS]
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)


def truncated(x: float, mean: float, sd: float, low: float, high: float = np.inf) -> float:
    return float(stats.truncnorm.logpdf(x, (low - mean) / sd, (high - mean) / sd, mean, sd))


def twin_log_density(
    one: Experiment, table: RateTable, mass: float, x: float, nu: dict[str, np.ndarray]
) -> float:
    """Log-density of data and nuisances, run by run, from the text of the card."""
    parts = {b.name: b.values for b in one.backgrounds}
    counts = table.counts(mass)
    total = truncated(float(nu["flux_8b"]), 1.0, 0.12, 0.0)
    total += truncated(float(nu["tqy"]), 0.0, 1.0, -3.0, 3.0)
    for i, run in enumerate(one.runs):
        signal = np.tensordot([1.0, x, x**2], counts.sel(run=run).values, axes=1)
        mean = nu["flux_8b"] * nu["signal_efficiency"][i] * at(signal, nu["tqy"])
        cathode = at(parts["cathode"].sel(run=run).values, nu["tsys"][i])
        mean = mean + nu["cathode"][i] * cathode
        mean = mean + nu["de"][i] * parts["de"].sel(run=run).values
        mean = mean + nu["ae"][i] * parts["ae"].sel(run=run).values
        total += stats.poisson.logpmf(one.observed.sel(run=run).values, mean).sum()
        total += truncated(nu["signal_efficiency"][i], 1.0, EFFICIENCY, 0.0)
        total += truncated(nu["tsys"][i], 0.0, 1.0, -3.0, 3.0)
        total += sum(truncated(nu[n][i], 1.0, w[i], 0.0) for n, w in WIDTHS.items())
    return float(total)


def at(table: np.ndarray, pull: float) -> np.ndarray:
    return np.asarray(make_interp_spline(NODES, table, k=3, axis=0)(pull))


def log_density(model: pm.Model, point: dict[str, np.ndarray]) -> float:
    """Log-density of a model at untransformed values, without any Jacobian."""
    values = {}
    for rv in model.free_RVs:
        transform = model.rvs_to_transforms[rv]
        natural = point[rv.name]
        forward = transform.forward(natural, *rv.owner.inputs).eval() if transform else natural
        values[model.rvs_to_values[rv]] = forward
    return float(model.logp(jacobian=False).eval(values))


@pytest.mark.parametrize("merged", [False, True])
def test_log_density_equals_the_slow_twin(s2only: Experiment, merged: bool) -> None:
    """With bins emptied, so that merging joins bins of several runs."""
    emptied = replace(s2only, observed=s2only.observed.where(s2only.observed > 30, 0))
    spec = replace(ModelSpec.of([emptied], interaction="vector-universal"), merged=merged)
    tables, mass, x = spec.tables(), 10.0, 4e-10
    rng = np.random.default_rng(5)
    nu = {
        "flux_8b": np.asarray(rng.uniform(0.5, 1.5)),
        "tqy": np.asarray(rng.uniform(-2.9, 2.9)),
        "tsys": rng.uniform(-2.9, 2.9, 3),
        **{name: rng.uniform(0.7, 1.3, 3) for name in ("signal_efficiency", *WIDTHS)},
    }
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        model = assemble(spec, tables, mass)
        _, prior = data_at(spec, tables, mass)
        assert prior is not None
        point = {n if n == "flux_8b" else f"xenonnt_s2only.{n}": v for n, v in nu.items()}
        point["coupling_coordinate"] = np.asarray(prior.coordinate(x))
        found = log_density(model, point)
    expected = twin_log_density(emptied, tables[0], mass, x, nu)
    assert found == pytest.approx(expected - np.log(prior.upper - prior.lower), abs=1e-6)


def means(model: pm.Model, nu: dict[str, np.ndarray]) -> np.ndarray:
    """Expected counts of a model at nuisances given by the card's names."""
    (mean,) = model["xenonnt_s2only.counts"].owner.op.dist_params(
        model["xenonnt_s2only.counts"].owner
    )
    givens = {
        rv: pytensor.tensor.constant(nu[rv.name.removeprefix("xenonnt_s2only.")])
        for rv in model.free_RVs
    }
    return np.asarray(pytensor.function([], mean, givens=givens, mode="FAST_COMPILE")())


def test_efficiencies_by_run_scale_the_signal_of_nsi_as_well(s2only: Experiment) -> None:
    """Its many components are scaled as a vector, not one by one."""
    rng = np.random.default_rng(6)
    nu = {
        "eps_ee_u": np.asarray(0.0),
        "flux_8b": np.asarray(1.3),
        "tqy": np.asarray(0.4),
        "tsys": rng.uniform(-2.0, 2.0, 3),
        **{name: rng.uniform(0.7, 1.3, 3) for name in ("signal_efficiency", *WIDTHS)},
    }
    found = means(build_model([s2only], couplings=CouplingModel.of(["ee_u"])), nu)
    np.testing.assert_allclose(found, means(build_model([s2only]), nu), rtol=1e-6)


def test_a_run_by_itself_is_a_part_of_all(s2only: Experiment) -> None:
    rng = np.random.default_rng(7)
    nu = {"flux_8b": np.asarray(1.3), "tqy": np.asarray(0.4), "tsys": rng.uniform(-2.0, 2.0, 3)}
    nu |= {name: rng.uniform(0.7, 1.3, 3) for name in ("signal_efficiency", *WIDTHS)}
    one = {name: value[1:2] if value.ndim else value for name, value in nu.items()}
    found = means(build_model([s2only.select_runs(["sr1"])]), one)
    np.testing.assert_allclose(found, means(build_model([s2only]), nu)[1:2], rtol=1e-12)
