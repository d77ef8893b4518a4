"""Ranks of several couplings: right posteriors pass, broken ones are caught, nothing is lost."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from coupling_options import QUICK, quick_options
from scipy import stats

from bayes_cevns.cards import Experiment
from bayes_cevns.cards.mixing import SIN2_THETA12
from bayes_cevns.couplings.box import box_prior
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.errors import ArgumentError, BayesCevnsError, UnknownNameError
from bayes_cevns.figures.calibration import calibration_figure
from bayes_cevns.inference.gate import Gate
from bayes_cevns.specification.expected_counts import expected_counts
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.studies.analysis_file import study_of
from bayes_cevns.studies.calibration.rank_result import RankedFit, RankResult
from bayes_cevns.studies.calibration.ranking import calibrate
from bayes_cevns.studies.calibration.ranking_couplings import (
    CalibrateCouplingsStudy,
    calibrate_couplings,
)
from bayes_cevns.studies.calibration.ranks import quantities_of
from bayes_cevns.studies.calibration.simulated_couplings import coupling_settings
from bayes_cevns.studies.calibration.simulator import Simulator
from bayes_cevns.studies.load import load
from bayes_cevns.studies.run import run
from bayes_cevns.summary.fit import Fit

pytestmark = pytest.mark.usefixtures("compiled_once")

FITS = 40


def ranking(conus: Experiment, **changes: Any) -> dict[str, Any]:
    return quick_options(conus, fits=FITS) | changes


@pytest.fixture(scope="module")
def right(conus: Experiment, tmp_path_factory: pytest.TempPathFactory) -> tuple[RankResult, Path]:
    """Ranks of a right model, and their folder."""
    out = tmp_path_factory.mktemp("ranks") / "run"
    return calibrate_couplings(**ranking(conus), out=out), out


def test_ranks_of_a_right_model_are_uniform(right: tuple[RankResult, Path]) -> None:
    found, _ = right
    assert found.quantities == (
        *("expected_signal", "log_likelihood", "eps_ee_u", "conus_plus.normalisation"),
        *("conus_plus.quenching", "conus_plus.energy_scale"),
    )
    assert found.fits == FITS
    assert len(found.reasons) <= 1
    assert found.passed, found.p_values
    assert calibration_figure(found).axes
    title = calibration_figure(found).texts[0].get_text()
    assert "Standard Model" not in title


def test_a_wrong_flux_is_caught(conus: Experiment) -> None:
    """There are 40% fewer neutrinos than the card says, which the coupling makes up for."""
    (signal,) = conus.signals
    less = replace(conus, signals=(replace(signal, values=0.6 * signal.values),))
    found = calibrate_couplings(**ranking(conus), generated_by=[less])
    assert not found.passed
    assert found.p_values["expected_signal"] < 1e-3


class HalfStudy(CalibrateCouplingsStudy):
    """A calibration whose truths are drawn from other bounds than those of the fits."""

    @cached_property
    def source(self) -> Simulator:
        """Makes truths and data."""
        mass, box = self.truths()
        return Simulator(self.generating, mass, replace(box, upper=0.5 * (box.lower + box.upper)))


def test_truths_of_other_bounds_are_caught(conus: Experiment) -> None:
    found = run(HalfStudy(**ranking(conus)))
    assert not found.passed
    assert found.p_values["eps_ee_u"] < 1e-3


class OneModeStudy(CalibrateCouplingsStudy):
    """A calibration of fits that stay in one of two mirror images."""

    def fitted(self, toy: Any) -> Fit:
        """Return the fit of some data."""
        fit = super().fitted(toy)
        first = np.eye(fit.quality.sizes["branch"])[0]
        return replace(fit, quality=fit.quality.assign(weight=("branch", first)))


def test_a_lost_mode_is_caught(conus: Experiment) -> None:
    """Neither the expected signal nor the likelihood shows it; the ranks of the coupling do."""
    found = run(OneModeStudy(**ranking(conus)))
    assert not found.passed
    assert found.p_values["eps_ee_u"] < 1e-3


def test_ranks_go_on_where_they_stopped(
    right: tuple[RankResult, Path], conus: Experiment, tmp_path: Path
) -> None:
    """The rows that are there stay, and those that follow are those of one run."""
    made, folder = right

    def stop(point: RankedFit) -> None:
        if point.number == 5:
            raise KeyboardInterrupt

    out = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        calibrate_couplings(**ranking(conus), out=out, on_point=stop)
    kept = (out / "ranks.csv").read_text()
    assert len(kept.splitlines()) == 7
    again = calibrate_couplings(**ranking(conus, fits=20), out=out)
    assert (out / "ranks.csv").read_text().startswith(kept)
    np.testing.assert_array_equal(again.ranks, made.ranks[: len(again.ranks)])
    request = tomllib.loads((out / "run.toml").read_text())["request"]
    assert request["couplings"]["names"] == ["eps_ee_u"]
    assert request["couplings"]["bounds"] == {"eps_ee_u": [-0.2, 0.6]}
    read = load(folder)
    np.testing.assert_array_equal(read.ranks, made.ranks)
    assert read.prior.range_text == "uniform in eps_ee_u from -0.2 to 0.6"
    assert (read.tables(), read.report(), read.lines()) == (
        *(made.tables(), made.report()),
        made.lines(),
    )


def test_a_failed_fit_is_counted_and_named(conus: Experiment) -> None:
    strict = replace(QUICK, retries=0, gate=Gate(rhat_max=1.1, ess_min=1e6))
    found = calibrate_couplings(**ranking(conus, fits=20, settings=strict))
    assert len(found.reasons) == 20
    assert found.failures()["fit 3"] == found.reasons[3] != ""
    assert not found.passed
    assert "20 fits, 20 failed" in found.lines()[-1]


def test_fits_have_settings_of_their_own(conus: Experiment) -> None:
    usual = CalibrateCouplingsStudy(experiments=[conus], couplings=["ee_u"]).settings
    assert usual == coupling_settings()
    words = {"draws": 900}
    some = CalibrateCouplingsStudy(experiments=[conus], couplings=["ee_u"], settings=words)
    assert some.settings == replace(coupling_settings(), draws=900)


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"couplings": ["eu_u"]}, UnknownNameError, "unknown coupling 'eu_u'"),
        ({"couplings": []}, ArgumentError, "got none"),
        ({"bounds": {"ee_d": (-1.0, 1.0)}}, UnknownNameError, "unknown free coupling 'ee_d'"),
        ({"bounds": {"ee_u": (1.0, -1.0)}}, ArgumentError, "bounds of eps_ee_u must increase"),
        ({"mass_mev": 10.0}, ArgumentError, "no couplings of a mediator"),
        ({"couplings": ["x_u"], "bounds": {}}, ArgumentError, "expected the mass of the mediator"),
        ({"couplings": ["mumu_u"], "bounds": {}}, ArgumentError, "eps_mumu_u: no change"),
        ({"fits": 19}, ArgumentError, "ask for 20 or more"),
        ({"generated_by": ["xenonnt_cevns"]}, ArgumentError, "the same experiments as are fitted"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    wrong: dict[str, Any], error: type[BayesCevnsError], words: str, conus: Experiment
) -> None:
    with pytest.raises(error, match=words) as refused:
        calibrate_couplings(**ranking(conus, **wrong))
    assert "\n" not in str(refused.value)


def test_an_interaction_and_couplings_do_not_go_together(conus: Experiment) -> None:
    """In either study; each says what it has."""
    with pytest.raises((ArgumentError, TypeError), match="interaction"):
        calibrate_couplings(**ranking(conus), interaction="b-l")
    with pytest.raises((ArgumentError, TypeError), match="couplings"):
        calibrate([conus], interaction="b-l", mass_mev=10.0, couplings=["ee_u"])


def test_a_calibration_by_other_experiments_is_python_alone(conus: Experiment) -> None:
    words = CalibrateCouplingsStudy(**ranking(conus), generated_by=[conus]).to_words()
    for given in (None, [conus]):
        with pytest.raises(ArgumentError, match=r"generated_by.* no file can hold"):
            study_of(words, experiments=given)


# What makes data, and what is ranked.


def simulator(spec: ModelSpec) -> Simulator:
    """Return the source of truths and data of a model of several couplings."""
    assert spec.couplings is not None
    return Simulator(
        spec, None, box_prior(spec.couplings, of_couplings(spec.tables()), spec.bounds)
    )


def test_truths_are_uniform_in_the_bounds(conus: Experiment) -> None:
    bounds = {"eps_ee_u": (-0.3, 0.1), "eps_ee_d": (0.2, 0.5)}
    spec = ModelSpec.of([conus], couplings=CouplingModel.of(list(bounds)), bounds=bounds)
    source = simulator(spec)
    draws = [source.draw(np.random.default_rng([7, i]))[0] for i in range(300)]
    for name, (low, high) in bounds.items():
        values = [float(each[name]) for each in draws]
        assert stats.kstest(values, stats.uniform(low, high - low).cdf).pvalue > 0.01
    again, _ = source.draw(np.random.default_rng([7, 11]))
    assert all(np.array_equal(again[name], value) for name, value in draws[11].items())


def test_what_is_ranked_at_draws(xenonnt: Experiment, conus: Experiment) -> None:
    """The compiled model beside expected counts and SciPy; runs have nuisances of their own."""
    both = [xenonnt, conus]
    spec = ModelSpec.of(both, couplings=CouplingModel.of(["ee_u", "emu_d"]))
    source = simulator(spec)
    made = [source.draw(np.random.default_rng([3, i])) for i in range(3)]
    counts = made[0][1]
    one_by_one = [source.quantities(values, counts) for values, _ in made]
    draws = {name: np.concatenate([each[name] for each in one_by_one]) for name in one_by_one[0]}
    parameters = {n: v for n, v in draws.items() if n not in ("expected_signal", "log_likelihood")}
    found = source.quantities_of_draws(parameters, counts)
    assert tuple(found) == quantities_of(spec)
    assert "xenonnt_cevns.ac[sr1]" in found
    for name, values in draws.items():
        np.testing.assert_array_equal(found[name], values)
    for place, (values, _) in enumerate(made):
        likelihood = 0.0
        for e in both:
            mean = source.expected(values)[e.name]
            if e.sigma is None:
                likelihood += stats.poisson.logpmf(counts[e.name], mean).sum()
            else:
                likelihood += stats.norm.logpdf(counts[e.name], mean, e.sigma.values).sum()
        assert found["log_likelihood"][place] == pytest.approx(likelihood, rel=1e-9)


def test_expected_signal_of_couplings(conus: Experiment) -> None:
    couplings = {"eps_ee_u": 0.2, "eps_ee_d": -0.1}
    source = simulator(ModelSpec.of([conus], couplings=CouplingModel.of(list(couplings))))
    values, counts = source.draw(np.random.default_rng(1))
    nominal = {
        f"conus_plus.{name}": np.asarray(conus.card.nuisance[name].nominal)
        for name in conus.nuisances()
    }
    assert set(nominal) | set(couplings) == set(values)
    at = nominal | {name: np.asarray(value) for name, value in couplings.items()}
    found = source.quantities(at, counts)
    backgrounds = {part.name for part in conus.backgrounds}
    parts = expected_counts(conus, couplings=couplings)
    signal = sum(
        float(np.sum(count))
        for run_parts in parts.values()
        for name, count in run_parts.items()
        if name not in backgrounds
    )
    assert found["expected_signal"][0] == pytest.approx(signal, rel=1e-6)


@pytest.mark.parametrize(("octant", "share"), [("lma", 0.0), ("lma-d", 1.0), ("both", 0.5)])
def test_truths_of_theta_12_are_in_its_octants(
    octant: str, share: float, xenonnt: Experiment
) -> None:
    model = CouplingModel.of(["ee_u"], mixing="free", octant=octant)
    source = simulator(ModelSpec.of([xenonnt], couplings=model))
    sines = [float(source.draw(np.random.default_rng(i))[0][SIN2_THETA12]) for i in range(60)]
    assert np.mean(np.array(sines) > 0.5) == pytest.approx(share, abs=0.2 if share == 0.5 else 0.0)


@pytest.mark.calibration
def test_ranks_of_a_degenerate_plane_are_uniform(conus: Experiment) -> None:
    """Two couplings that data see in one combination only, with both of its signs."""
    bounds = {"ee_u": (-0.5, 0.5), "ee_d": (-0.5, 0.5)}
    found = calibrate_couplings([conus], couplings=["ee_u", "ee_d"], bounds=bounds, fits=300)
    assert found.fits == 300
    assert len(found.reasons) <= 3
    assert found.passed, found.p_values
