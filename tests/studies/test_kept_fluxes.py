"""Fluxes of a user beside an analysis, with names of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

import bayes_cevns as bc
from bayes_cevns.errors import ArgumentError
from bayes_cevns.studies.analysis_file import ANALYSIS_FILE, analysis_files, read_analysis, study_of
from bayes_cevns.studies.kept_fluxes import from_folder, with_copies

TEXT = """\
# energy_unit = MeV
# flux_unit = 1/(cm2 s MeV)
energy,anti_nu_e
0.5,1e12
12.0,{last}
"""
COMMON = {"study": "profile", "interaction": "b-l", "masses_mev": [1.0], "data": "asimov"}


def flux(folder: Path, last: str = "1e10") -> str:
    folder.mkdir(exist_ok=True)
    path = folder / "mine.csv"
    path.write_text(TEXT.format(last=last))
    return str(path)


def test_two_fluxes_of_one_file_name(tmp_path):
    one, two = flux(tmp_path / "one"), flux(tmp_path / "two", "2e10")
    experiments = [{"name": "xlzd", "source": one}, {"name": "connie", "source": two}]
    study = study_of({**COMMON, "experiments": experiments})
    words, files = with_copies(study.to_words(), study.experiments)
    assert [each["source"] for each in words["experiments"]] == ["flux-mine.csv", "flux-mine-2.csv"]
    assert files["flux-mine.csv"] == "# name = mine\n" + Path(one).read_text()
    assert "2e10" in files["flux-mine-2.csv"]


def test_an_analysis_is_read_from_its_folder_alone(tmp_path, monkeypatch):
    path = flux(tmp_path / "one")
    study = study_of({**COMMON, "experiments": ["connie"], "source": path})
    folder = tmp_path / "run"
    folder.mkdir()
    for name, text in analysis_files(study).items():
        (folder / name).write_text(text)
    Path(path).unlink()
    monkeypatch.chdir(tmp_path)
    again = read_analysis(folder)
    assert again.request() == study.request()
    assert analysis_files(again) == analysis_files(study)
    (folder / "flux-mine.csv").unlink()
    with pytest.raises(ArgumentError, match=r"analysis.toml, line 4, source: cannot read the flux"):
        read_analysis(folder / ANALYSIS_FILE)


def test_other_numbers_are_another_request(tmp_path):
    """The path is not in the identity, the content is."""
    words = {**COMMON, "experiments": ["connie"]}
    first = study_of({**words, "source": flux(tmp_path / "one")}).request()
    assert study_of({**words, "source": flux(tmp_path / "elsewhere")}).request() == first
    assert study_of({**words, "source": flux(tmp_path / "one", "2e10")}).request() != first


def test_names_of_sources_and_cards_stay_as_they_are(tmp_path):
    words = {"experiments": ["xlzd", {"name": "connie", "source": "reactor"}], "source": "solar"}
    assert from_folder(words, tmp_path) == words
    assert with_copies(words, (bc.experiment("xlzd"),)) == (words, {})
