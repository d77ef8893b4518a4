"""The studies themselves: right models pass, broken ones are caught, nothing is lost."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bayes_cevns.errors import ArgumentError, OutputError, RepairWarning
from bayes_cevns.experiments import Experiment, experiment
from bayes_cevns.figures.calibration import calibration_figure, coverage_figure
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import toy
from bayes_cevns.storage.folder import RunFolder
from bayes_cevns.storage.ledger import Ledger
from bayes_cevns.studies.calibration.coverage import CoverageStudy, coverage, coverage_study
from bayes_cevns.studies.calibration.ranking import RankStudy, calibrate, rank_study, truth_prior
from bayes_cevns.studies.calibration.simulated import Study, farthest_limit, with_whole_counts

#: Three parameters and no shape axes: a fit takes a twentieth of a second.
QUICK = SamplerSettings(
    draws=300, tune=200, chains=2, retries=3, gate=Gate(rhat_max=1.1, ess_min=150)
)
VECTOR = {"interaction": "vector-universal", "mass_mev": 10.0}
FITS = 80


@pytest.fixture(scope="module")
def xenon() -> Experiment:
    return toy(experiment("xenon_1ty"), seed=1)


@pytest.fixture(scope="module")
def study(xenon: Experiment) -> Study:
    spec = ModelSpec.of([xenon], interaction="vector-universal", prior="flat-rate")
    return Study.of(spec, 10.0, seed=2, settings=QUICK)


@pytest.fixture(scope="module")
def scalar(xenon: Experiment) -> Study:
    spec = ModelSpec.of([xenon], interaction="scalar-universal")
    return Study.of(spec, 10.0, seed=3, settings=QUICK)


def ranked(study: Study, generating: ModelSpec) -> RankStudy:
    return rank_study(study, generating=generating, fits=FITS, reach=2.0)


def test_truths_end_where_they_are_told(xenon: Experiment, scalar: Study) -> None:
    """Also where the coupling has an end of its own, as an angle has."""
    spec = ModelSpec.of([xenon], interaction="weak-mixing-angle")
    angle = Study.of(spec, None, seed=1, settings=QUICK)
    for one in (scalar, angle):
        limit = farthest_limit(one.reference())
        prior = truth_prior(one, 2.0)
        assert prior is not None
        assert float(prior.product(prior.upper)) == pytest.approx(2.0 * limit)
    assert float(prior.product(prior.lower)) == pytest.approx(max(-2.0 * limit, -0.23857), rel=1e-4)


def test_ranks_of_a_right_model_are_uniform(study: Study) -> None:
    """Two branches, weighed by their evidence, and two nuisances."""
    found = ranked(study, study.spec)
    assert found.quantities == (
        *("coupling_product", "expected_signal", "log_likelihood"),
        *("xenon_1ty.systematic", "xenon_1ty.background"),
    )
    assert found.fits == FITS
    assert len(found.reasons) <= 2
    assert found.passed, found.p_values
    assert not found.outside, found.p_values
    assert calibration_figure(found).axes


def test_a_wrong_efficiency_is_caught(study: Study, xenon: Experiment) -> None:
    """The detector sees 30% less than its response says."""
    (signal,) = xenon.signals
    blind = replace(xenon, signals=(replace(signal, values=0.7 * signal.values),))
    found = ranked(study, replace(study.spec, experiments=(blind,)))
    assert not found.passed
    assert found.p_values["xenon_1ty.systematic"] < 1e-3


def test_a_wrong_sign_of_the_interference_is_caught(study: Study) -> None:
    right = interaction("vector-universal")
    assert (right.proton, right.neutron) == (3.0, 3.0)
    flipped = replace(right, proton=-3.0, neutron=-3.0)
    found = ranked(study, replace(study.spec, interaction=flipped))
    assert not found.passed
    assert found.p_values["coupling_product"] < 1e-3


def test_ranks_go_on_where_they_stopped(scalar: Study, tmp_path: Path) -> None:
    options = {"generating": scalar.spec, "reach": 1.5}
    path = tmp_path / "ranks.csv"

    def stop(done: int) -> None:
        if done == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), RunFolder(tmp_path, options_of("ranks")) as folder:
        rank_study(scalar, **options, fits=24, folder=folder, on_fit=stop)
    whole = path.read_text()
    assert len(whole.splitlines()) == 9
    path.write_text(whole + "8,True,1,0.")  # killed while it wrote
    seen: list[int] = []
    with RunFolder(tmp_path, options_of("ranks")) as folder:
        cut = rank_study(scalar, **options, fits=20, folder=folder, on_fit=seen.append)
    assert path.read_text().startswith(whole)
    assert seen == list(range(1, 21))
    once = rank_study(scalar, **options, fits=20)
    np.testing.assert_array_equal(cut.ranks, once.ranks)
    assert cut.seconds > 0
    rows = path.read_text().splitlines(keepends=True)
    damaged = "".join([*rows[:3], rows[3].replace(",", ";", 1), *rows[4:], rows[5], rows[6]])
    path.write_text(damaged)  # one row is no row, two are there twice, as two processes write them
    with (
        pytest.warns(RepairWarning, match="1 damaged or edited rows are computed again"),
        RunFolder(tmp_path, options_of("ranks")) as folder,
    ):
        mended = rank_study(scalar, **options, fits=20, folder=folder)
    np.testing.assert_array_equal(mended.ranks, once.ranks)
    assert mended.p_values == once.p_values
    # Fewer fits than there are: all of them count, a table does not become poorer.
    with RunFolder(tmp_path, options_of("ranks")) as folder:
        fewer = rank_study(scalar, **options, fits=10, folder=folder)
    np.testing.assert_array_equal(fewer.ranks, once.ranks)


def options_of(kind: str) -> dict[str, object]:
    """A request, for a folder of a study that is not asked for by its experiments."""
    return {"kind": kind}


@pytest.fixture(scope="module")
def covered(scalar: Study, tmp_path_factory: pytest.TempPathFactory) -> CoverageStudy:
    out = tmp_path_factory.mktemp("coverage")
    path = out / "toys.csv"
    with RunFolder(out, options_of("coverage")) as folder:
        first = coverage_study(scalar, toys=10, folder=folder)
        kept = path.read_text()
        more = coverage_study(scalar, toys=40, folder=folder)
    assert path.read_text().startswith(kept)
    truths = [[r.coupling_product for r in study.results] for study in (first, more)]
    assert truths[0] == truths[1]
    with path.open() as stream:
        numbers = [(row["truth"], row["toy"]) for row in csv.DictReader(stream)]
    assert len(set(numbers)) == len(numbers) == 3 * 40
    return more


def test_coverage_at_fixed_truths(covered: CoverageStudy) -> None:
    found = {(r.truth, r.interval, r.level): r for r in covered.results}
    assert len(found) == 27
    for level in (0.68, 0.9, 0.95):
        # What an upper limit and a central interval of |x| do at x = 0, whatever the data.
        assert found["zero", "limit", level].coverage == 1.0
        assert found["zero", "central", level].coverage == 0.0
        # Above what the data resolve, posteriors are as good as normal.
        for interval in ("limit", "central", "region"):
            one = found["above", interval, level]
            assert one.toys >= 38
            assert abs(one.coverage - level) < 4 * np.sqrt(level * (1 - level) / one.toys)
    assert coverage_figure(covered).axes


def test_limits_of_either_sign_cover_zero(study: Study) -> None:
    """And those of one sign say nothing about the other."""
    found = coverage_study(study, truths={"zero": 0.0, "negative": -1e-12}, toys=20)
    held = {(r.truth, r.interval): r for r in found.results if r.level == 0.95}
    assert held["zero", "limit"].coverage == 1.0
    assert held["negative", "limit"].coverage > 0.7
    assert held["zero", "region"].coverage > 0.7


def test_too_few_toys_are_told_what_to_do(xenon: Experiment) -> None:
    with pytest.raises(ArgumentError, match=r"68% intervals .* 0\.047 with 100 toys: ask for 544"):
        coverage([xenon], interaction="scalar-universal", mass_mev=10.0, toys=100)
    with pytest.raises(ArgumentError, match="20 or more"):
        calibrate([xenon], interaction="scalar-universal", mass_mev=10.0, fits=5)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"interaction": "sm"}, "name an interaction"),
        ({"levels": ()}, "one credible level"),
        ({"levels": (1.0,)}, "credible level"),
        ({"precision": 0.0}, "precision"),
        ({"toys": 0}, "a number of toys, a whole number >= 1"),
    ],
)
def test_wrong_coverage_studies_are_refused(
    xenon: Experiment, wrong: dict[str, object], words: str
) -> None:
    options = {"interaction": "scalar-universal", "mass_mev": 10.0, "toys": 600} | wrong
    with pytest.raises(ArgumentError, match=words):
        coverage([xenon], **options)


def test_truths_out_of_the_prior_are_refused(xenon: Experiment) -> None:
    options = {"interaction": "scalar-universal", "mass_mev": 10.0, "settings": QUICK}
    with pytest.raises(ArgumentError, match="truth 'far': expected x from 0 to"):
        coverage([xenon], **options, truths={"far": 1.0})


def test_data_of_other_experiments_are_refused(xenon: Experiment, xenonnt: Experiment) -> None:
    with pytest.raises(ArgumentError, match="generated_by must name the same experiments"):
        calibrate([xenon], **VECTOR, generated_by=[xenonnt])
    with pytest.raises(ArgumentError, match="reach"):
        calibrate([xenon], **VECTOR, reach=0.0)


def test_counts_cannot_be_exchanged_where_bins_are_merged(xenonnt: Experiment) -> None:
    with pytest.raises(ArgumentError, match="monitored=True"):
        Engine(ModelSpec.of([xenonnt])).fit(seed=1, observed={})


def test_asimov_data_stand_for_a_toy(xenonnt: Experiment) -> None:
    from bayes_cevns.specification.simulation import asimov

    one, two = (with_whole_counts((asimov(xenonnt),), seed)[0].observed.values for seed in (1, 2))
    assert np.array_equal(one, np.round(one))
    assert not np.array_equal(one, two)
    assert with_whole_counts((xenonnt,), 1) == (xenonnt,)


def test_a_ledger_of_other_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    Ledger(path, ("a", "b"), key=("a",)).append({"a": 1, "b": "x, y"})
    assert Ledger(path, ("a", "b"), key=("a",)).rows == [{"a": "1", "b": "x, y"}]
    with pytest.raises(OutputError, match="other columns"):
        Ledger(path, ("a", "c"), key=("a",))
    with pytest.raises(OutputError, match="cannot go on"):
        Ledger(tmp_path, ("a",), key=("a",))
