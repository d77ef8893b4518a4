"""Small invented experiments, card and table, for tests of what a user may get wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.detectors import (
    ConstantQuenching,
    DetectorResponse,
    GaussianResolution,
    response_table,
)

CARD = """title = "invented"
target = "Xe"
table = "{name}.nc"
runs = ["all"]
cite = ["Freedman:1973yd"]
[signal.cevns]
channel = "cevns"
source = "{source}"
template = "response"
scaled_by = "flux"
{declared}
[background.flat]
template = "flat"
scaled_by = "flat"
[nuisance.flux]
title = "flux / nominal"
prior = {{ normal = [1.0, 0.1], lower = 0.0 }}
origin = "invented"
[nuisance.flat]
title = "background / nominal"
prior = {{ normal = [1.0, 0.1], lower = 0.0 }}
origin = "invented"
"""


def write_experiment(
    folder: Path,
    *,
    name: str = "invented",
    recoils_kev: np.ndarray | None = None,
    observed: float = 40.0,
    background: float = 40.0,
    background_unit: str = "counts",
    exposure: float = 1e-3,
    probability: float = 1.0,
    threshold_kev: float = 0.3,
    source: str = "solar_8b",
    declared: str = "",
) -> Path:
    """Write a xenon detector of one bin above a threshold, 50 eV wide; return its card."""
    recoils = np.geomspace(0.05, 6.0, 200) if recoils_kev is None else recoils_kev
    detector = DetectorResponse(
        np.array([threshold_kev, 20.0]),
        ConstantQuenching(1.0),
        resolution=GaussianResolution(lambda energy: 0.05 + 0 * energy),
    )
    response = response_table(recoils, lambda _: detector).to_data_array() * probability
    response.attrs = {"units": "1"}
    response["recoil_energy"].attrs["units"] = "keV"
    run = {"run": ["all"]}
    table = xr.Dataset(
        {
            "response": response.expand_dims(run),
            "flat": (("run", "bin"), [[background]], {"units": background_unit}),
            "observed": (("run", "bin"), [[observed]], {"units": "counts"}),
            "exposure": ("run", [exposure], {"units": "t yr"}),
        },
        coords=run,
    )
    table.to_netcdf(folder / f"{name}.nc", engine="h5netcdf")
    card = folder / f"{name}.toml"
    card.write_text(CARD.format(name=name, source=source, declared=declared), encoding="utf-8")
    return card


@pytest.fixture
def invented(tmp_path: Path) -> Callable[..., Path]:
    """`write_experiment` into the folder of the test."""
    return partial(write_experiment, tmp_path)
