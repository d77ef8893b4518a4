"""Expected limits: against a counting experiment done by hand, interrupted, and asked wrongly."""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.priors import Prior
from bayes_cevns.cards.projections import scaled
from bayes_cevns.ends import End, Ends
from bayes_cevns.errors import (
    ArgumentError,
    OutputError,
    PrecisionWarning,
    RepairWarning,
    UnfinishedWarning,
    UnknownNameError,
)
from bayes_cevns.figures.expected_limits import figures, sensitivity_figure
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.fitting import Fitting
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.columns import toy_label
from bayes_cevns.specification.expected_counts import expected_counts
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov
from bayes_cevns.storage.folder import RunFolder
from bayes_cevns.storage.kept_run import ledger_in
from bayes_cevns.studies import engines
from bayes_cevns.studies.analysis_file import read_analysis
from bayes_cevns.studies.load import load
from bayes_cevns.studies.run import run as run_study
from bayes_cevns.studies.sample import sample
from bayes_cevns.studies.sensitivity import sensitivity as module
from bayes_cevns.studies.sensitivity.limit_record import (
    KEY,
    DataLimits,
    LimitRecord,
    columns_of,
    limits_of_row,
    row_of_limits,
)
from bayes_cevns.studies.sensitivity.result import COLUMNS, Sensitivity
from bayes_cevns.studies.sensitivity.sensitivity import sensitivity
from bayes_cevns.studies.sensitivity.standard_model_toys import StandardModelToys
from bayes_cevns.summary.limits import Limit, limits
from bayes_cevns.summary.quantiles_of_limits import expected_limits

QUOTED, REQUEST = {"coupling": "g", "unit": "1", "kind": "credible"}, {"kind": "sensitivity"}
ONE_BIN = "pandax4t_paired"
SCALAR, MASS = "scalar-universal", 10.0
QUICK = SamplerSettings(draws=1000, tune=200)
LENIENT = SamplerSettings(
    draws=60, tune=60, retries=0, gate=Gate(rhat_max=9.0, ess_min=1.0, divergences_max=10**6)
)


def counting(background: float = 1.0) -> Experiment:
    """Return one bin whose nuisances are known, with a background times a factor."""
    one = experiment(ONE_BIN)
    known = {
        name: entry.model_copy(
            update={"prior": Prior.normal(1.0, 1e-4, lower=0.5), "alternatives": {}}
        )
        for name, entry in one.card.nuisance.items()
    }
    (part,) = one.backgrounds
    return replace(
        one,
        card=one.card.model_copy(update={"nuisance": known}),
        backgrounds=(replace(part, values=part.values * background),),
    )


def by_hand(one: Experiment, counts: float, level: float = 0.9) -> float:
    """Limit on g of b + x^2 s expected and `counts` observed events, x flat: by quadrature."""
    (parts,) = expected_counts(
        one, interaction=SCALAR, mass_mev=MASS, coupling_product=1.0
    ).values()
    fixed = sum(value for name, value in parts.items() if name != "new_physics")
    largest = np.sqrt((counts + fixed + 10 * np.sqrt(counts + fixed) + 50) / parts["new_physics"])
    x = np.linspace(0.0, largest, 200_001)
    mean = fixed + x**2 * parts["new_physics"]
    log_density = counts * np.log(mean) - mean
    cumulative = np.cumsum(np.exp(log_density - log_density.max()))
    return float(np.sqrt(np.interp(level, cumulative / cumulative[-1], x)))


def asimov_limit(one: Experiment) -> float:
    (point,) = sensitivity(
        [one], interaction=SCALAR, masses_mev=MASS, toys=0, settings=QUICK
    ).points()
    assert point.asimov is not None
    assert point.asimov.value == pytest.approx(
        by_hand(one, float(asimov(one).observed.sum())), rel=0.03
    )
    return point.asimov.value


def test_every_limit_of_a_counting_experiment_is_that_by_hand() -> None:
    """And their quantiles are those of Poisson counts."""
    one = counting()
    found = sensitivity(
        [one],
        interaction=SCALAR,
        masses_mev=MASS,
        toys=44,
        toy_nuisances="nominal",
        settings=QUICK,
    )
    toys = StandardModelToys(found.spec, seed=1, nuisances="nominal")
    exact = {n: by_hand(one, n) for n in range(40)}
    expected = [exact[int(toys.counts(k)[ONE_BIN].sum())] for k in range(44)]
    np.testing.assert_allclose(found.toy_limits(MASS)[:, 0], expected, rtol=0.06)
    (point,) = found.points()
    assert (point.side, point.toys, point.toys_failed) == ("upper", 44, 0)
    assert point.expected == expected_limits(found.toy_limits(MASS)[:, 0])
    assert point.observed is not None
    assert point.observed.value == pytest.approx(exact[int(one.observed.sum())], rel=0.03)
    # Counts are whole, so that quantiles jump: a median of 5 events, between 3 and 7, 1 and 10.
    mean = float(asimov(one).observed.sum())
    assert mean == pytest.approx(5.1, abs=0.1)
    values = {quantile.sigma: quantile.value for quantile in point.expected}
    assert exact[4] * 0.97 < values[0] < exact[6] * 1.03
    assert exact[2] * 0.97 < values[-1] < exact[4] * 1.03
    assert exact[6] * 0.97 < values[1] < exact[9] * 1.03
    assert exact[0] * 0.97 < values[-2] < exact[2] * 1.03
    assert exact[8] * 0.97 < values[2] < exact[13] * 1.03


def test_the_observed_limit_is_that_of_a_fit() -> None:
    """All bins instead of merged ones, and Poisson's formula continued: the same posterior."""
    one = experiment("xenonnt_2024_s2")
    found = sensitivity([one], interaction=SCALAR, masses_mev=MASS, toys=0, settings=QUICK)
    fit = sample([one], interaction=SCALAR, mass_mev=MASS, seed=5, settings=QUICK)
    (limit,) = limits(fit, 0.9)
    (point,) = found.points()
    assert point.observed is not None
    error = np.hypot(limit.mc_error, point.observed.mc_error)
    assert abs(limit.value - point.observed.value) < 4 * error


def test_limits_with_a_large_background_fall_with_the_eighth_root_of_exposure() -> None:
    """The signal that hides grows as sqrt(T), x^2 falls as T^(-1/2), g as T^(-1/8)."""
    one = counting(background=1e3)
    ratio = asimov_limit(scaled(one, exposure=256.0)) / asimov_limit(one)
    assert ratio == pytest.approx(256.0 ** (-1 / 8), rel=0.04)


def test_limits_without_events_fall_with_the_fourth_root_of_exposure() -> None:
    """As many events are excluded whatever the exposure: x^2 falls as 1/T, g as T^(-1/4)."""
    one = scaled(counting(background=1e-3), exposure=1e-4)
    ratio = asimov_limit(scaled(one, exposure=16.0)) / asimov_limit(one)
    assert ratio == pytest.approx(16.0 ** (-1 / 4), rel=0.04)


def test_toys_are_drawn_one_by_one() -> None:
    spec = ModelSpec.of([asimov(experiment(ONE_BIN))])
    for kind in ("prior", "nominal"):
        several = StandardModelToys(spec, seed=3, nuisances=kind)
        alone = StandardModelToys(spec, seed=3, nuisances=kind)
        last = [several.counts(k)[ONE_BIN] for k in (0, 1, 7)][-1]
        np.testing.assert_array_equal(last, alone.counts(7)[ONE_BIN])
        other = StandardModelToys(spec, seed=4, nuisances=kind)
        assert len({float(other.counts(k)[ONE_BIN].sum()) for k in range(20)}) > 3


def test_nuisances_of_toys_are_drawn_from_their_priors_and_shared() -> None:
    """With much exposure counts are the flux: one for both experiments, wide as its prior."""
    one = asimov(scaled(experiment("xlzd"), exposure=1e3))
    pair = [one, replace(one, name="twin", table_sha256="twin")]
    spec = ModelSpec.of(pair)
    flux = pair[0].card.nuisance["flux_8b"].prior
    assert flux.mean_and_sd is not None
    drawn = StandardModelToys(spec, seed=1)
    toys = [drawn.counts(k) for k in range(300)]
    totals = np.array([[toy[e.name].sum() / e.observed.sum() for e in pair] for toy in toys])
    assert np.corrcoef(totals.T)[0, 1] > 0.999
    np.testing.assert_allclose(totals.std(axis=0), flux.mean_and_sd[1], rtol=0.15)
    fixed = StandardModelToys(spec, seed=1, nuisances="nominal")
    share = np.array([fixed.counts(k)["xlzd"].sum() for k in range(50)])
    share /= float(pair[1].observed.sum())
    assert share.std() < 1e-3


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The one engine of the tests on disk: it compiles once."""
    made = Engine(
        ModelSpec.of([asimov(experiment(ONE_BIN))], interaction=SCALAR), LENIENT, monitored=True
    )
    made.compile(1.0)
    return made


@pytest.fixture
def run(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Sensitivity]:
    def call(out: Path | None, toys: int = 3, **changes: Any) -> Sensitivity:
        monkeypatch.setattr(engines, "engine_for", lambda *_, **__: engine)
        options = {"interaction": SCALAR, "masses_mev": [1.0, 10.0], "settings": LENIENT, "seed": 2}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PrecisionWarning)
            return sensitivity([experiment(ONE_BIN)], toys=toys, out=out, **{**options, **changes})

    return call


def stopped(at: int) -> Callable[[DataLimits], None]:
    done: list[DataLimits] = []

    def stop(point: DataLimits) -> None:
        done.append(point)
        if len(done) == at:
            raise KeyboardInterrupt

    return stop


@pytest.fixture
def fitted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the list of the masses that are fitted from now on."""
    masses, begin = [], engine.begin

    def counted(mass: float, **options: Any) -> Fitting:
        masses.append(mass)
        return begin(mass, **options)

    monkeypatch.setattr(engine, "begin", counted)
    return masses


def table(out: Path) -> list[str]:
    return (out / "sensitivity.csv").read_text().splitlines()


def status(out: Path) -> str:
    return str(tomllib.loads((out / "run.toml").read_text())["status"])


def test_a_run_that_was_stopped_or_killed_goes_on_where_it_was(
    tmp_path: Path, run: Callable[..., Sensitivity], fitted: list[float]
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    run(whole)
    assert status(whole) == "complete"
    with pytest.raises(KeyboardInterrupt):
        run(cut, on_point=stopped(4))
    assert status(cut) == "interrupted"
    rows = (cut / "toys.csv").read_text().splitlines()
    assert rows == (whole / "toys.csv").read_text().splitlines()[:5]
    assert len(table(cut)) == 3, "what is finished is in the table"
    with pytest.warns(UnfinishedWarning, match="4 of 10 points are finished"):
        assert load(cut).tables()["sensitivity.csv"].splitlines() == table(cut)
    # Killed within a line, and one line damaged.
    kept = "\n".join([*rows[:2], rows[2].replace("observed", "1e-5,x"), *rows[3:4], rows[4][:9]])
    (cut / "toys.csv").write_text(kept)
    fitted.clear()
    with pytest.warns(RepairWarning, match=r"toys\.csv: 1 damaged or edited rows"):
        run(cut)
    assert len(fitted) == 8, "two of ten fits were whole"
    assert table(cut) == table(whole)
    assert {path.name for path in cut.iterdir()} == {path.name for path in whole.iterdir()}


def test_a_run_that_was_killed_before_its_table_writes_it(
    tmp_path: Path, run: Callable[..., Sensitivity], fitted: list[float]
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    run(whole)
    cut.mkdir()
    fitted.clear()
    for name in ("toys.csv", "run.toml", "citations.bib", "analysis.toml"):
        (cut / name).write_text((whole / name).read_text().replace('"complete"', '"running"'))
    with pytest.warns(RepairWarning, match=r"sensitivity\.csv was missing: it is written again"):
        run(cut)
    assert not fitted
    assert table(cut) == table(whole)
    assert status(cut) == "complete"


def test_a_folder_is_read_and_its_file_makes_it_again(
    tmp_path: Path, run: Callable[..., Sensitivity], fitted: list[float]
) -> None:
    first, again = tmp_path / "first", tmp_path / "again"
    made = run(first, toys=2)
    fitted.clear()
    read = load(first)
    assert not fitted
    assert repr(read) == repr(made)
    assert list(map(repr, read.points())) == list(map(repr, made.points()))
    assert (read.tables(), read.report()) == (made.tables(), made.report())
    with pytest.warns(PrecisionWarning, match="2 toys are too few"):
        run_study(read_analysis(first / "analysis.toml"), out=again)
    assert len(fitted) == 8
    for name in ("toys.csv", "sensitivity.csv", "analysis.toml"):
        assert (again / name).read_bytes() == (first / name).read_bytes()


def test_more_toys_are_added_and_none_is_lost(
    tmp_path: Path, run: Callable[..., Sensitivity], fitted: list[float]
) -> None:
    """Fewer are not asked for: the file of the analysis says how many there are."""
    few, many = tmp_path / "few", tmp_path / "many"
    run(few, toys=2)
    run(many, toys=4)
    assert table(few) != table(many)
    fitted.clear()
    run(few, toys=4)
    assert len(fitted) == 4
    assert table(few) == table(many)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in few.iterdir()}
    again = run(few, toys=1)
    assert len(fitted) == 4
    assert [point.toys for point in again.points()] == [4, 4]
    assert before == {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in few.iterdir()}


@pytest.mark.parametrize(
    "changes", [{"seed": 3}, {"level": 0.95}, {"masses_mev": [1.0]}, {"toy_nuisances": "nominal"}]
)
def test_a_folder_belongs_to_one_question(
    tmp_path: Path, run: Callable[..., Sensitivity], changes: dict[str, Any]
) -> None:
    run(tmp_path / "one", toys=0)
    with pytest.raises(OutputError, match="another run"):
        run(tmp_path / "one", toys=0, **changes)


@pytest.mark.parametrize(("toys", "bands"), [(1, "1 and 2 sigma"), (43, "2 sigma")])
def test_too_few_toys_warn_of_what_to_do(toys: int, bands: str) -> None:
    with pytest.raises(PrecisionWarning, match=f"too few for the {bands} bands.* 44 toys or more"):
        module.warn_of_few(toys)


def test_enough_toys_or_none_do_not_warn(run: Callable[..., Sensitivity]) -> None:
    for toys in (0, 44, 1000):
        module.warn_of_few(toys)
    (point, _) = run(None, toys=0).points()
    assert point.toys == 0
    assert all(np.isnan(one.value) for one in point.expected)
    assert point.asimov is not None


def test_failed_fits_are_counted_and_not_used() -> None:
    fits = [
        DataLimits(1.0, toy_label(k), (Limit("upper", 1.0 + k, 0.1),), passed=k < 45)
        for k in range(50)
    ]
    fits.append(DataLimits(1.0, "asimov", (Limit("upper", 7.0, 0.1),), passed=False))
    record = LimitRecord([1.0], ("upper",), fits)
    spec = ModelSpec.of([asimov(experiment(ONE_BIN))], interaction=SCALAR)
    found = Sensitivity(spec, spec.experiments, 0.9, 1, "prior", record)
    (point,) = found.points()
    assert (point.toys, point.toys_failed, len(found.failures())) == (45, 5, 6)
    assert point.expected[2].value == 23.0
    assert point.asimov is None
    (row,) = found.rows()
    assert row["median"] == 23.0
    assert "asimov" not in row


def test_a_projection_has_no_observed_limit() -> None:
    found = sensitivity(
        [scaled(experiment(ONE_BIN), exposure=10.0)],
        interaction="vector-universal",
        masses_mev=MASS,
        toys=0,
        settings=LENIENT,
    )
    points = found.points()
    assert [point.side for point in points] == ["positive", "negative"]
    assert all(point.observed is None for point in points)
    assert all(point.asimov is not None for point in points)


@pytest.mark.parametrize("toys", [-1, 1.5, True, "100", None])
def test_what_is_no_number_of_toys(toys: object) -> None:
    with pytest.raises(ArgumentError, match="expected a number of toys, a whole number >= 0"):
        sensitivity(
            [experiment(ONE_BIN)],
            interaction=SCALAR,
            masses_mev=1.0,
            toys=toys,  # pyright: ignore[reportArgumentType]
        )


@pytest.mark.parametrize(
    ("changes", "error", "why"),
    [
        ({"toy_nuisances": "posterior"}, UnknownNameError, "choice of toy nuisances 'posterior'"),
        ({"interaction": "sm"}, ArgumentError, "a sensitivity needs an interaction"),
        ({"interaction": "scalar"}, UnknownNameError, "unknown interaction"),
        ({"masses_mev": None}, ArgumentError, "needs a mediator mass"),
        ({"masses_mev": [10.0, 1.0]}, ArgumentError, "must increase"),
        ({"interaction": "magnetic-moment"}, ArgumentError, "mass"),
        ({"level": 1.0}, ArgumentError, "credible level"),
        (
            {"seed": -1},
            ArgumentError,
            "expected a seed, a whole number",
        ),
        ({"prior": "uniform"}, UnknownNameError, "unknown prior"),
    ],
)
def test_questions_that_cannot_be_answered(
    changes: dict[str, Any], error: type[Exception], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are told of before anything is compiled."""
    monkeypatch.setattr(Engine, "compile", lambda *_: pytest.fail("compiled"))
    options = {"interaction": SCALAR, "masses_mev": [1.0], **changes}
    with pytest.raises(error, match=why):
        sensitivity([experiment(ONE_BIN)], **options)


def fabricated(interaction: str, toys: int) -> Sensitivity:
    spec = ModelSpec.of([asimov(experiment(ONE_BIN))], interaction=interaction)
    sides = ("upper",) if interaction == SCALAR else ("positive", "negative")
    fits = []
    for number, data in enumerate(["observed", "asimov", *map(toy_label, range(toys))]):
        for mass in (1.0, 10.0):
            found = tuple(Limit(side, 1e-5 * mass * (1 + number / 50), 1e-7) for side in sides)
            fits.append(DataLimits(mass, data, found, passed=True))
    record = LimitRecord([1.0, 10.0], sides, fits)
    return Sensitivity(spec, spec.experiments, 0.9, 1, "prior", record)


@pytest.mark.parametrize("interaction", [SCALAR, "vector-universal"])
def test_the_figure_has_bands_and_lines_on_each_side(interaction: str) -> None:
    found = fabricated(interaction, 50)
    figure = sensitivity_figure(found)
    sides = len(found.sides)
    assert len(figure.axes) == 2 * sides
    for axes in figure.axes[sides:]:
        ratio = {line.get_label(): line.get_ydata() for line in axes.get_lines()}
        np.testing.assert_allclose(ratio["expected median"], 1.0)
        # The data of a fabricated study are Asimov data, and said to be.
        assert np.all(np.asarray(ratio["Asimov projection, 90% credible"]) < 1.0)
    for axes in figure.axes[:sides]:
        assert len(axes.collections) == 2
        labels = {line.get_label(): line for line in axes.get_lines()}
        assert "expected, 90% credible (Asimov data)" in labels
        assert labels["Asimov projection, 90% credible"].get_linestyle() == "-."
        median = labels["expected median"].get_ydata()
        np.testing.assert_allclose(median, [point.expected[2].value for point in found.points()]
                                   [::len(found.sides)])  # fmt: skip
    (legend,) = figure.legends
    words = [text.get_text() for text in legend.get_texts()]
    assert words[-2:] == [r"expected $\pm 1\sigma$", r"expected $\pm 2\sigma$"]
    assert "50 prior-predictive toys" in _heading(figure)


def _heading(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.texts)


def test_a_limit_at_the_end_of_the_prior_is_a_triangle_in_the_figure() -> None:
    """At 10 MeV the observed one; the Asimov limit with a least coupling of the prior is drawn."""
    fits = []
    wall = End("range", "g", 1e-4)
    for mass, observed in ((1.0, Ends()), (10.0, Ends(high=wall))):
        for data, ends in {"observed": observed, "asimov": Ends(wall)}.items():
            limit = Limit("upper", 1e-5 * mass, 1e-7, ends)
            fits.append(DataLimits(mass, data, (limit,), passed=True))
    record = LimitRecord([1.0, 10.0], ("upper",), fits)
    spec = ModelSpec.of([asimov(experiment(ONE_BIN))], interaction=SCALAR)
    found = Sensitivity(spec, spec.experiments, 0.9, 1, "prior", record)
    figure = sensitivity_figure(found)
    lines = {line.get_label(): line for line in figure.axes[0].get_lines()}
    observed = lines["Asimov projection, 90% credible"].get_ydata()
    np.testing.assert_array_equal(np.isfinite(observed), [True, False])
    assert np.all(np.isfinite(lines["expected, 90% credible (Asimov data)"].get_ydata()))
    (mark,) = [line for line in lines.values() if line.get_marker() == "^"]
    np.testing.assert_array_equal(mark.get_xydata(), [[10.0, 1e-4]])
    (legend,) = figure.legends
    words = [text.get_text().replace("\n", " ") for text in legend.get_texts()]
    assert words == [
        "Asimov projection, 90% credible",
        "Asimov projection, 90% credible; open: set by the end of the prior's range",
        "expected, 90% credible (Asimov data)",
    ]


def test_the_figure_leaves_out_what_is_not_known() -> None:
    figure = sensitivity_figure(fabricated(SCALAR, 0))
    axes = figure.axes[0]
    labels = {line.get_label() for line in axes.get_lines()}
    assert "expected median" not in labels
    assert not axes.collections
    assert "toys" not in _heading(figure)


def written_and_read(path: Path, fits: list[DataLimits]) -> list[DataLimits]:
    """Return limits as they come back from the table on disk."""
    with RunFolder(path, REQUEST) as folder:
        kept = ledger_in(folder, "toys.csv", columns_of(("upper",)), key=KEY)
        for one in fits:
            kept.append(row_of_limits(one, QUOTED))
        again = ledger_in(folder, "toys.csv", columns_of(("upper",)), key=KEY)
    return [limits_of_row(row, ("upper",)) for row in again.rows]


def test_whether_zero_is_excluded_is_kept(tmp_path: Path) -> None:
    """For the observed counts alone, in the record on disk and in the table."""
    limit = (Limit("upper", 1e-5, 1e-7),)
    fits = [
        DataLimits(1.0, "observed", limit, passed=True, zero_excluded=(True,)),
        DataLimits(1.0, "asimov", limit, passed=True),
        DataLimits(None, "toy:3", limit, passed=False),
    ]
    again = written_and_read(tmp_path / "out", fits)
    assert again == fits
    spec = ModelSpec.of([asimov(experiment(ONE_BIN))], interaction=SCALAR)
    record = LimitRecord([1.0], ("upper",), again)
    found = Sensitivity(spec, spec.experiments, 0.9, 1, "prior", record)
    assert found.rows()[0]["zero_excluded"] is True


def test_which_limits_are_at_the_end_of_the_prior_is_kept(tmp_path: Path) -> None:
    """Of every data set, in the record on disk; of the observed and the Asimov limit in the table.

    A limit of a log prior is always one of its least coupling.
    """
    open_end, least = Ends(high=End("range", "g", 2e-5)), Ends(End("range", "g", 1e-7))
    ends = {"observed": open_end, "asimov": least, "toy:0": Ends(End("physical", "g", 0.0))}
    fits = [
        DataLimits(1.0, data, (Limit("upper", 1e-5, 1e-7, each),), passed=True)
        for data, each in ends.items()
    ]
    spec = ModelSpec.of([asimov(experiment(ONE_BIN))], interaction=SCALAR)
    for each in (fits, written_and_read(tmp_path / "out", fits)):
        assert [one.limits[0].ends.at_bound for one in each] == ["high", "low", ""]
        record = LimitRecord([1.0], ("upper",), each)
        (row,) = Sensitivity(spec, spec.experiments, 0.9, 1, "prior", record).rows()
        assert (row["observed_at_bound"], row["asimov_at_bound"]) == ("high", "low")
        assert set(row) <= set(COLUMNS)
    with pytest.raises(KeyError):
        Ends.of_range("upwards", "g")


def test_without_a_mediator_there_is_a_table_and_no_figure() -> None:
    spec = ModelSpec.of([asimov(experiment(ONE_BIN))], interaction="magnetic-moment")
    fits = [DataLimits(None, "asimov", (Limit("upper", 1e-10, 1e-12),), passed=True)]
    record = LimitRecord([None], ("upper",), fits)
    found = Sensitivity(spec, spec.experiments, 0.9, 1, "prior", record)
    assert found.rows()[0]["mass_mev"] == ""
    assert not figures(found)
    with pytest.raises(ArgumentError, match="no mediator mass"):
        sensitivity_figure(found)
