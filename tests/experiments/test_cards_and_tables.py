"""Wrong cards and tables: each a named error that says where and what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.errors import CardError, DataError
from bayes_cevns.experiments.card import read_card
from bayes_cevns.experiments.experiment import load_experiment
from bayes_cevns.resources import check_file, data_dir, models_dir

CARD = models_dir() / "xenonnt_cevns.toml"
TABLE = data_dir() / "xenonnt_cevns" / "response.nc"


def card_with(tmp_path: Path, old: str, new: str) -> Path:
    text = CARD.read_text()
    assert old in text
    path = tmp_path / "card.toml"
    path.write_text(text.replace(old, new, 1))
    return path


def line_of(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text().splitlines(), 1) if text in line)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("axis = true", "axes = true", "did you mean 'axis'"),
        ('target = "Xe"', 'targt = "Xe"', "unknown key, did you mean 'target'"),
        ("[1.0, 0.12]", "[1.0, -0.12]", "standard deviation must be > 0"),
        ("lower = -3.0, upper = 3.0", "lower = 3.0, upper = -3.0", "must be below upper"),
        ("[1.0, 0.58], lower = 0.0", "[1.0, 0.58]", "counts cannot be negative"),
        ('scaled_by = "er"', 'scaled_by = "err"', "is no nuisance"),
        ("sr2 = 0.0576", "sr3 = 0.0576", "for each run"),
        ("per_run = true", "per_run = 7", "per_run"),
        ("[1.0, 0.12]", "[nan, 0.12]", "finite"),
        ("prior = { uniform = [0.0, 10.0] }", "prior = { uniform = [10.0, 0.0] }", "increase"),
    ],
)
def test_wrong_keys_are_named_with_their_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = card_with(tmp_path, old, new)
    with pytest.raises(CardError, match=message) as caught:
        read_card(path)
    assert str(path) in str(caught.value)
    assert "line " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_line_is_the_right_one(tmp_path: Path) -> None:
    path = card_with(tmp_path, "axis = true", "axes = true")
    with pytest.raises(CardError, match=rf"line {line_of(path, 'axes = true')}, nuisance.tly.axes"):
        read_card(path)


@pytest.mark.parametrize("text", ["title = ", "\x00", "= 3"])
def test_what_is_not_toml_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "card.toml"
    path.write_text(text)
    with pytest.raises(CardError, match="not valid TOML"):
        read_card(path)
    with pytest.raises(CardError, match="cannot be read"):
        read_card(tmp_path / "nowhere.toml")


def changed_table(tmp_path: Path, change: object) -> Path:
    with xr.open_dataset(TABLE, engine="h5netcdf") as opened:
        data = opened.load()
    path = tmp_path / "table.nc"
    change(data).to_netcdf(path, engine="h5netcdf")
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.drop_vars("observed"), "lacks the variable 'observed'"),
        (lambda d: d.assign(ac=d["ac"] - 1.0), "'ac' has negative"),
        (lambda d: d.assign(response=d["response"] * np.nan), "'response' has negative or non-fin"),
        (lambda d: d.assign(observed=d["observed"] + 0.5), "not whole"),
        (lambda d: d.assign(exposure=d["exposure"] * 0.0), "zeros"),
        (lambda d: d.assign(ac=d["ac"].assign_attrs(units="1/(kg d)")), "unit '1/(kg d)'"),
    ],
)
def test_wrong_tables_are_refused(tmp_path: Path, change: object, message: str) -> None:
    with pytest.raises(DataError) as caught:
        load_experiment("test", read_card(CARD), table=changed_table(tmp_path, change))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('template = "ac"', 'template = "acc"', "'acc', which its table lacks"),
        ("[nuisance.tly]", "[nuisance.light]", "'light' is an axis that its table lacks"),
        ("lower = -3.0, upper = 3.0", "lower = -4.0, upper = 3.0", "not extrapolated"),
        ('runs = ["sr0", "sr1", "sr2"]', 'runs = ["sr0", "sr1", "sr7"]', "sr7"),
    ],
)
def test_cards_that_contradict_their_table_are_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = card_with(tmp_path, old, new)
    if "sr7" in new:
        path.write_text(path.read_text().replace("sr2 = 0.0576", "sr7 = 0.0576"))
    with pytest.raises(CardError) as caught:
        load_experiment("test", read_card(path), table=TABLE)
    assert message in str(caught.value)


def test_truncated_and_altered_tables_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "xenonnt_cevns").mkdir(parents=True)
    checksums = (data_dir() / "checksums.toml").read_text()
    (folder / "checksums.toml").write_text(checksums)
    short = folder / "xenonnt_cevns" / "response.nc"
    short.write_bytes(TABLE.read_bytes()[:5000])
    with pytest.raises(DataError, match="altered or truncated"):
        check_file(folder, "xenonnt_cevns/response.nc")
    with pytest.raises(DataError, match="cannot be read"):
        load_experiment("test", read_card(CARD), table=short)
