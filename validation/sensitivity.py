"""Expected limits of XENONnT on a universal scalar; writes the folder sensitivity/.

    python validation/sensitivity.py [--toys 150]

90% credible, flat prior in x = g_nu g_q, prior-predictive toys of the Standard Model. A run that
was cut off goes on where it stopped, and more toys are added to those that are there.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from code_commit import code_commit

if TYPE_CHECKING:
    from bayes_cevns.studies.sensitivity.result import Sensitivity, SensitivityPoint

FOLDER = Path(__file__).parent / "sensitivity"
EXPERIMENT, INTERACTION = "xenonnt_cevns", "scalar-universal"
MASSES = (0.1, 1000.0, 9)

HEAD = """\
# Expected limits of XENONnT on a universal scalar

`make sensitivity` writes this page, at commit {commit}. Limits on g = sqrt(|g_nu g_q|) at 90%
credibility, prior flat in x, of {toys} toys of the Standard Model with nuisances drawn from their
priors ({failed} fits failed); the errors of the quantiles are in
[sensitivity.csv](sensitivity.csv), every limit in [toys.csv](toys.csv).

![expected and observed limits](sensitivity.png)

| mass [MeV] | observed | Asimov | median | 1 sigma | 2 sigma |
|---|---|---|---|---|---|
"""


def main() -> None:
    """Compute what is missing and write the table, the figure and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toys", type=int, default=150)
    toys = parser.parse_args().toys
    import bayes_cevns as bc

    start, done = time.perf_counter(), count(1)

    def show(_: object) -> None:
        if (number := next(done)) % 20 == 0:
            print(f"{number} fits after {time.perf_counter() - start:.0f} s", flush=True)

    result = bc.sensitivity(
        [bc.experiment(EXPERIMENT)],
        interaction=INTERACTION,
        masses_mev=bc.log_masses(*MASSES),
        toys=toys,
        # Fewer draws than for a limit that is quoted: its error is small beside the toys' spread.
        settings=bc.SamplerSettings(draws=400),
        out=FOLDER,
        on_point=show,
    )
    bc.sensitivity_figure(result).savefig(FOLDER / "sensitivity.png")
    (FOLDER / "RESULTS.md").write_text(_page(result), encoding="utf-8")


def _page(result: Sensitivity) -> str:
    points = result.points()
    head = HEAD.format(
        commit=code_commit(),
        toys=min(point.toys for point in points),
        failed=len(result.record.failed),
    )
    return head + "".join(_line(point) for point in points)


def _line(point: SensitivityPoint) -> str:
    at = {quantile.sigma: f"{quantile.value:.3g}" for quantile in point.expected}
    measured = [f"{limit.value:.3g}" for limit in (point.observed, point.asimov) if limit]
    ranges = [f"{at[-sigma]} to {at[sigma]}" for sigma in (1, 2)]
    return f"| {' | '.join([f'{point.mass_mev:.3g}', *measured, at[0], *ranges])} |\n"


if __name__ == "__main__":
    sys.exit(main())
