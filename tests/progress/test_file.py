"""``progress.json``: throttled, whole, and read while somebody else works or was killed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from test_counter import Clock

import bayes_cevns as bc
from bayes_cevns.errors import DataError
from bayes_cevns.progress.file import ProgressFile
from bayes_cevns.progress.standing import COMPLETE, KILLED, RUNNING, Standing
from bayes_cevns.storage.names import PROGRESS_FILE

NOW = Standing("scan", RUNNING, 10, 2, 5, 1, 1, "2026-01-01T00:00:00+00:00", 9.5, 0.5, 10.0, "m")


def test_it_is_read_as_it_was_told(tmp_path: Path) -> None:
    ProgressFile(tmp_path)(NOW)
    assert bc.read_progress(tmp_path) == NOW
    content = json.loads((tmp_path / PROGRESS_FILE).read_text())
    assert {"total", "done", "failed", "running", "rate", "left_seconds", "started"} <= set(content)
    assert content["updated"] >= "2026"
    assert [path.name for path in tmp_path.iterdir()] == [PROGRESS_FILE]


def test_it_is_renewed_once_a_second_and_at_the_end(tmp_path: Path) -> None:
    clock = Clock()
    file = ProgressFile(tmp_path, clock=clock)
    for done in range(100):
        file(replace(NOW, done=done))
        clock.now += 0.03
    seen = bc.read_progress(tmp_path).done
    assert 60 < seen < 99, "the third second is the last one that was written"
    file(replace(NOW, done=100, state=COMPLETE))
    assert bc.read_progress(tmp_path).done == 100


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    ProgressFile(tmp_path / "missing")(NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_ended_without_a_word_was_killed(tmp_path: Path) -> None:
    ProgressFile(tmp_path)(NOW)
    file = tmp_path / PROGRESS_FILE
    content = json.loads(file.read_text())
    content["process"] |= {"pid": 2**22 + 1, "started": "1"}
    file.write_text(json.dumps(content))
    found = bc.read_progress(tmp_path)
    assert (found.state, found.done, found.running, found.left_seconds) == (KILLED, 5, 0, None)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"process": {}}', '{"total": 3}', "\x00"])
def test_a_damaged_file_is_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / PROGRESS_FILE).write_text(text)
    with pytest.raises(DataError, match="not as it was written") as caught:
        bc.read_progress(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_count_that_is_none_is_refused(tmp_path: Path) -> None:
    ProgressFile(tmp_path)(NOW)
    file = tmp_path / PROGRESS_FILE
    file.write_text(file.read_text().replace('"done": 5', '"done": "five"'))
    with pytest.raises(DataError, match="not as it was written"):
        bc.read_progress(tmp_path)


def test_a_folder_without_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no readable progress\.json"):
        bc.read_progress(tmp_path)
