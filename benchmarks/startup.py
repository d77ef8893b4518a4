"""Seconds of imports and of rate tables."""

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
from bayes_cevns.storage.caches import CACHE_VARIABLE
from bayes_cevns.tables.mass_axis import MassTable

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


@dataclass(frozen=True)
class Startup:
    """Seconds of each step, and the number of masses of the tables."""

    package: float
    engine: float
    masses: int
    build: float
    counts: float
    scan: float


def measure() -> Startup:
    """Measure each step in processes of its own, tables in this one."""
    return Startup(_median(_IMPORT_PACKAGE), _median(_IMPORT_ENGINE), *_tables())


def _median(code: str) -> float:
    return float(np.median([_seconds(code) for _ in range(_REPEATS)]))


def _seconds(code: str) -> float:
    """Return what a new Python process prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
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
        ["import of the engine", f"{startup.engine:.2f}"],
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
                f"Each in a new process, median of {_REPEATS}.",
                table([" step", "s"], rows),
            ),
            section("Seconds for rate tables", table([" step", "s"], tables)),
        ]
    )
