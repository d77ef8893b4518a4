"""Measure what points of each study cost: the table ``COMMITTED`` of bayes_cevns/studies/costs.py.

Prints the lines of the table: seconds until the first point and of a point, for an experiment with
few bins and default settings. Run it alone on a machine, a second time for warm caches.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

SCALAR = {"interaction": "scalar-universal"}
EXPERIMENT = ["xenonnt_2024_s2"]
STUDIES: dict[str, dict[str, Any]] = {
    "sample": {**SCALAR, "mass_mev": 10.0},
    "scan": {**SCALAR, "masses_mev": [1.0, 3.0, 10.0, 30.0, 100.0]},
    "couplings": {"experiments": ["conus_plus"], "couplings": ["ee_u", "ee_d"]},
    "profile": {**SCALAR, "masses_mev": [1.0, 3.0, 10.0, 30.0, 100.0]},
    "sensitivity": {**SCALAR, "masses_mev": [10.0], "toys": 5},
    "compare": {"interactions": ["scalar-universal"], "mass_mev": 10.0},
    "prior-sensitivity": {**SCALAR, "mass_mev": 10.0},
    "calibrate": {**SCALAR, "mass_mev": 10.0, "fits": 20},
    "coverage": {**SCALAR, "mass_mev": 10.0, "toys": 5, "precision": 0.25},
}


def main() -> None:
    """Run each study, and print what it left."""
    from bayes_cevns.studies import costs
    from bayes_cevns.studies.analysis_file import study_of
    from bayes_cevns.studies.run import run

    for kind, words in STUDIES.items():
        with tempfile.TemporaryDirectory() as folder:
            study = study_of({"study": kind, "experiments": EXPERIMENT, **words})
            run(study, out=f"{folder}/out", judged=False, progress=False)
        found = next(one for one in reversed(costs.measurements()) if one.study == kind)
        line = f'    "{kind}": ({found.preparing_seconds:.2g}, {found.point_seconds:.2g}),'
        print(line, flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as cache:
        if sys.argv[1:] != ["--warm"]:
            os.environ["BAYES_CEVNS_CACHE"] = cache
        main()
