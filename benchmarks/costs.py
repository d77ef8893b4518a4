"""Measure what points of each study cost: the table ``COMMITTED`` of bayes_cevns/studies/costs.py.

Prints the lines of the table: seconds until the first point and of a point, for an experiment with
few bins and default settings; and behind each the same in seconds of the processor, which do not
depend on what else runs. Each study has a process of its own. Run it twice: the second time what
Numba compiles is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import warnings
from typing import Any

SCALAR = {"interaction": "scalar-universal"}
EXPERIMENT = ["xenonnt_2024_s2"]
MASSES = [1.0, 3.0, 10.0, 30.0, 100.0]
STUDIES: dict[str, dict[str, Any]] = {
    "sample": {**SCALAR, "mass_mev": 10.0},
    "scan": {**SCALAR, "masses_mev": MASSES},
    "couplings": {
        "experiments": ["conus_plus"],
        "couplings": ["ee_u", "ee_d"],
        "one_at_a_time": True,
    },
    "profile": {**SCALAR, "masses_mev": MASSES},
    "sensitivity": {**SCALAR, "masses_mev": [10.0], "toys": 5},
    "compare": {"interactions": ["scalar-universal"], "mass_mev": 10.0},
    "prior-sensitivity": {**SCALAR, "mass_mev": 10.0},
    "calibrate": {**SCALAR, "mass_mev": 10.0, "fits": 20},
    "calibrate-couplings": {"experiments": ["conus_plus"], "couplings": ["ee_u"], "fits": 20},
    "coverage": {**SCALAR, "mass_mev": 10.0, "toys": 5, "precision": 0.25},
    "coverage-couplings": {
        "experiments": ["conus_plus"],
        "couplings": ["ee_u"],
        "truths": {"zero": {}},
        "toys": 15,
        "precision": 0.25,
    },
}


def measure(kind: str) -> None:
    """Run a study, and print what it left."""
    from bayes_cevns.studies import costs
    from bayes_cevns.studies.analysis_file import study_of
    from bayes_cevns.studies.run import run

    study = study_of({"study": kind, "experiments": EXPERIMENT, **STUDIES[kind]})
    study.check()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        began, busy = time.monotonic(), time.process_time()
        run(study, out=f"{folder}/out", judged=False, progress=False)
        share = (time.process_time() - busy) / (time.monotonic() - began)
    found = next(one for one in reversed(costs.measurements()) if one.study == kind)
    seconds = found.preparing_seconds, found.point_seconds
    line = ", ".join(f"{each:.2g}" for each in seconds)
    of_processor = ", ".join(f"{share * each:.2g}" for each in seconds)
    print(f'    "{kind}": ({line}),  # {of_processor}', flush=True)


def main() -> None:
    """Measure all studies, each in a process of its own."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "BAYES_CEVNS_CACHE": cache}
        for kind in STUDIES:
            subprocess.run([sys.executable, __file__, kind], check=True, env=environment)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1])
    else:
        main()
