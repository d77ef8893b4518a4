"""What all studies share: they stop and go on, are read back, and run again from their echo."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from accidents import Accidents
from copies import FINISHED, done, remembering
from examples import EXAMPLES, RUN, SINGLE, example, perform, tables
from shared_cache import damaged, small_work, two_on_one
from shortages import causes, on_read_only_disks, without
from verdict import reading

import bayes_cevns as bc
from bayes_cevns.errors import DataError, OutputError, UnfinishedWarning
from bayes_cevns.storage.resources import sha256
from bayes_cevns.storage.wholeness import has_leftovers, lacks_fits
from bayes_cevns.studies.analysis_file import ANALYSIS_FILE, read_analysis, study_of
from bayes_cevns.studies.catalogue import STUDIES
from bayes_cevns.studies.load import load
from bayes_cevns.studies.run import run

#: Two toys are too few for bands.
pytestmark = pytest.mark.filterwarnings("ignore::bayes_cevns.errors.PrecisionWarning")


@pytest.fixture(scope="module", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Models are compiled once for all studies of this module, and forks take what was fitted."""
    with remembering():
        yield


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of a study that nothing disturbed."""
    folder = tmp_path_factory.mktemp("finished")

    def of(kind: str) -> Path:
        if not (folder / kind).exists():
            perform(kind, folder / kind)
        return folder / kind

    return of


def test_there_is_an_example_of_each() -> None:
    missing = set(STUDIES) - set(EXAMPLES)
    assert not missing, f"add an example of {missing} to tests/studies/examples.py"
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


@pytest.mark.parametrize("kind", ["sample", "scan", "profile", "sensitivity", "calibrate"])
def test_a_number_is_the_same_whichever_way_it_is_given(kind: str) -> None:
    name = "masses_mev" if "masses_mev" in EXAMPLES[kind] else "mass_mev"
    several = [[10], np.array([10.0])] if name == "masses_mev" else []
    ways = [10, 10.0, np.float32(10.0), *several]
    found = [example(kind, **{name: way}).request() for way in ways]
    texts = {json.dumps(request, sort_keys=True) for request in found}
    assert len(texts) == 1


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


@pytest.mark.parametrize("kind", STUDIES)
def test_a_finished_run_has_all_that_it_keeps(
    kind: str, finished: Callable[[str], Path], tmp_path: Path
) -> None:
    """A grid runs such a study no more; with a file of a process that was stopped, it does."""
    out = tmp_path / "out"
    copytree(finished(kind), out)
    assert not has_leftovers(out)
    assert not lacks_fits(out)
    for posterior in out.glob("*/**/posterior.nc"):
        posterior.unlink()
        assert lacks_fits(out)
    (out / "run.lock.taken").touch()
    assert has_leftovers(out)


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


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are copied with fork")


@needs_fork
@pytest.mark.parametrize("kind", [*STUDIES, RUN])
def test_accidents_change_no_number(
    kind: str, finished: Callable[[str], Path], tmp_path: Path
) -> None:
    """A few of those of `make faults`: other ones for each study."""
    own, place = Accidents(kind, finished(kind), tmp_path), [*STUDIES, RUN].index(kind)
    most = own.moments()
    every = most // 3
    tallies = {
        "killed": own.stop(signal.SIGKILL, range(3 + place, most + 1, every)),
        "interrupted": own.stop(signal.SIGINT, range(5 + place, most + 1, 2 * every)),
        "finished": own.stop_a_finished_one(),
        "damaged": own.damage(own.whole, 11, place),
        "damaged when killed": own.damage(own.stopped(), 13, place),
    }
    assert {what: tally.lost for what, tally in tallies.items() if tally.lost} == {}
    for line in [line for tally in tallies.values() for line in tally.refused]:
        # All else can be made again, and run.toml too, where anything is kept.
        assert any(name in line for name in ("posterior.nc", "run.lock", "run.toml"))


needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux has them")


@needs_linux
@pytest.mark.parametrize("kind", [*STUDIES, RUN])
def test_shortages_and_a_kill_at_any_time_change_no_number(
    kind: str, finished: Callable[[str], Path], tmp_path: Path
) -> None:
    """A few of those of `make faults`: other ones for each study."""
    own, place = Accidents(kind, finished(kind), tmp_path), [*STUDIES, RUN].index(kind)
    every_one = {f"{what}: {w}": c for what, of_it in causes().items() for w, c in of_it.items()}
    words = list(every_one)[place :: 2 * len(STUDIES)]
    found = without(own, {word: every_one[word] for word in words})
    killed = own.stop_after(signal.SIGKILL, [0.02 * (1 + place)])
    assert (found.lost, killed.lost) == ([], [])
    assert (found.survived, killed.survived) == (len(words), 1)


@needs_linux
def test_a_read_only_disk_is_one_line(finished: Callable[[str], Path], tmp_path: Path) -> None:
    """Only a superuser may mount one; for others nothing is tried."""
    found = on_read_only_disks(Accidents("profile", finished("profile"), tmp_path))
    assert (found.lost, found.survived) == ([], found.tried)


@needs_fork
def test_two_on_one_empty_cache_and_one_that_is_damaged(tmp_path: Path) -> None:
    for name in ("two", "damaged"):
        (tmp_path / name).mkdir()
    two = two_on_one(tmp_path / "two", small_work, 4)
    found = damaged(tmp_path / "damaged", small_work, 1)
    assert (two.lost, found.lost) == ([], [])
    assert (two.survived, found.survived) == (4, 12)


@needs_fork
def test_two_at_once(finished: Callable[[str], Path], tmp_path: Path) -> None:
    found = Accidents("profile", finished("profile"), tmp_path).two(1)
    assert (found.survived, found.lost) == (1, [])


@needs_fork
def test_a_killed_run_is_read(finished: Callable[[str], Path], tmp_path: Path) -> None:
    """It holds what was asked for from its beginning, and says that it is not complete."""
    own = Accidents("profile", finished("profile"), tmp_path)
    out = own.stopped()
    end = done(reading(out), own.note)
    assert (end.how, end.warned) == (FINISHED, ["UnfinishedWarning"])
    assert len(end.value["limits_cl.csv"]) == 1
    assert read_analysis(out / ANALYSIS_FILE).to_words() == example("profile").to_words()


def test_a_complete_run_that_is_killed_while_it_does_more_says_so(tmp_path: Path) -> None:
    """What lies there after each fit is what a kill leaves: fewer toys than were asked for."""
    out, seen = tmp_path / "out", []
    run(example("coverage", toys=1, precision=0.9), out=out)

    def copy(point: object) -> None:
        seen.append(point)
        if len(seen) == 5:
            copytree(out, tmp_path / "killed")

    run(example("coverage", toys=2, precision=0.9), out=out, on_point=copy)
    with pytest.warns(UnfinishedWarning, match="of 6 points are finished"):
        load(tmp_path / "killed")


def test_a_run_that_was_stopped_while_it_did_more_is_not_complete_with_less(tmp_path: Path) -> None:
    """Two toys of three truths are of more than is asked for: the folder is read, and says so."""
    out, seen = tmp_path / "out", []

    def stop(point: object) -> None:
        seen.append(point)
        if len(seen) == 4:
            raise KeyboardInterrupt

    less, more = (example("coverage", toys=toys, precision=0.9) for toys in (1, 2))
    run(less, out=out)
    with pytest.raises(KeyboardInterrupt):
        run(more, out=out, on_point=stop)
    run(less, out=out)
    with pytest.warns(UnfinishedWarning, match="4 of 6 points are finished"):
        load(out)
    run(more, out=out)
    run(more, out=tmp_path / "whole")
    name = "coverage.csv"  # the rows of toys.csv are in the order in which they were fitted
    assert tables(out)[name] == tables(tmp_path / "whole")[name]
    assert load(out).tables()[name] == (out / name).read_text()


def test_the_status_of_a_finished_run_is_no_reason_to_lose_it(
    finished: Callable[[str], Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    copytree(finished("scan"), out)
    record = out / "run.toml"
    record.write_text(record.read_text().replace('"complete"', '"interrupted"'))
    with pytest.warns(UnfinishedWarning, match="2 of 2 points are finished"):
        found = load(out)
    assert found.tables() == load(finished("scan")).tables()


def test_a_request_that_changed_is_named(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(example("profile"), out=out)
    file, record = out / ANALYSIS_FILE, out / "run.toml"
    before = sha256(file)
    file.write_text(file.read_text().replace("level = 0.9", "level = 0.95"))
    record.write_text(record.read_text().replace(before, sha256(file)))
    with pytest.raises(DataError, match=r"level \(analysis.toml, or a default\) changed"):
        load(out)
