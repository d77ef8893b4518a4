"""A small example of each study, on experiments with few bins."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.studies.catalogue import study_class
from bayes_cevns.studies.grids.run import grid
from bayes_cevns.studies.run import run
from bayes_cevns.studies.study import Study

LENIENT = Gate(rhat_max=2.0, ess_min=1.0, divergences_max=10**6)
QUICK = SamplerSettings(draws=60, tune=100, retries=0, gate=LENIENT)
LONGER = SamplerSettings(draws=300, tune=200, retries=0, gate=LENIENT)
SCALAR = {"interaction": "scalar-universal"}

EXPERIMENT = "xenonnt_2024_s2"
EXAMPLES: dict[str, dict[str, Any]] = {
    "sample": {**SCALAR, "mass_mev": 10.0, "settings": QUICK},
    "scan": {**SCALAR, "masses_mev": [1.0, 10.0], "settings": QUICK},
    "preview": {**SCALAR, "masses_mev": [1.0, 10.0]},
    "couplings": {
        "experiments": ["conus_plus"],  # without propagation
        "couplings": ["ee_u", "ee_d"],
        "one_at_a_time": True,
        "settings": QUICK,
    },
    "profile": {**SCALAR, "masses_mev": [1.0, 10.0]},
    "sensitivity": {**SCALAR, "masses_mev": [10.0], "toys": 2, "settings": QUICK},
    "compare": {"interactions": ["scalar-universal"], "mass_mev": 10.0, "settings": LONGER},
    "prior-sensitivity": {**SCALAR, "mass_mev": 10.0, "settings": LONGER},
    "calibrate": {**SCALAR, "mass_mev": 10.0, "fits": 20, "settings": QUICK},
    "calibrate-couplings": {
        "experiments": ["conus_plus"],
        "couplings": ["ee_u"],
        "fits": 20,
        "settings": QUICK,
    },
    "coverage": {**SCALAR, "mass_mev": 10.0, "toys": 2, "precision": 0.5, "settings": QUICK},
    "coverage-couplings": {
        "experiments": ["conus_plus"],
        "couplings": ["ee_u", "ee_d"],
        "truths": {"zero": {}, "other": {"ee_u": 0.3, "ee_d": -0.1}},
        "toys": 2,
        "precision": 0.5,
        "settings": QUICK,
    },
}
#: Those of one point: an interrupt finds nothing, or all.
SINGLE = {"sample", "prior-sensitivity"}

#: The words of `bayes-cevns run` on a file with lists: a grid of two studies.
RUN = "run"
GRID = {
    "study": "profile",
    "experiments": [[EXPERIMENT]],
    "interaction": ["scalar-universal", "b-l"],
    "masses_mev": [10.0],
}

type Rows = list[dict[str, str]]


def example(kind: str, **other: Any) -> Study[Any, Any, Any]:
    """Return the example of a study, with some other options."""
    return study_class(kind)(**{"experiments": [EXPERIMENT], **EXAMPLES[kind], **other})


def perform(kind: str, out: Path, called: Callable[[Any], None] | None = None) -> None:
    """Run the example of a study, or a grid of two, in a folder.

    Parameters
    ----------
    kind
        The study, or `RUN`.
    out
        The folder.
    called
        What is called after each point, or after each study of the grid.
    """
    if kind == RUN:
        grid(GRID, out=out, on_study=lambda study, _: called(study) if called else None)
    else:
        run(example(kind), out=out, on_point=called, judged=False)


def tables(folder: Path) -> dict[str, Rows]:
    """Return all tables of a run, but for how long fits took, and the digests of such rows."""
    return timeless({path.name: path.read_text() for path in folder.glob("*.csv")})


def timeless(texts: Mapping[str, str]) -> dict[str, Rows]:
    """Return the rows of tables, but for how long fits took, and the digests of such rows."""
    found = {}
    for name, text in texts.items():
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        timed = ("seconds", "check") if rows and "seconds" in rows[0] else ()
        found[name] = [{k: v for k, v in row.items() if k not in timed} for row in rows]
    return found
