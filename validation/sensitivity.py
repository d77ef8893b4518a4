"""Expected limits of XENONnT on a universal scalar; writes sensitivity.csv and its figure.

90% credible, flat prior in x = g_nu g_q, prior-predictive toys of the Standard Model. A run that
was cut off goes on where it stopped.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from code_commit import code_commit

HERE = Path(__file__).parent
SCRATCH = HERE.parent / "results" / "sensitivity"
EXPERIMENT, INTERACTION = "xenonnt_cevns", "scalar-universal"
MASSES, TOYS = (0.1, 1000.0, 9), 200


def main() -> None:
    """Compute what is missing and write the table and the figure."""
    import bayes_cevns as bc
    from bayes_cevns.report import save_figure, sensitivity_figure

    start = time.perf_counter()

    def show(done: int, total: int) -> None:
        if done % 20 == 0 or done == total:
            print(f"{done} of {total} fits after {time.perf_counter() - start:.0f} s", flush=True)

    result = bc.sensitivity(
        [bc.experiment(EXPERIMENT)],
        interaction=INTERACTION,
        masses_mev=bc.log_masses(*MASSES),
        toys=TOYS,
        # Fewer draws than for a limit that is quoted: its error is small beside the toys' spread.
        settings=bc.SamplerSettings(draws=400),
        out=SCRATCH,
        on_fit=show,
    )
    table = (SCRATCH / "sensitivity.csv").read_text(encoding="utf-8").splitlines()
    commit = code_commit()
    lines = [f"{table[0]},commit", *(f"{line},{commit}" for line in table[1:])]
    (HERE / "sensitivity.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for path in save_figure(sensitivity_figure(result), HERE / "figures", "sensitivity"):
        print(path)


if __name__ == "__main__":
    sys.exit(main())
