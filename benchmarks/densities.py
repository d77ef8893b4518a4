"""Microseconds of log-densities with gradients: this commit, earlier ones, and by hand."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bare import DIMENSION
from commits import BEFORE, EARLIER, NOW, Build, builds
from loops import density_loop
from numpy.typing import NDArray
from page import HERE, section, table
from problem import build_problem, experiment

type Array = NDArray[np.float64]

ALL = (
    "xenonnt_cevns+pandax4t_paired+pandax4t_us2+xenon1t_s2only+xenonnt_er+lz_er+pandax4t_er"
    "+coherent_csi+coherent_lar+coherent_ge+conus_plus_spectrum"
)
FOUR = "xenonnt_cevns+pandax4t_paired+pandax4t_us2+coherent_csi"
XENONNT = "scalar-universal xenonnt_cevns"
WITH, WITHOUT = "nsi with propagation", "nsi without propagation"


@dataclass(frozen=True)
class Model:
    """A model: its words on the page, commits with which it is compared, and its target.

    The target is in microseconds, or a ratio to the last commit before if `relative`.
    """

    words: str
    commits: tuple[str, ...]
    target: float | None = None
    relative: bool = False


MODELS = {
    XENONNT: Model("XENONnT, a scalar", (EARLIER, BEFORE), 2.5),
    "vector-universal coherent_csi": Model("COHERENT CsI, a vector", (EARLIER, BEFORE)),
    f"vector-universal {FOUR}": Model("four experiments, one of them CsI, a vector", (EARLIER,)),
    f"vector-universal {ALL}": Model("joint `all`, 11 experiments, a vector", (), 80.0),
    WITHOUT: Model("XENONnT, 12 couplings, without propagation", (EARLIER, BEFORE), 10.0),
    WITH: Model("XENONnT, 12 couplings, with propagation", (EARLIER, BEFORE), 2.0, relative=True),
}

_ROUNDS = 15
_CALLS = 2_000


def measure() -> dict[str, dict[str, Array]]:
    """Return model -> build -> microseconds in each round; the rounds are taken in turns."""
    problem, _ = build_problem(
        experiment(), interaction="scalar-universal", mass_mev=10.0, prior="flat", merged=True
    )
    found: dict[str, dict[str, list[float]]] = {name: {} for name in MODELS}
    with builds(EARLIER, BEFORE) as known, ExitStack() as stack:
        workers = {
            build.name: stack.enter_context(_worker(build, _models_of(build.name)))
            for build in known.values()
        }
        for _ in range(_ROUNDS):
            for build, worker in workers.items():
                for name, value in worker().items():
                    found[name].setdefault(build, []).append(value)
            start = time.thread_time()
            density_loop(_CALLS, np.full(DIMENSION, 0.1), problem, np.empty(DIMENSION))
            bare = 1e6 * (time.thread_time() - start) / _CALLS
            found[XENONNT].setdefault("bare", []).append(bare)
    # The first round by hand compiles.
    return {
        name: {build: np.array(values[1:]) for build, values in of.items()}
        for name, of in found.items()
    }


def _models_of(build: str) -> list[str]:
    return [name for name, model in MODELS.items() if build == NOW or build in model.commits]


class _Worker:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self) -> dict[str, float]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        found: dict[str, float] = json.loads(self._process.stdout.readline())
        return found


@contextmanager
def _worker(build: Build, models: list[str]) -> Iterator[_Worker]:
    """Start the process of a build; its models are compiled when it is given."""
    with tempfile.TemporaryDirectory() as caches:
        command = [sys.executable, str(HERE / "density_worker.py"), *models]
        with subprocess.Popen(
            command,
            env=build.environment(Path(caches)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            if not process.stdout.readline():
                raise RuntimeError(f"the models of {build.name} did not compile")
            yield _Worker(process)
            process.stdin.close()


def report(found: dict[str, dict[str, Array]]) -> str:
    """Return the section of the page."""
    rows = []
    for name, model in MODELS.items():
        of = found[name]
        here = of[NOW]
        cells = [model.words, f"{here.min():.1f}", f"{np.median(here):.1f}"]
        for other in (EARLIER, BEFORE, "bare"):
            there = of.get(other)
            cells.append("" if there is None else f"{there.min():.1f}")
            cells.append("" if there is None else f"{np.median(there / here):.2f}")
        rows.append([*cells, _verdict(model, of)])
    return section(
        "Log-density with gradient, beside earlier builds",
        "As the sampler calls it, at 10 MeV where there is a mediator; bins without events are "
        "merged. CPU time of one thread in µs: the least of "
        f"{_ROUNDS - 1} rounds taken in turns, and the median here; ratios are medians over "
        f"rounds, of the other to this one. Commit {EARLIER} has two flavours and no Earth in the "
        f"propagation, and another table of CsI; {BEFORE} is the last one whose models PyTensor "
        "compiled, with the physics of "
        "today. By hand: `bare.py`.",
        table(
            [
                " model",
                "µs",
                "median",
                EARLIER,
                "ratio",
                BEFORE,
                "ratio",
                "by hand",
                "ratio",
                " target",
            ],
            rows,
        ),
    )


def _verdict(model: Model, of: dict[str, Array]) -> str:
    if model.target is None:
        return ""
    if model.relative:
        met = float(np.median(of[BEFORE] / of[NOW])) >= model.target
        words = f"{model.target:g} times faster than {BEFORE}"
    else:
        met, words = float(of[NOW].min()) <= model.target, f"{model.target:g} µs"
    return f"{words}: {'met' if met else '**missed**'}"
