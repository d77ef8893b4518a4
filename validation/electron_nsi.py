"""NSI with electrons, moments and mediators by flavour; writes electron_nsi.md, csv and figures.

Neutrino-electron scattering of solar neutrinos in XENONnT (SR0), LZ (WS2022, WS2024) and PandaX-4T
(Run1) together: 90% credible intervals of couplings to electrons one at a time, in the detector and
on the way, and magnetic moments by flavour. XENONnT and CsI of COHERENT: charges of a mediator of
10 MeV by quark, by nucleon and by flavour, the weak mixing angle against the nuclear radius, NSI
against the number of neutrinos. Fits that the folder of fits has are not run again; studies that
are not asked for keep their rows of the csv.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib.figure import Figure

import bayes_cevns as bc
from bayes_cevns.couplings.named import named_coupling
from bayes_cevns.errors import ConvergenceError
from bayes_cevns.figures.coupling_regions import region_figure
from bayes_cevns.plots import style
from bayes_cevns.studies.coupling_fits import CouplingFits, NamedFit

HERE = Path(__file__).parent
PAGE, TABLE, FIGURES = HERE / "electron_nsi.md", HERE / "electron_nsi.csv", HERE / "figures"

SEED = 1
LEVEL = 0.9
SETTINGS = bc.SamplerSettings(cores=2)

RECOILS = ("xenonnt_er", "lz_er", "pandax4t_er")
CSI, SOLAR = ("coherent_csi",), ("xenonnt_cevns",)
FLAVOURS = ("ee", "mumu", "tautau")

#: Wide enough for the mirror image of the Standard Model, g_L -> -g_L, of nu_e at -1.48.
BOUNDS = (-2.0, 2.0)

MASS_MEV = 10.0

#: Products of a mediator of this mass around the Standard Model and its mirror images at 8e-9. With
#: the default bounds, 3.5 and 5 times as wide, chains did not mix.
ISLANDS = (-6e-9, 1.5e-8)


@dataclass(frozen=True)
class Study:
    """Couplings of one fit, or of several one at a time.

    Attributes
    ----------
    name
        Of the folder with its fits, and of its figure.
    experiments, couplings
        What is fitted.
    together
        Whether the couplings are free together: a plane.
    bounds
        Of all couplings; by default those of the package.
    mass_mev
        Of a mediator.
    matter
        Whether couplings act on the way.
    beside
        A nuisance that is drawn against the coupling, or nothing.
    nuisance_priors
        Alternative priors by nuisance.
    """

    name: str
    experiments: tuple[str, ...]
    couplings: tuple[str, ...]
    together: bool = False
    bounds: tuple[float, float] | None = None
    mass_mev: float | None = None
    matter: bool = True
    beside: str = ""
    nuisance_priors: Mapping[str, str] = field(default_factory=dict)

    @property
    def plane(self) -> tuple[str, ...]:
        """What is drawn against each other, if anything."""
        if self.beside:
            return (*self.couplings, self.beside)
        return self.couplings if self.together else ()

    def run(self, folder: Path) -> CouplingFits:
        """Sample what is missing."""

        def told(point: NamedFit) -> None:
            verdict = "passed" if point.fit.passed else point.fit.reason
            print(f"{self.name}: {point.name} {verdict}", flush=True)

        bounds = dict.fromkeys(self.couplings, self.bounds) if self.bounds else None
        return bc.sample_couplings(
            [bc.experiment(name) for name in self.experiments],
            couplings=self.couplings,
            mass_mev=self.mass_mev,
            one_at_a_time=not self.plane,
            bounds=bounds,
            levels=(0.68, LEVEL) if self.plane else (LEVEL,),
            nuisance_priors=self.nuisance_priors,
            matter=self.matter,
            seed=SEED,
            settings=SETTINGS,
            out=folder / self.name,
            on_point=told,
        )


HANDS = tuple(f"eps_{pair}_{hand}" for pair in FLAVOURS for hand in ("eL", "eR", "eV"))
#: Protons and electrons alike, which the way out of the Sun feels twice, the recoils once.
DIRECTIONS = tuple(f"eps_{pair}[eta=0,phi=45]" for pair in FLAVOURS)
VECTOR = tuple(f"eps_{pair}_eV" for pair in FLAVOURS)
AXIAL = tuple(f"eps_{pair}_eA" for pair in FLAVOURS)
MOMENTS = ("mu_nu_e", "mu_nu_mu", "mu_nu_tau", "mu_nu")

STUDIES = (
    Study("electrons", RECOILS, HANDS + DIRECTIONS, bounds=BOUNDS),
    Study("moments", RECOILS, MOMENTS),
    Study("moments_plane", RECOILS, MOMENTS[:2], together=True),
    Study("axial", RECOILS, AXIAL, bounds=BOUNDS),
    Study("flavours", CSI, ("x_ee_q", "x_mumu_q"), True, ISLANDS, MASS_MEV),
    Study("quarks", SOLAR, ("x_u", "x_d"), together=True, mass_mev=MASS_MEV),
    Study("nucleons", SOLAR, ("x_p", "x_n"), together=True, mass_mev=MASS_MEV),
    Study("quarks_csi", CSI, ("x_u", "x_d"), together=True, mass_mev=MASS_MEV),
    Study("nucleons_csi", CSI, ("x_p", "x_n"), together=True, mass_mev=MASS_MEV),
    Study(
        *("mixing", CSI, ("sin2_theta_w",)),
        beside="neutron_radius_scale",
        nuisance_priors={"neutron_radius_scale": "flat"},
    ),
    Study("flux", CSI, ("eps_ee_u",), beside="sns_yield", nuisance_priors={"sns_yield": "flat"}),
    Study("detector", RECOILS, VECTOR, bounds=BOUNDS, matter=False),
)

DIRECTIONS_TEXT = """\
eps^(p, n, e) = sqrt5 eps (cos eta cos phi, sin eta, cos eta sin phi), vector (arXiv:2302.12846).
With eta = 0 and phi = 90 degrees it is `eps_V` divided by sqrt5. At eta = 0 and phi = 45 degrees
protons have what electrons have, so that the potential is twice as large for the same recoils."""

COMPARED_TEXT = """\
The numbers of arXiv:2302.12846 could not be read here and are not compared: only its abstract
could, and the notebook with its program that scans XENONnT and LZ has no statistical analysis.
Those from other data (Borexino: arXiv:1905.03512, arXiv:2204.03011) are not compared either. Its
program SNuDD (commit 11622de) was run instead: its cross sections on electrons, matrices in
flavour, are the same to 1e-15 for all six pairs of flavours in the directions (0, 90), (0, 45) and
(30, -60) degrees; with the same mixing and sin^2 theta_W, no CP phase and no Earth, recoil rates at
5 keV of pp, 7Be and 8B differ by 0.1 to 0.6% for |eps| up to 0.2, by 1.6% for emu and etau in (30,
-60): its limit of large dm31. Its own settings are sin^2 theta_W = 0.23122, phases in the 1-2
rotation for propagation, an effect of the Earth that is 2 to 6 times too small, one isotope of
xenon, and atomic wave functions (RRPA), which leave 20 to 25% fewer recoils at some keV than the
free electrons above their binding energies that are used here."""

PLANES = {
    "moments_plane": "In Bohr magnetons.",
    "quarks": "Products g_nu g_f of a mediator of 10 MeV, 8B neutrinos in XENONnT.",
    "nucleons": "Likewise with protons and neutrons.",
    "quarks_csi": "Products g_nu g_f of a mediator of 10 MeV, CsI of COHERENT. The mirror image of "
    "the Standard Model has another spectrum with so light a mediator: the second band is a branch "
    "with less than 0.1% of the posterior.",
    "nucleons_csi": "Likewise with protons and neutrons.",
    "mixing": "CsI of COHERENT, with a flat prior of the nuclear radius over that of the form "
    "factor. The weak charge is that of the neutrons but for a few percent: it is their radius. A "
    "larger radius takes away the events that a larger angle adds, so that CsI alone decides "
    "neither: the regions are open where the nodes of the radius end.",
    "flux": "CsI of COHERENT, with a flat prior of the number of neutrinos, which prompt nu_mu, "
    "on which `eps_ee_u` does not act, measure. The charge of nu_e vanishes at eps_ee_u = 0.20: "
    "the more neutrinos there are, the closer to it, from both sides.",
    "flavours": "Products of a mediator of 10 MeV of nu_e and of nu_mu, with both quarks alike; "
    "the timing of CsI tells prompt nu_mu from what comes with the decay of the muon. Mirror "
    "images of the Standard Model have other spectra with so light a mediator: of nu_e it joins "
    "the Standard Model, of nu_mu an island is left.",
}

COLUMNS = (
    *("study", "experiments", "mass_mev", "matter", "coupling", "unit", "low", "high"),
    *("branch_weight", "at_bound"),
)


type Rows = dict[str, list[dict[str, str]]]


def main() -> None:
    """Run what is missing, and write the page after each study."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--fits", type=Path, default=Path("results/electron_nsi"))
    parser.add_argument("--only", nargs="*", default=[study.name for study in STUDIES])
    chosen = parser.parse_args()
    FIGURES.mkdir(exist_ok=True)
    rows = _read()
    for study in STUDIES:
        if study.name in chosen.only:
            try:
                fits = study.run(chosen.fits)
            except ConvergenceError as error:
                print(f"{study.name}: {error}", flush=True)
                rows.pop(study.name, None)
            else:
                rows[study.name] = _rows(study, fits)
                if study.plane:
                    _save(region_figure(fits, *study.plane), study.name)
        _write(rows)
    if "electrons" in rows:
        _save(_bars(rows), "electrons")


def _save(figure: Figure, name: str) -> None:
    figure.savefig(FIGURES / f"electron_nsi_{name}.png")


def _read() -> Rows:
    """Return the rows of the csv by study."""
    rows: Rows = {}
    if TABLE.is_file():
        for row in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()):
            rows.setdefault(row["study"], []).append(row)
    return rows


def _write(rows: Rows) -> None:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for study in STUDIES for row in rows.get(study.name, []))
    TABLE.write_text(buffer.getvalue(), encoding="utf-8")
    PAGE.write_text(page(rows), encoding="utf-8")


def _rows(study: Study, fits: CouplingFits) -> list[dict[str, str]]:
    return [
        {
            "study": study.name,
            "experiments": fits.experiment,
            "mass_mev": "" if study.mass_mev is None else str(study.mass_mev),
            "matter": str(study.matter),
            "coupling": name,
            "unit": named_coupling(name).unit or "1",
            "low": f"{interval.low:.4g}",
            "high": f"{interval.high:.4g}",
            "branch_weight": f"{interval.branch_weight:.4g}",
            "at_bound": interval.ends.at_bound,
        }
        for name in fits.names
        for interval in fits.intervals(name, LEVEL)
    ]


def shown(rows: Rows, study: str, name: str) -> str:
    """Return the intervals of a coupling as text; an end that its prior decides is in brackets."""
    parts = []
    for row in rows.get(study, []):
        if row["coupling"] == name:
            low, high = f"{float(row['low']):.3g}", f"{float(row['high']):.3g}"
            if row["at_bound"] in ("low", "both"):
                low = f"({low})"
            if row["at_bound"] in ("high", "both"):
                high = f"({high})"
            parts.append(f"[{low}, {high}]")
    return " + ".join(parts) or "not run"


def _bars(rows: Rows) -> Figure:
    """Draw the intervals of couplings to electrons."""
    drawn = [row for study in ("electrons", "axial") for row in rows.get(study, [])]
    known = {row["coupling"] for row in drawn}
    names = [
        name
        for pair in FLAVOURS
        for name in HANDS + AXIAL + DIRECTIONS
        if name in known and re.match(rf"eps_{pair}[_\[]", name)
    ]
    figure = Figure(figsize=(style.PAGE, 0.3 * len(names) + 0.8), layout="constrained", dpi=110)
    axes = figure.subplots()
    for row in drawn:
        low, high = float(row["low"]), float(row["high"])
        place = -names.index(row["coupling"])
        axes.barh(place, high - low, left=low, height=0.55, color=style.SHADES[0])
    labels = [f"${named_coupling(name).latex}$" for name in names]
    axes.set_yticks([-place for place in range(len(names))], labels)
    axes.axvline(0.0, color=style.INK, linewidth=0.8)
    axes.set(xlabel="90% credible intervals", xlim=BOUNDS)
    axes.set_title("XENONnT + LZ + PandaX-4T, electronic recoils, one at a time", fontsize=10)
    return figure


def page(rows: Rows) -> str:
    """Return the page of the studies that there are."""
    text = [
        "# Electrons, moments and mediators by flavour",
        "",
        f"Written by `validation/electron_nsi.py`; do not edit. bayes_cevns {bc.__version__}. "
        + " ".join((__doc__ or "").split("\n\n")[1].split()),
        "",
        f"Flat priors, 90% highest-density intervals, {SETTINGS.chains} x {SETTINGS.draws} draws "
        f"of each branch, seed {SEED}; an end in parentheses depends on the "
        "prior, whose bound the density reaches.",
        "",
    ]
    missing = [study for study in STUDIES if study.name not in rows]
    if missing:
        names = ", ".join(f"{study.name} ({' and '.join(study.couplings)})" for study in missing)
        text += [f"Not here, because they were not run or failed their gate: {names}.", ""]
    if "electrons" in rows:
        text += _electron_section(rows)
    if "moments" in rows:
        text += ["## Moments by flavour", "", "In Bohr magnetons, one at a time.", ""]
        text += [*_table(rows, "moments", MOMENTS), ""]
    for study in STUDIES:
        if study.plane and study.name in rows:
            where = " + ".join(study.experiments)
            text += [
                f"## {' and '.join(study.plane)} together, {where}",
                "",
                PLANES[study.name],
                "",
            ]
            text += [*_table(rows, study.name, study.couplings), ""]
            text += [f"![{study.name}](figures/electron_nsi_{study.name}.png)", ""]
    return "\n".join(text)


def _electron_section(rows: Rows) -> list[str]:
    text = [
        "## NSI with electrons, one at a time",
        "",
        "In units of sqrt2 G_F, priors from -2 to 2; L with R = 0 and the reverse, V with "
        "eps^L = eps^R = eps^V/2, A with eps^L = -eps^R = eps^A/2, which matter does not feel. "
        "Intervals apart from zero are mirror images of the Standard Model, such as g_L -> -g_L.",
        "",
        "| coupling | L | R | V | A |",
        "| :-- | :-- | :-- | :-- | :-- |",
    ]
    for pair in FLAVOURS:
        cells = [shown(rows, "electrons", f"eps_{pair}_{hand}") for hand in ("eL", "eR", "eV")]
        cells.append(shown(rows, "axial", f"eps_{pair}_eA"))
        text.append(f"| `eps_{pair}` | {' | '.join(cells)} |")
    text += ["", "![intervals](figures/electron_nsi_electrons.png)", ""]
    if "detector" in rows:
        text += ["In the detector alone, neutrinos arriving as in the Standard Model:", ""]
        text += [*_table(rows, "detector", VECTOR), ""]
    text += ["## Directions", "", DIRECTIONS_TEXT, "", *_table(rows, "electrons", DIRECTIONS), ""]
    return [*text, "## What there is to compare with", "", COMPARED_TEXT, ""]


def _table(rows: Rows, study: str, names: tuple[str, ...]) -> list[str]:
    lines = [f"| `{name}` | {shown(rows, study, name)} |" for name in names]
    return ["| coupling | 90% |", "| :-- | :-- |", *lines]


if __name__ == "__main__":
    main()
