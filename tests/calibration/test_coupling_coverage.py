"""Coverage of several couplings: right fits cover as they should, wrong ones do not."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from coupling_options import BOUNDS, QUICK, quick_options
from scipy import stats

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.mixing import SIN2_THETA12
from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.errors import (
    ArgumentError,
    BayesCevnsError,
    ConvergenceError,
    UnfinishedWarning,
    UnknownNameError,
)
from bayes_cevns.figures.calibration import coverage_figure, figures
from bayes_cevns.inference.gate import Gate
from bayes_cevns.studies import engines, words
from bayes_cevns.studies.analysis_file import read_analysis, study_of, to_toml
from bayes_cevns.studies.calibration.coverage_couplings import (
    CoverageCouplingsStudy,
    coverage_couplings,
)
from bayes_cevns.studies.calibration.coverage_result import CoverageResult, Judged
from bayes_cevns.studies.calibration.held import held_couplings
from bayes_cevns.studies.calibration.simulator import Simulator
from bayes_cevns.studies.load import load
from bayes_cevns.studies.run import run
from bayes_cevns.summary.fit import Fit

pytestmark = pytest.mark.usefixtures("compiled_once")

LEVELS = (0.68, 0.9, 0.95)
TRUTHS = {"zero": {}, "other": {"ee_u": 0.1}}


def counting(conus: Experiment, **changes: Any) -> dict[str, Any]:
    return quick_options(conus, truths=TRUTHS, toys=12, precision=0.2) | changes


def held_of(found: CoverageResult, *, interval: str = "region") -> dict[float, float]:
    """Return the coverage of the only quantity by level, over all truths."""
    own = [one for one in found.results if one.interval == interval]
    return {
        level: sum(one.inside for one in own if one.level == level)
        / sum(one.toys for one in own if one.level == level)
        for level in LEVELS
    }


def drawn_from_the_prior(number: int) -> dict[str, dict[str, float]]:
    values = np.random.default_rng(8).uniform(*BOUNDS["ee_u"], number)
    return {str(place): {"ee_u": float(value)} for place, value in enumerate(values)}


# What coverage finds.


@pytest.fixture(scope="module")
def of_the_prior(conus: Experiment) -> CoverageResult:
    """Forty truths from the prior, with one toy each."""
    options = counting(conus, truths=drawn_from_the_prior(40), toys=1, precision=0.5)
    return coverage_couplings(**options)


@pytest.mark.parametrize("interval", ["region", "central"])
def test_over_the_prior_coverage_is_the_level(of_the_prior: CoverageResult, interval: str) -> None:
    """As it must be of a right posterior, whatever the coverage at each truth is."""
    toys = of_the_prior.fits - len(of_the_prior.reasons)
    assert toys >= 38
    for level, found in held_of(of_the_prior, interval=interval).items():
        assert abs(found - level) < 3.5 * np.sqrt(level * (1 - level) / toys)


@pytest.mark.calibration
def test_over_the_prior_coverage_of_a_plane_is_the_level(conus: Experiment) -> None:
    """That of joint regions as well: two couplings that are seen in one combination only."""
    bounds = {"ee_u": (-0.5, 0.5), "ee_d": (-0.5, 0.5)}
    pairs = np.random.default_rng(9).uniform(-0.5, 0.5, (300, 2)).tolist()
    truths = {str(n): dict(zip(bounds, pair, strict=True)) for n, pair in enumerate(pairs)}
    found = coverage_couplings(
        [conus], couplings=list(bounds), bounds=bounds, truths=truths, toys=1, precision=0.5
    )
    assert len(found.reasons) <= 3
    for quantity in ("eps_ee_u", "eps_ee_d", "eps_ee_u:eps_ee_d"):
        own = replace(found, results=tuple(r for r in found.results if r.quantity == quantity))
        for level, share in held_of(own).items():
            assert abs(share - level) < 3.5 * np.sqrt(level * (1 - level) / 297), quantity


class TripledStudy(CoverageCouplingsStudy):
    """Data with three times the neutrinos that the card says."""

    @cached_property
    def source(self) -> Simulator:
        """Makes data."""
        (own,) = self.spec.experiments
        (signal,) = own.signals
        more = replace(own, signals=(replace(signal, values=3.0 * signal.values),))
        spec = replace(self.spec, experiments=(more,))
        return Simulator(spec, self.mediator(), self.engine.box)


class ShiftedStudy(CoverageCouplingsStudy):
    """Data of another coupling than is said to be true."""

    def parameters_at(self, truth: Mapping[str, float]) -> dict[str, float]:
        """Return the coupling that makes the data."""
        return {name: value - 0.2 for name, value in truth.items()}


class NarrowStudy(CoverageCouplingsStudy):
    """Fits whose draws are three times too close to their median."""

    def fitted(self, toy: Any) -> Fit:
        """Return the fit of some data."""
        fit = super().fitted(toy)
        draws = fit.posterior["eps_ee_u"]
        middle = draws.median(("chain", "draw"))
        narrow = middle + (draws - middle) / 3.0
        return replace(fit, posterior=fit.posterior.assign(eps_ee_u=narrow))


def test_a_right_study_covers_where_wrong_ones_do_not(conus: Experiment) -> None:
    one = counting(conus, truths={"zero": {}})
    assert held_of(coverage_couplings(**one))[0.9] > 0.7
    assert held_of(run(TripledStudy(**one)))[0.9] < 0.2
    assert held_of(run(ShiftedStudy(**one)))[0.9] < 0.2


def test_errors_that_are_too_small_are_caught(conus: Experiment) -> None:
    one = counting(conus, truths=drawn_from_the_prior(25), toys=1, precision=0.5)
    for level, found in held_of(run(NarrowStudy(**one))).items():
        assert found < level - 0.2


# The truths.


def test_truths_that_follow_from_the_data(conus: Experiment) -> None:
    """The farther end of the region of the first coupling alone, as it is quoted."""
    options = counting(conus, couplings=["ee_u", "ee_d"], bounds={}, truths=None)
    study = CoverageCouplingsStudy(**options)
    study.store(None)
    fixed = study.fixed
    assert list(fixed) == study.names == ["zero", "limit", "above"]
    assert fixed["zero"] == {"eps_ee_u": 0.0, "eps_ee_d": 0.0}
    quoted = bc.sample_couplings([conus], couplings=["ee_u"], seed=3)
    pieces = quoted.intervals("eps_ee_u", 0.9)
    ends = [end for piece in pieces for end in (piece.low, piece.high)]
    assert fixed["limit"]["eps_ee_u"] == pytest.approx(max(ends, key=abs), rel=0.05)
    assert fixed["above"]["eps_ee_u"] == 2.0 * fixed["limit"]["eps_ee_u"]
    assert fixed["above"]["eps_ee_d"] == 0.0


def test_truths_that_follow_from_the_data_stay(conus: Experiment, tmp_path: Path) -> None:
    """To the last digit; nothing is fitted to find them again."""
    options = counting(conus, bounds={}, truths=None, out=tmp_path / "run")
    first = coverage_couplings(**{**options, "toys": 6})

    class Kept(CoverageCouplingsStudy):
        @cached_property
        def reference(self) -> Fit:
            pytest.fail("fitted again")

    options.pop("out")
    more = run(Kept(**{**options, "toys": 7}), out=tmp_path / "run")
    assert [one.values for one in more.results] == [one.values for one in first.results]
    assert {one.toys for one in more.results} == {7}


def test_truths_beyond_the_bounds_ask_for_others(conus: Experiment) -> None:
    """Twice the limit is beyond 0.6."""
    with pytest.raises(ArgumentError, match=r"truth 'above': expected eps_ee_u within") as refused:
        coverage_couplings(**counting(conus, truths=None))
    assert "--truths" in str(refused.value)
    assert "--bounds" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_fit_that_failed_sets_no_truths(conus: Experiment) -> None:
    strict = replace(QUICK, retries=0, gate=Gate(rhat_max=1.1, ess_min=1e6))
    with pytest.raises(ConvergenceError, match="sets the scale of truths failed"):
        coverage_couplings(**counting(conus, bounds={}, truths=None, settings=strict))


def test_data_are_made_at_the_truth(conus: Experiment) -> None:
    """And nuisances are those that are drawn where the couplings are drawn as well."""
    study = CoverageCouplingsStudy(**counting(conus, couplings=["ee_u", "ee_d"], bounds={}))
    truth = {"eps_ee_u": 0.1, "eps_ee_d": -0.7}
    for seed in range(3):
        free, _ = study.source.draw(np.random.default_rng(seed))
        values, _ = study.source.draw(np.random.default_rng(seed), fixed=truth)
        assert values == free | truth
    with pytest.raises(AssertionError, match="only parameters"):
        study.source.draw(np.random.default_rng(1), fixed={"eps_mumu_u": 0.1})


def test_the_octant_is_drawn_as_other_nuisances_are(xenonnt: Experiment) -> None:
    """Also at a truth: theta_12 is no coupling, and a fit has both octants alike."""
    study = CoverageCouplingsStudy(
        experiments=[xenonnt], couplings=["ee_u"], mixing="free", octant="both"
    )
    draws = [
        study.source.draw(np.random.default_rng(seed), fixed={"eps_ee_u": 0.2})[0]
        for seed in range(60)
    ]
    assert {float(values["eps_ee_u"]) for values in draws} == {0.2}
    dark = [float(values[SIN2_THETA12]) > 0.5 for values in draws]
    assert np.mean(dark) == pytest.approx(0.5, abs=0.2)


# What holds a truth.

BOX = (-1.0, 1.0)


def fit_of(**draws: np.ndarray) -> Fit:
    """Return a fit with draws of some couplings, shape (chain, draw)."""
    posterior = {name: (("branch", "chain", "draw"), each[None]) for name, each in draws.items()}
    quality = {"weight": ("branch", [1.0]), "log_evidence_error": ("branch", [0.0])}
    lower, upper = (np.full(len(draws), end) for end in BOX)
    box = BoxPrior(tuple(draws), lower, upper, np.zeros(len(draws)))
    return Fit(None, xr.Dataset(posterior), xr.Dataset(), xr.Dataset(quality), box=box)


@pytest.mark.parametrize("rho", [0.0, 0.9])
def test_what_holds_a_truth_of_a_normal_posterior(rho: float) -> None:
    """Just within and just beyond the ellipse, and the intervals, of each level."""
    centre, width = np.array([0.1, -0.2]), 0.1
    covariance = width**2 * np.array([[1.0, rho], [rho, 1.0]])
    draws = np.random.default_rng(6).multivariate_normal(centre, covariance, (4, 4000))
    fit = fit_of(a=draws[..., 0], b=draws[..., 1])
    root = np.linalg.cholesky(covariance)
    for level in LEVELS:
        radius = np.sqrt(stats.chi2.ppf(level, 2))
        for angle in np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False):
            direction = root @ np.array([np.cos(angle), np.sin(angle)])
            for factor, inside in ((0.9, True), (1.1, False)):
                a, b = centre + factor * radius * direction
                held = held_couplings(fit, {"a": float(a), "b": float(b)}, LEVELS)
                assert held[Judged("a:b", "region", level)] is inside
        half = width * stats.norm.ppf(0.5 + 0.5 * level)
        for side in (-1.0, 1.0):
            for factor, inside in ((0.93, True), (1.07, False)):
                truth = {"a": 0.1 + side * factor * half, "b": 0.0}
                held = held_couplings(fit, truth, LEVELS)
                assert held[Judged("a", "region", level)] is inside
                assert held[Judged("a", "central", level)] is inside


def test_what_holds_a_truth_at_the_bound_of_a_slope() -> None:
    """A moment at zero: regions reach the bound, and the central interval never does."""
    rng = np.random.default_rng(7)
    fit = fit_of(a=-1.0 + rng.exponential(0.1, (4, 2000)), b=rng.uniform(*BOX, (4, 2000)))
    for a, region, central in (
        (-1.0, (True, True, True), (False, False, False)),
        (-1.0 + 0.1 * np.log(2.0), (True, True, True), (True, True, True)),
        (-1.0 - 0.1 * np.log(0.2), (False, True, True), (True, True, True)),
        (0.9, (False, False, False), (False, False, False)),
    ):
        held = held_couplings(fit, {"a": a, "b": 0.0}, LEVELS)
        assert tuple(held[Judged("a", "region", p)] for p in LEVELS) == region
        assert tuple(held[Judged("a", "central", p)] for p in LEVELS) == central
    # At a corner of the box, and beyond every draw, which no cell of the grid is.
    assert held_couplings(fit, {"a": -1.0, "b": 1.0}, (0.95,))[Judged("a:b", "region", 0.95)]
    assert not held_couplings(fit, {"a": 0.9, "b": 1.0}, (0.95,))[Judged("a:b", "region", 0.95)]


def test_a_region_holds_what_is_drawn_of_it() -> None:
    """Cell by cell, beside a search of the edges."""
    from bayes_cevns.summary.regions import credible_regions

    draws = np.random.default_rng(5).normal(0.0, (0.1, 0.3), (4, 2000, 2))
    fit = fit_of(a=draws[..., 0], b=draws[..., 1])
    found = credible_regions(fit, ("a", "b"), LEVELS, (BOX, BOX))
    halves = [0.5 * (axis[1] - axis[0]) for axis in (found.x, found.y)]
    edges = [
        np.concatenate([axis - half, axis[-1:] + half])
        for axis, half in zip((found.x, found.y), halves, strict=True)
    ]
    for a, b in np.random.default_rng(4).uniform(*BOX, (500, 2)):
        cell = np.searchsorted(edges[0], a) - 1, np.searchsorted(edges[1], b) - 1
        known = 0 <= cell[0] < found.x.size and 0 <= cell[1] < found.y.size
        for level, cut in zip(found.levels, found.cuts, strict=True):
            expected = bool(known and found.density[cell] >= cut)
            assert found.holding(float(a), float(b))[level] is expected


# The folder, the words, and what is refused.


def without_seconds(path: Path) -> list[dict[str, str]]:
    with path.open() as stream:
        rows = list(csv.DictReader(stream))
    return [{k: v for k, v in row.items() if k not in ("seconds", "check")} for row in rows]


def test_toys_go_on_where_they_stopped_and_are_read(
    conus: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []

    def stop(point: object) -> None:
        done.append(point)
        if len(done) == 7:
            raise KeyboardInterrupt

    out = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        coverage_couplings(**counting(conus, toys=6), out=out, on_point=stop)
    with pytest.warns(UnfinishedWarning, match="7 of 12 points are finished"):
        assert {one.truth: one.toys for one in load(out).results} == {"zero": 6, "other": 1}
    kept = (out / "toys.csv").read_text()
    coverage_couplings(**counting(conus, toys=6), out=out)
    assert (out / "toys.csv").read_text().startswith(kept)
    made = coverage_couplings(**counting(conus, toys=8), out=out)
    once = coverage_couplings(**counting(conus, toys=8), out=tmp_path / "once")
    assert without_seconds(out / "toys.csv") == without_seconds(tmp_path / "once" / "toys.csv")
    assert (out / "coverage.csv").read_bytes() == (tmp_path / "once" / "coverage.csv").read_bytes()
    assert once.results == made.results
    again = run(read_analysis(out / "analysis.toml"), out=tmp_path / "again")
    assert again.results == made.results
    monkeypatch.setattr(engines, "engine_for", lambda *_, **__: pytest.fail("compiled"))
    read = load(out)
    assert read.results == made.results
    assert (read.tables(), read.report(), read.lines()) == (
        *(made.tables(), made.report()),
        made.lines(),
    )
    assert list(figures(read)) == ["coverage"]


def test_a_table_of_pairs_says_what_was_judged(conus: Experiment) -> None:
    options = counting(conus, couplings=["ee_u", "ee_d"], bounds={}, toys=2, precision=0.5)
    found = coverage_couplings(**{**options, "truths": {"one": {"ee_d": 0.2}}})
    rows = found.rows()
    assert [(row["quantity"], row["interval"]) for row in rows[::3]] == [
        *(("eps_ee_u", "region"), ("eps_ee_u", "central")),
        *(("eps_ee_d", "region"), ("eps_ee_d", "central")),
        ("eps_ee_u:eps_ee_d", "region"),
    ]
    assert {row["true_couplings"] for row in rows} == {"eps_ee_u=0,eps_ee_d=0.2"}
    assert {(row["unit"], row["prior"]) for row in rows} == {("1", "flat")}
    assert "  one (eps_ee_d=0.2): eps_ee_u:eps_ee_d, region, 0.9, " in "\n".join(found.lines())
    drawn = coverage_figure(found)
    assert drawn.axes[0].get_title(loc="left") == "one: eps_ee_d=0.2, 2 toys"
    names = [text.get_text() for text in drawn.legends[0].get_texts()]
    assert names == ["eps_ee_u", "eps_ee_d", "eps_ee_u:eps_ee_d"]


def test_a_fit_that_failed_is_counted_and_named(conus: Experiment) -> None:
    strict = replace(QUICK, retries=0, gate=Gate(rhat_max=1.1, ess_min=1e6))
    options = counting(conus, settings=strict, toys=2, precision=0.5)
    found = coverage_couplings(**options)
    assert len(found.failures()) == found.fits == 4
    assert found.failures()["toy 1 of other"] != ""
    assert {one.toys for one in found.results} == {0}
    assert "4 fits failed" in found.lines()[-1]


@pytest.mark.parametrize(
    ("given", "truths"),
    [
        (["zero:"], {"zero": {}}),
        ("low:ee_u=-0.3", {"low": {"ee_u": -0.3}}),
        (
            ["zero:", "far away:ee_u=6e-1,eps_ee[eta=30,phi=45]=0.1"],
            {"zero": {}, "far away": {"ee_u": 0.6, "eps_ee[eta=30,phi=45]": 0.1}},
        ),
        # As a command line separates them, wherever its commas are.
        (["zero:,some:ee_u=1", "ee_d=2"], {"zero": {}, "some": {"ee_u": 1.0, "ee_d": 2.0}}),
        ({"any": {"ee_u": 1}}, {"any": {"ee_u": 1}}),
    ],
)
def test_words_of_truths(given: object, truths: dict[str, dict[str, float]]) -> None:
    assert words.truths_of_couplings(given) == truths


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["0.3"], "expected name:coupling=value"),
        ([":ee_u=0.3"], "expected name:coupling=value"),
        (["one:ee_u=1", ":ee_u=0.3"], "expected name:coupling=value"),
        (["one:ee_u"], "expected name=value, got 'ee_u'"),
        (["one:ee_u=a"], "expected numbers"),
        (["one:ee_u=1,ee_u=2"], "'ee_u' is given twice"),
        (["one:", "one:ee_u=2"], "'one' is given twice"),
    ],
)
def test_words_that_are_no_truths(given: object, said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        words.truths_of_couplings(given)


def test_words_are_those_of_every_coupling(conus: Experiment, tmp_path: Path) -> None:
    """However a truth was given: one that is left out is as in the Standard Model."""
    couplings = ["ee_u", "sin2_theta_w"]
    ways: list[Any] = [
        {"a": {"ee_u": 0.1}},
        {"a": {"eps_ee_u": np.float64(0.1), "sin2_theta_w": 0.23857}},
    ]
    studies = [
        CoverageCouplingsStudy(**counting(conus, couplings=couplings, bounds={}, truths=way))
        for way in ways
    ]
    expected = {"a": {"eps_ee_u": 0.1, "sin2_theta_w": 0.23857}}
    assert [study.to_words()["truths"] for study in studies] == [expected, expected]
    assert studies[0].request() == studies[1].request()
    (tmp_path / "my.toml").write_text(to_toml(studies[0]))
    again = read_analysis(tmp_path / "my.toml")
    assert again.to_words() == studies[0].to_words()
    said = study_of({**studies[0].to_words(), "truths": ["a:ee_u=0.1"]})
    assert said.request() == studies[0].request()


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        ({"truths": {"a": {"ee_d": 0.1}}}, UnknownNameError, "coupling of truth 'a' 'ee_d'"),
        ({"truths": {"a": {"ee_u": 0.7}}}, ArgumentError, "truth 'a': expected eps_ee_u within"),
        ({"truths": {"a": {"ee_u": np.nan}}}, ArgumentError, "truth 'a', ee_u, must be finite"),
        ({"truths": {"a": {"ee_u": "0.1"}}}, ArgumentError, "truth 'a', ee_u"),
        ({"truths": {"a": {"ee_u": 0.1, "eps_ee_u": 0.1}}}, ArgumentError, "is given twice"),
        ({"truths": {"a": 0.1}}, ArgumentError, "the couplings of truth 'a'"),
        ({"truths": {"": {}}}, ArgumentError, "the name of a truth"),
        ({"truths": {}}, ArgumentError, "expected one truth or more"),
        ({"truths": [0.1]}, ArgumentError, "couplings of truths by name"),
        ({"toys": 0}, ArgumentError, "a number of toys"),
        ({"toys": 5}, ArgumentError, "with 5 toys: ask for 6 toys or more"),
        ({"precision": 0.0}, ArgumentError, "precision"),
        ({"levels": ()}, ArgumentError, "one credible level"),
        ({"couplings": ["eu_u"]}, UnknownNameError, "unknown coupling 'eu_u'"),
        ({"couplings": ["mumu_u"], "bounds": {}, "truths": None}, ArgumentError, "no change"),
        ({"bounds": {"ee_u": (0.2, 0.6)}}, ArgumentError, "truth 'zero': expected eps_ee_u"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    wrong: dict[str, Any],
    error: type[BayesCevnsError],
    said: str,
    conus: Experiment,
    tmp_path: Path,
) -> None:
    with pytest.raises(error, match=said) as refused:
        coverage_couplings(**counting(conus, **wrong), out=tmp_path / "out")
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "out").exists()
