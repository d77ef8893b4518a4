"""How costs grow: fitted exponents and peak memory; writes GROWTH.md beside this file.

python benchmarks/growth.py [--only AXIS ...]

Axes that are not measured stay as they are on the page.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np
from growth_task import TASKS
from page import HERE, measured_when, renew, section, table

#: Axis -> numbers, words, and why it grows as it does.
AXES: dict[str, tuple[tuple[int, ...], str, str]] = {
    "masses": (
        (5, 30, 200, 1000),
        "Masses of a scan of xenonnt_cevns",
        "A mass is a fit of its own, and its row and draws are a file.",
    ),
    "bins": (
        (10, 100, 1_000, 10_000, 100_000),
        "Bins of an invented experiment",
        "The density reads every component of every bin once for value and gradient. A larger "
        "table no longer fits into the caches of the processor; more than 100,000 bins are "
        "refused.",
    ),
    "nuisances": (
        (5, 20, 80, 200),
        "Nuisances of an invented experiment, each the scale of a background in 50 bins",
        "Each nuisance is one more component of the table and one more coordinate: the density is "
        "linear in their number, and the trajectories of the sampler become longer with it.",
    ),
    "experiments": (
        (1, 2, 4, 8, 12),
        "Experiments of a joint fit, in the order of `comparison.py`",
        "A density is the sum of those of the experiments; the eighth is CsI, whose table is the "
        "largest. CPU s are those of loading, of tables and of compilation, without a fit.",
    ),
    "couplings": (
        (1, 2, 4, 8, 12),
        "Couplings by name on xenonnt_cevns, with propagation",
        "n couplings multiply components by a quadratic form, up to n (n + 1) / 2 terms; CPU s "
        "have the search for branches and their fits as well.",
    ),
    "toys": (
        (20, 50, 150, 500),
        "Toys of rank tests of xenonnt_cevns",
        "A toy is a fit of its own; 20 are the fewest that rank tests accept.",
    ),
}

_WORKERS = "workers"
PARTS = (*AXES, _WORKERS)

#: Of the simulation of many workers: number of fits, and of workers.
_FITS, _SIMULATED = 10_000, (1, 2, 10, 100, 1_000)

#: Costs that grow with a larger exponent are called worse than linear.
LINEAR = 1.1


@dataclass(frozen=True)
class Row:
    """What one number costs; microseconds are those of a density, where there is one."""

    number: int
    cpu_s: float
    microseconds: float | None
    peak_mb: float


def rows_of(axis: str) -> list[Row]:
    """Measure every number of an axis in a process of its own."""
    return [Row(number, **json.loads(_run(axis, number))) for number in AXES[axis][0]]


def _command(axis: str, number: int) -> list[str]:
    return [sys.executable, str(HERE / "growth_task.py"), axis, str(number)]


def _run(axis: str, number: int) -> str:
    done = subprocess.run(_command(axis, number), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{axis} {number} failed: {done.stderr[-500:]}")
    return done.stdout.splitlines()[-1]


def exponent(numbers: list[int], costs: list[float]) -> float:
    """Return the power with which costs above those of the least number grow.

    What does not grow is taken off: the cost of the first number stands for it.
    """
    n, cost = np.array(numbers, float), np.array(costs, float)
    more, above = (n - n[0])[1:], (cost - cost[0])[1:]
    kept = above > 0.05 * cost[0]
    if kept.sum() < 2:
        return 0.0
    return float(np.polyfit(np.log(more[kept]), np.log(above[kept]), 1)[0])


def growth_section(axis: str, rows: list[Row]) -> str:
    """Return the section of an axis."""
    _, words, why = AXES[axis]
    numbers = [row.number for row in rows]
    quantities = {"CPU s": [row.cpu_s for row in rows], "peak MB": [row.peak_mb for row in rows]}
    densities = [row.microseconds for row in rows if row.microseconds is not None]
    if densities:
        quantities["density µs"] = densities
    powers = {name: exponent(numbers, values) for name, values in quantities.items()}
    worse = [name for name, power in powers.items() if power > LINEAR]
    verdict = (
        f"Worse than linear: {', '.join(worse)}." if worse else "Nothing is worse than linear."
    )
    cells = [
        [str(n), *(f"{values[i]:.4g}" for values in quantities.values())]
        for i, n in enumerate(numbers)
    ]
    cells.append(["exponent", *(f"{power:.2f}" for power in powers.values())])
    return section(words, measured_when(), table([axis, *quantities], cells), f"{why} {verdict}")


def workers_section() -> str:
    """Return the section of workers: one and two processes, and more of them by calculation."""
    measured = {number: _seconds_of_workers(number) for number in (1, 2)}
    few, many = (json.loads(_run("masses", n))["cpu_s"] for n in (5, 100))
    fit = (many - few) / 95
    start = time.perf_counter()
    _run("masses", 5)
    begin = time.perf_counter() - start
    rows = [
        [str(w), f"{begin + -(-_FITS // w) * fit:.1f}", f"{_speed_up(w, begin, fit):.0f}"]
        for w in _SIMULATED
    ]
    return section(
        "Workers",
        measured_when(),
        f"Processes that share 60 masses: one {measured[1]:.1f} s, two {measured[2]:.1f} s of wall "
        f"time, {measured[1] / measured[2]:.2f} times faster.",
        f"Simulated: {_FITS} short fits of {1e3 * fit:.1f} ms each, workers that start in "
        f"{begin:.1f} s, fits handed out evenly and for nothing. The start limits: with "
        f"{_SIMULATED[-1]} workers it is as long as {begin / fit:.0f} fits of one.",
        table(["workers", "s", "times faster than one"], rows),
    )


def _speed_up(workers: int, begin: float, fit: float) -> float:
    return (begin + _FITS * fit) / (begin + -(-_FITS // workers) * fit)


def _seconds_of_workers(number: int) -> float:
    start = time.perf_counter()
    running = [
        subprocess.Popen(_command("masses", 60 // number), stdout=subprocess.DEVNULL)
        for _ in range(number)
    ]
    if any(process.wait() != 0 for process in running):
        raise RuntimeError("a worker failed")
    return time.perf_counter() - start


def main() -> None:
    assert set(AXES) == set(TASKS)
    parser = argparse.ArgumentParser(description="Measure growth; other axes are kept.")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="AXIS")
    for axis in parser.parse_args().only:
        text = workers_section() if axis == _WORKERS else growth_section(axis, rows_of(axis))
        print(text, flush=True)
        renew("GROWTH.md", "Growth", "make growth", {axis: text}, PARTS)


if __name__ == "__main__":
    main()
