"""Seconds of a scan and of its steps: import, compilation cold and warm, rate tables."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from unittest.mock import patch

import numpy as np
from calls import INTERACTION, MASS_MEV, PRIOR
from page import section, table
from problem import experiment

import bayes_cevns as bc
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.density.data import data_at
from bayes_cevns.tables.mass_axis import MassTable
from bayes_cevns.tables.store import CACHE_VARIABLE

_REPEATS = 3

_IMPORT_PACKAGE = """
import time
start = time.perf_counter()
import bayes_cevns
print(time.perf_counter() - start)
"""

_IMPORT_ENGINE = """
import time
start = time.perf_counter()
from bayes_cevns.inference.engine import Engine
print(time.perf_counter() - start)
"""

# The rate tables are there before the clock starts.
_COMPILE = f"""
import time
import bayes_cevns as bc
spec = bc.ModelSpec.of(
    [bc.experiment("xenonnt_cevns")], interaction={INTERACTION!r}, prior={PRIOR!r}
)
engine = bc.Engine(spec)
engine.check([{MASS_MEV}], seed=1)
start = time.perf_counter()
engine.compile({MASS_MEV})
print(time.perf_counter() - start)
"""

# What `make demo` does, without its figures.
_SCAN = f"""
import time
start = time.perf_counter()
import sys
import bayes_cevns as bc
xenonnt = bc.experiment("xenonnt_cevns")
masses = bc.log_masses(0.1, 1000.0, 61)
bc.scan(
    [xenonnt], interaction={INTERACTION!r}, masses_mev=masses, prior={PRIOR!r}, out=sys.argv[1]
)
print(time.perf_counter() - start)
"""


@dataclass(frozen=True)
class Startup:
    """Seconds of each step, and the number of masses of the tables."""

    package: float
    engine: float
    cold: float
    warm: float
    whole_cold: float
    whole_warm: float
    masses: int
    build: float
    counts: float
    scan: float


def measure() -> Startup:
    """Measure each step in processes of its own, tables in this one."""
    compilation = _cold_and_warm(_COMPILE)
    scan = _cold_and_warm(_SCAN)
    imports = (_median(_IMPORT_PACKAGE), _median(_IMPORT_ENGINE))
    return Startup(*imports, *compilation, *scan, *_tables())


def _cold_and_warm(code: str) -> tuple[float, float]:
    """Return the seconds with all caches empty, the median, and those with all caches full."""
    cold, warm = [], []
    for _ in range(_REPEATS):
        with tempfile.TemporaryDirectory() as scratch:
            own = {
                "PYTENSOR_FLAGS": f"base_compiledir={scratch}/pytensor",
                "NUMBA_CACHE_DIR": f"{scratch}/numba",
                CACHE_VARIABLE: f"{scratch}/tables",
            }
            cold.append(_seconds(code, f"{scratch}/cold", own))
            warm.append(_seconds(code, f"{scratch}/warm", own))
    return float(np.median(cold)), float(np.median(warm))


def _median(code: str) -> float:
    return float(np.median([_seconds(code, "", {}) for _ in range(_REPEATS)]))


def _seconds(code: str, argument: str, environment: dict[str, str]) -> float:
    """Return what a new Python process prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, argument],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


def _tables() -> tuple[int, float, float, float]:
    """Integrate the recoil spectrum on the grid of masses, then take tables at the masses.

    Returns the number of masses and the seconds of each.
    """
    masses = bc.log_masses(0.1, 1000.0, 61)
    interaction = bc.interaction(INTERACTION)
    rates = RateTable(experiment(), interaction)
    start = time.perf_counter()
    (signal,) = rates.signals
    MassTable.build(signal.rates[0], signal.signal.recoil_energy_kev)
    build = time.perf_counter() - start
    with (
        tempfile.TemporaryDirectory() as scratch,
        patch.dict(os.environ, {CACHE_VARIABLE: scratch}),  # empty: builds the table again
    ):
        start = time.perf_counter()
        for mass in masses:
            rates.counts(mass)
        counts = time.perf_counter() - start
    spec = bc.ModelSpec.of([experiment()], interaction=INTERACTION, prior=PRIOR).merging_bins()
    tables = spec.tables()
    data_at(spec, tables, MASS_MEV)
    start = time.perf_counter()
    for mass in masses:
        data_at(spec, tables, mass)
    scan = time.perf_counter() - start
    return masses.size, build, counts, scan


def report(startup: Startup) -> str:
    """Return the sections of the page."""
    rows = [
        ["`import bayes_cevns`", f"{startup.package:.2f}"],
        ["import of the engine, with PyMC and nutpie", f"{startup.engine:.2f}"],
        ["compilation, all caches empty", f"{startup.cold:.1f}"],
        ["compilation, warm", f"{startup.warm:.1f}"],
        [
            f"scan of {startup.masses} masses, imports and compilation included, all caches empty",
            f"{startup.whole_cold:.1f}",
        ],
        ["the same, warm", f"{startup.whole_warm:.1f}"],
    ]
    tables = [
        ["quadrature on the grid of masses (`MassTable.build`)", f"{startup.build:.2f}"],
        [
            f"counts at {startup.masses} masses from an empty cache, quadrature included",
            f"{startup.counts:.2f}",
        ],
        [
            f"what the engine swaps at {startup.masses} masses: coefficients, prior bounds",
            f"{startup.scan:.2f}",
        ],
    ]
    return "\n".join(
        [
            section(
                "Seconds to start",
                f"Each in a new process, median of {_REPEATS}. A scan compiles once. Targets: 30 s "
                "cold, 20 s warm.",
                table([" step", "s"], rows),
            ),
            section("Seconds for rate tables", table([" step", "s"], tables)),
        ]
    )
