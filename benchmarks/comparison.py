"""Whole tasks, in turns with an earlier build: a scan, a first limit, compilation, rank tests."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from commits import EARLIER, NOW, Build, Cost, builds, timed_process
from page import section, table

#: Experiments that both builds have; the joint fit of all of them.
EXPERIMENTS = (
    "xenonnt_cevns",
    "pandax4t_paired",
    "pandax4t_us2",
    "xenon1t_s2only",
    "xenonnt_er",
    "lz_er",
    "pandax4t_er",
    "coherent_csi",
    "coherent_lar",
    "coherent_ge",
    "conus_plus",
    "lz_8b",
)

#: Times that each task is done with warm caches.
TURNS = 2

#: Fits of rank tests with each build; and of both, the fewest allowed, to find what starting costs.
FITS = {NOW: 400, EARLIER: 80}
FEW_FITS = 20
QUOTED_FITS = 1000

#: The earlier build is given this long to compile a joint fit of all experiments.
LIMIT_S = 100.0

#: How many times faster than the earlier build, and the most by which all compile slower than one.
TARGETS = {"scan, cold": 4.0, "scan, warm": 3.0, "rank tests": 3.0, "experiments": 1.5}

#: Seconds for the first limit from a cold process.
FIRST_S = 4.0

_CLI = (sys.executable, "-c", "from bayes_cevns.cli import main; main()")
_SCALAR = ("xenonnt_cevns", "--interaction", "scalar-universal")

#: Compiles the model of the experiments that it is given; prints seconds of CPU and wall.
_COMPILE = """
import sys, time
import numpy as np
import bayes_cevns as bc
from bayes_cevns.inference.engine import Engine
loaded = [bc.experiment(name) for name in sys.argv[1].split(",")]
loaded = [bc.asimov(e) if e.data == "none" else e for e in loaded]
spec = bc.ModelSpec.of(loaded, interaction="vector-universal", prior="flat", allow_overlap=True)
engine = Engine(spec)
engine.check([10.0], seed=1)
cpu, wall = time.process_time(), time.perf_counter()
model = engine.compile(10.0).compiled
size = model.size if hasattr(model, "size") else model.n_dim
assert np.isfinite(engine.log_density(10.0, np.full((1, size), 0.1))[0][0])
print(time.process_time() - cpu, time.perf_counter() - wall)
"""


@dataclass(frozen=True)
class Comparison:
    """Task -> build -> cost; nothing where a build was not done in time."""

    costs: dict[str, dict[str, Cost | None]]


def measure() -> Comparison:
    """Do every task with both builds, one after the other."""
    costs: dict[str, dict[str, Cost | None]] = {}

    def add(task: str, build: Build, cost: Cost | None) -> None:
        costs.setdefault(task, {})[build.name] = cost

    with builds(EARLIER) as found, tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        for task, masses in (("scan", "0.1:1000:61"), ("first limit", "10")):
            arguments = ("scan", *_SCALAR, "--masses", masses)
            for build in found.values():
                caches = scratch / task / build.name
                add(f"{task}, cold", build, _cli(build, caches, arguments))
            warm: dict[str, list[Cost]] = {}
            for _ in range(TURNS):
                for build in found.values():
                    caches = scratch / task / build.name
                    warm.setdefault(build.name, []).append(_cli(build, caches, arguments))
            for build in found.values():
                add(f"{task}, warm", build, Cost.median(warm[build.name]))
        for state in ("cold", "warm"):
            for number in (1, len(EXPERIMENTS)):
                for build in found.values():
                    caches = scratch / f"compile {number}" / build.name
                    cost = _compiled(build, caches, EXPERIMENTS[:number])
                    add(f"compilation of {number}, {state}", build, cost)
        for build in found.values():
            # Caches of the scan: the model is the same but for its bins.
            add("rank tests", build, _ranks(build, scratch / "scan" / build.name))
    return Comparison(costs)


def _cli(build: Build, caches: Path, arguments: tuple[str, ...]) -> Cost:
    with tempfile.TemporaryDirectory() as out:
        done = timed_process((*_CLI, *arguments, "--out", f"{out}/out"), build.environment(caches))
    assert done is not None
    return done[0]


def _compiled(build: Build, caches: Path, names: tuple[str, ...]) -> Cost | None:
    command = (sys.executable, "-c", _COMPILE, ",".join(names))
    limit = LIMIT_S if build.name != NOW and len(names) > 1 else None
    if limit and (caches / "late").exists():
        return None
    done = timed_process(command, build.environment(caches), limit)
    if done is None:
        (caches / "late").mkdir(parents=True)
        return None
    cpu, wall = done[1].split()[-2:]
    return Cost(float(cpu), float(wall))


def _ranks(build: Build, caches: Path) -> Cost:
    """Return the cost of all fits of rank tests, from those of fewer of them."""
    arguments = ("calibrate", *_SCALAR, "--mass", "10", "--fits")
    _cli(build, caches, (*arguments, str(FEW_FITS)))  # fills the caches
    few = _cli(build, caches, (*arguments, str(FEW_FITS)))
    many = _cli(build, caches, (*arguments, str(FITS[build.name])))
    more = (QUOTED_FITS - FEW_FITS) / (FITS[build.name] - FEW_FITS)
    return Cost(
        few.cpu_s + more * (many.cpu_s - few.cpu_s), few.wall_s + more * (many.wall_s - few.wall_s)
    )


def report(found: Comparison) -> str:
    """Return the section of the page."""
    rows = []
    for task, costs in found.costs.items():
        here, there = costs[NOW], costs[EARLIER]
        assert here is not None
        cells = [f"{here.cpu_s:.1f}", f"{here.wall_s:.1f}"]
        if there is None:
            cells += [f"more than {LIMIT_S:.0f} (stopped)", "", "", "", ""]
        else:
            cells += [f"{there.cpu_s:.1f}", f"{there.wall_s:.1f}"]
            ratios = there.cpu_s / here.cpu_s, there.wall_s / here.wall_s
            cells += [f"{ratio:.1f}" for ratio in ratios]
            cells.append(_verdict(ratios[1], TARGETS.get(task)))
        rows.append([task, *cells])
    all_of_them = len(EXPERIMENTS)
    growth = []
    for state in ("cold", "warm"):
        many = found.costs[f"compilation of {all_of_them}, {state}"][NOW]
        one = found.costs[f"compilation of 1, {state}"][NOW]
        assert many is not None
        assert one is not None
        growth.append(many.cpu_s / one.cpu_s)
    allowed = TARGETS["experiments"]
    first = found.costs["first limit, cold"][NOW]
    assert first is not None
    return section(
        "Whole tasks, beside an earlier build",
        f"Each in a new process, in turns with the build of commit {EARLIER} in the same "
        "environment, imports and files included. Cold: all caches empty, those of PyTensor, Numba "
        f"and the package, once; warm: median of {TURNS}. Scan: `bayes-cevns scan xenonnt_cevns "
        "--interaction scalar-universal --masses 0.1:1000:61`, 4 x 1000 draws; first limit: the "
        "same at one mass. Compilation: of a vector-universal on so many experiments "
        "(named in `comparison.py`) and of its first evaluation, tables ready, without imports. "
        f"Rank tests: {QUOTED_FITS} fits of `calibrate xenonnt_cevns`, scaled from {FITS[NOW]} "
        f"here and {FITS[EARLIER]} there, both less {FEW_FITS}. Targets are by the clock.",
        table(
            [
                " task",
                "CPU s",
                "wall s",
                f"{EARLIER}, CPU s",
                "wall s",
                "ratio, CPU",
                "ratio, wall",
                " target",
            ],
            rows,
        ),
        f"Compilation of {all_of_them} experiments takes {growth[0]:.2f} times that of one "
        f"cold and {growth[1]:.2f} warm, target {allowed:g}: "
        f"{'met' if max(growth) <= allowed else '**missed**'}. First limit cold in "
        f"{first.wall_s:.1f} s, target {FIRST_S:g}: "
        f"{'met' if first.wall_s <= FIRST_S else '**missed**'}.",
    )


def _verdict(ratio: float, target: float | None) -> str:
    if target is None:
        return ""
    return f"{target:g}: " + ("met" if ratio >= target else "**missed**")
