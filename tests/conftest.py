"""Fixtures shared by all tests: the experiment, invented ones, and a cache of tables of its own."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytensor
import pytest
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from bayes_cevns.cards import Experiment, experiment

type Array = NDArray[np.float64]

# A graph of which a few points are looked at is evaluated node by node in Python: to compile it
# takes seconds. What tests compiled code says so, with mode="NUMBA". Nor does a node note where it
# was made.
pytensor.config.mode = "FAST_COMPILE"
pytensor.config.traceback__limit = 0


def pytest_configure(config: pytest.Config) -> None:
    """Give the run an empty cache of tables and compiled code, which all its processes share.

    Workers of pytest-xdist, kernels of notebooks and commands inherit the folder.
    """
    if hasattr(config, "workerinput"):
        return
    folder = tempfile.TemporaryDirectory(prefix="bayes-cevns-tests-")
    config.add_cleanup(folder.cleanup)
    patch = pytest.MonkeyPatch()
    patch.setenv("BAYES_CEVNS_CACHE", folder.name)
    config.add_cleanup(patch.undo)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays: libraries and tests, half a million objects."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def xenonnt() -> Experiment:
    return experiment("xenonnt_cevns")


#: A browser that loads a file and nothing else.
BROWSER_FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium of this machine; tests that need it are skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = ("chromium", "chromium-browser", "google-chrome")
    named = os.environ.get("BAYES_CEVNS_CHROMIUM")
    path = named or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("no Chromium was found: install it, or name it in BAYES_CEVNS_CHROMIUM")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=BROWSER_FLAGS)
        yield running
        running.close()


class Invent:
    """Writes small invented experiments, card and table, into a folder and loads them.

    CEvNS of solar 8B on a milligram-like exposure of xenon, seen by a detector without quenching in
    bins of energy; a background that is the same in every bin unless it is said otherwise.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def card(
        self,
        name: str,
        observed: ArrayLike,
        *,
        background: ArrayLike | None = 1.0,
        background_prior: str = "{ normal = [1.0, 0.1], lower = 0.0 }",
        background_unit: str = "counts",
        blind: Sequence[int] = (),
        exposure_tonne_year: float = 1e-3,
        edges_kev: tuple[float, float] = (0.3, 4.0),
        recoils_kev: Array | None = None,
        probability: float = 1.0,
        declared: str = "",
        keys: str = "",
        variables: Mapping[str, Any] | None = None,
    ) -> Path:
        """Write an experiment; return its card.

        The signal has no response in the blind bins, and elsewhere the given probability to be
        seen. `declared` is a line of the card about the signal, `keys` are lines before it, and
        `variables` further variables of the table.
        """
        counts = np.atleast_1d(observed)
        edges = np.geomspace(*edges_kev, counts.size + 1)
        recoil = np.geomspace(0.2, 6.0, 60) if recoils_kev is None else recoils_kev
        response = probability * np.diff(norm.cdf((edges[:, None] - recoil) / 0.05), axis=0).T
        response[:, list(blind)] = 0.0
        table = xr.Dataset(
            {
                "response": (("run", "recoil_energy", "bin"), response[None], {"units": "1"}),
                "observed": (("run", "bin"), counts[None], {"units": "counts"}),
                "exposure": ("run", [exposure_tonne_year], {"units": "t yr"}),
            },
            coords={"run": ["all"], "recoil_energy": ("recoil_energy", recoil, {"units": "keV"})},
        )
        table = table.assign(variables or {})
        text = CARD.format(name=name, declared=declared, keys=keys)
        if background is not None:
            flat = np.broadcast_to(np.asarray(background, float), counts.shape)
            table["flat"] = (("run", "bin"), flat[None], {"units": background_unit})
            text += BACKGROUND.format(prior=background_prior)
        table.to_netcdf(self.folder / f"{name}.nc", engine="h5netcdf")
        path = self.folder / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def __call__(self, name: str, observed: ArrayLike, **options: Any) -> Experiment:
        """Write an experiment and load it."""
        return experiment(self.card(name, observed, **options))


CARD = """title = "{name}"
target = "Xe"
table = "{name}.nc"
runs = ["all"]
cite = ["Freedman:1973yd"]
{keys}
[signal.cevns]
channel = "cevns"
source = "solar_8b"
template = "response"
scaled_by = "flux"
{declared}
[nuisance.flux]
title = "flux / nominal"
prior = {{ normal = [1.0, 0.01], lower = 0.0 }}
origin = "invented"
"""

BACKGROUND = """[background.flat]
template = "flat"
scaled_by = "flat"
[nuisance.flat]
title = "background / nominal"
prior = {prior}
origin = "invented"
"""


@pytest.fixture
def invent(tmp_path: Path) -> Invent:
    return Invent(tmp_path)
