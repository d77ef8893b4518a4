"""What charts do for the sampler: gradients, effective sample sizes, limits, with and without.

    python validation/sampling.py [--seeds 5] [CASE ...]

Writes sampling.csv, one row a fit, and sampling.md. A fit that is there is not repeated.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from code_commit import code_commit

FOLDER = Path(__file__).parent
TABLE, PAGE = FOLDER / "sampling.csv", FOLDER / "sampling.md"
COLUMNS = (
    *("case", "mass_mev", "chart", "seed", "branches", "gradients", "attempts", "passed"),
    *("ess_bulk", "ess_tail", "ess_coupling", "ess_coupling_tail", "limit", "commit"),
)

#: Name -> experiments, interaction, prior, masses in MeV.
CASES: dict[str, tuple[tuple[str, ...], str, str, tuple[float, ...]]] = {
    "scalar, flat": (("xenonnt_cevns",), "scalar-universal", "flat", (0.1, 30.0)),
    "scalar, log": (("xenonnt_cevns",), "scalar-universal", "log", (0.1, 30.0)),
    "b-l, flat": (("xenonnt_cevns",), "b-l", "flat", (1.0, 100.0)),
    "b-l, flat-rate": (("xenonnt_cevns",), "b-l", "flat-rate", (1.0,)),
    "b-l, log": (("xenonnt_cevns",), "b-l", "log", (1.0, 100.0)),
    "vector, two modes, flat": (("xenonnt_cevns",), "vector-universal", "flat", (1.0,)),
    "vector, two modes, log": (("xenonnt_cevns",), "vector-universal", "log", (100.0,)),
    "Dresden-II scalar, flat": (("dresden_ii",), "scalar-universal", "flat", (1.0, 10.0)),
    "Dresden-II scalar, log": (("dresden_ii",), "scalar-universal", "log", (1.0,)),
    "electron recoils b-l, flat": (("xenonnt_er",), "b-l", "flat", (10.0,)),
    "electron recoils b-l, log": (("xenonnt_er",), "b-l", "log", (0.1,)),
    "three experiments, flat": (
        ("xenonnt_cevns", "pandax4t_paired", "dresden_ii"),
        "scalar-universal",
        "flat",
        (1.0,),
    ),
}


def fits(case: str, seeds: int, known: set[tuple[str, ...]]) -> Iterator[dict[str, Any]]:
    """Yield the row of every fit of a case that is not known yet."""
    from bayes_cevns.inference.fitting import Fitting
    from bayes_cevns.inference.modes.amplitude_parts import amplitude_parts
    from bayes_cevns.studies.scan import ScanStudy

    experiments, interaction, prior, masses = CASES[case]
    study = ScanStudy(
        experiments=experiments, interaction=interaction, prior=prior, masses_mev=masses
    )
    engine = study.engine
    for mass in masses:
        sampler = engine.compile(mass)
        data, own = engine.data_at(mass)
        assert own is not None
        with_charts = amplitude_parts(sampler, data, own)
        for chart in (True, False):
            parts = with_charts if chart else [replace(part, chart=None) for part in with_charts]
            for seed in range(1, seeds + 1):
                key = {"case": case, "mass_mev": f"{mass:g}", "chart": str(chart), "seed": seed}
                if tuple(map(str, key.values())) not in known:
                    fitting = Fitting(
                        sampler, engine.settings, seed, data, parts, own, box=None, cores=None
                    )
                    yield key | measured(fitting.result())


def measured(fit: Any) -> dict[str, Any]:
    """Return the figures of a fit: the least effective sample sizes of all branches."""
    from bayes_cevns.summary.diagnostics import convergence
    from bayes_cevns.summary.limits import limits

    quality, stats = fit.quality, fit.sample_stats
    of_coupling = convergence(fit.posterior["coupling_product"].values)
    return {
        "branches": quality.sizes["branch"],
        "gradients": int(stats["n_steps"].sum()),
        "attempts": int(quality["attempts"].max()),
        "passed": fit.passed,
        "ess_bulk": round(float(quality["ess_bulk"].min())),
        "ess_tail": round(float(quality["ess_tail"].min())),
        "ess_coupling": round(float(of_coupling.ess_bulk.min())),
        "ess_coupling_tail": round(float(of_coupling.ess_tail.min())),
        "limit": f"{limits(fit, 0.9)[0].value:.6g}",
        "commit": code_commit(),
    }


def rows() -> list[dict[str, str]]:
    """Return the rows of the table."""
    if not TABLE.exists():
        return []
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def page() -> str:
    """Return the text of the page."""
    found = rows()
    lines = [
        "# Sampling with and without charts",
        "",
        "Written by `python validation/sampling.py`; do not edit. Each row has means over fits",
        "with different seeds, 4 chains of 1000 draws after 300 of warm-up, without (first) and",
        "with charts (`docs/design/sampling.md`). Gradients are those of the 4000 draws that are",
        "kept, all branches together, without warm-up. Effective sample sizes are the least of",
        "all parameters and branches. The last columns compare the first limit of a fit: its",
        "scatter over seeds, and the difference of the means in standard errors.",
        "",
        "| case | MeV | fits | retried | failed | gradients | bulk | tail | coupling, bulk | tail "
        "| scatter (%) | shift |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for case, mass in dict.fromkeys((row["case"], row["mass_mev"]) for row in found):
        of_case = [r for r in found if (r["case"], r["mass_mev"]) == (case, mass)]
        pair = [[r for r in of_case if r["chart"] == chart] for chart in ("False", "True")]
        if all(len(several) > 1 for several in pair):
            lines.append(_line(case, mass, pair))
    lines += ["", f"Code: {', '.join(sorted({row['commit'] for row in found}))}.", ""]
    return "\n".join(lines)


def _line(case: str, mass: str, pair: list[list[dict[str, str]]]) -> str:
    def both(text: str, of: Any) -> str:
        return " -> ".join(text.format(of(several)) for several in pair)

    def mean(name: str) -> str:
        return both("{:.0f}", lambda several: np.mean([float(r[name]) for r in several]))

    found = [np.array([float(r["limit"]) for r in several]) for several in pair]
    error = np.sqrt(sum(x.var(ddof=1) / x.size for x in found))
    scatter = " -> ".join(f"{100 * x.std(ddof=1) / x.mean():.2f}" for x in found)
    return " | ".join(
        [
            f"| {case}",
            mass,
            both("{}", len),
            both("{}", lambda several: sum(int(r["attempts"]) > 1 for r in several)),
            both("{}", lambda several: sum(r["passed"] == "False" for r in several)),
            *(mean(name) for name in ("gradients", "ess_bulk", "ess_tail")),
            *(mean(name) for name in ("ess_coupling", "ess_coupling_tail")),
            scatter,
            f"{(found[1].mean() - found[0].mean()) / error:+.1f} |",
        ]
    )


def main() -> None:
    """Make the fits that are asked for, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="by default all")
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    keys = ("case", "mass_mev", "chart", "seed")
    known = {tuple(row[key] for key in keys) for row in rows()}
    is_new = not TABLE.exists()
    with TABLE.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        for case in given.cases or CASES:
            for row in fits(case, given.seeds, known):
                writer.writerow(row)
                stream.flush()
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
