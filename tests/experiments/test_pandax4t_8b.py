"""PandaX-4T's two searches for solar 8B against its paper, others, and a slow twin."""

from __future__ import annotations

import numpy as np
import pytensor
import pytest
from scipy import optimize, stats
from scipy.interpolate import make_interp_spline

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.model import assemble
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.rates import build_rate
from bayes_cevns.specification.expected_counts import expected_counts
from bayes_cevns.specification.model_spec import ModelSpec

RUN = "run0+run1"
#: arXiv:2407.10892, abstract: observed, background and its error.
PUBLISHED = {"pandax4t_paired": (3, 2.8, 0.5), "pandax4t_us2": (332, 251.0, 32.0)}
#: Events of the Standard Model: see `test_standard_model`.
SM_EVENTS = {"pandax4t_paired": 2.3, "pandax4t_us2": 46.8}
FLUX_E6, SIGNAL_WIDTH = 5.46, 0.22
NODES = np.arange(-3.0, 4.0)


@pytest.fixture(scope="module", params=sorted(PUBLISHED))
def search(request: pytest.FixtureRequest) -> Experiment:
    return experiment(request.param)


def test_published_numbers(search: Experiment) -> None:
    observed, background, _ = PUBLISHED[search.name]
    assert search.observed.item() == observed
    assert expected_counts(search)[RUN]["background"] == background


def test_standard_model(search: Experiment) -> None:
    """2.4 in 1.25 t yr and 46.8 in 1.04 (arXiv:2409.02003); 3.5 and 75 events at 8.4e6 by fit."""
    expected = {"pandax4t_paired": (2.4 * 1.20 / 1.25, 3.5), "pandax4t_us2": (46.8, 75.0)}
    sm = expected_counts(search)[RUN]["sm"]
    published, fitted = expected[search.name]
    assert sm == pytest.approx(SM_EVENTS[search.name], rel=1e-5)
    assert sm == pytest.approx(published, rel=2e-3)
    assert sm == pytest.approx(fitted * FLUX_E6 / 8.4, rel=0.05)


def test_they_may_be_fitted_together() -> None:
    """Paired and unpaired events: none is in both."""
    both = [experiment(name) for name in PUBLISHED]
    assert not any(one.card.overlaps for one in both)
    assert len(ModelSpec.of(both).experiments) == 2


def test_the_charge_yield_is_one_parameter_of_a_joint_fit() -> None:
    """And moves both: fewer paired events of a light vector where there are fewer electrons."""
    both = [experiment(name) for name in PUBLISHED]
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        spec = ModelSpec.of(both, interaction="vector-universal")
        names = [rv.name for rv in assemble(spec, spec.tables(), 1.0).free_RVs]
    assert [name for name in names if "yield" in name] == ["pandax4t_charge_yield"]
    for one in both:
        table = RateTable(one, interaction("vector-universal"))
        counts = table.counts(1.0).sel(component="new_physics")
        low, high = (float(counts.sel(pandax4t_charge_yield=p).item()) for p in (-1, 1))
        assert low < 0.99 * high


def test_the_yield_moves_light_mediators_alone() -> None:
    """A heavy vector has the spectrum of the Standard Model; one of 1 MeV grows at low recoils."""
    table = RateTable(experiment("pandax4t_us2"), interaction("vector-universal"))
    heavy, light = (table.counts(mass).sel(component="new_physics") for mass in (1e3, 1.0))
    for counts, width in ((heavy, 0.0), (light, 0.14)):
        ratio = counts.sel(pandax4t_charge_yield=[-1, 1]) / counts.sel(pandax4t_charge_yield=0)
        np.testing.assert_allclose(ratio.values.ravel(), [1 - width, 1 + width], atol=0.02)


def test_counts_agree_with_a_rectangle_sum(search: Experiment) -> None:
    """Response linear between its nodes, and a rate of its own."""
    (signal,) = search.signals
    at_zero = {axis.name: 0.0 for axis in signal.axes}
    response = signal.values.sel(at_zero).values.ravel()
    energy = signal.recoil_energy_kev
    fine = np.linspace(energy[0], energy[-1], 5001)
    middle = 0.5 * (fine[:-1] + fine[1:])
    new = interaction("scalar-universal")
    rate = build_rate("cevns", source=signal.source, target=search.target, interaction=new)
    spectra = rate.components(middle, 10.0) * np.interp(middle, energy, response)
    found = RateTable(search, new).counts(10.0).sel(at_zero).values.ravel()
    np.testing.assert_allclose(found, spectra.sum(axis=-1) * (fine[1] - fine[0]), rtol=5e-3)


def minus_two_log(search: Experiment, flux: float, signal: float, background: float) -> float:
    """Poisson and the two normal constraints, from the text of the card."""
    observed, expected, error = PUBLISHED[search.name]
    mean = flux * signal * SM_EVENTS[search.name] + background * expected
    poisson = -2.0 * float(stats.poisson.logpmf(observed, mean))
    pulls = (signal - 1.0) / SIGNAL_WIDTH, (background - 1.0) * expected / error
    return poisson + pulls[0] ** 2 + pulls[1] ** 2


def test_log_density_is_that_of_the_twin(search: Experiment) -> None:
    """Differences of log-densities, which are free of the constants of the priors."""
    spec = ModelSpec.of([search], nuisance_priors={"flux_8b": "flat"})
    names = ("flux_8b", "signal_efficiency", "background", "pandax4t_charge_yield")
    points = [(1.0, 1.0, 1.0, 0.0), (1.7, 0.8, 1.2, 0.0), (0.4, 1.3, 0.7, 1.0)]
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        model = assemble(spec, spec.tables(), None)
        density = model.compile_logp(jacobian=False)
        found = []
        for point in points:
            values = {}
            for rv in model.free_RVs:
                at = point[names.index(rv.name.removeprefix(f"{search.name}."))]
                transform = model.rvs_to_transforms[rv]
                forward = transform.forward(at, *rv.owner.inputs).eval() if transform else at
                values[model.rvs_to_values[rv].name] = np.asarray(forward, dtype=float)
            found.append(float(density(values)))
    expected = [-0.5 * (minus_two_log(search, *p[:3]) + p[3] ** 2) for p in points]
    # Widths on the cards have three or four digits.
    np.testing.assert_allclose(np.diff(found), np.diff(expected), atol=0.01)


def profiled(search: Experiment, flux: float) -> float:
    """-2 ln L at its maximum over signal and background."""

    def value(at: np.ndarray) -> float:
        return minus_two_log(search, flux, at[0], at[1])

    bounds = [(1e-3, 4.0), (1e-3, 4.0)]
    return float(optimize.minimize(value, [1.0, 1.0], bounds=bounds).fun)


def interval(searches: list[Experiment]) -> tuple[float, float, float]:
    """Best flux in 1e6 per cm2 s, and where -2 ln L is 1 above its minimum."""
    grid = np.linspace(0.0, 4.0, 81)
    curve = np.sum([[profiled(one, flux) for flux in grid] for one in searches], axis=0)
    fine = np.linspace(0.0, 4.0, 4001)
    above = make_interp_spline(grid, curve)(fine)
    inside = fine[above - above.min() <= 1.0]
    best = fine[np.argmin(above)]
    return FLUX_E6 * best, FLUX_E6 * inside[0], FLUX_E6 * inside[-1]


def test_flux_of_the_ionisation_only_search() -> None:
    """92 +- 34 events alone, or (7.7 +7.0 -5.9)e6 from its 8 bins (arXiv:2411.11749)."""
    best, low, high = interval([experiment("pandax4t_us2")])
    per_flux = SM_EVENTS["pandax4t_us2"] / FLUX_E6
    assert best * per_flux == pytest.approx(332 - 251, rel=2e-3)
    assert abs(best * per_flux - 92) < 0.5 * 34
    assert 7.7 - 5.9 < low < 7.7 < high < 7.7 + 7.0 + 0.2
    assert (high - low) * per_flux / 2 == pytest.approx(34, rel=0.3)


def test_flux_of_both() -> None:
    """(8.4 +- 3.1)e6 of the collaboration, whose fit knows the observables of each event."""
    best, low, high = interval([experiment(name) for name in PUBLISHED])
    assert low < 8.4 < high
    assert 8.4 - 3.1 < best < 8.4 + 3.1
    assert 0.5 * (high - low) == pytest.approx(3.1, rel=0.3)
