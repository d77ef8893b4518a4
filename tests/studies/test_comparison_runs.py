"""Comparisons and prior sensitivities in folders: resumed, read back, run again, and damaged."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cli import main
from bayes_cevns.errors import ArgumentError, BayesCevnsError, DataError, OutputError
from bayes_cevns.figures.catalogue import figures_of
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.studies import engines
from bayes_cevns.studies import prior_sensitivity as sensitivity_module
from bayes_cevns.studies.analysis_file import read_analysis
from bayes_cevns.studies.comparison import compare as compare_module
from bayes_cevns.studies.comparison.compare import compare, compare_models
from bayes_cevns.studies.load import load
from bayes_cevns.studies.prior_sensitivity import prior_sensitivity
from bayes_cevns.studies.run import run
from bayes_cevns.studies.sample import sample
from bayes_cevns.studies.scan import scan

SMALL, NAME, MASS = "xenonnt_2024_s2", "scalar-universal", 10.0
LENIENT = Gate(rhat_max=2.0, ess_min=1.0, divergences_max=10**6)
QUICK = SamplerSettings(draws=100, tune=100, retries=0, gate=LENIENT)


@pytest.fixture(autouse=True, scope="module")
def _compiled_once() -> Iterator[None]:
    """Every model is compiled once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "engine_for", cache(engines.engine_for))
        yield


def compared(out: Path | None, **changes: Any) -> Any:
    asked = {"interactions": [NAME], "mass_mev": MASS, "settings": QUICK, "seed": 3}
    return compare_models([SMALL], out=out, **{**asked, **changes})


def weighted(out: Path | None, **changes: Any) -> Any:
    asked = {"interaction": NAME, "mass_mev": MASS, "settings": QUICK, "seed": 3}
    return prior_sensitivity([SMALL], out=out, **{**asked, **changes})


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One folder of each kind that nothing disturbed."""
    root = tmp_path_factory.mktemp("undisturbed")
    compared(root / "compare")
    models = root / "compare" / "models"
    compare([models / NAME, models / "sm"], out=root / "runs")
    weighted(root / "sensitivity")
    return {name: root / name for name in ("compare", "runs", "sensitivity")}


KINDS = ("compare", "runs", "sensitivity")


@pytest.fixture
def _nothing_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing is to be computed")

    monkeypatch.setattr(engines, "engine_for", refuse)
    monkeypatch.setattr(compare_module, "assess", refuse)
    monkeypatch.setattr("bayes_cevns.inference.at_draws.ModelAtDraws.__init__", refuse)


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


@pytest.mark.usefixtures("_nothing_is_computed")
@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_is_read_without_computing(kind: str, folders: dict[str, Path]) -> None:
    found = load(folders[kind])
    texts = {name: text.encode() for name, text in found.tables().items()}
    assert texts == tables(folders[kind])
    drawn = figures_of(found)
    assert set(drawn) == (
        {"prior_posterior"} if kind == "sensitivity" else {"predictive", "compare"}
    )
    fits = [found.fit] if kind == "sensitivity" else [model.run for model in found.models]
    assert all(fit.posterior.sizes["draw"] == QUICK.draws for fit in fits)


@pytest.mark.parametrize("kind", KINDS)
def test_an_analysis_file_gives_the_same_tables(
    kind: str, folders: dict[str, Path], tmp_path: Path
) -> None:
    run(read_analysis(folders[kind] / "analysis.toml"), out=tmp_path / "again")
    assert tables(tmp_path / "again") == tables(folders[kind])
    assert (tmp_path / "again" / "analysis.toml").read_text() == (
        folders[kind] / "analysis.toml"
    ).read_text()


def test_models_and_their_folders_make_the_same_tables(folders: dict[str, Path]) -> None:
    assert tables(folders["compare"]) == tables(folders["runs"])


def interrupted_at(number: int, work: Callable[..., Any]) -> Callable[..., Any]:
    """Return some work that is interrupted when it is called so many times."""
    calls = 0

    def call(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number:
            raise KeyboardInterrupt
        return work(*args, **options)

    return call


@pytest.mark.parametrize("step", ["the fit", "the assessment"])
def test_an_interrupted_comparison_goes_on(
    step: str, folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        if step == "the fit":
            patch.setattr(
                "bayes_cevns.inference.engine.Engine.fit",
                interrupted_at(2, sys.modules["bayes_cevns.inference.engine"].Engine.fit),
            )
        else:
            patch.setattr(compare_module, "assess", interrupted_at(2, compare_module.assess))
        with pytest.raises(KeyboardInterrupt):
            compared(out)
    assert (out / "compare.csv").read_text().count("\n") == 2
    with pytest.warns(UserWarning, match="1 of 2 points are finished"):
        assert [model.run.name for model in load(out).models] == ["sm"]
    known = (out / "models" / "sm" / "posterior.nc").stat().st_mtime_ns
    compared(out)
    assert tables(out) == tables(folders["compare"])
    assert (out / "models" / "sm" / "posterior.nc").stat().st_mtime_ns == known


def test_an_interrupted_prior_sensitivity_goes_on(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(sensitivity_module, "power_scaling", interrupted_at(1, print))
        with pytest.raises(KeyboardInterrupt):
            weighted(out)
    assert not tables(out)
    with pytest.raises(DataError, match="no finished point"):
        load(out)
    monkeypatch.setattr("bayes_cevns.inference.engine.Engine.fit", None)  # it is kept
    weighted(out)
    assert tables(out) == tables(folders["sensitivity"])


def test_priors_of_which_weights_know_nothing_are_sampled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensitivity_module, "GOOD_K", -np.inf)
    out = tmp_path / "out"
    found = weighted(out)
    assert {one.method for one in found.limits} == {"sampled"}
    names = {path.name for path in out.iterdir() if path.is_dir()}
    assert names == {"fit", "fit_flat", "fit_flat-rate", "fit_log", "points"}
    assert load(out).rows() == found.rows()
    # A fit with another prior is one that `sample` makes.
    log = sample([SMALL], interaction=NAME, mass_mev=MASS, prior="log", settings=QUICK, seed=3)
    assert log.digest() == load(out / "fit_log").digest()


@pytest.fixture
def damaged(folders: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of a comparison, to be damaged."""
    return Path(shutil.copytree(folders["compare"], tmp_path / "damaged"))


def alter(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


@pytest.mark.parametrize("step", ["load", "compare"])
def test_an_altered_posterior_is_refused(step: str, damaged: Path) -> None:
    alter(damaged / "models" / "sm" / "posterior.nc")
    with pytest.raises(OutputError, match="altered or damaged"):
        _ = load(damaged) if step == "load" else compare([damaged / "models" / "sm"])


def test_what_is_missing_is_said_and_computed_again(
    damaged: Path, folders: dict[str, Path]
) -> None:
    (damaged / "points" / "0000.npz").unlink()
    with pytest.raises(DataError, match=r"damaged holds no finished point"):
        load(damaged)
    shutil.rmtree(damaged / "models" / NAME)
    compared(damaged)
    assert tables(damaged) == tables(folders["compare"])
    (damaged / "points" / "0001.npz").unlink()
    with pytest.raises(DataError, match="holds 1 of the 2 points of a complete run"):
        load(damaged)
    shutil.rmtree(damaged / "models" / "sm")
    with pytest.raises(DataError, match=r"sm holds no readable run\.toml"):
        load(damaged)


def test_a_part_of_another_run_is_refused(damaged: Path, tmp_path: Path) -> None:
    sample([SMALL], settings=QUICK, seed=4, out=tmp_path / "other")
    shutil.rmtree(damaged / "models" / "sm")
    shutil.copytree(tmp_path / "other", damaged / "models" / "sm")
    with pytest.raises(DataError, match="does not hold the fit"):
        load(damaged)
    with pytest.raises(OutputError, match="another run"):
        compared(damaged)


def test_runs_that_were_sampled_anew_are_another_comparison(damaged: Path, tmp_path: Path) -> None:
    models, out = damaged / "models", tmp_path / "out"
    compare([models / "sm"], out=out)
    shutil.rmtree(models / "sm")
    with pytest.raises(BayesCevnsError, match=r"sm holds no readable run\.toml"):
        load(out)
    sample([SMALL], settings=QUICK, seed=4, out=models / "sm")
    with pytest.raises(DataError, match="cannot be read"):
        load(out)
    with pytest.raises(OutputError, match="another run"):
        compare([models / "sm"], out=out)


def test_a_run_of_another_card_is_refused(damaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = experiment(SMALL).card
    other = replace(experiment(SMALL), card=card.model_copy(update={"title": "edited"}))
    monkeypatch.setattr("bayes_cevns.studies.experiment_words.experiment", lambda _: other)
    with pytest.raises(DataError, match=rf"{SMALL} \(card, table or source\) changed"):
        compare([damaged / "models" / "sm"])


def test_runs_in_memory_are_compared_but_not_read_again(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    runs = [model.run for model in load(folders["compare"]).models]
    out = tmp_path / "out"
    compare(runs, out=out)
    assert tables(out) == tables(folders["compare"])
    with pytest.raises(ArgumentError, match=r"runs in memory, .*: compare the folders"):
        load(out)
    compare([folders["compare"] / "models" / run.name for run in runs], out=out)
    assert len(load(out).models) == 2


@pytest.fixture
def own() -> Experiment:
    """An experiment that words cannot make again."""
    return replace(experiment(SMALL), observed=experiment(SMALL).observed + 1)


def test_experiments_of_ones_own_are_given_again(own: Experiment, tmp_path: Path) -> None:
    sample([own], settings=QUICK, out=tmp_path / "sm")
    found = compare([tmp_path / "sm"], experiments=[own], out=tmp_path / "out")
    again = load(tmp_path / "out", experiments=[own])
    assert again.tables() == found.tables()
    with pytest.raises(ArgumentError, match=f"made in Python with the experiment {SMALL}"):
        load(tmp_path / "out")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("folders = 5", "expected a list of folders of runs, got 5"),
        ("folders = []", "needs one model or more, got none"),
        ("folders = []\nseed = 1", "got no folder with --seed"),
        ('folders = ["no/such"]', r"no/such holds no readable run\.toml"),
        ('experiments = ["xenonnt_cevns"]\nfolders = ["x"]', "got 'x' with xenonnt_cevns"),
        ('experiments = ["xenonnt_cevns"]\nmass_mev = 1.0', "none of the models has a mediator"),
    ],
)
def test_analysis_files_that_ask_for_nothing(line: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "analysis.toml"
    file.write_text(f'study = "compare"\n{line}\n')
    with pytest.raises(ArgumentError, match=text):
        read_analysis(file)


def test_an_experiment_is_no_folder_that_is_called_like_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / SMALL).mkdir()
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "analysis.toml"
    file.write_text(f'study = "compare"\nexperiments = ["{SMALL}"]\n')
    assert [e.name for e in read_analysis(file).experiments] == [SMALL]


def test_a_scan_is_no_model(tmp_path: Path) -> None:
    scan([SMALL], interaction=NAME, masses_mev=[MASS], settings=QUICK, out=tmp_path / "scan")
    with pytest.raises(DataError, match=r"holds a run of 'scan': compare runs of"):
        compare([tmp_path / "scan"])


def test_the_command_goes_on_in_the_folder_of_the_function(
    damaged: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (damaged / "compare.csv").unlink()
    monkeypatch.setattr("sys.argv", ["bayes-cevns", "run", str(damaged / "analysis.toml")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    printed = capsys.readouterr().out
    assert f"{NAME} to sm: ln B " in printed
    assert (damaged / "compare.csv").is_file()
