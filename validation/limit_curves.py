"""Limit curves of every experiment and of the joint fits; writes limits.csv and figures.

Every set of experiments with every interaction that it can see, 90% credible, flat prior in
x, 13 masses from 0.1 MeV to 1 GeV (5 where the likelihood is slow). Where no counts are
public (a projection), those expected in the Standard Model stand in for them. A run that was cut
off goes on where it stopped. Some rows alone are renewed, and the others kept, with

    python validation/limit_curves.py coherent_csi conus_plus --interaction b-l --renew
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import product
from pathlib import Path

from limit_table import COLUMNS, FILE, SETS, write_figures

HERE = Path(__file__).parent
SCRATCH = HERE.parent / "results" / "limit_curves"
INTERACTIONS = ("scalar-universal", "vector-universal", "b-l", "axial", "tensor-coherent")
LEVEL = 0.9
#: Tables with many shape axes, whose likelihood takes a third of a millisecond or more.
SLOW = ("dresden_ii", "dresden_ii_ybe", "coherent_csi", "coherent_lar", "all")


def rows_of(name: str, interaction: str) -> list[dict[str, object]]:
    """Return the limits of one set of experiments, or one row that says why there are none."""
    import bayes_cevns as bc
    from bayes_cevns.errors import BayesCevnsError

    common = {"experiments": name, "interaction": interaction, "version": bc.__version__}
    try:
        loaded = [bc.experiment(part) for part in SETS.get(name, (name,))]
        loaded = [bc.asimov(e) if e.data == "none" else e for e in loaded]
        scan = bc.scan(
            loaded,
            interaction=interaction,
            masses_mev=bc.log_masses(0.1, 1000.0, 5 if name in SLOW else 13),
            level=LEVEL,
            settings=bc.SamplerSettings(cores=1),
            out=SCRATCH / name / interaction,
        )
    except BayesCevnsError as error:
        return [common | {"reason": str(error)}]
    found = []
    for point in scan.points:
        for limit in point.limits:
            passed = {"limit": f"{limit.value:.4g}", "mc_error": f"{limit.mc_error:.1g}"}
            failed = {"reason": point.fit.reason}
            found.append(
                common
                | {"mass_mev": f"{point.mass_mev:.6g}", "side": limit.side}
                | (passed if point.fit.passed else failed)
            )
    return found


def main() -> None:
    """Compute what is asked for, everything by default, and write the table."""
    asked = _asked()
    with ProcessPoolExecutor(os.process_cpu_count()) as pool:
        futures = {pool.submit(rows_of, *pair): pair for pair in asked}
        start = time.perf_counter()
        for future in as_completed(futures):
            _write(future.result(), futures[future])
            seconds = time.perf_counter() - start
            print(f"{' '.join(futures[future])}: after {seconds:.0f} s", flush=True)
    write_figures(HERE / "figures")


def _asked() -> list[tuple[str, str]]:
    """Return the pairs of experiments and interaction that the command line asks for."""
    import bayes_cevns as bc

    known = [*bc.experiment_names(), *SETS]
    parser = argparse.ArgumentParser(description="Compute limit curves; other rows are kept.")
    parser.add_argument("names", nargs="*", help="experiments or sets; all by default")
    parser.add_argument(
        "--interaction", action="append", choices=INTERACTIONS, help="all by default"
    )
    parser.add_argument("--renew", action="store_true", help="compute finished scans again")
    given = parser.parse_args()
    for name in given.names:
        if name not in known:
            parser.error(f"no experiment or set {name!r} (has {', '.join(known)})")
    names = sorted(given.names or known, key=lambda n: SLOW.index(n) + 1 if n in SLOW else 0)
    asked = list(product(names, given.interaction or INTERACTIONS))
    if given.renew:
        for name, interaction in asked:
            shutil.rmtree(SCRATCH / name / interaction, ignore_errors=True)
    return asked


def _write(rows: list[dict[str, object]], pair: tuple[str, str]) -> None:
    """Put the rows of one scan into the table, in place of those that it had."""
    kept: list[dict[str, object]] = []
    if FILE.exists():
        with FILE.open(encoding="utf-8", newline="") as stream:
            old = csv.DictReader(stream)
            kept = [dict(r) for r in old if (r["experiments"], r["interaction"]) != pair]
    order = sorted([*kept, *rows], key=lambda r: (str(r["interaction"]), str(r["experiments"])))
    temporary = FILE.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(order)
    temporary.replace(FILE)


if __name__ == "__main__":
    main()
