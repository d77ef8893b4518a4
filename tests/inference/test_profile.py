"""The profile likelihood: against likelihoods written by hand, and against closed forms."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.stats import chi2, norm, poisson, truncnorm

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.errors import ArgumentError, BayesCevnsError, UnknownNameError
from bayes_cevns.inference.profile.likelihood import Likelihood
from bayes_cevns.inference.profile.minimum import minimise
from bayes_cevns.inference.profile.toys import Calibrator
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.studies.profile import profile, profile_scan

CRITICAL = chi2.ppf(0.9, 1)
FLUX_UNIT = 5.46  # of the nuisance flux_8b, in 10^6 / (cm^2 s)
FLAT_FLUX = {"flux_8b": "flat"}


@pytest.fixture(scope="module")
def search() -> Experiment:
    return experiment("xenonnt_2024")


@pytest.fixture(scope="module")
def one_bin(search: Experiment) -> Experiment:
    """Fifty times the signal of one run in one bin, scaled by the 8B flux alone."""
    run = search.select_runs(["sr1"])
    signal = run.signals[0]
    values = 50 * signal.values.sum("bin", keepdims=True).assign_coords(bin=[0])
    observed = run.observed.sum("bin", keepdims=True).assign_coords(bin=[0])
    total = RateTable(run, None).nominal()[0]
    return replace(
        run,
        signals=(replace(signal, values=values, scaled_by=("flux_8b",)),),
        backgrounds=(),
        observed=observed.copy(data=[[round(50 * total)]]),
    )


def by_hand(search: Experiment) -> Callable[[np.ndarray], float]:
    """-ln L of the 2024 search in the Standard Model, with the flux free, bin by bin.

    Parameters: flux, efficiency, accidentals of both runs, electronic recoils, neutrons.
    """
    signal = RateTable(search, None).counts().sel(component="sm").transpose("run", "bin").values
    ac, er, neutron = (
        next(b.values for b in search.backgrounds if b.name == name).transpose("run", "bin").values
        for name in ("ac", "er", "neutron")
    )
    observed = search.observed.transpose("run", "bin").values
    widths = np.array([0.25, 0.0904, 0.0576, 1.0, 0.58])

    def minus_log_likelihood(p: np.ndarray) -> float:
        flux, efficiency, *accidentals, recoils, neutrons = p
        mean = flux * efficiency * signal + np.array(accidentals)[:, None] * ac
        mean = mean + recoils * er + neutrons * neutron
        constraints = truncnorm.logpdf(p[1:], -1 / widths, np.inf, loc=1.0, scale=widths)
        return -float(poisson.logpmf(observed, mean).sum() + constraints.sum())

    return minus_log_likelihood


def least_at(function: Callable[[np.ndarray], float], flux: float) -> float:
    start = np.array([flux, *[1.0] * 5])
    bounds = [(flux, flux), *[(0.0, None)] * 5]
    found = minimize(function, start, bounds=bounds, options={"ftol": 1e-13, "gtol": 1e-8})
    return float(found.fun)


def test_flux_of_2024_against_a_likelihood_by_hand(search: Experiment) -> None:
    """The value itself, constraints and all, and the interval."""
    found = profile(
        [search], parameter="flux_8b", level=0.6827, critical_value=1.0, nuisance_priors=FLAT_FLUX
    )
    function = by_hand(search)
    assert found.minimum == pytest.approx(2 * least_at(function, found.best), abs=1e-4)
    (piece,) = found.intervals
    ends = [
        brentq(lambda f: 2 * least_at(function, f) - found.minimum - 1.0, *bracket)
        for bracket in ((0.1, found.best), (found.best, 3.0))
    ]
    assert (piece.low, piece.high) == pytest.approx(ends, rel=1e-3)


def test_flux_of_2024_is_the_published_one(search: Experiment) -> None:
    """arXiv:2408.02877: (4.7 +3.6 -2.3) 10^6 / (cm^2 s); its errors are those of toys."""
    found = profile([search], parameter="flux_8b", level=0.6827, nuisance_priors=FLAT_FLUX)
    assert FLUX_UNIT * found.best == pytest.approx(4.7, abs=0.1)
    (piece,) = found.intervals
    assert FLUX_UNIT * piece.low == pytest.approx(4.7 - 2.3, abs=0.25)
    assert FLUX_UNIT * piece.high == pytest.approx(4.7 + 3.6, abs=0.7)
    freed = profile([search], parameter="flux_8b", level=0.6827, free=True)
    assert freed.best == pytest.approx(found.best, rel=1e-3)
    assert freed.minimum == pytest.approx(found.minimum, abs=1e-4)
    bound = profile([search], parameter="flux_8b", level=0.6827)
    assert bound.intervals[0].high - bound.intervals[0].low < 0.25


def test_one_bin_has_the_flux_of_its_counts(one_bin: Experiment) -> None:
    """-2 ln L = 2 (s f - n ln f) + constant: best fit n / s, ends where it has grown by 2.706."""
    found = profile([one_bin], parameter="flux_8b", free=True)
    signal, counts = RateTable(one_bin, None).nominal()[0], int(one_bin.observed.sum())
    best = counts / signal
    assert found.best == pytest.approx(best, rel=1e-4)

    def above(flux: float) -> float:
        return 2 * (signal * (flux - best) - counts * np.log(flux / best)) - CRITICAL

    ends = brentq(above, 0.5 * best, best), brentq(above, best, 2 * best)
    (piece,) = found.intervals
    assert (piece.low, piece.high) == pytest.approx(ends, rel=1e-4)
    assert found.minimum == pytest.approx(-2 * poisson.logpmf(counts, counts), abs=1e-4)


@pytest.mark.parametrize("name", ["scalar-universal", "vector-universal"])
def test_one_bin_with_a_constraint_in_closed_form(one_bin: Experiment, name: str) -> None:
    """With T counts at flux 1 the best flux solves f^2 + f (T sigma^2 - 1) = n sigma^2."""
    found = profile([one_bin], interaction=name, mass_mev=10.0)
    table = RateTable(one_bin, ModelSpec.of([one_bin], interaction=name).interaction)
    sm, interference, new = table.nominal(10.0)
    counts, sigma = int(one_bin.observed.sum()), 0.12

    def height(x: float) -> float:
        total = sm + x * interference + x**2 * new
        half = 0.5 * (1 - total * sigma**2)
        flux = half + np.sqrt(half**2 + counts * sigma**2)
        constraint = norm.logpdf(flux, 1.0, sigma) - norm.logcdf(1.0 / sigma)
        return -2 * float(poisson.logpmf(counts, flux * total) + constraint)

    grid = np.linspace(found.values.min(), found.values.max(), 20001)
    heights = np.array([height(x) for x in grid])
    least = heights.min()
    assert found.minimum == pytest.approx(least, abs=1e-3)
    inside = heights - least <= CRITICAL
    edges = grid[np.flatnonzero(np.diff(inside))]
    ends = [end for piece in found.intervals for end in (piece.low, piece.high)]
    ends = ends[1:] if name == "scalar-universal" else ends
    assert ends == pytest.approx(list(edges), abs=2 * (grid[1] - grid[0]))
    assert len(found.intervals) == (1 if name == "scalar-universal" else 2)


@pytest.mark.parametrize("name", ["scalar-universal", "vector-universal", "magnetic-moment"])
def test_gradient_against_finite_differences(xenonnt: Experiment, name: str) -> None:
    mass = None if name == "magnetic-moment" else 10.0
    spec = ModelSpec.of([xenonnt], interaction=name)
    likelihood = Likelihood(spec.merging_bins(), mass, free="xenonnt_cevns.er")
    rng = np.random.default_rng(1)
    for _ in range(5):
        point = likelihood.nominal + rng.normal(0, 0.1, len(likelihood.parameters))
        _, gradient = likelihood(point)
        steps = 1e-6 * np.eye(point.size)
        slopes = [(likelihood(point + s)[0] - likelihood(point - s)[0]) / 2e-6 for s in steps]
        np.testing.assert_allclose(gradient, slopes, rtol=1e-5, atol=1e-5)


def test_vector_has_two_modes(xenonnt: Experiment) -> None:
    """A second band where the amplitude has changed its sign, confirmed by another minimiser."""
    found = profile([xenonnt], interaction="vector-universal", mass_mev=10.0)
    assert [limit.side for limit in found.limits] == ["positive", "negative"]
    first, second = found.quoted_intervals
    assert first.low < 0 < first.high < second.low < found.best_quoted < second.high
    positive, negative = found.limits
    assert positive.value == second.high
    # With the sign fixed to be negative the best fit is x = 0, at which -2 ln L is higher.
    assert negative.value > -first.low
    # The credible limits of the flat prior, benchmarks/LIMITS.md: 3.951e-5 and 1.859e-5.
    assert positive.value == pytest.approx(3.951e-5, rel=0.05)
    assert negative.value == pytest.approx(1.859e-5, rel=0.05)

    likelihood = Likelihood(ModelSpec.of([xenonnt], interaction="vector-universal"), 10.0)
    assert likelihood.prior is not None
    starts = likelihood.nominal + np.array([[0, 0, y, y, 0, 0, 0, 0, 0] for y in (-1.0, 0.0, 1.0)])

    def independent(x: float, start: np.ndarray) -> float:
        t = float(likelihood.prior.coordinate(x))
        bounds = [(p.lower, p.upper) for p in likelihood.parameters]
        fit = minimize(likelihood, start, jac=True, bounds=[(t, t), *bounds[1:]])
        return 2 * float(fit.fun)

    # Merging empty bins leaves differences as they are.
    least = min(independent(found.best, s) for s in starts)
    for piece in found.intervals:
        for end in (piece.low, piece.high):
            assert min(independent(end, s) for s in starts) - least == pytest.approx(
                CRITICAL, abs=5e-3
            )


def test_a_nuisance_takes_the_lower_mode_of_the_coupling(xenonnt: Experiment) -> None:
    model = {"interaction": "vector-universal", "mass_mev": 10.0}
    coupling = profile([xenonnt], **model)
    yields = profile([xenonnt], parameter="xenonnt_cevns.tqy", **model)
    assert yields.minimum == pytest.approx(coupling.minimum, abs=1e-3)
    assert yields.nuisances["coupling_product"] == pytest.approx(coupling.best, rel=0.01)
    assert yields.best == pytest.approx(coupling.nuisances["xenonnt_cevns.tqy"], abs=0.02)
    assert yields.limits == ()


def test_scalar_region_begins_at_zero(xenonnt: Experiment) -> None:
    found = profile([xenonnt], interaction="scalar-universal", mass_mev=10.0)
    (piece,) = found.quoted_intervals
    (limit,) = found.limits
    assert (piece.low, piece.high) == (0.0, limit.value)
    assert limit.value == pytest.approx(7.622e-6, rel=0.1)  # credible, benchmarks/LIMITS.md
    one_sided = profile(
        [xenonnt], interaction="scalar-universal", mass_mev=10.0, critical_value=1.642
    )
    assert one_sided.limits[0].value < limit.value


def test_limits_of_moments_are_on_the_moment(xenonnt: Experiment) -> None:
    found = profile([xenonnt], interaction="magnetic-moment")
    (limit,) = found.limits
    assert limit.value == pytest.approx(found.intervals[-1].high)
    assert 1e-10 < limit.value < 1e-8


def test_a_scan_is_its_profiles(xenonnt: Experiment) -> None:
    """One compilation, tables swapped: the same numbers as of each mass by itself."""
    scanned = profile_scan([xenonnt], interaction="b-l", masses_mev=[1.0, 30.0])
    alone = profile([xenonnt], interaction="b-l", mass_mev=30.0)
    last = scanned.points[-1].result
    assert last is not None
    assert last.limits[0].value == pytest.approx(alone.limits[0].value, rel=1e-4)
    rows = scanned.limit_rows()
    assert [(row["mass_mev"], row["kind"], row["passed"]) for row in rows] == [
        (1.0, "CL", True),
        (30.0, "CL", True),
    ]


def test_fits_do_not_depend_on_where_they_begin(xenonnt: Experiment) -> None:
    spec = ModelSpec.of([xenonnt], interaction="scalar-universal").merging_bins()
    likelihood = Likelihood(spec, 10.0)
    rng = np.random.default_rng(2)
    starts = likelihood.nominal + rng.normal(0, 0.3, (8, len(likelihood.parameters)))
    values = [minimise(likelihood, start, {0: 0.05}).value for start in starts]
    np.testing.assert_allclose(values, values[0], atol=1e-4)


def test_toys_of_many_counts_follow_wilks(one_bin: Experiment) -> None:
    """The measurement behind the flux constraint is drawn too, or it would be far below."""
    interaction = "scalar-universal"
    sm, _, new = RateTable(
        one_bin, ModelSpec.of([one_bin], interaction=interaction).interaction
    ).nominal(10.0)
    truth = float(np.sqrt(3 * sm / new))
    calibrator = Calibrator(ModelSpec.of([one_bin], interaction=interaction), 10.0)
    found = calibrator.at(truth, 0.9, 600, 5)
    assert found.value == pytest.approx(CRITICAL, abs=4 * found.error)
    assert found.error < 0.4
    anew = Calibrator(ModelSpec.of([one_bin], interaction=interaction), 10.0)
    again = anew.at(truth, 0.9, 600, 5)
    np.testing.assert_allclose(again.statistic, found.statistic, atol=1e-4)


def test_toys_calibrate_a_limit(one_bin: Experiment) -> None:
    model = {"interaction": "scalar-universal", "mass_mev": 10.0}
    wilks = profile([one_bin], **model)
    toys = profile([one_bin], **model, calibrate="toys", toys=200)
    zero, end = toys.calibrations
    # At zero the best fit lies on the boundary half of the time: Chernoff's 1.642.
    assert zero.coupling_product == 0.0
    assert zero.value == pytest.approx(1.642, abs=4 * zero.error)
    assert end.coupling_product == pytest.approx(wilks.intervals[0].high, rel=1e-3)
    assert (toys.limits[0].value < wilks.limits[0].value) == (end.value < CRITICAL)


def test_an_interrupted_scan_keeps_its_toys(
    one_bin: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"interaction": "scalar-universal", "masses_mev": [1.0, 10.0], "calibrate": "toys"}
    options |= {"toys": 60, "out": tmp_path / "out"}

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        profile_scan([one_bin], on_point=interrupt, **options)
    record = tomllib.loads((tmp_path / "out" / "run.toml").read_text())
    assert record["status"] == "interrupted"
    limits = (tmp_path / "out" / "limits_cl.csv").read_text().splitlines()
    assert len(limits) == 2
    made = []
    real = Calibrator._statistics

    def counted(self: Calibrator, x: float, *rest: Any) -> Any:
        made.append((self.mass_mev, x))
        return real(self, x, *rest)

    monkeypatch.setattr(Calibrator, "_statistics", counted)
    profile_scan([one_bin], **options)
    assert {mass for mass, _ in made} == {10.0}
    again = (tmp_path / "out" / "limits_cl.csv").read_text().splitlines()
    assert again[:2] == limits
    assert len(again) == 3
    made.clear()
    profile_scan([one_bin], **options)
    assert made == []


SCALAR = {"interaction": "scalar-universal", "mass_mev": 10.0}


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({**SCALAR, "level": 1.5}, "a confidence level must lie in"),
        ({**SCALAR, "level": 0.0}, "a confidence level must lie in"),
        ({**SCALAR, "critical_value": -1.0}, "critical value must be positive"),
        ({**SCALAR, "calibrate": "bootstrap"}, "expected wilks or toys, got 'bootstrap'"),
        ({**SCALAR, "calibrate": "toys", "toys": 20}, "at 90% CL needs 50 toys or more, got 20"),
        ({**SCALAR, "calibrate": "toys", "seed": -1}, "whole number >= 0, got -1"),
        ({**SCALAR, "calibrate": "toys", "critical_value": 3.0}, "not both"),
        ({"parameter": "flux_8b", "calibrate": "toys"}, "limits on a coupling, not 'flux_8b'"),
        ({"interaction": "scalar-universal"}, "needs a mediator mass"),
        ({**SCALAR, "free": True}, "name the nuisance"),
        ({}, "the Standard Model has no coupling"),
        ({"parameter": "flux_7b"}, "unknown parameter 'flux_7b'; did you mean 'flux_8b'"),
        ({"parameter": "coupling_product"}, "unknown parameter 'coupling_product'"),
    ],
)
def test_what_cannot_be_is_refused(
    xenonnt: Experiment, options: dict[str, object], text: str
) -> None:
    with pytest.raises(BayesCevnsError, match=text):
        profile([xenonnt], **options)


def test_an_experiment_without_counts_has_no_profile(xenonnt: Experiment) -> None:
    with pytest.raises(ArgumentError, match="no observed counts"):
        profile([replace(xenonnt, data="none")], **SCALAR)


def test_merged_bins_keep_their_counts(xenonnt: Experiment) -> None:
    likelihood = Likelihood(ModelSpec.of([xenonnt]).merging_bins())
    with pytest.raises(ArgumentError, match="where bins are merged"):
        likelihood.observe([xenonnt])
    with pytest.raises(UnknownNameError):
        profile_scan([xenonnt], interaction="nothing", masses_mev=[1.0])


def test_couplings_by_name_are_refused(xenonnt: Experiment) -> None:
    spec = ModelSpec.of([xenonnt], couplings=CouplingModel.of(["eps_ee_u", "eps_ee_d"]))
    with pytest.raises(ArgumentError, match=r"got couplings by name \(eps_ee_u, eps_ee_d\)"):
        Likelihood(spec)


def test_impossible_counts_are_infinitely_unlikely(one_bin: Experiment) -> None:
    likelihood = Likelihood(ModelSpec.of([one_bin]), free="flux_8b")
    value, gradient = likelihood(np.array([0.0]))  # no signal, no background, but counts
    assert value == np.inf
    assert gradient.tolist() == [0.0]
    assert minimise(likelihood, np.array([1e-6])).value < 10
