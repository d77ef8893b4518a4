"""Cards and tables of a user are kept in the folder of a run, which needs nothing else."""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree

import pytest

import bayes_cevns as bc
from bayes_cevns.errors import DataError, RepairWarning
from bayes_cevns.reports.data_sources import data_sources
from bayes_cevns.specification.data_used import data_used
from bayes_cevns.storage.record import read_run
from bayes_cevns.studies.analysis_file import ANALYSIS_FILE, analysis_files, read_analysis
from bayes_cevns.studies.identity import content_digest

ASKED = {"interaction": "scalar-universal", "masses_mev": [10.0]}
FLUX = """\
# energy_unit = MeV
# flux_unit = 1/(cm2 s MeV)
energy,nu_e
0.5,1e6
15.0,1e5
"""


@pytest.fixture
def own(invent) -> Path:
    """Return the card of an experiment in a folder that can be removed."""
    place = invent.folder / "mine"
    place.mkdir()
    invent.folder = place
    return invent.card("mine", [3, 2])


def test_a_run_needs_its_folder_alone(own: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    found = bc.preview(str(own), out=folder, **ASKED)
    assert {p.name for p in (folder / "experiments" / "mine").iterdir()} == {"mine.toml", "mine.nc"}
    assert 'experiments = ["experiments/mine/mine.toml"]' in (folder / ANALYSIS_FILE).read_text()
    rmtree(own.parent)
    again = bc.load(folder)
    assert again.tables() == found.tables()
    assert bc.report(folder).is_file()
    assert "mine" in bc.describe(folder)
    assert bc.rerun(folder, out=tmp_path / "second").same
    assert (tmp_path / "second" / "experiments" / "mine" / "mine.nc").is_file()
    assert read_run(tmp_path / "second")["identity"] == read_run(folder)["identity"]
    bc.run(read_analysis(folder), out=folder)  # complete: it is only read


def test_a_grid_of_own_cards(own: Path, tmp_path: Path) -> None:
    """Copies of cards lie in folders below, and their tables are not those of the study."""
    own.rename(own.with_stem("card"))
    words = {"study": "profile", "experiments": [[str(own.with_stem("card"))]], **ASKED}
    words["interaction"] = ["scalar-universal", "b-l"]
    found = bc.grid(words, out=tmp_path / "grid")
    assert found.failures() == {}
    assert [one.status for one in found.studies] == ["complete", "complete"]
    assert bc.load(tmp_path / "grid").tables() == found.tables()
    assert len(found.frame()) == 2


def test_tables_elsewhere_fluxes_and_cards_that_are_named(own: Path, tmp_path: Path) -> None:
    (own.parent / "tables").mkdir()
    table = own.with_name("mine.nc").rename(own.parent.parent / "elsewhere.nc")
    (own.parent / "flux.csv").write_text(FLUX)
    own.with_name("other.toml").write_text("a card that it names")
    text = own.read_text().replace('"mine.nc"', '"../elsewhere.nc"')
    text = text.replace('"solar_8b"', '"flux.csv"')
    own.write_text(f'overlaps = ["other"]\n{text}')
    one = bc.experiment(str(own))
    folder = tmp_path / "run"
    bc.preview(one, out=folder, **ASKED)
    kept = folder / "experiments" / "mine"
    names = {"mine.toml", "elsewhere.nc", "flux.csv", "other.toml"}
    assert {p.name for p in kept.iterdir()} == names
    assert (kept / "elsewhere.nc").read_bytes() == table.read_bytes()
    table.unlink()
    rmtree(own.parent)
    study = read_analysis(folder)
    assert content_digest(study.experiments[0]) == content_digest(one)
    assert bc.rerun(folder).same
    assert analysis_files(study) == analysis_files(read_analysis(folder))


def test_what_was_read_is_kept_whatever_became_of_it(own: Path, tmp_path: Path) -> None:
    one = bc.experiment(str(own))
    before = own.read_text()
    own.write_text(before.replace("normal = [1.0, 0.01]", "normal = [1.0, 0.5]"))
    bc.preview(one, out=tmp_path / "run", **ASKED)
    assert "0.01" in (tmp_path / "run" / "experiments" / "mine" / "mine.toml").read_text()
    assert bc.rerun(tmp_path / "run").same
    other = bc.experiment(str(own))
    assert content_digest(other) != content_digest(one)


def test_changes_are_kept_beside_the_card(own: Path, tmp_path: Path) -> None:
    bc.preview(bc.asimov(str(own)), out=tmp_path / "run", **ASKED)
    rmtree(own.parent)
    text = (tmp_path / "run" / ANALYSIS_FILE).read_text()
    assert 'data = "asimov"' in text
    assert "changed" not in text
    assert bc.load(tmp_path / "run").spec.experiments[0].data == "asimov"
    assert bc.rerun(tmp_path / "run").same


def test_a_copy_that_was_altered(own: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    bc.preview(str(own), out=folder, **ASKED)
    copy = folder / "experiments" / "mine" / "mine.toml"
    content = copy.read_text()
    copy.write_text(content.replace("0.01", "0.02"))
    with pytest.raises(DataError, match=r"mine \(card, table or source\) changed"):
        bc.load(folder)
    with pytest.warns(RepairWarning, match=r"mine\.toml was altered"):
        bc.preview(str(own), out=folder, **ASKED)
    assert copy.read_text() == content


def test_a_table_of_a_user_is_not_taken_for_one_of_the_package(own: Path) -> None:
    table = own.parent / "conus_plus" / "response.nc"  # the name of one of the package
    table.parent.mkdir()
    own.with_name("mine.nc").rename(table)
    own.write_text(own.read_text().replace('"mine.nc"', '"conus_plus/response.nc"'))
    one = bc.experiment(str(own))
    assert one.package_table == ""
    assert not any("conus" in name for name in data_used([one]))
    assert data_sources([one])[0].doi == ""
    assert "data: https" not in bc.show(str(own))
    assert bc.experiment("conus_plus").package_table == "conus_plus/response.nc"


def test_experiments_of_the_package_leave_no_copies(tmp_path: Path) -> None:
    bc.preview("xenonnt_2024_s2", out=tmp_path / "run", **ASKED)
    assert not (tmp_path / "run" / "experiments").exists()
    assert bc.experiment("xenonnt_2024_s2").own is None
