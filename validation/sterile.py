"""Limits on sterile neutrinos: the dipole portal over m_4, and oscillation over Delta m^2_41.

Writes sterile.csv, a page and two figures. A run that was cut off goes on with the curves that are
not yet in the table.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

import bayes_cevns as bc
from bayes_cevns.errors import ArgumentError
from bayes_cevns.plots import style

HERE = Path(__file__).parent
FILE, PAGE, FIGURES = HERE / "sterile.csv", HERE / "sterile.md", HERE / "figures"
LEVEL = 0.9
CREDIBLE, PROFILE = "flat prior (credible)", "profile (CL)"
COLUMNS = ("experiment", "interaction", "mass_mev", "method", "limit", "reason", "version")

#: Experiment, interaction, masses m_4 in MeV, and those of them with a credible limit.
DIPOLE = (
    ("coherent_csi", "sterile-dipole-nu_mu", (0.1, 3, 10, 20, 27, 35, 45, 52), (0.1, 20)),
    ("coherent_csi", "sterile-dipole-nu_e", (0.1, 3, 10, 20, 35, 45, 52, 53), (0.1, 35)),
    ("dresden_ii", "sterile-dipole-nu_e", (0.03, 0.1, 0.3, 1, 2, 4, 6, 8, 13), (0.03, 4)),
    ("conus_plus", "sterile-dipole-nu_e", (0.03, 0.1, 0.3, 1, 2, 4, 6, 8, 13), (0.03, 4)),
    ("xenonnt_er", "sterile-dipole", (0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1), (0.01, 0.2)),
    ("xenonnt_cevns", "sterile-dipole", (0.1, 1, 3, 6, 9, 12), (0.1, 6)),
)
#: The same with Delta m^2_41 in eV^2.
OSCILLATION = (
    ("coherent_csi", "sterile-oscillation-nu_e", (0.1, 0.3, 1, 3, 10, 30, 100), (3,)),
    ("coherent_csi", "sterile-oscillation-nu_mu", (0.1, 0.3, 1, 2, 4, 10, 30, 100), (2, 100)),
    ("conus_plus", "sterile-oscillation-nu_e", (0.03, 0.1, 0.3, 1, 3, 10), (0.3, 10)),
)

TEXT = """\
# Sterile neutrinos: the dipole portal and oscillation

Written by `make sterile`; do not edit. bayes_cevns {version}, {level:.0f}% limits: credible with a
prior that is flat in the amplitude, and by profile likelihood.

## Formulas

With r = m_4^2 / (2 m T), a neutrino needs E > (1 + r) (T + sqrt(T^2 + 2 m T)) / 2 to leave a recoil
T and a sterile neutrino of mass m_4; the least of these over T is m_4 + m_4^2 / (2 m). For
L = (mu/2) nubar_L sigma^ab N F_ab + h.c. the traces give, in units of
(pi alpha^2 mu^2 / m_e^2) Z^2 F^2,

| target | 1 | 1/E | 1/E^2 |
|---|---|---|---|
| spin 0 (nuclei here) | 1/T | -(1 + r) | (1 + r) (T - 2 m r) / 4 |
| spin 1/2 (electrons here) | 1/T | -(1 + r) | -(1 + r) r (m - T) / 2 |

Derivation for spin 0, with P = p + p', q^2 = 2 m T and kappa = k.k' = (m_4^2 + q^2)/2: P.q = 0, so
that the spinor line is ubar(k') P-slash q-slash P_L u(k), and its square
2 [2 q^2 (P.k)^2 - P^2 m_4^2 kappa] with P.k = 2 m E - kappa and P^2 = 4 m^2 + q^2. Both rows are
held by traces of Dirac matrices, numerically (`tests/physics/test_dirac_traces.py`,
`tests/physics/test_lagrangian_twin.py`), and the second by the form that papers print,

    1/T - 1/E + m_4^2 (T - 2 E - m) / (4 E^2 T m) + m_4^4 (T - m) / (8 E^2 T^2 m^2),

as arXiv:2007.15563 and 2109.09545 have it (from memory, not checked against their text). They use
it for nuclei too; spin 0 is larger by T (1 + r) (1 - 2 r) / (4 E^2), less than 1e-6 of it.
arXiv:1803.03262 writes d nubar_L sigma^ab N F_ab, so that d = mu/2 (from memory). N_4 is a Dirac
particle; its decay in the detector is left out.

Exchange of a vector or a scalar, in units of x^2 Q^2 / (q^2 + M^2)^2:

| exchange | target | cross section |
|---|---|---|
| vector | spin 0 | (m / 2 pi) [1 - T (1 + r)/E - T (1 + r) (2 m - T r)/(4 E^2)] |
| vector | spin 1/2 | (m / 2 pi) [1 - T (1 + r)/E - T (1 + r) (m - T)/(2 E^2)] |
| scalar | spin 0 | m^2 T (1 + r) / (4 pi E^2) |
| scalar | spin 1/2 | the same times 1 + T/(2 m) |

## Dipole portal

![dipole portal](figures/sterile_dipole.png)

{dipole}

Beside papers, whose curves are figures without numbers:

- Li, Li and Xia, arXiv:2406.07477 (abstract): of nu_e Dresden-II leads below about 0.5 MeV, of
  nu_mu COHERENT CsI from 10 to 40 MeV. Here Dresden-II is the strongest on nu_e at the lightest
  masses, by its electrons, and CONUS+ above some 0.4 MeV; the limit of CsI on nu_mu at 35 MeV is
  {rise:.1f} times that at 0.1 MeV: it goes on where reactors and the Sun have ended.
- Mustamin and Demirci, arXiv:2511.00701 (abstract): PandaX-4T and XENONnT reach the order of
  1e-11 mu_B for m_4 below 1 MeV, XENONnT the strongest in many channels. Here `xenonnt_er` has
  {er:.2g} mu_B at 0.01 MeV.

Above the end of a source there is no event and no limit: the row says so, and `scan` and `profile`
stop with the same sentence before they compute anything.

## Oscillation

CEvNS is alike for all active flavours: x = sin^2(2 theta_as) = 4 |U_a4|^2 |U_s4|^2 of the flavour a
that the source makes. Distances are those of the sources, averaged over a normal spread of 0.3 m
(stopped pions) or 0.9 m (a core of 3 to 4 m), which are estimates. The flux is that of a point at
the mean distance.

![oscillation](figures/sterile_oscillation.png)

{oscillation}

A limit close to 1 is the physical end of x: little or nothing is excluded. That is what is
expected. nu_e is one of the three flavours of a stopped-pion source, nu_mu and its antineutrino are
two; on average half of them is lost at x = 1, a sixth or a third of all neutrinos, beside 10% on
the flux. The line of nu_mu at 29.8 MeV makes the limits on nu_mu go up and down. The sensitivity
studies of arXiv:1703.00054 and 1708.09518 (abstracts) find promise in future detectors;
arXiv:2211.11905 has limits from CsI and LAr (not read).
"""


def rows_of(
    name: str, new: str, masses: Sequence[float], sampled: Sequence[float], *, squared: bool
) -> list[dict[str, str]]:
    """Return the limits of one curve; masses are Delta m^2 in eV^2 if they are squared."""
    search = bc.experiment(name)
    found: list[dict[str, str]] = []

    def enter(mass: float, method: str, *, limit: float | None = None, reason: str = "") -> None:
        values = {"mass_mev": f"{mass:.6g}", "method": method, "reason": reason}
        values["limit"] = "" if limit is None else f"{limit:.4g}"
        found.append({"experiment": name, "interaction": new, **values, "version": bc.__version__})

    engine = bc.Engine(bc.ModelSpec.of([search], interaction=new), bc.SamplerSettings(cores=1))
    given = {float(np.sqrt(m) * 1e-6 if squared else m): m in sampled for m in masses}
    possible = []
    for mass in given:
        try:
            engine.prior(mass)
            possible.append(mass)
        except ArgumentError as error:
            enter(mass, PROFILE, reason=str(error))
    scanned = bc.profile_scan([search], interaction=new, masses_mev=possible, level=LEVEL)
    for point in scanned.points:
        if point.result is None:
            enter(point.mass_mev, PROFILE, reason=point.reason)
        else:
            enter(point.mass_mev, PROFILE, limit=point.result.limits[0].value)
    for mass in (mass for mass in possible if given[mass]):
        fit = engine.fit(mass, seed=1)
        if fit.passed:
            enter(mass, CREDIBLE, limit=bc.limits(fit, LEVEL)[0].value)
        else:
            enter(mass, CREDIBLE, reason=fit.reason)
    return found


def read() -> list[dict[str, str]]:
    """Return the rows of the table, none before it was written."""
    if not FILE.exists():
        return []
    with FILE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write(rows: Iterable[dict[str, str]]) -> None:
    """Write the table."""
    temporary = FILE.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    temporary.replace(FILE)


def drawn(rows: Iterable[dict[str, str]], kind: str) -> list[dict[str, str]]:
    """Return the rows of the dipole portal or of oscillation."""
    return [row for row in rows if kind in row["interaction"]]


def table(rows: Sequence[dict[str, str]], heading: str) -> str:
    """Return limits as a table in Markdown, a line for each curve and mass."""
    found = [
        f"| experiment | interaction | {heading} | {PROFILE} | {CREDIBLE} |",
        "|---|---|---|---|---|",
    ]
    rows = sorted(rows, key=lambda r: (r["experiment"], r["interaction"], float(r["mass_mev"])))
    cells: dict[tuple[str, str, str], dict[str, str]] = {}
    for row in rows:
        key = row["experiment"], row["interaction"], row["mass_mev"]
        cells.setdefault(key, {})[row["method"]] = row["limit"] or short(row["reason"])
    for (name, new, mass), values in cells.items():
        axis = float(bc.interaction(new).axis.drawn(float(mass)))
        limits = " | ".join(values.get(method, "") for method in (PROFILE, CREDIBLE))
        found.append(f"| {name} | {new} | {axis:.3g} | {limits} |")
    return "\n".join(found)


def short(reason: str) -> str:
    """Return why there is no limit, in some words."""
    return "none: no event is possible" if "makes no signal" in reason else f"failed: {reason}"


def curves(axes: Axes, rows: Sequence[dict[str, str]], *, joined: bool) -> None:
    """Draw the limits of each experiment and interaction, the credible ones as full points.

    Those by profile are lines, or open points where limits between them are not known; those at
    the physical end of an amplitude are none and left out.
    """
    names = dict.fromkeys((row["experiment"], row["interaction"]) for row in rows)
    for (name, new), look in zip(names, style.series(len(names)), strict=True):
        entry = bc.interaction(new)
        for method in (PROFILE, CREDIBLE):
            own = [
                row
                for row in rows
                if (row["experiment"], row["interaction"], row["method"]) == (name, new, method)
                and row["limit"]
                and float(row["limit"]) < 0.99 * entry.product_range[1]
            ]
            x = entry.axis.drawn([float(row["mass_mev"]) for row in own])
            y = [float(row["limit"]) for row in own]
            label = f"{name}, ${entry.coupling.latex}$" if method == PROFILE else None
            line = method == PROFILE and joined
            axes.plot(
                x,
                y,
                color=look.colour,
                linestyle=look.line if line else "none",
                marker="none" if line else look.marker,
                markerfacecolor="none" if method == PROFILE else look.colour,
                markersize=4,
                label=label,
            )
    axes.set(xscale="log", yscale="log" if joined else "linear")
    axes.set_xlabel(entry.axis.label)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7)


def draw(rows: Sequence[dict[str, str]], kind: str, label: str) -> None:
    """Write one figure."""
    figure, axes = plt.subplots(figsize=(6.0, 4.2), layout="constrained")
    joined = kind == "dipole"
    curves(axes, drawn(rows, kind), joined=joined)
    axes.set_ylabel(label)
    what = "lines profile (CL), points" if joined else "open points profile (CL), full ones"
    axes.set_title(f"{100 * LEVEL:.0f}%: {what} credible (flat prior)", size=9)
    figure.savefig(FIGURES / f"sterile_{kind}.png", dpi=150)
    plt.close(figure)


def limit_at(rows: Sequence[dict[str, str]], name: str, new: str, mass: float) -> float:
    """Return a limit by profile likelihood."""
    (found,) = (
        float(row["limit"])
        for row in rows
        if (row["experiment"], row["interaction"], row["method"]) == (name, new, PROFILE)
        and float(row["mass_mev"]) == mass
    )
    return found


def page(rows: Sequence[dict[str, str]]) -> None:
    """Write the page and the figures."""
    draw(rows, "dipole", r"transition moment [$\mu_\mathrm{B}$]")
    draw(rows, "oscillation", r"$\sin^2 2\theta_{\alpha s}$")
    csi = "coherent_csi", "sterile-dipole-nu_mu"
    PAGE.write_text(
        TEXT.format(
            version=bc.__version__,
            level=100 * LEVEL,
            dipole=table(drawn(rows, "dipole"), "m_4 [MeV]"),
            oscillation=table(drawn(rows, "oscillation"), "Delta m^2_41 [eV^2]"),
            rise=limit_at(rows, *csi, 35.0) / limit_at(rows, *csi, 0.1),
            er=limit_at(rows, "xenonnt_er", "sterile-dipole", 0.01),
        ),
        encoding="utf-8",
    )


def main() -> None:
    """Compute the curves that are not in the table."""
    rows = read()
    done = {(row["experiment"], row["interaction"]) for row in rows}
    for curve, squared in [*((c, False) for c in DIPOLE), *((c, True) for c in OSCILLATION)]:
        if curve[:2] not in done:
            rows += rows_of(*curve, squared=squared)
            write(rows)
            print(*curve[:2], flush=True)
    page(rows)


if __name__ == "__main__":
    main()
