"""Limits of previews beside those of long fits; writes preview.csv and preview.md.

    python validation/preview.py [PART ...]

A part is the name of an experiment, or of several joined with +, or `noise`; without one, all parts
are measured. The rows of other parts stay as they are. Times are CPU time of one process after its
model is compiled.
"""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

import numpy as np
from noise_of_limits import NOISE_COLUMNS, noise_rows

import bayes_cevns as bc
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.preview.find import preview_at
from bayes_cevns.inference.preview.posterior import limits_of
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.summary.agreement import ACCURACY, SIGMAS

FILE = Path(__file__).with_suffix(".md")
ROWS, NOISE = FILE.with_suffix(".csv"), FILE.with_name("preview_noise.csv")
LEVEL = 0.9

type Rows = list[dict[str, str]]
type Case = tuple[str, str, str, tuple[float | None, ...], int]

#: Experiments, interaction, prior, mediator masses in MeV, and draws for each of four chains.
CASES: tuple[Case, ...] = (
    (
        *("xenonnt_cevns", "scalar-universal", "flat"),
        (0.1, 0.3, 1.0, 3.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0, 300.0, 1000.0),
        4000,
    ),
    ("xenonnt_cevns", "scalar-universal", "log", (1.0, 10.0, 100.0), 4000),
    ("xenonnt_cevns", "vector-universal", "flat", (1.0, 30.0), 4000),
    ("xenonnt_cevns", "b_y+l_mu+l_tau", "flat", (1.0, 10.0, 30.0, 100.0, 1000.0), 4000),
    ("dresden_ii", "scalar-universal", "flat", (0.01, 1.0, 10.0, 50.0, 1000.0), 4000),
    ("conus_plus", "vector-universal", "flat", (1.0, 100.0), 4000),
    ("xenonnt_er", "magnetic-moment", "flat-rate", (None,), 4000),
    ("xenonnt_cevns+pandax4t_paired", "b-l", "flat", (1.0, 30.0, 1000.0), 4000),
    ("coherent_csi", "vector-universal", "flat", (10.0, 100.0), 2000),
)

COLUMNS = (
    *("data", "interaction", "prior", "mass_mev", "side", "sampled", "mc_error", "passed"),
    *("preview", "difference", "preview_ms", "fit_ms"),
)

PAGE = """# Previews beside fits

Written by `make preview`; do not edit.

{level:g}% credible limits of previews (Laplace's approximation along the ridge) and of fits with
4 x 4000 draws (CsI 4 x 2000). *Difference* is preview over fit; *error* the
Monte-Carlo error of the fit; times are CPU milliseconds of one mass after compilation.

{table}

Of fits that passed their gate, the largest difference is {most:.1%}; beyond three Monte-Carlo
errors it is {beyond:.1%}. The cross-check allows {accuracy:.0%} of the limit plus {sigmas:g}
Monte-Carlo errors; by that rule {flagged} of {count} limits here are flagged{which}.

The median preview takes {preview_ms:.0f} ms, {share:.1%} of a fit with 4 x 1000 draws (median
of ratios; times of longer fits are scaled by their numbers of draws with warm-up).

# How noisy limits are

Upper or positive limits of {seeds} seeds with 4 x 1000 draws. *Scatter* is the standard deviation
over seeds, *quoted* the median of the errors that each estimate gives for itself; *shift* is the
mean over the mean of the draws, with its error from the scatter.

{noise}
"""


def main(parts: list[str]) -> None:
    """Measure the parts that are asked for and write all."""
    for case in CASES:
        if not parts or case[0] in parts:
            fresh = measured(*case)
            mine = (case[0], case[1], case[2])
            others = [r for r in read(ROWS) if (r["data"], r["interaction"], r["prior"]) != mine]
            write(ROWS, COLUMNS, others + fresh)
    if not parts or "noise" in parts:
        write(NOISE, NOISE_COLUMNS, noise_rows())
    FILE.write_text(page(read(ROWS), read(NOISE)), encoding="utf-8")


def measured(
    names: str, interaction: str, prior: str, masses: tuple[float | None, ...], draws: int
) -> Rows:
    """Sample one case, and preview it."""
    experiments = [bc.experiment(name) for name in names.split("+")]
    spec = ModelSpec.of(experiments, interaction=interaction, prior=prior)
    engine = Engine(spec, SamplerSettings(draws=draws))
    preview_at(engine, masses[0])  # compiles
    rows: Rows = []
    for mass in masses:
        start = time.process_time()
        fit = engine.fit(mass, seed=7)
        sampled = time.process_time()
        previews = limits_of(preview_at(engine, mass), LEVEL)
        done = time.process_time()
        for limit, value in zip(bc.limits(fit, LEVEL), previews, strict=True):
            rows.append(
                {
                    "data": names,
                    "interaction": interaction,
                    "prior": prior,
                    "mass_mev": "" if mass is None else f"{mass:g}",
                    "side": limit.side,
                    "sampled": f"{limit.value:.4e}",
                    "mc_error": f"{limit.mc_error / limit.value:.4f}",
                    "passed": str(fit.passed).lower(),
                    "preview": f"{value:.4e}",
                    "difference": f"{value / limit.value - 1.0:+.4f}",
                    "preview_ms": f"{1e3 * (done - sampled):.0f}",
                    "fit_ms": f"{1e3 * (sampled - start) * 1300 / (draws + 300):.0f}",
                }
            )
            print(*rows[-1].values(), flush=True)
    return rows


def page(rows: Rows, noise: Rows) -> str:
    """Return the page of all rows."""
    passed = [row for row in rows if row["passed"] == "true"]
    difference = np.array([abs(float(row["difference"])) for row in passed])
    error = np.array([float(row["mc_error"]) for row in passed])
    flagged = [
        row
        for row, d, e in zip(passed, difference, error, strict=True)
        if d > ACCURACY + SIGMAS * e
    ]
    times = np.array([[float(row["preview_ms"]), float(row["fit_ms"] or "nan")] for row in rows])
    names = "; ".join(" ".join(list(row.values())[:5]) for row in flagged)
    return PAGE.format(
        level=100 * LEVEL,
        table=table(COLUMNS, rows),
        most=difference.max(),
        beyond=max(0.0, float((difference - 3.0 * error).max())),
        accuracy=ACCURACY,
        sigmas=SIGMAS,
        flagged=len(flagged),
        count=len(passed),
        which=f": {names}" if names else "",
        preview_ms=np.median(times[:, 0]),
        share=np.nanmedian(times[:, 0] / times[:, 1]),
        seeds=noise[0]["seeds"] if noise else "no",
        noise=table(NOISE_COLUMNS, noise),
    )


def read(path: Path) -> Rows:
    """Return the rows of a table, none if there is none yet."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, columns: tuple[str, ...], rows: Rows) -> None:
    """Write a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def table(columns: tuple[str, ...], rows: Rows) -> str:
    """Return rows as a table in Markdown."""
    lines = [columns, ["--"] * len(columns), *([row[c] for c in columns] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main(sys.argv[1:])
