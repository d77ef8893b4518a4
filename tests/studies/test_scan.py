"""A scan as a study: read back, run again from its file, gone on with, pickled."""

from __future__ import annotations

import copy
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bayes_cevns.cards import Experiment
from bayes_cevns.errors import ArgumentError, DataError, OutputError, UnfinishedWarning
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.studies.analysis_file import ANALYSIS_FILE, read_analysis
from bayes_cevns.studies.load import load
from bayes_cevns.studies.run import run
from bayes_cevns.studies.scan import ScanStudy, scan
from bayes_cevns.studies.scan_result import Scan
from bayes_cevns.summary.bands import bands
from bayes_cevns.summary.limits import limits

ENGINE_FOR = "bayes_cevns.studies.engines.engine_for"
MASSES = [1.0, 10.0, 100.0]
LENIENT = Gate(rhat_max=2.0, ess_min=1.0, divergences_max=10**6)
QUICK = SamplerSettings(draws=100, tune=100, retries=0, gate=LENIENT)
OPTIONS: dict[str, Any] = {
    "interaction": "vector-universal", "masses_mev": MASSES, "settings": QUICK, "seed": 3
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def engine(xenonnt: Experiment) -> Iterator[Engine]:
    """The one engine of this module: it compiles once."""
    one = Engine(ModelSpec.of([xenonnt], interaction="vector-universal"), QUICK)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ENGINE_FOR, lambda *_: one)
        yield one


@pytest.fixture(scope="module")
def folder(xenonnt: Experiment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished scan."""
    out = tmp_path_factory.mktemp("scans") / "whole"
    scan([xenonnt], out=out, **OPTIONS)
    return out


@pytest.fixture
def interrupted(xenonnt: Experiment, engine: Engine, tmp_path: Path) -> Path:
    """The folder of a scan that was interrupted at its last mass."""
    real = engine.begin

    def begin(mass: float | None = None, **options: Any) -> Any:
        fitting = real(mass, **options)
        if mass == MASSES[-1]:
            patch.setattr(fitting, "result", interrupt)
        return fitting

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "begin", begin)
        with pytest.raises(KeyboardInterrupt):
            scan([xenonnt], out=tmp_path / "cut", **OPTIONS)
    return tmp_path / "cut"


@pytest.fixture
def _nothing_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ENGINE_FOR, lambda *_, **__: pytest.fail("an engine is made"))
    monkeypatch.setattr(
        "bayes_cevns.inference.at_draws.ModelAtDraws", lambda *_: pytest.fail("a model is made")
    )


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.glob("*.csv")}


def same(one: Scan, two: Scan) -> None:
    assert one.tables() == two.tables()
    assert one.lines() == two.lines()
    assert (one.level, one.seed, one.experiment) == (two.level, two.seed, two.experiment)
    for a, b in zip(one.points, two.points, strict=True):
        assert a.fit.prior == b.fit.prior
        np.testing.assert_array_equal(a.fit.posterior["coupling"], b.fit.posterior["coupling"])


@pytest.mark.usefixtures("_nothing_is_computed")
def test_a_scan_is_read_back_without_computing(folder: Path) -> None:
    assert set(texts(folder)) == {"limits.csv", "bands.csv"}
    assert load(folder).tables() == texts(folder)


def test_its_file_gives_the_same_tables_again(folder: Path, tmp_path: Path) -> None:
    study = read_analysis(folder / ANALYSIS_FILE)
    again = run(study, out=tmp_path / "again")
    assert texts(tmp_path / "again") == texts(folder)
    same(again, load(folder))
    read = (tmp_path / "again" / ANALYSIS_FILE).read_text()
    assert read == (folder / ANALYSIS_FILE).read_text()


def test_an_interrupted_scan_is_read_with_a_warning_and_goes_on(
    interrupted: Path, folder: Path
) -> None:
    with pytest.warns(UnfinishedWarning, match="2 of 3 points are finished"):
        part = load(interrupted)
    assert [p.mass_mev for p in part.points] == MASSES[:2]
    assert part.limit_rows() == load(folder).limit_rows()[:4]
    run(read_analysis(interrupted / ANALYSIS_FILE), out=interrupted)
    assert texts(interrupted) == texts(folder)
    same(load(interrupted), load(folder))


@pytest.mark.parametrize("name", ["posterior.nc", ANALYSIS_FILE])
def test_an_edited_file_is_told(name: str, folder: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(folder, tmp_path / "copied")
    with (copied / name).open("ab") as file:
        file.write(b"\n# edited\n")
    with pytest.raises((DataError, OutputError), match=name.replace(".", r"\.")):
        load(copied)


@pytest.mark.usefixtures("_nothing_is_computed")
def test_another_level_is_quoted_from_the_same_draws(folder: Path) -> None:
    one = load(folder)
    found = one.at_level(0.68)
    assert found.level == 0.68
    for wide, narrow in zip(one.points, found.points, strict=True):
        assert narrow.fit is wide.fit
        assert narrow.limits == limits(wide.fit, 0.68)
        assert narrow.bands == bands(wide.fit, 0.68)
        assert all(b.value < a.value for a, b in zip(wide.limits, narrow.limits, strict=True))
    with pytest.raises(ArgumentError, match="credible level"):
        load(folder).at_level(1.0)


def test_copies_and_pickles_are_the_same(folder: Path) -> None:
    one = load(folder)
    for two in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        same(one, two)
        assert repr(two) == repr(one)
    assert "vector-universal" in repr(one)
    assert "strongest limit" in one._repr_html_()
    assert repr(pickle.loads(pickle.dumps(one.points[0]))) == repr(one.points[0])


def test_a_study_is_the_same_from_its_words(xenonnt: Experiment) -> None:
    study = ScanStudy(experiments=[xenonnt], **OPTIONS)
    again = ScanStudy.from_words(
        {name: word for name, word in study.to_words().items() if name != "study"}
    )
    assert again.request() == study.request()
    assert pickle.loads(pickle.dumps(study)).request() == study.request()


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"masses_mev": [2.0, 1.0]}, "must increase"),
        ({"masses_mev": []}, "mass"),
        ({"interaction": "sm"}, "needs an interaction"),
        ({"interaction": "magnetic-moment"}, "no mediator mass to scan"),
        ({"level": 1.0}, "credible level"),
        ({"masses": [1.0]}, "did you mean 'masses_mev'"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_at_once(
    wrong: dict[str, Any], text: str, xenonnt: Experiment
) -> None:
    with pytest.raises(ArgumentError, match=text):
        ScanStudy(experiments=[xenonnt], **{**OPTIONS, **wrong})


def test_reading_a_scan_loads_nothing_that_samples_or_draws(folder: Path) -> None:
    code = (
        "import sys\n"
        "from bayes_cevns.studies.load import load\n"
        "found = load(sys.argv[1]).at_level(0.68)\n"
        "assert len([x for point in found.points for x in point.limits]) == 6\n"
        "heavy = {'pymc', 'pytensor', 'nutpie', 'numba', 'matplotlib', 'iminuit'}\n"
        "print(*sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
