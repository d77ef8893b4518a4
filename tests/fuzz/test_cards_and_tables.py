"""Cards and tables that were valid before something happened to them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from fuzzing import edited, empty_folder, fuzzed, succeeds_or_says
from hypothesis import given
from hypothesis import strategies as st

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.inference.profile.likelihood import Likelihood
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.resources import data_file, models_dir

NAME = "xenonnt_2024_s2"
CARD = (models_dir() / f"{NAME}.toml").read_text(encoding="utf-8")

#: Values that a cell of a table may have by mistake.
CELLS = (math.nan, math.inf, -math.inf, -1.0, 0.0, 1e300, 1e-320, 0.5, 2.0**53, 1e9)


@pytest.fixture(scope="module")
def table() -> xr.Dataset:
    with xr.open_dataset(data_file(bc.experiment(NAME).card.table), engine="h5netcdf") as opened:
        return opened.load()


def numbers_of(path: Path) -> Mapping[str, Mapping[str, float]]:
    """Return the expected counts of an experiment, and evaluate its likelihood."""
    one = bc.experiment(path)
    counts = bc.expected_counts(one)
    if isinstance(one, Experiment) and one.likelihood is not None:
        likelihood = Likelihood(ModelSpec.of([one]))
        value, slope = likelihood(likelihood.nominal)
        assert math.isfinite(value)
        assert np.isfinite(slope).all()
    return counts


def check(path: Path) -> None:
    """Check that an experiment is refused, or all that it expects is finite and not negative."""
    counts = succeeds_or_says(lambda: numbers_of(path))
    for parts in (counts or {}).values():
        assert all(math.isfinite(value) for value in parts.values()), counts
        assert all(value >= 0 for value in parts.values()), counts


@fuzzed(60)
@given(edited(CARD))
def test_a_card_that_was_edited(text: str) -> None:
    with empty_folder() as folder:
        path = folder / "card.toml"
        path.write_text(text, encoding="utf-8")
        check(path)


@st.composite
def damages(draw: st.DrawFn, table: xr.Dataset) -> xr.Dataset:
    """Draw a table with one or two things wrong with it."""
    found = table.copy(deep=True)
    for _ in range(draw(st.integers(1, 2))):
        found = _damaged(draw, found)
    return found


def _damaged(draw: st.DrawFn, found: xr.Dataset) -> xr.Dataset:
    name = str(draw(st.sampled_from(sorted(map(str, found.variables)))))
    variable = found[name]
    kind = draw(
        st.sampled_from(["cell", "all", "drop", "rename", "unit", "type", "dim", "shorten", "attr"])
    )
    numeric = variable.dtype.kind in "fiu" and variable.size > 0
    if kind in ("cell", "all") and numeric:
        values = variable.values.astype(float)
        place = draw(st.integers(0, values.size - 1)) if kind == "cell" else slice(None)
        values.flat[place] = draw(st.sampled_from(CELLS))
        return found.assign({name: (variable.dims, values, variable.attrs)})
    if kind == "drop":
        return found.drop_vars(name)
    if kind == "rename":
        return found.rename({name: f"{name}_x"})
    if kind == "unit":
        unit = draw(st.sampled_from(["", "1", "counts", "keV", "eV", "kg d", "t yr", 3, "MeV"]))
        return found.assign({name: variable.assign_attrs(units=unit)})
    if kind == "type":
        to = draw(st.sampled_from(["int32", "float32", "bool", "str", "complex64"]))
        if to == "complex64" or (to != "str" and not numeric):
            return found
        return found.assign({name: (variable.dims, variable.values.astype(to), variable.attrs)})
    if kind == "dim" and variable.dims:
        dim = str(draw(st.sampled_from(variable.dims)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of what the table becomes
            return found.rename_dims({dim: draw(st.sampled_from([f"{dim}_x", f"{dim}_y"]))})
    if kind == "shorten" and variable.dims:
        dim = str(draw(st.sampled_from(variable.dims)))
        return found.isel({dim: slice(0, draw(st.integers(0, found.sizes[dim])))})
    return found.assign_attrs(draw(st.sampled_from([{}, {"title": 3}, {"x": "y"}])))


@fuzzed(60)
@given(st.data())
@pytest.mark.filterwarnings("ignore::RuntimeWarning:numpy")  # of casts that make the table
def test_a_table_that_was_damaged(table: xr.Dataset, data: Any) -> None:
    broken = data.draw(damages(table))
    with empty_folder() as folder:
        broken.to_netcdf(folder / "table.nc", engine="h5netcdf")
        text = CARD.replace(f'"{bc.experiment(NAME).card.table}"', '"table.nc"')
        assert '"table.nc"' in text
        path = folder / "card.toml"
        path.write_text(text, encoding="utf-8")
        check(path)


@fuzzed(30)
@given(st.integers(0, 200_000), st.binary(min_size=1, max_size=8), st.booleans())
def test_bytes_of_a_table_that_changed(table: xr.Dataset, at: int, some: bytes, cut: bool) -> None:
    with empty_folder() as folder:
        file = folder / "table.nc"
        table.to_netcdf(file, engine="h5netcdf")
        content = bytearray(file.read_bytes())
        at %= len(content)
        content[at : at + len(some)] = some
        file.write_bytes(content[:at] if cut else content)
        text = CARD.replace(f'"{bc.experiment(NAME).card.table}"', '"table.nc"')
        path = folder / "card.toml"
        path.write_text(text, encoding="utf-8")
        check(path)
