"""Simulation-based calibration and coverage; writes the folder calibration/.

    python validation/calibration.py [--fits 1000] [--toys 600] [STUDY ...]

Every study has a folder with one row for each fit, and goes on where it stopped. A scalar with
universal couplings of 10 MeV stands for a coupling without an observable sign, a vector for one
with two modes. Ranks are made with truths that are uniform in the expected signal, to twice the
90% credible limit on x; coverage is that of limits with a flat prior, as they are quoted. Several
couplings have truths that are uniform in their bounds, or coverage of the regions of each and of
each pair. A study whose fits take long has fewer.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from code_commit import code_commit
from limit_table import SETS

from bayes_cevns.cards.loading import experiment_names

FOLDER = Path(__file__).parent / "calibration"
SUMMARY = FOLDER / "summary.csv"
COLUMNS = (
    *("study", "kind", "experiments", "interaction", "mass_mev", "prior", "fits", "failed"),
    *("seconds", "quantities", "outside_95_band", "least_p_value", "passed", "version", "commit"),
)
MASS_MEV = 10.0


@dataclass(frozen=True)
class Asked:
    """One study: ``"ranks"`` or ``"coverage"`` of some experiments with an interaction.

    Or of several couplings in its place, with bounds of some of them, and `truths` of their
    coverage where those that follow from the data are out of bounds; `most` is the number of fits,
    or of toys a truth, where one takes long, `least` where they are few.
    """

    kind: str
    experiments: tuple[str, ...]
    interaction: str = "scalar-universal"
    mass_mev: float | None = MASS_MEV
    couplings: tuple[str, ...] = ()
    bounds: dict[str, tuple[float, float]] = field(default_factory=dict)
    truths: dict[str, dict[str, float]] | None = None
    most: int | None = None
    least: int = 0
    seed: int = 1

    @property
    def options(self) -> dict[str, Any]:
        """What is asked for besides the experiments."""
        if self.couplings:
            model: dict[str, Any] = {"couplings": self.couplings, "bounds": self.bounds}
        else:
            model = {"interaction": self.interaction}
        if self.truths is not None:
            model["truths"] = self.truths
        model["seed"] = self.seed
        return model if self.mass_mev is None else {**model, "mass_mev": self.mass_mev}


def _couplings(
    experiment: str, bounds: dict[str, tuple[float, float]], kind: str = "ranks", **more: Any
) -> Asked:
    """Return the ranks, or the coverage, of several couplings within bounds."""
    options = {"mass_mev": None, **more}
    return Asked(kind, (experiment,), couplings=tuple(bounds), bounds=bounds, **options)


#: The quick ones first.
STUDIES = {
    "xenonnt_cevns": Asked("ranks", ("xenonnt_cevns",)),
    "xenonnt_cevns_vector": Asked("ranks", ("xenonnt_cevns",), "vector-universal"),
    "xenonnt_s2only": Asked("ranks", ("xenonnt_s2only",)),
    "xenonnt_cevns_coverage": Asked("coverage", ("xenonnt_cevns",)),
    "xenonnt_s2only_coverage": Asked("coverage", ("xenonnt_s2only",)),
    "solar": Asked("ranks", SETS["solar"]),
    "coherent_csi": Asked("ranks", ("coherent_csi",)),
    "solar_coverage": Asked("coverage", SETS["solar"]),
    "coherent_csi_coverage": Asked("coverage", ("coherent_csi",)),
}

#: Every other card by itself, projected ones as well: data are made anew for each fit.
STUDIES |= {name: Asked("ranks", (name,)) for name in experiment_names() if name not in STUDIES}

#: A card whose ranks failed, with other truths and more of them: a posterior that is wrong fails
#: again, chance does not.
STUDIES["connie_again"] = Asked("ranks", ("connie",), least=3000, seed=2)

#: Joint fits besides that of the Sun: two detectors of one source, and everything.
STUDIES |= {
    "coherent": Asked("ranks", ("coherent_csi", "coherent_lar", "coherent_ge"), most=300),
    "all": Asked("ranks", SETS["all"], most=200),
}

#: New physics of other kinds, on the cards with the quickest fits; the last two see electrons.
STUDIES |= {
    "conus_plus_b-l": Asked("ranks", ("conus_plus",), "b-l"),
    "conus_plus_axial": Asked("ranks", ("conus_plus",), "axial"),
    "conus_plus_magnetic_moment": Asked("ranks", ("conus_plus",), "magnetic-moment", None),
    "conus_plus_charge_radius": Asked("ranks", ("conus_plus",), "charge-radius", None),
    "conus_plus_sterile_dipole": Asked("ranks", ("conus_plus",), "sterile-dipole", 1.0),
    "xenonnt_2024_s2_axial": Asked("ranks", ("xenonnt_2024_s2",), "axial"),
    "xenonnt_er_magnetic_moment": Asked("ranks", ("xenonnt_er",), "magnetic-moment", None),
    "xenonnt_er_b-l": Asked("ranks", ("xenonnt_er",), "b-l", 0.1),
}

#: Several couplings: a degenerate plane with mirror images, planes of two flavours, a coupling that
#: acts in the Sun as well.
STUDIES |= {
    "conus_plus_nsi": _couplings("conus_plus", {"ee_u": (-0.5, 0.5), "ee_d": (-0.5, 0.5)}),
    "conus_plus_nsi_wide": _couplings(
        "conus_plus", {"ee_u": (-1.0, 1.0), "ee_d": (-1.0, 1.0)}, most=400
    ),
    "coherent_csi_nsi": _couplings(
        "coherent_csi", {"ee_u": (-0.15, 0.15), "mumu_u": (-0.15, 0.15)}, most=500
    ),
    "coherent_csi_vector": _couplings(
        "coherent_csi",
        {"x_ee_u": (-3e-9, 3e-9), "x_mumu_u": (-3e-9, 3e-9)},
        mass_mev=MASS_MEV,
        most=500,
    ),
    "conus_plus_moment": _couplings("conus_plus", {"mu_nu_e": (0.0, 2e-9)}),
    "xenonnt_cevns_nsi": _couplings("xenonnt_cevns", {"ee_u": (-1.0, 1.0)}, most=300),
}

#: Coverage of every card, with fewer toys where a fit takes half a second or more.
_SLOW = {"coherent_lar", "dresden_ii", "dresden_ii_ybe", "pandax4t_er"}
STUDIES |= {
    f"{name}_coverage": Asked("coverage", (name,), most=300 if name in _SLOW else None)
    for name in experiment_names()
    if f"{name}_coverage" not in STUDIES
}


#: Coverage of several couplings. CONUS+ sees one combination of the plane: far along the direction
#: that it does not see there is a truth with the signal of the Standard Model; another one has no
#: signal, another three times as much.
STUDIES |= {
    "conus_plus_nsi_coverage": _couplings(
        "conus_plus",
        STUDIES["conus_plus_nsi"].bounds,
        "coverage",
        truths={
            "zero": {},
            "degenerate": {"ee_u": 0.4, "ee_d": -0.37},
            "dark": {"ee_u": 0.1, "ee_d": 0.1},
            "strong": {"ee_u": 0.3, "ee_d": 0.2},
        },
        most=300,
    ),
    "conus_plus_moment_coverage": _couplings(
        "conus_plus", STUDIES["conus_plus_moment"].bounds, "coverage"
    ),
    "coherent_csi_vector_coverage": _couplings(
        "coherent_csi",
        STUDIES["coherent_csi_vector"].bounds,
        "coverage",
        mass_mev=MASS_MEV,
        truths={
            "zero": {},
            "limit": {"x_ee_u": 2.5e-9},
            "both": {"x_ee_u": 1e-9, "x_mumu_u": 1e-9},
        },
        most=300,
    ),
}


def run(name: str, fits: int, toys: int) -> None:
    """Do one study, or what is left of it, and enter it in the summary."""
    import bayes_cevns as bc
    from bayes_cevns.storage.record import read_run

    asked = STUDIES[name]
    loaded = [bc.experiment(part) for part in asked.experiments]
    # A projection has no counts: expected ones set the range of the truths in their place.
    loaded = [bc.asimov(one) if one.data == "none" else one for one in loaded]
    options = {**asked.options, "out": FOLDER / name}
    row: dict[str, object] = {
        "study": name,
        "kind": asked.kind,
        "experiments": "+".join(asked.experiments),
        "interaction": asked.interaction,
        "mass_mev": asked.mass_mev,
        "version": bc.__version__,
        "commit": code_commit(),
    }
    if asked.kind == "ranks":
        fits = max(min(fits, asked.most or fits), asked.least)
        ranked = bc.calibrate_couplings if asked.couplings else bc.calibrate
        study = ranked(loaded, fits=fits, on_point=_Progress(name, fits), **options)
        figure = bc.calibration_figure(study)
        row |= {
            "quantities": len(study.quantities),
            "outside_95_band": len(study.outside),
            "least_p_value": f"{min(study.p_values.values()):.4f}",
            "passed": str(study.passed).lower(),
        }
    else:
        toys = min(toys, asked.most or toys)
        number = 3 if asked.truths is None else len(asked.truths)
        progress = _Progress(name, number * toys)
        precision = max(0.02, 0.48 / toys**0.5)
        covered = bc.coverage_couplings if asked.couplings else bc.coverage
        study = covered(loaded, toys=toys, precision=precision, on_point=progress, **options)
        figure = bc.coverage_figure(study)
    if asked.couplings:
        ranges = (f"{n} from {a:.3g} to {b:.3g}" for n, (a, b) in study.spec.bounds.items())
        row["interaction"] = ", ".join(ranges)
    figure.savefig(FOLDER / f"{name}.png")
    report = read_run(FOLDER / name)["report"]
    seconds = round(report["seconds"])
    row |= {"prior": study.spec.prior, "fits": report["fits"], "failed": report["failed"]}
    _enter(row | {"seconds": seconds})
    write_text()


class _Progress:
    """Prints a line every 50 fits."""

    def __init__(self, name: str, total: int) -> None:
        self.name, self.total, self.start = name, total, time.perf_counter()
        self.done = 0

    def __call__(self, _: object) -> None:
        self.done += 1
        if self.done % 50 == 0:
            seconds = time.perf_counter() - self.start
            print(f"{self.name}: {self.done}/{self.total} after {seconds:.0f} s", flush=True)


def summary() -> list[dict[str, str]]:
    """Return the rows of the summary, in the order of the studies."""
    if not SUMMARY.exists():
        return []
    with SUMMARY.open(encoding="utf-8", newline="") as stream:
        rows = {row["study"]: row for row in csv.DictReader(stream)}
    return [rows[name] for name in STUDIES if name in rows]


def _enter(row: dict[str, object]) -> None:
    kept = {old["study"]: dict[str, object](old) for old in summary()} | {str(row["study"]): row}
    with SUMMARY.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept[name] for name in STUDIES if name in kept)


def write_text() -> None:
    """Write RESULTS.md: the summary, coverage, and the figures."""
    lines = [
        "# Calibration",
        "",
        "Written by `make calibration`; do not edit. One folder a study, with a row for each fit.",
        "Seconds are those of all fits together, on two cores that had other work as well.",
        "",
        "## Ranks of truths",
        "",
        "Simulation-based calibration: truths from the prior, data from the likelihood, the rank",
        "of each truth among 99 draws of its posterior. For every parameter, the expected signal",
        "and the log-likelihood the distribution of ranks is compared with its simultaneous 95%",
        "band (Saeilynoja, Buerkner and Vehtari, arXiv:2103.10522), which one quantity in twenty",
        "leaves by chance; a study passes if its least p-value is above 0.05 / quantities. One in",
        "twenty fails this by chance: it is made again, with other truths and more of them.",
        "Studies of one experiment draw their truths with one seed, so that what chance does to a",
        "nuisance shows in all of them. Truths of several couplings are uniform in the bounds that",
        "the table has in place of an interaction.",
        "",
        "| study | interaction | fits | failed | s | outside band | least p | passed | code |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['study']} | {row['interaction']} | {row['fits']} | {row['failed']} "
        f"| {row['seconds']} | {row['outside_95_band']} of {row['quantities']} "
        f"| {row['least_p_value']} | {row['passed']} | {row['version']}, {row['commit']} |"
        for row in summary()
        if row["kind"] == "ranks"
    ]
    lines += [
        "",
        "## Coverage",
        "",
        "How often an interval holds a coupling that is kept fixed: at zero, at the 90% credible",
        "limit from the data (in x), and at twice this x. Nuisances are drawn from",
        "their priors, the prior of x is flat. A credible interval holds the truth with its level",
        "on average over the prior (the ranks above), not at each truth: an upper limit on |x|",
        "covers zero always, a central interval never, and between there is no rule. Of several",
        "couplings it is that of the intervals of each, the others marginalised, and of the joint",
        "region of each pair; the prior is uniform in the bounds. A marginal interval may hold a",
        "truth amid a degenerate direction always, and one at its end hardly ever.",
    ]
    for row in (row for row in summary() if row["kind"] == "coverage"):
        lines += _coverage_lines(row)
    lines += ["", "## Figures", ""]
    lines += [f"![{row['study']}]({row['study']}.png)" for row in summary()]
    (FOLDER / "RESULTS.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _coverage_lines(row: dict[str, str]) -> list[str]:
    with (FOLDER / row["study"] / "coverage.csv").open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    levels = list(dict.fromkeys(line["level"] for line in found))
    lines = [
        "",
        f"### {row['study']}",
        "",
        f"{row['interaction']}, {row['fits']} fits, {row['failed']} failed, {row['seconds']} s; "
        f"{row['version']}, {row['commit']}",
        "",
        f"| truth | g | interval | {' | '.join(f'{100 * float(p):g}%' for p in levels)} |",
        f"|---|---|---|{'---|' * len(levels)}",
    ]
    groups: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for line in found:
        quoted = line.get("true_couplings") or line.get("true_coupling", line["coupling"])
        interval = f"{line['interval']} of {line['quantity']}" if "quantity" in line else ""
        groups.setdefault((line["truth"], quoted, interval or line["interval"]), []).append(line)
    for words, own in groups.items():
        cells = [f"{100 * float(x['coverage']):.1f} +- {100 * float(x['error']):.1f}" for x in own]
        lines.append(f"| {' | '.join([*words, *cells])} |")
    return lines


def main() -> None:
    """Do the studies that are asked for, all by default."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("studies", nargs="*", metavar="STUDY", help=", ".join(STUDIES))
    parser.add_argument("--fits", type=int, default=1000, help="for ranks (default 1000)")
    parser.add_argument("--toys", type=int, default=600, help="for coverage (default 600)")
    asked = parser.parse_args()
    unknown = [name for name in asked.studies if name not in STUDIES]
    if unknown:
        sys.exit(f"no study {unknown[0]!r}; there are {', '.join(STUDIES)}")
    FOLDER.mkdir(exist_ok=True)
    for name in asked.studies or STUDIES:
        run(name, asked.fits, asked.toys)


if __name__ == "__main__":
    main()
