"""COHERENT's liquid argon against its release, its published fit, and slow twins."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor
import pytest
import xarray as xr
from scipy import stats
from scipy.interpolate import make_interp_spline
from scipy.optimize import brentq, minimize

import bayes_cevns as bc
from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.density.data import data_at
from bayes_cevns.model import assemble
from bayes_cevns.specification.expected_counts import binned_counts
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.resources import data_file

SHAPE = (12, 8, 10)
WIDTHS = {
    "sns_yield": 0.1,
    "signal_efficiency": 0.085,
    "brn": 0.322,
    "delayed_brn": 1.0,
    "steady_state": 0.00793,
}


@pytest.fixture(scope="module")
def lar() -> Experiment:
    return experiment("coherent_lar")


@pytest.fixture(scope="module")
def table() -> xr.Dataset:
    with xr.open_dataset(data_file("coherent_lar/response.nc"), engine="h5netcdf") as opened:
        return opened.load()


@pytest.fixture(scope="module")
def folded(lar: Experiment) -> dict[str, np.ndarray]:
    """Standard-Model counts of each signal, shape (energy, F90, time)."""
    counts = binned_counts(lar, None)
    return {name: counts[f"{name}.sm"].values.reshape(SHAPE) for name in ("prompt", "delayed")}


def test_events_and_backgrounds(lar: Experiment) -> None:
    """Table 2 of arXiv:2006.12659."""
    assert lar.observed.sum() == 3752
    assert float(lar.exposure_tonne_year.item()) == 0.0244
    counts = bc.expected_counts(lar)["cenns10"]
    for name, expected in {"brn": 497, "delayed_brn": 33, "steady_state": 3152}.items():
        assert counts[name] == pytest.approx(expected, rel=1e-4)


def test_the_standard_model_is_that_of_the_release(folded: dict[str, np.ndarray]) -> None:
    """128 +- 17 in arXiv:2006.12659; the radiative corrections that we leave out add 2.5%."""
    total = sum(cube.sum() for cube in folded.values())
    assert total == pytest.approx(121.9, abs=0.1)
    assert abs(total - 128) < 17 / 2


def test_projections_on_f90_and_time(folded: dict[str, np.ndarray], table: xr.Dataset) -> None:
    """The first bin of time, at the edge of the protons' distribution, differs by 9.5%."""
    ours = sum(folded.values())
    released = table["released_cevns"].values.reshape(SHAPE)
    ours, released = ours / ours.sum(), released / released.sum()
    f90 = ours.sum(axis=(0, 2)) / released.sum(axis=(0, 2))
    np.testing.assert_allclose(f90[:7], 1, rtol=0, atol=0.025)
    time = ours.sum(axis=(0, 1)) / released.sum(axis=(0, 1))
    np.testing.assert_allclose(time[0], 1, rtol=0, atol=0.1)
    np.testing.assert_allclose(time[1:], 1, rtol=0, atol=0.02)
    energy = ours.sum(axis=(1, 2))[:4] / released.sum(axis=(1, 2))[:4]
    np.testing.assert_allclose(energy, 1, rtol=0, atol=0.09)


def test_prompt_neutrinos_end_where_they_must(folded: dict[str, np.ndarray]) -> None:
    """2 E^2/(m + 2 E) at 29.79 MeV is 47.7 keV on 40Ar, 13.5 keVee, smeared by 2.1 keVee."""
    energy = folded["prompt"].sum(axis=(1, 2)) / folded["prompt"].sum()
    assert energy[:2].sum() > 0.9999
    assert folded["delayed"].sum(axis=(1, 2))[2:].sum() > 10


def profile(signal: np.ndarray, lar: Experiment) -> tuple[float, float, float, np.ndarray]:
    """Fit the number of signal events with the central shapes, as the collaboration does.

    Returns the best number, its lower and upper error, and the best scales of the backgrounds.
    """
    centre = {"brn_energy": 0.0, "brn_time": 0.0, "brn_width": 0.0}
    shapes = [
        part.values.sel({k: v for k, v in centre.items() if k in part.values.dims}).values.ravel()
        for part in lar.backgrounds
    ]
    widths = [WIDTHS[part.name] for part in lar.backgrounds]
    unit, observed = signal.ravel() / signal.sum(), lar.observed.values.ravel()

    def fit(events: float | None) -> tuple[np.ndarray, float]:
        def deviance(x: np.ndarray) -> float:
            mean = 100 * x[0] * unit + np.tensordot(x[1:], shapes, axes=1) + 1e-9
            pulls = (x[1:] - 1) / widths
            return float(2 * np.sum(mean - observed * np.log(mean)) + np.sum(pulls**2))

        first = (0.0, 5.0) if events is None else (events / 100, events / 100)
        bounds = [first, *[(0.0, 3.0)] * len(shapes)]
        start = [1.0 if events is None else first[0], *[1.0] * len(shapes)]
        found = minimize(deviance, start, method="L-BFGS-B", bounds=bounds, tol=1e-13)
        return found.x, float(found.fun)

    best, least = fit(None)
    events = 100 * float(best[0])
    ends = [
        brentq(lambda n: fit(n)[1] - least - 1, *sorted((events, events + step)), xtol=0.05)
        for step in (-90.0, 90.0)
    ]
    return events, events - ends[0], ends[1] - events, best[1:]


def test_the_published_fit(lar: Experiment, table: xr.Dataset) -> None:
    """159 +- 43 CEvNS, 553 prompt and 10 delayed neutrons, 3131 steady state: arXiv:2006.12659."""
    events, low, high, scales = profile(table["released_cevns"].values, lar)
    assert events == pytest.approx(159, abs=2)
    assert 0.5 * (low + high) == pytest.approx(43, abs=1)
    np.testing.assert_allclose(scales * [497, 33, 3152], [553, 10, 3131], rtol=0, atol=1.5)


def test_the_fit_of_the_folded_signal(lar: Experiment, folded: dict[str, np.ndarray]) -> None:
    """It has fewer events, most of all because prompt neutrinos give recoils of low energy."""
    cube = sum(folded.values())
    events, low, high, _ = profile(cube, lar)
    assert events == pytest.approx(134, abs=1)
    assert 0.5 * (low + high) == pytest.approx(40, abs=1)
    product = cube.sum(axis=2)[..., None] * cube.sum(axis=(0, 1)) / cube.sum()
    assert profile(product, lar)[0] == pytest.approx(154, abs=1)


def truncated(x: float, mean: float, sd: float, low: float, high: float = np.inf) -> float:
    return float(stats.truncnorm.logpdf(x, (low - mean) / sd, (high - mean) / sd, mean, sd))


def at(table: xr.DataArray, nu: dict[str, np.ndarray]) -> np.ndarray:
    """Return a table at nuisances, axis by axis, by the splines of SciPy."""
    axes = [str(dim) for dim in table.dims if dim not in ("run", "bin")]
    values = table.transpose(*axes, "run", "bin").values
    for axis in axes:
        values = make_interp_spline(table[axis].values, values, k=3)(nu[axis])
    return np.asarray(values)


def twin_log_density(
    one: Experiment, table: RateTable, x: float, nu: dict[str, np.ndarray]
) -> float:
    """Log-density of data and nuisances from the text of the card."""
    parts = {part.name: part.values for part in one.backgrounds}
    mean = np.zeros((1, 960))
    for signal in table.signals:
        counts = signal.counts(10.0)
        for power, component in enumerate(counts["component"].values):
            mean += x**power * at(counts.sel(component=component), nu)
    mean *= nu["sns_yield"] * nu["signal_efficiency"]
    for name, values in parts.items():
        mean += nu[name] * at(values, nu)
    total = stats.poisson.logpmf(one.observed.values, mean).sum()
    total += sum(truncated(float(nu[name]), 1.0, width, 0.0) for name, width in WIDTHS.items())
    for name, end in {"f90": 3, "timing": 2.25, "brn_energy": 3, "brn_time": 3}.items():
        total += truncated(float(nu[name]), 0.0, 1.0, -end, end)
    total += truncated(float(nu["brn_width"]), 0.0, 1.0, -2.0, 2.0)
    radius = one.card.nuisance["neutron_radius_scale"].prior
    assert radius.mean_and_sd is not None
    assert isinstance(radius.mean_and_sd[1], float)
    low, high = radius.support
    total += truncated(
        float(nu["neutron_radius_scale"]), radius.mean_and_sd[0], radius.mean_and_sd[1], low, high
    )
    return float(total)


def log_density(model: pm.Model, point: dict[str, np.ndarray]) -> float:
    """Log-density of a model at untransformed values, without any Jacobian."""
    values = {}
    for rv in model.free_RVs:
        transform = model.rvs_to_transforms[rv]
        natural = point[rv.name.removeprefix("coherent_lar.")]
        forward = transform.forward(natural, *rv.owner.inputs).eval() if transform else natural
        values[model.rvs_to_values[rv]] = forward
    return float(model.logp(jacobian=False).eval(values))


def test_log_density_equals_the_slow_twin(lar: Experiment) -> None:
    spec = ModelSpec.of([lar], interaction="vector-universal")
    tables, mass, x = spec.tables(), 10.0, 4e-9
    rng = np.random.default_rng(5)
    nu = {name: np.asarray(rng.uniform(0.7, 1.3)) for name in WIDTHS}
    nu |= {"neutron_radius_scale": np.asarray(rng.uniform(0.9, 1.1))}
    for name in ("f90", "timing", "brn_energy", "brn_time", "brn_width"):
        nu[name] = np.asarray(rng.uniform(-1.5, 1.5))
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        model = assemble(spec, tables, mass)
        _, prior = data_at(spec, tables, mass)
        assert prior is not None
        found = log_density(model, nu | {"coupling_coordinate": np.asarray(prior.coordinate(x))})
    expected = twin_log_density(lar, tables[0], x, nu)
    assert found == pytest.approx(expected - np.log(prior.upper - prior.lower), abs=1e-5)
