"""What all studies share: they stop and go on, are read back, and run again from their echo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from examples import EXAMPLES, SINGLE, example, tables

import bayes_cevns as bc
from bayes_cevns.errors import DataError, OutputError, UnfinishedWarning
from bayes_cevns.studies import engines
from bayes_cevns.studies.analysis_file import ANALYSIS_FILE, read_analysis, study_of
from bayes_cevns.studies.catalogue import STUDIES
from bayes_cevns.studies.load import load
from bayes_cevns.studies.run import run

#: Two toys are too few for bands.
pytestmark = pytest.mark.filterwarnings("ignore::bayes_cevns.errors.PrecisionWarning")


@pytest.fixture(scope="module", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Engines of the same model are the same one, for all studies of this module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "engine_for", cache(engines.engine_for))
        yield


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of a study that nothing disturbed."""
    folder = tmp_path_factory.mktemp("finished")

    def of(kind: str) -> Path:
        if not (folder / kind).exists():
            run(example(kind), out=folder / kind)
        return folder / kind

    return of


def test_there_is_an_example_of_each() -> None:
    assert set(EXAMPLES) == set(STUDIES)


@pytest.mark.parametrize("kind", STUDIES)
def test_the_words_of_a_study_make_it_again(kind: str) -> None:
    words = example(kind).to_words()
    again = study_of(words)
    assert again.to_words() == words
    assert again.request() == example(kind).request()
    defaults = {name: f.default for name, f in type(again).model_fields.items()}
    assert {name for name in defaults if name not in words} <= {
        name for name, default in defaults.items() if default is None
    }


@pytest.mark.parametrize("kind", STUDIES)
def test_the_echo_of_a_run_gives_the_same_bytes(
    kind: str, finished: Callable[[str], Path], tmp_path: Path
) -> None:
    first = finished(kind)
    run(read_analysis(first / ANALYSIS_FILE), out=tmp_path / "again")
    assert tables(tmp_path / "again") == tables(first)
    echo = (tmp_path / "again" / ANALYSIS_FILE).read_bytes()
    assert echo == (first / ANALYSIS_FILE).read_bytes()


@pytest.mark.parametrize("kind", STUDIES)
def test_a_run_is_read_back(kind: str, finished: Callable[[str], Path]) -> None:
    first = finished(kind)
    before = {path: path.read_bytes() for path in first.rglob("*") if path.is_file()}
    found = load(first)
    for name, text in found.tables().items():
        assert text == (first / name).read_text()
    assert type(found) is type(run(example(kind), out=first))
    assert {path: path.read_bytes() for path in first.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("kind", [kind for kind in STUDIES if kind not in SINGLE])
def test_an_interrupted_run_goes_on(
    kind: str, finished: Callable[[str], Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(example(kind), out=out, on_point=stop)
    with pytest.warns(UnfinishedWarning, match="is not complete"):
        load(out)
    run(example(kind), out=out)
    assert tables(out) == tables(finished(kind))
    assert 'status = "complete"' in (out / "run.toml").read_text()


def test_an_echo_edited_by_hand_is_not_believed(tmp_path: Path) -> None:
    run(example("profile"), out=tmp_path / "out")
    file = tmp_path / "out" / ANALYSIS_FILE
    file.write_text(file.read_text().replace("level = 0.9", "level = 0.95"))
    with pytest.raises(DataError, match="not as it was written"):
        load(tmp_path / "out")
    with pytest.raises(OutputError, match="another run"):
        run(read_analysis(file), out=tmp_path / "out")


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no readable run\.toml"):
        bc.load(tmp_path)
