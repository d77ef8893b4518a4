"""The studies themselves: right models pass, broken ones are caught, nothing is lost."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.errors import (
    ArgumentError,
    DataError,
    OutputError,
    RepairWarning,
    UnfinishedWarning,
)
from bayes_cevns.figures.calibration import calibration_figure, coverage_figure, figures
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import toy
from bayes_cevns.storage.ledger import Ledger
from bayes_cevns.studies import engines
from bayes_cevns.studies.analysis_file import read_analysis, study_of
from bayes_cevns.studies.calibration.counting_study import TRUTHS
from bayes_cevns.studies.calibration.coverage import CoverageStudy, coverage
from bayes_cevns.studies.calibration.coverage_result import CoverageResult
from bayes_cevns.studies.calibration.rank_result import RankedFit, RankResult
from bayes_cevns.studies.calibration.ranking import CalibrateStudy, calibrate
from bayes_cevns.studies.calibration.simulated import (
    farthest_limit,
    study_settings,
    with_whole_counts,
)
from bayes_cevns.studies.load import load
from bayes_cevns.studies.run import run

#: Three parameters and no shape axes: a fit takes a twentieth of a second.
QUICK = SamplerSettings(
    draws=300, tune=200, chains=2, retries=3, gate=Gate(rhat_max=1.1, ess_min=150)
)
VECTOR = {"interaction": "vector-universal", "mass_mev": 10.0}
SCALAR = {"interaction": "scalar-universal", "mass_mev": 10.0}
FITS = 80


@pytest.fixture(scope="module")
def xenon() -> Experiment:
    return toy(experiment("xenon_1ty"), seed=1)


@pytest.fixture(scope="module")
def _compiled_once() -> Iterator[None]:
    """Share an engine among the studies of one model with the same settings."""
    made: dict[Any, Engine] = {}

    def engine_for(spec: ModelSpec, settings: SamplerSettings, **options: Any) -> Engine:
        name = spec.interaction.name if spec.interaction else ""
        key = (name, spec.prior, str(settings))
        return made.setdefault(key, Engine(spec, settings, **options))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "engine_for", engine_for)
        yield


pytestmark = pytest.mark.usefixtures("_compiled_once")


def ranking(xenon: Experiment, **changes: Any) -> dict[str, Any]:
    return {"experiments": [xenon], **VECTOR, "seed": 2, "settings": QUICK, "fits": FITS, **changes}


def of_scalar(xenon: Experiment, **changes: Any) -> dict[str, Any]:
    options = {"experiments": [xenon], **SCALAR, "seed": 3, "settings": QUICK}
    return {**options, **changes}


def test_truths_end_where_they_are_told(xenon: Experiment) -> None:
    """Also where the coupling has an end of its own, as an angle has."""
    scalar = CalibrateStudy(**of_scalar(xenon, prior="flat"))
    angle = CalibrateStudy(
        experiments=[xenon],
        interaction="weak-mixing-angle",
        prior="flat",
        settings=QUICK,
    )
    for one in (scalar, angle):
        one.store(None)
        limit = farthest_limit(one.reference)
        prior = one.truth_prior
        assert prior is not None
        assert float(prior.product(prior.upper)) == pytest.approx(2.0 * limit)
    assert float(prior.product(prior.lower)) == pytest.approx(max(-2.0 * limit, -0.23857), rel=1e-4)


@pytest.fixture(scope="module")
def right(xenon: Experiment, tmp_path_factory: pytest.TempPathFactory) -> tuple[RankResult, Path]:
    """Ranks of a right model, and their folder."""
    out = tmp_path_factory.mktemp("ranks") / "run"
    return calibrate(**ranking(xenon), out=out), out


def test_ranks_of_a_right_model_are_uniform(right: tuple[RankResult, Path]) -> None:
    """Two branches, weighed by their evidence, and two nuisances."""
    found, _ = right
    assert found.quantities == (
        *("coupling_product", "expected_signal", "log_likelihood"),
        *("xenon_1ty.systematic", "xenon_1ty.background"),
    )
    assert found.fits == FITS
    assert len(found.reasons) <= 2
    assert found.passed, found.p_values
    assert not found.outside, found.p_values
    assert calibration_figure(found).axes


def test_a_wrong_efficiency_is_caught(xenon: Experiment) -> None:
    """The detector sees 30% less than its response says."""
    (signal,) = xenon.signals
    blind = replace(xenon, signals=(replace(signal, values=0.7 * signal.values),))
    found = calibrate(**ranking(xenon), generated_by=[blind])
    assert not found.passed
    assert found.p_values["xenon_1ty.systematic"] < 1e-3


class FlippedStudy(CalibrateStudy):
    """A calibration whose data are made with the other sign of the interference."""

    @cached_property
    def generating(self) -> ModelSpec:
        """The model that makes the data."""
        right = interaction("vector-universal")
        assert (right.proton, right.neutron) == (3.0, 3.0)
        return replace(self.spec, interaction=replace(right, proton=-3.0, neutron=-3.0))


def test_a_wrong_sign_of_the_interference_is_caught(xenon: Experiment) -> None:
    found = run(FlippedStudy(**ranking(xenon)))
    assert not found.passed
    assert found.p_values["coupling_product"] < 1e-3


def test_ranks_are_read_and_their_file_makes_them_again(
    right: tuple[RankResult, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, folder = right
    fewer = tmp_path / "analysis.toml"
    text = (folder / "analysis.toml").read_text()
    fewer.write_text(text.replace(f"fits = {FITS}", "fits = 20"))
    again = run(read_analysis(fewer), out=tmp_path / "again")
    assert again.fits == 20
    ours, theirs = (without_seconds(each / "ranks.csv") for each in (folder, tmp_path / "again"))
    assert theirs == ours[:20]
    assert again.prior == made.prior
    monkeypatch.setattr(engines, "engine_for", lambda *_, **__: pytest.fail("compiled"))
    read = load(folder)
    np.testing.assert_array_equal(read.ranks, made.ranks)
    assert read.prior == made.prior
    assert (read.tables(), read.report()) == (made.tables(), made.report())
    assert read.lines() == made.lines()
    assert list(figures(read)) == ["ranks"]
    (folder / "points" / "0000.npz").rename(tmp_path / "lost.npz")
    with pytest.raises(DataError, match=r"have in common is missing .* command of the run again"):
        load(folder)
    (tmp_path / "lost.npz").rename(folder / "points" / "0000.npz")


def without_seconds(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table without what no two runs share, and the digest of it."""
    with path.open() as stream:
        return [
            {k: v for k, v in row.items() if k not in ("seconds", "check")}
            for row in csv.DictReader(stream)
        ]


def test_ranks_go_on_where_they_stopped(xenon: Experiment, tmp_path: Path) -> None:
    out = tmp_path / "run"
    options = of_scalar(xenon, prior="flat", reach=1.5, out=out)
    path = out / "ranks.csv"

    def stop(point: RankedFit) -> None:
        if point.number == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibrate(**options, fits=24, on_point=stop)
    whole = path.read_text()
    assert len(whole.splitlines()) == 9
    with pytest.warns(UnfinishedWarning, match="8 of 24 points are finished"):
        assert load(out).fits == 8
    path.write_text(whole + "8,True,1,0.")  # killed while it wrote
    seen: list[int] = []
    cut = calibrate(**options, fits=20, on_point=lambda point: seen.append(point.number))
    assert path.read_text().startswith(whole)
    assert seen == list(range(20))
    once = calibrate(**{**options, "out": None}, fits=20)
    np.testing.assert_array_equal(cut.ranks, once.ranks)
    assert cut.seconds > 0
    rows = path.read_text().splitlines(keepends=True)
    damaged = "".join([*rows[:3], rows[3].replace(",", ";", 1), *rows[4:], rows[5], rows[6]])
    path.write_text(damaged)  # one row is no row, two are there twice, as two processes write them
    with pytest.warns(RepairWarning, match="1 damaged or edited rows are computed again"):
        mended = calibrate(**options, fits=20)
    np.testing.assert_array_equal(mended.ranks, once.ranks)
    assert mended.p_values == once.p_values
    # Fewer fits than there are: all of them count, no file becomes poorer.
    before = {file.name: file.read_bytes() for file in out.iterdir() if file.is_file()}
    more = calibrate(**options, fits=21)
    assert more.fits == 21
    fewer = calibrate(**options, fits=20)
    np.testing.assert_array_equal(fewer.ranks, more.ranks)
    np.testing.assert_array_equal(fewer.ranks[:20], once.ranks)
    assert set(before) == {file.name for file in out.iterdir() if file.is_file()}
    assert tomllib.loads((out / "analysis.toml").read_text())["fits"] == 21


def test_an_interruption_before_the_first_fit_keeps_nothing(
    xenon: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The range of the truths is a fit as well, and none of those that are counted."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "fit", stop)
        with pytest.raises(KeyboardInterrupt):
            calibrate(**of_scalar(xenon, prior="flat"), out=tmp_path / "run")
    assert not (tmp_path / "run" / "points").exists()
    with pytest.raises(DataError, match="no finished point"):
        load(tmp_path / "run")


@pytest.fixture(scope="module")
def covered(
    xenon: Experiment, tmp_path_factory: pytest.TempPathFactory
) -> tuple[CoverageResult, Path]:
    out = tmp_path_factory.mktemp("coverage") / "run"
    path = out / "toys.csv"
    options = of_scalar(xenon, precision=0.2, out=out)
    first = coverage(**options, toys=10)
    kept = path.read_text().splitlines()
    more = coverage(**options, toys=40)
    assert set(kept) <= set(path.read_text().splitlines())
    truths = [[r.values for r in study.results] for study in (first, more)]
    assert truths[0] == truths[1]
    with path.open() as stream:
        numbers = [(row["truth"], row["toy"]) for row in csv.DictReader(stream)]
    # In the order of one run that asked for all of them.
    assert numbers == [(name, str(toy)) for name in TRUTHS for toy in range(40)]
    return more, out


def test_toys_go_on_where_they_stopped_and_are_read(
    covered: tuple[CoverageResult, Path],
    xenon: Experiment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, folder = covered
    options = of_scalar(xenon, precision=0.2, toys=6, out=tmp_path / "run")
    done = []

    def stop(point: object) -> None:
        done.append(point)
        if len(done) == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        coverage(**options, on_point=stop)
    with pytest.warns(UnfinishedWarning, match="8 of 18 points are finished"):
        part = load(tmp_path / "run")
    toys = {found.truth: found.toys for found in part.results}
    assert list(toys) == ["zero", "limit"]
    assert part.fits == 8
    coverage(**options)
    rows = without_seconds(tmp_path / "run" / "toys.csv")
    assert rows == [row for row in without_seconds(folder / "toys.csv") if int(row["toy"]) < 6]
    again = run(read_analysis(tmp_path / "run" / "analysis.toml"), out=tmp_path / "again")
    assert without_seconds(tmp_path / "again" / "toys.csv") == rows
    table = "coverage.csv"
    assert (tmp_path / "again" / table).read_bytes() == (tmp_path / "run" / table).read_bytes()
    assert again.fits == 18
    monkeypatch.setattr(engines, "engine_for", lambda *_, **__: pytest.fail("compiled"))
    read = load(folder)
    assert read.results == made.results
    assert (read.tables(), read.report()) == (made.tables(), made.report())
    assert read.lines() == made.lines()
    assert list(figures(read)) == ["coverage"]


def test_coverage_at_fixed_truths(covered: tuple[CoverageResult, Path]) -> None:
    result, _ = covered
    found = {(r.truth, r.interval, r.level): r for r in result.results}
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
    assert coverage_figure(result).axes


def test_limits_of_either_sign_cover_zero(xenon: Experiment) -> None:
    """And those of one sign say nothing about the other."""
    found = coverage(
        [xenon],
        **VECTOR,
        prior="flat-rate",
        seed=2,
        settings=QUICK,
        precision=0.2,
        truths={"zero": 0.0, "negative": -1e-12},
        toys=20,
    )
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


def test_a_calibration_by_other_experiments_is_python_alone(xenon: Experiment) -> None:
    study = CalibrateStudy(**ranking(xenon), generated_by=[xenon])
    plain = CalibrateStudy(**ranking(xenon))
    assert study.request() != plain.request()
    words = study.to_words()
    assert words["changed"] == ["experiments that make the data (generated_by)"]
    assert "changed" not in plain.to_words()
    for given in (None, [xenon]):
        with pytest.raises(ArgumentError, match=r"generated_by.* no file can hold"):
            study_of(words, experiments=given)


@pytest.mark.parametrize("study", [CalibrateStudy, CoverageStudy])
def test_fits_of_toys_have_settings_of_their_own(
    study: Callable[..., Any], xenon: Experiment
) -> None:
    """What is said of them changes these, and not those of a quoted limit."""
    assert study(experiments=[xenon], **SCALAR).settings == study_settings()
    some = study(experiments=[xenon], **SCALAR, settings={"draws": 500, "gate": {"ess_min": 300}})
    assert some.settings.draws == 500
    assert some.settings.tune == study_settings().tune
    assert some.settings.gate == replace(study_settings().gate, ess_min=300.0)


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
