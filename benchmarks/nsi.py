"""What couplings by name cost, as ratios to an earlier commit and to a mediator, in one run."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from earlier import ALL, INTERACTION, MASS_MEV, MEDIATORS
from numpy.typing import NDArray
from page import HERE, section, table
from timed import CALLS, Timed

import bayes_cevns as bc
from bayes_cevns.couplings.box import box_prior
from bayes_cevns.couplings.box_part import BoxPart
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import CouplingTable, of_couplings
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.density.describe import joint, joint_of_part
from bayes_cevns.density.parts import Joint
from bayes_cevns.density.writer import arrays_of
from bayes_cevns.physics.oscillation import COUPLINGS

type Array = NDArray[np.float64]

#: The last commit whose models were compiled from their PyTensor graphs, one by one.
EARLIER = "83fada7"

#: Names of what is timed, here and by `earlier.py`.
SOLAR, SOLAR_ALL, DETECTION, CSI = ALL

#: The most that ratios may be, microseconds without propagation, and seconds for the counts of
#: `POINTS`.
TARGETS = {"solar": 0.5, "csi": 1.5, "one": 1.0, "microseconds": 10.0, "counts": 0.5}

#: Ratios of equal programs scatter by this much.
NOISE = 0.05

POINTS = 1_000
_ROUNDS = 31


@dataclass(frozen=True)
class NsiCosts:
    """What was measured.

    Attributes
    ----------
    microseconds, earlier
        Name -> microseconds per call in each round, shape (rounds,), here and in the earlier
        commit; the rounds of both were taken in turns.
    components
        Number of components of CsI's table, with a mediator and with all couplings.
    counts_s
        Experiment -> seconds for its expected counts at `POINTS` points.
    """

    microseconds: dict[str, Array]
    earlier: dict[str, Array]
    components: tuple[int, int]
    counts_s: dict[str, float]


def measure() -> NsiCosts:
    """Compile the models here and in the earlier commit, and time both in turns."""
    here: list[dict[str, float]] = []
    there: list[dict[str, float]] = []
    with _earlier_commit() as round_there:
        models = {f"mediator {name}": _mediator(name) for name in MEDIATORS}
        models |= {name: _all(*what) for name, what in ALL.items()}
        for _ in range(_ROUNDS):
            here.append({name: model.microseconds() for name, model in models.items()})
            there.append(round_there())
    one = bc.ModelSpec.of([bc.experiment("coherent_csi")], interaction=INTERACTION).tables()[0]
    return NsiCosts(
        _by_name(here),
        _by_name(there),
        (one.size, _table("coherent_csi").size),
        {name: _seconds_of_counts(_table(name)) for name in MEDIATORS},
    )


def _table(name: str, *, merged: bool = False) -> CouplingTable:
    spec = bc.ModelSpec.of([bc.experiment(name)], couplings=CouplingModel.of(COUPLINGS))
    return of_couplings((spec.merging_bins() if merged else spec).tables())[0]


def _mediator(name: str) -> Timed:
    spec = bc.ModelSpec.of([bc.experiment(name)], interaction=INTERACTION).merging_bins()
    return _timed(joint(spec, spec.tables(), MASS_MEV))


def _all(name: str, matter: bool, merged: bool) -> Timed:
    couplings = CouplingModel.of(COUPLINGS, matter=matter)
    spec = bc.ModelSpec.of([bc.experiment(name)], couplings=couplings)
    spec = spec.merging_bins() if merged else spec
    tables = of_couplings(spec.tables())
    whole = BoxPart.of(box_prior(couplings, tables, spec.bounds).box)
    return _timed(joint_of_part(spec, tables, whole, range(len(COUPLINGS))))


def _timed(parts: Joint) -> Timed:
    """Return a model as the engine compiles it."""
    model = CompiledModel(arrays_of(parts))
    return Timed(model.size, model.log_density_address, model.user_data.ctypes.data, model)


@contextmanager
def _earlier_commit() -> Iterator[Callable[[], dict[str, float]]]:
    """Unpack the earlier commit, compile its models; give what times a round of them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = ("bayes_cevns", "data", "models")
        packed = subprocess.run(
            ["git", "archive", EARLIER, *parts], cwd=HERE.parent, check=True, capture_output=True
        )
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            archive.extractall(folder, filter="data")
        environment = os.environ | {
            "PYTHONPATH": str(folder),
            "BAYES_CEVNS_CACHE": str(folder / "cache"),
            "PYTENSOR_FLAGS": f"base_compiledir={folder / 'compiled'}",
        }
        with subprocess.Popen(
            [sys.executable, str(HERE / "earlier.py")],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            orders, answers = process.stdin, process.stdout
            if not answers.readline():
                raise RuntimeError(f"the models of commit {EARLIER} did not compile")

            def one_round() -> dict[str, float]:
                orders.write("\n")
                orders.flush()
                found: dict[str, float] = json.loads(answers.readline())
                return found

            yield one_round
            orders.close()


def _by_name(rounds: list[dict[str, float]]) -> dict[str, Array]:
    return {name: np.array([each[name] for each in rounds]) for name in rounds[0]}


def _seconds_of_counts(table: CouplingTable) -> float:
    """Return the CPU time of the nominal counts at points all over [-1, 1]^12."""
    points = np.random.default_rng(1).uniform(-1.0, 1.0, (POINTS, len(COUPLINGS)))
    times = []
    for turn in range(6):
        start = time.thread_time()
        counts = table.nominal_counts(points + 1e-6 * turn)
        times.append(time.thread_time() - start)
    if not np.all(counts >= 0.0):
        raise RuntimeError("a benchmark found negative counts")
    return float(np.median(times[1:]))


def report(costs: NsiCosts) -> str:
    """Return the section of the page."""
    here, there = costs.microseconds, costs.earlier
    csi = f"mediator {MEDIATORS[1]}"
    compared = [
        ("XENONnT, 12 couplings with propagation, bins merged", SOLAR, "solar"),
        ("XENONnT, 12 couplings with propagation, all bins", SOLAR_ALL, "solar"),
        ("XENONnT, 12 couplings without, bins merged", DETECTION, "one"),
        ("COHERENT CsI, 12 couplings", CSI, "one"),
        *((f"{name}, a mediator", f"mediator {name}", "one") for name in MEDIATORS),
    ]
    rows, verdicts = [], []
    for text, name, target in compared:
        ratio = float(np.median(here[name] / there[name]))
        met = ratio <= TARGETS[target] * (1.0 + NOISE)
        rows.append(
            [
                text,
                f"{np.median(here[name]):.1f}",
                f"{np.median(there[name]):.1f}",
                f"{ratio:.2f}",
                f"{TARGETS[target]:g}",
                "met" if met else "**missed**",
            ]
        )
    without = float(np.median(here[DETECTION]))
    of_csi = float(np.median(here[CSI] / here[csi]))
    verdicts = [
        f"{name} {seconds:.2f} s: " + ("met" if seconds <= TARGETS["counts"] else "**missed**")
        for name, seconds in costs.counts_s.items()
    ]
    few, many = costs.components
    absolute = "met" if without <= TARGETS["microseconds"] else "**missed**"
    relative = "met" if of_csi <= TARGETS["csi"] * (1.0 + NOISE) else "**missed**"
    each = np.median(here[CSI]) / many, np.median(here[csi]) / few
    return section(
        "Couplings by name",
        "Log-density and gradient as nutpie calls it. All 12 NSI of quarks are free; those of "
        "solar neutrinos act in detection, and in propagation with three flavours and the Earth "
        f"over a year; a mediator is {INTERACTION} at {MASS_MEV:g} MeV. Compared are the same "
        f"models of commit {EARLIER}, compiled one by one from their PyTensor graphs, in a process "
        f"of its own, in turns. CPU time of one thread, median of {_ROUNDS} x {CALLS} calls and of "
        f"the ratios of each turn, which scatter by {100 * NOISE:g}% where programs are equal.",
        table([" what", "µs", "then, µs", "ratio", "at most", " target"], rows),
        f"Without propagation at most {TARGETS['microseconds']:g} µs: {without:.1f}, {absolute}. "
        f"CsI, 12 couplings over a mediator, at most {TARGETS['csi']:g}: {of_csi:.2f}, {relative}.",
        f"The table of CsI has {many} components with 12 couplings, {few} with a mediator: "
        f"{each[0]:.2f} and {each[1]:.2f} µs for each. "
        "Every component is read at 256 nodes of four shape axes, for value and gradient apart.",
        f"Expected counts at {POINTS} points of all couplings, from a built table, "
        f"target {TARGETS['counts']:g} s: {'; '.join(verdicts)}.",
    )
