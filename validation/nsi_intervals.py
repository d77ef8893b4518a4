"""90% intervals of each NSI coupling to quarks, one at a time; writes nsi_intervals.md and its csv.

COHERENT's CsI and argon, germanium at the SNS and at a reactor, solar neutrinos on xenon, and all
of them together. Every other coupling is zero, all nuisances are marginalised, priors are flat from
-1 to 1. Solar neutrinos arrive by three flavours and the Earth, with the coupling on the way too.
Rows that the csv has of this version, settings and seed are not run again.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nsi_regions
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from nsi_004_published import PAPER, names, show, table_iii
from row_tables import read, write

import bayes_cevns as bc
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.couplings.visible import unseen
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.gate import Gate
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.intervals import intervals
from bayes_cevns.summary.regions import credible_regions

HERE = Path(__file__).parent
PAGE, TABLE = HERE / "nsi_intervals.md", HERE / "nsi_intervals.csv"
PLANE = HERE / "figures" / "nsi_intervals_plane.png"

SOLAR = ("xenonnt_cevns", "pandax4t_us2", "pandax4t_paired")
COHERENT = ("coherent_csi", "coherent_lar")
GERMANIUM = ("coherent_ge", "conus_plus_spectrum")
GROUPS: dict[str, tuple[str, ...]] = {
    "solar": SOLAR,
    "germanium": GERMANIUM,
    "coherent": COHERENT,
    "all": (*COHERENT, *GERMANIUM, *SOLAR),
}

SEED = 1
SETTINGS = bc.SamplerSettings(draws=500, cores=1, gate=Gate(rhat_max=1.02, ess_min=200.0))
#: Argon makes a call of the density slow: fewer draws, and a gate that goes with them.
FEWER = bc.SamplerSettings(
    draws=300, tune=200, cores=1, retries=1, gate=Gate(rhat_max=1.03, ess_min=150.0)
)

LEVELS = (0.6827, 0.9)


@dataclass(frozen=True)
class Row:
    """Intervals of one coupling by one group of experiments; columns of the csv.

    Attributes
    ----------
    group, coupling
        Which.
    intervals_68, intervals_90
        Highest-density intervals, ``low:high`` separated by spaces; empty where no experiment of
        the group sees the coupling, or the fit failed.
    weights
        Weights of the branches.
    seen, passed, reason
        Whether the group sees it, whether the fit passed its gate, and why not.
    draws
        Draws of each chain.
    seconds
        Wall time of the fit.
    version, seed
        Of the package, and of the random numbers.
    """

    group: str
    coupling: str
    intervals_68: str
    intervals_90: str
    weights: str
    seen: bool
    passed: bool
    reason: str
    draws: int
    seconds: float
    version: str
    seed: int


def main(groups: Sequence[str]) -> None:
    """Run what is missing of some groups, and write the page."""
    rows = {(row.group, row.coupling): row for row in read(Row, TABLE)}
    for group in groups:
        settings = FEWER if "coherent_lar" in GROUPS[group] else SETTINGS
        wanted = [name for name in names() if not _is_current(rows.get((group, name)), settings)]
        if not wanted:
            continue
        model = CouplingModel.of(names())
        experiments = [bc.experiment(name) for name in GROUPS[group]]
        engine = Engine(bc.ModelSpec.of(experiments, couplings=model), settings, free=1)
        dark = unseen(of_couplings(engine.tables), engine.box, apart=True)
        for name in wanted:
            rows[group, name] = _row(engine, group, name, name in dark)
            print(rows[group, name], flush=True)
            _write(list(rows.values()))
    _write(list(rows.values()))
    if not PLANE.is_file():
        plane().savefig(PLANE)
    PAGE.write_text(page(rows), encoding="utf-8")


def _is_current(row: Row | None, settings: bc.SamplerSettings) -> bool:
    wanted = (bc.__version__, SEED, settings.draws)
    return row is not None and (row.version, row.seed, row.draws) == wanted


def _row(engine: Engine, group: str, name: str, dark: bool) -> Row:
    """Fit one coupling, unless no experiment sees it."""
    tail = (engine.settings.draws, 0.0, bc.__version__, SEED)
    if dark:
        return Row(group, name, "", "", "", False, True, "", *tail)
    start = time.perf_counter()
    fit = engine.fit(free=[name], seed=SEED)
    seconds = round(time.perf_counter() - start, 1)
    texts = ["", ""]
    if fit.passed:
        texts = [
            " ".join(
                f"{i.low:.4f}:{i.high:.4f}"
                for i in intervals(fit, name, level, engine.box.bounds[name])
            )
            for level in LEVELS
        ]
    weights = " ".join(f"{w:.4f}" for w in fit.quality["weight"].values)
    draws, _, version, seed = tail
    return Row(
        group, name, *texts, weights, True, fit.passed, fit.reason, draws, seconds, version, seed
    )


def plane() -> Figure:
    """Draw the plane of eps_ee_u and eps_ee_d by CsI, by XENONnT, and by both."""
    pair = ("eps_ee_u", "eps_ee_d")
    box = (-1.0, 1.0)
    drawn = Figure(figsize=(5.6, 5.2), layout="constrained", dpi=110)
    axis = drawn.subplots()
    styles = {
        ("xenonnt_cevns",): ("#6ea3cf", True),
        ("coherent_csi",): ("#f0b27a", True),
        ("coherent_csi", "xenonnt_cevns"): ("black", False),
    }
    handles = []
    for labels, (color, filled) in styles.items():
        fit = plane_fit(labels, pair)
        text = " + ".join(labels)
        region = credible_regions(fit, pair, [0.9], (box, box))
        top = max(float(region.density.max()), 1.001 * region.cuts[0])
        density = region.density.T
        if filled:
            axis.contourf(region.x, region.y, density, [region.cuts[0], top], colors=[color])
        else:
            axis.contour(region.x, region.y, density, [region.cuts[0]], colors=[color])
        handles.append(Line2D([], [], color=color, linewidth=6 if filled else 1.5, label=text))
    axis.plot(0.0, 0.0, "+", color="black")
    axis.set(xlabel=r"$\varepsilon_{ee}^u$", ylabel=r"$\varepsilon_{ee}^d$", xlim=box, ylim=box)
    axis.legend(handles=handles, title="90% credible", fontsize=8)
    return drawn


def plane_fit(labels: Sequence[str], pair: tuple[str, str]) -> Fit:
    """Fit two couplings together, and check the gate."""
    experiments = [bc.experiment(label) for label in labels]
    fit = bc.sample_couplings(
        experiments, couplings=pair, levels=[0.9], seed=SEED, settings=SETTINGS
    )
    return fit.fits["joint"]


def page(rows: dict[tuple[str, str], Row]) -> str:
    """Return the page."""
    head = ["coupling", *(f"{g}, 90%" for g in GROUPS), "solar, 68%", f"{PAPER}, 1 sigma"]
    lines = [f"| {' | '.join(head)} |", f"| :-- {'| :-- ' * (len(head) - 1)}|"]
    for name in names():
        cells = [_cell(rows.get((group, name)), "intervals_90") for group in GROUPS]
        cells += [_cell(rows.get(("solar", name)), "intervals_68")]
        cells += [show(table_iii()[name, "combined"])]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    ratios = [f"{name} {r:.2f}" for name in names() if (r := _ratio(rows, name)) is not None]
    experiments = [f"- {group}: {', '.join(GROUPS[group])}" for group in GROUPS]
    failed = [f"{r.group} {r.coupling}: {r.reason}" for r in rows.values() if not r.passed]
    return "\n".join(
        [
            "# Intervals of NSI with quarks, one at a time",
            "",
            f"Written by `python validation/nsi_intervals.py`; do not edit. bayes_cevns "
            f"{bc.__version__}. " + " ".join((__doc__ or "").split("\n\n")[1].split()),
            "",
            *experiments,
            "",
            "LZ's 8B search is not among them: its card has no data.",
            "",
            *lines,
            "",
            "unseen: no experiment of the group has neutrinos of that flavour. Highest-density "
            "intervals, \u2295 between pieces.",
            "",
            "## Beside published ones",
            "",
            f"- arXiv:{PAPER}, table III, combined: Delta chi^2 = 1 of numbers of events of "
            "PandaX-4T paired, US2 and XENONnT's first two runs, with efficiencies of its own and "
            "without nuisances; two flavours by day. Beside it our 68% of the same experiments, "
            "with XENONnT's third run, yields, flux and backgrounds marginalised.",
            f"- arXiv:{PAPER}, section IV: its results for flavour-diagonal couplings are rather "
            "comparable with those of COHERENT's CsI and argon in arXiv:2211.11905, whose "
            "constraints on emu and mutau are stronger by 20 to 50%. Total lengths of our 90% "
            "intervals by COHERENT over those by solar neutrinos: "
            + (", ".join(ratios) or "none")
            + ".",
            "- The numbers of arXiv:2211.11905 and arXiv:2408.06255, to which that paper refers, "
            "could not be read here and are not compared.",
            "- Germanium has the Standard Model outside of the 90% intervals of mumu: COHERENT's "
            "germanium sees 20.1 +7.3 -6.6 of about 35 expected events.",
            "",
            f"Fits that failed their gate: {'; '.join(failed) or 'none'}.",
            "",
            "## Plane",
            "",
            "90% credible regions of eps_ee_u and eps_ee_d, free together.",
            "",
            f"![plane](figures/{PLANE.name})",
            "",
            "## Planes beside published ones",
            "",
            re.sub(r"\s+", " ", (nsi_regions.__doc__ or "").strip()),
            "",
            f"![planes](figures/{nsi_regions.PLANES.name})",
            "",
        ]
    )


def _ends(text: str) -> list[tuple[float, float]]:
    pieces = (piece.split(":") for piece in text.split())
    return [(float(low), float(high)) for low, high in pieces]


def _cell(row: Row | None, column: str) -> str:
    if row is None:
        return "not run"
    if not row.seen:
        return "unseen"
    if not row.passed:
        return "failed"
    return show(_ends(getattr(row, column))).replace("+", "\u2295")


def _ratio(rows: dict[tuple[str, str], Row], name: str) -> float | None:
    """Return the length of the intervals by COHERENT over that by solar neutrinos."""
    both = [rows.get((group, name)) for group in ("coherent", "solar")]
    if any(row is None or not row.intervals_90 for row in both):
        return None
    lengths = [float(np.sum(np.ptp(_ends(row.intervals_90), axis=1))) for row in both if row]
    return lengths[0] / lengths[1]


def _write(rows: list[Row]) -> None:
    order = {key: i for i, key in enumerate((g, name) for g in GROUPS for name in names())}
    write(sorted(rows, key=lambda row: order[row.group, row.coupling]), Row, TABLE)


if __name__ == "__main__":
    main(sys.argv[1:] or list(GROUPS))
