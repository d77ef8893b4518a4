"""What all builders have in common, on the example of CONTRIBUTING.md."""

from __future__ import annotations

import hashlib
import re
import textwrap
from io import BytesIO
from pathlib import Path

import pytest
import xarray as xr

from bayes_cevns.errors import DataError
from bayes_cevns.releases import columns, product, reading
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Builder, Product, RawRelease, builder

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"
EFFICIENCY = "energy_kev,efficiency\n1.0,0.25\n2.0,0.5\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Raw releases with a file, and a data folder with a REFERENCE."""
    (tmp_path / "data/example").mkdir(parents=True)
    (tmp_path / "data/example/REFERENCE").write_text("An example\n\nSource\n  none\n")
    monkeypatch.setattr(product, "data_dir", lambda: tmp_path / "data")
    for name in ("example_2026", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "efficiency.csv").write_text(EFFICIENCY)
    return tmp_path


@pytest.fixture
def example() -> Builder:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names = {**vars(product), **vars(reading), "Column": columns.Column, "col": columns}
    scope = {**names, "__name__": "releases.example"}
    exec(textwrap.dedent(found.group(1)), scope)
    return scope["build"]


def test_the_example_of_the_documentation(example: Builder, folder: Path) -> None:
    made = example(folder)
    table = xr.load_dataset(BytesIO(made.files["response.nc"]), engine="h5netcdf")
    assert table["response"].dims == ("recoil_energy", "run", "bin")
    assert table["response"].values.ravel().tolist() == [0.25, 0.5]
    assert table["background"].values.tolist() == [[2.8]]
    assert table.attrs["title"] == "An example"
    assert table.attrs["paper"] == "arXiv:2601.00001"
    assert made.files["REFERENCE"] == (folder / "data/example/REFERENCE").read_bytes()
    digest = hashlib.sha256(EFFICIENCY.encode()).hexdigest()
    line = f"{digest}  efficiency.csv\n".encode()
    assert made.inputs == {"efficiency.csv": hashlib.sha256(line).hexdigest()}


def test_a_check_of_the_example_names_the_file(example: Builder, folder: Path) -> None:
    (folder / "example_2026/efficiency.csv").write_text(EFFICIENCY.replace("0.5", "1.5"))
    expected = r"example_2026.efficiency\.csv: expected efficiencies of at most 1; get the release"
    with pytest.raises(DataError, match=expected):
        example(folder)


def test_two_releases_with_files_of_the_same_name(folder: Path) -> None:
    def build(first: RawFolder, second: RawFolder) -> dict[str, str]:
        texts = (each.read_text("efficiency.csv", group="a") for each in (first, second))
        return {"both.csv": "".join(texts)}

    build.__module__ = "releases.example"
    releases = [RawRelease(name, "", prefix=f"{name}/") for name in ("example_2026", "other")]
    made: Product = builder(*releases)(build)(folder)
    assert made.files["both.csv"].decode() == EFFICIENCY * 2
    assert sorted(made.inputs) == ["example_2026/a", "other/a"]


def test_what_a_block_raises_names_the_file(folder: Path) -> None:
    raw = RawFolder(folder / "other", origin="from there")
    with (
        pytest.raises(DataError, match=r"expected a number \(ValueError: could .*there"),
        raw.parsing("efficiency.csv", "a number"),
    ):
        float("many")
    with pytest.raises(ZeroDivisionError), raw.parsing("efficiency.csv", "a number"):
        pytest.fail(str(1 // 0))
