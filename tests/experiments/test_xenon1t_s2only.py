"""XENON1T's ionisation-only search: its release, and that its likelihood is one-sided."""

from __future__ import annotations

import numpy as np
import pytensor
import pytest
import xarray as xr
from scipy import optimize, stats

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.density.data import data_at
from bayes_cevns.model import assemble
from bayes_cevns.physics.dark_matter import WimpRate
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.rates import build_rate
from bayes_cevns.specification.expected_counts import expected_counts
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.resources import data_file
from bayes_cevns.tables.quadrature import RecoilQuadrature

RUN, NAME = "search", "xenon1t_s2only"
MASS_MEV = 10.0
SNO = 5.25 / 5.46


@pytest.fixture(scope="module")
def search() -> Experiment:
    return experiment(NAME)


def test_released_numbers(search: Experiment) -> None:
    """16 events; CEvNS 1.97 (1.89 in bins that lie inside as a whole) and 0.155 electronic."""
    assert search.observed.item() == 16
    assert search.exposure_tonne_year.item() == 0.97678
    with xr.open_dataset(data_file(f"{NAME}/response.nc"), engine="h5netcdf") as table:
        released = table["released_cevns"].item()
    assert released == pytest.approx(1.967, abs=0.001)
    counts = expected_counts(search)[RUN]
    assert counts["er"] == pytest.approx(0.1546, abs=1e-4)
    assert SNO * counts["cevns.sm"] == pytest.approx(released, rel=0.025)
    assert counts["electron.sm"] < 0.01


def test_dark_matter_of_the_releases_notebook(search: Experiment) -> None:
    """0.0382 events at 4 GeV and 1e-45 cm2 in its section 4: a check of the response alone."""
    (signal, _) = search.signals
    quadrature = RecoilQuadrature.on_nodes(signal.recoil_energy_kev)
    rate = WimpRate(search.target, mass_gev=4.0, cross_section_cm2=1e-45)
    events = quadrature.weights(rate.recoil(quadrature.points_kev)) @ signal.values.values.ravel()
    assert events == pytest.approx(0.0382, rel=0.05)


@pytest.mark.parametrize("number", [0, 1])
def test_counts_agree_with_a_rectangle_sum(search: Experiment, number: int) -> None:
    """Nuclear and electronic recoils, with a response that is linear between its energies."""
    signal = search.signals[number]
    energy = signal.recoil_energy_kev
    fine = np.geomspace(energy[0], energy[-1], 20001)
    middle = np.sqrt(fine[:-1] * fine[1:])
    new = interaction("vector-universal")
    rate = build_rate(signal.channel, source=signal.source, target=search.target, interaction=new)
    response = np.interp(middle, energy, signal.values.values.ravel())
    expected = (rate.components(middle, MASS_MEV) * response * np.diff(fine)).sum(axis=-1)
    x = 1e-10
    found = expected_counts(
        search, interaction="vector-universal", mass_mev=MASS_MEV, coupling_product=x
    )[RUN]
    parts = [found[f"{signal.name}.{part}"] for part in ("sm", "interference", "new_physics")]
    np.testing.assert_allclose(parts, expected * [1.0, x, x**2], rtol=0.02)


def likelihood(search: Experiment, x: float, unknown: np.ndarray) -> np.ndarray:
    """The model's density at some numbers of unknown events, other nuisances at nominal."""
    spec = ModelSpec.of([search], interaction="scalar-universal")
    tables = spec.tables()
    _, prior = data_at(spec, tables, MASS_MEV)
    assert prior is not None
    natural = {"unknown": unknown, "coupling_coordinate": float(prior.coordinate(x))}
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        model = assemble(spec, tables, MASS_MEV)
        density = model.compile_logp(jacobian=False)
        values = {}
        for rv in model.free_RVs:
            at = np.atleast_1d(natural.get(rv.name.removeprefix(f"{NAME}."), 1.0))
            transform = model.rvs_to_transforms[rv]
            forward = transform.forward(at, *rv.owner.inputs).eval() if transform else at
            values[model.rvs_to_values[rv].name] = np.broadcast_to(forward, unknown.shape)
    return np.array(
        [
            np.exp(density({name: row[i] for name, row in values.items()}))
            for i in range(len(unknown))
        ]
    )


def test_the_marginal_likelihood_is_one_sided(search: Experiment) -> None:
    """Integrated over the unknown background it is P(N <= 16 | everything else)."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    unknown = 25.0 * (1.0 + nodes)
    table = RateTable(search, interaction("scalar-universal"))
    factors = table.counts(MASS_MEV).sel(atomic_response=1.0).values.ravel()
    er = expected_counts(search)[RUN]["er"]
    products = np.sqrt(np.array([0.0, 3.0, 10.0, 20.0, 30.0]) / factors[2])
    marginal = [25.0 * weights @ likelihood(search, float(x), unknown) for x in products]
    known = factors[0] + factors[2] * products**2 + er
    expected = stats.poisson.cdf(16, known)
    np.testing.assert_allclose(np.divide(marginal, marginal[0]), expected / expected[0], rtol=1e-5)


def test_limit_on_signal_events(search: Experiment) -> None:
    """24.6 to 24.8 events at 90% CL in the release's notebook, with its own uncertainties."""
    normal = search.card.nuisance["signal_efficiency"].prior.mean_and_sd
    assert normal is not None
    observed, efficiency = search.observed.item(), np.linspace(0.2, 2.0, 1801)
    weight = stats.norm.pdf(efficiency, *normal)

    def excess(signal: float) -> float:
        probability = weight / weight.sum() @ stats.poisson.cdf(observed, efficiency * signal)
        return float(probability - 0.1)

    assert optimize.brentq(excess, 10, 60) == pytest.approx(24.7, rel=0.05)
