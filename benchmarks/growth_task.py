"""One measurement of `growth.py`, in a process of its own: ``growth_task.py AXIS NUMBER``.

Prints seconds of CPU, microseconds of a log-density with gradient where there is one, and the
most memory of the process in MB, as JSON. Imports are not counted.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from comparison import EXPERIMENTS
from density_worker import timed

import bayes_cevns as bc
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.gate import Gate
from bayes_cevns.physics.oscillation import COUPLINGS

#: Short runs, which pass any gate: costs of many fits are asked for, not limits.
SETTINGS = bc.SamplerSettings(
    draws=100,
    tune=100,
    chains=2,
    cores=1,
    retries=0,
    gate=Gate(rhat_max=100.0, ess_min=0.1, divergences_max=1_000),
)

_SCALAR, _MASS_MEV = "scalar-universal", 10.0

#: Of invented experiments: recoil energies, and counts of every bin.
_ENERGIES_KEV, _COUNTS = np.linspace(0.2, 4.0, 40), 20.0

_CARD = """
title = "germanium at a reactor, invented"
target = "Ge"
table = "table.nc"
runs = ["all"]
cite = ["Freedman:1973yd"]
[signal.cevns]
channel = "cevns"
source = "reactor"
template = "response"
scaled_by = "flux"
[nuisance.flux]
title = "reactor flux / nominal"
prior = { normal = [1.0, 0.03], lower = 0.0 }
origin = "invented"
"""

_BACKGROUND = """
[background.b{0}]
template = "b{0}"
scaled_by = "b{0}"
[nuisance.b{0}]
title = "background / nominal"
prior = {{ normal = [1.0, 0.1], lower = 0.0 }}
origin = "invented"
"""


def masses(number: int) -> None:
    """Scan a coupling over so many masses, files included."""
    grid = bc.log_masses(0.1, 1000.0, number)
    xenonnt = bc.experiment("xenonnt_cevns")
    with tempfile.TemporaryDirectory() as out:
        bc.scan(
            [xenonnt], interaction=_SCALAR, masses_mev=grid, settings=SETTINGS, out=f"{out}/scan"
        )


def toys(number: int) -> None:
    """Fit so many toys by rank tests, files included."""
    xenonnt = bc.experiment("xenonnt_cevns")
    with tempfile.TemporaryDirectory() as out:
        bc.calibrate(
            [xenonnt],
            interaction=_SCALAR,
            mass_mev=_MASS_MEV,
            fits=number,
            settings=SETTINGS,
            out=f"{out}/toys",
        )


def bins(number: int) -> float:
    """Evaluate and fit an invented experiment with so many bins."""
    return _fitted(invented(number, backgrounds=2))


def nuisances(number: int) -> float:
    """Evaluate and fit an invented experiment of 50 bins with so many nuisances."""
    return _fitted(invented(50, backgrounds=number - 1))


def experiments(number: int) -> float:
    """Load, evaluate and fit so many experiments."""
    loaded = [bc.experiment(name) for name in EXPERIMENTS[:number]]
    loaded = [bc.asimov(e) if e.data == "none" else e for e in loaded]
    return _fitted(*loaded, fit=False)


def couplings(number: int) -> float:
    """Evaluate and fit so many couplings by name on XENONnT, with propagation."""
    model = bc.CouplingModel.of(COUPLINGS[:number])
    engine = Engine(bc.ModelSpec.of([bc.experiment("xenonnt_cevns")], couplings=model), SETTINGS)
    engine.fit(seed=1)
    return _microseconds(engine.compile().compiled)


def _fitted(*loaded: bc.Experiment, fit: bool = True) -> float:
    spec = bc.ModelSpec.of(list(loaded), interaction="vector-universal", allow_overlap=True)
    engine = Engine(spec, SETTINGS)
    if fit:
        engine.fit(_MASS_MEV, seed=1)
    return _microseconds(engine.compile(_MASS_MEV).compiled)


def _microseconds(model: Any) -> float:
    one = timed(model)
    one.microseconds()  # compiles the loop
    return one.microseconds()


def invented(number: int, *, backgrounds: int) -> bc.Experiment:
    """Return an experiment with so many bins, each with events, and backgrounds with a scale."""
    share = np.random.default_rng(1).dirichlet(np.ones(number), _ENERGIES_KEV.size)
    run = {"run": ["all"]}
    counts = np.full((1, number), _COUNTS)
    columns = {
        "response": (("run", "recoil_energy", "bin"), share[None], {"units": "1"}),
        "observed": (("run", "bin"), counts, {"units": "counts"}),
        "exposure": ("run", [1e-4], {"units": "t yr"}),
    }
    for i in range(backgrounds):
        shape = np.random.default_rng(i).uniform(0.5, 1.5, (1, number)) * _COUNTS / backgrounds
        columns[f"b{i}"] = (("run", "bin"), shape, {"units": "counts"})
    energies = ("recoil_energy", _ENERGIES_KEV, {"units": "keV"})
    table = xr.Dataset(columns, coords={**run, "recoil_energy": energies})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table.to_netcdf(folder / "table.nc", engine="h5netcdf")
        text = _CARD + "".join(_BACKGROUND.format(i) for i in range(backgrounds))
        (folder / "card.toml").write_text(text, encoding="utf-8")
        return bc.experiment(folder / "card.toml")


TASKS: dict[str, Callable[[int], float | None]] = {
    task.__name__: task for task in (masses, bins, nuisances, experiments, couplings, toys)
}


def main() -> None:
    warnings.simplefilter("ignore")
    axis, number = sys.argv[1], int(sys.argv[2])
    start = time.process_time()
    microseconds = TASKS[axis](number)
    cpu = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux
    print(json.dumps({"cpu_s": cpu, "microseconds": microseconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()
