"""`bayes-cevns plot`: several folders in one figure, with limits of others."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import bayes_cevns as bc
from bayes_cevns.cli import main


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Previews of two interactions and two levels, which need no sampling."""
    root = tmp_path_factory.mktemp("runs")
    runs = {"one": ("b-l", 0.9), "two": ("b-l", 0.9), "higher": ("b-l", 0.95)}
    for name, (interaction, level) in runs.items():
        experiment = "conus_plus" if name == "two" else "lz_8b_number"
        bc.preview(
            experiment, interaction=interaction, masses_mev=[1.0, 10.0, 100.0], level=level,
            out=root / name,
        )  # fmt: skip
    return {name: root / name for name in runs}


def plot(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", "plot", *map(str, words)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


def test_several_folders_are_one_figure(
    folders: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [folders["one"], folders["two"], "--out", tmp_path / "figures"]
    options = ["--published", "b-l.na64_2019,b-l.borexino_2018", "--width", "column"]
    assert plot(monkeypatch, *words, *options, "--labels", "LZ,CONUS") == 0
    printed = capsys.readouterr().out.splitlines()
    files = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert files == ["overlay.pdf", "overlay.png"]
    assert printed[-1] == "published: b-l.borexino_2018: arXiv:1803.05466"
    assert plot(monkeypatch, *words[:2], "--out", tmp_path / "one.svg") == 0
    assert (tmp_path / "one.svg").stat().st_size > 1000


@pytest.mark.parametrize(
    ("names", "options", "said"),
    [
        (("one", "two"), (), "needs --out FOLDER"),
        (("one", "higher"), ("--out", "x"), "one figure would mix levels: one has 90%, higher"),
        (("one",), ("--out", "x", "--published", "foo"), "unknown published limit 'foo'"),
        (
            ("one",),
            ("--out", "x", "--published", "hidden-photon.na64_2019"),
            "there is no exact conversion",
        ),
        (("one", "two"), ("--out", "x", "--labels", "a"), "one label for each of 2 results"),
        (("one",), ("--out", "x", "--width", "wide"), "unknown width 'wide'"),
    ],
)
def test_what_is_refused_is_one_line_and_nothing_is_written(
    folders: dict[str, Path],
    tmp_path: Path,
    names: tuple[str, ...],
    options: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert plot(monkeypatch, *(folders[name] for name in names), *options) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert list(tmp_path.iterdir()) == []
