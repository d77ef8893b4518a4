"""Simulation-based calibration and coverage; writes the folder calibration/.

    python validation/calibration.py [--fits 1000] [--toys 600] [STUDY ...]

Every study has a folder with one row for each fit, and goes on where it stopped. A scalar with
universal couplings of 10 MeV stands for a coupling without an observable sign, a vector for one
with two modes. Ranks are made with truths that are uniform in the expected signal, to twice the
90% credible limit on x; coverage is that of limits with a flat prior, as they are quoted.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from dataclasses import dataclass
from pathlib import Path

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
    """One study: ``"ranks"`` or ``"coverage"`` of some experiments with an interaction."""

    kind: str
    experiments: tuple[str, ...]
    interaction: str = "scalar-universal"


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


def run(name: str, fits: int, toys: int) -> None:
    """Do one study, or what is left of it, and enter it in the summary."""
    import bayes_cevns as bc
    from bayes_cevns.storage.record import read_run

    asked = STUDIES[name]
    loaded = [bc.experiment(part) for part in asked.experiments]
    options = {"interaction": asked.interaction, "mass_mev": MASS_MEV, "out": FOLDER / name}
    row: dict[str, object] = {
        "study": name,
        "kind": asked.kind,
        "experiments": "+".join(asked.experiments),
        "interaction": asked.interaction,
        "mass_mev": MASS_MEV,
        "version": bc.__version__,
        "commit": code_commit(),
    }
    if asked.kind == "ranks":
        study = bc.calibrate(loaded, fits=fits, on_point=_Progress(name, fits), **options)
        figure = bc.calibration_figure(study)
        row |= {
            "quantities": len(study.quantities),
            "outside_95_band": len(study.outside),
            "least_p_value": f"{min(study.p_values.values()):.4f}",
            "passed": str(study.passed).lower(),
        }
    else:
        progress = _Progress(name, 3 * toys)
        precision = max(0.02, 0.48 / toys**0.5)
        study = bc.coverage(loaded, toys=toys, precision=precision, on_point=progress, **options)
        figure = bc.coverage_figure(study)
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
        "leaves by chance; a study passes if its least p-value is above 0.05 / quantities.",
        "Studies of one experiment draw their truths with one seed, so that what chance does to a",
        "nuisance shows in all of them.",
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
        "covers zero always, a central interval never, and between there is no rule.",
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
    for truth, interval in dict.fromkeys((line["truth"], line["interval"]) for line in found):
        own = [line for line in found if (line["truth"], line["interval"]) == (truth, interval)]
        quoted = own[0].get("true_coupling", own[0]["coupling"])  # of tables before 0.2
        cells = [f"{100 * float(x['coverage']):.1f} +- {100 * float(x['error']):.1f}" for x in own]
        lines.append(f"| {truth} | {quoted} | {interval} | {' | '.join(cells)} |")
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
