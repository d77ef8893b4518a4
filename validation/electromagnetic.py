"""Electromagnetic properties of neutrinos by flavour; writes electromagnetic.md and its csv.

Charge radii, electric charges and magnetic moments, of one flavour and of transitions, one at a
time: 90% credible intervals of CsI of COHERENT, of CONUS+, and of the electronic recoils of
XENONnT (SR0), LZ (WS2022, WS2024) and PandaX-4T (Run1) together. Fits that the folder of fits has
are not run again; studies that are not asked for keep their rows of the csv.
"""

from __future__ import annotations

import argparse
import csv
import io
from dataclasses import dataclass
from pathlib import Path

import bayes_cevns as bc
from bayes_cevns.couplings.moments import solar_moment
from bayes_cevns.couplings.named import named_coupling
from bayes_cevns.physics.oscillation import Propagation
from bayes_cevns.studies.coupling_fits import NamedFit

HERE = Path(__file__).parent
PAGE, TABLE = HERE / "electromagnetic.md", HERE / "electromagnetic.csv"
SEED, LEVEL = 1, 0.9
SETTINGS = bc.SamplerSettings(cores=1)
COLUMNS = ("study", "coupling", "unit", "low", "high", "branch_weight", "at_bound")

type Rows = dict[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Study:
    """Couplings one at a time, and what is said of them.

    Attributes
    ----------
    name, title
        Of the folder with its fits, and of its section.
    experiments, couplings
        What is fitted.
    text
        What is to be known when the table is read.
    published
        What was published, by coupling.
    """

    name: str
    title: str
    experiments: tuple[str, ...]
    couplings: tuple[str, ...]
    text: str
    published: dict[str, str]


RADII = ["r2_nu_e", "r2_nu_mu", "r2_nu_emu", "r2_nu_etau", "r2_nu_mutau"]
CHARGES = ["q_nu_e", "q_nu_mu", "q_nu_emu", "q_nu_etau", "q_nu_mutau"]
MOMENTS = ["mu_nu_emu", "mu_nu_etau", "mu_nu_mutau"]
SOLAR = [
    "q_nu",
    "q_nu_e",
    "q_nu_mu",
    "q_nu_tau",
    "q_nu_emu",
    "q_nu_mutau",
    "r2_nu_e",
    "r2_nu_mu",
    "r2_nu_emu",
]

STUDIES = (
    Study(
        "csi",
        "Pions at rest: CsI of COHERENT",
        ("coherent_csi",),
        (*RADII, *CHARGES, "mu_nu_e", "mu_nu_mu", "mu_nu_emu"),
        "nu_e, nu_mu and anti nu_mu. A transition radius adds |<r^2>|^2 of either flavour and has "
        "no part of the Standard Model; real and imaginary parts are alike where flavours arrive "
        "one by one. Second intervals are mirror images of the Standard Model, Q -> -Q.",
        {
            "r2_nu_mu": "LSND [-5.94, 8.28], BNL-E734 and CHARM-II -1.2 to 1.2 (from memory, not "
            "checked)"
        },
    ),
    Study(
        "conus",
        "Reactor: CONUS+",
        ("conus_plus_spectrum",),
        ("r2_nu_e", "r2_nu_emu", "q_nu_e", "q_nu_emu", "mu_nu_e", "mu_nu_emu"),
        "anti nu_e on germanium and its electrons; transitions to nu_tau are those to nu_mu.",
        {
            "r2_nu_e": "TEXONO [-4.2, 6.6] (from memory, not checked)",
            "q_nu_e": "GEMMA: 2.7e-12, free electrons (arXiv:1411.2279, abstract)",
            "mu_nu_e": "CONUS+: 5.18e-11 (arXiv:2605.22815, abstract)",
        },
    ),
    Study(
        "solar",
        "Solar neutrinos on electrons: XENONnT, LZ, PandaX-4T",
        ("xenonnt_er", "lz_er", "pandax4t_er"),
        (*SOLAR, *MOMENTS),
        "Neutrinos arrive as superpositions of flavours, so that transitions interfere: signs are "
        "seen. Electrons are free above their binding energies (`--atoms stepping`); the "
        "equivalent-photon approximation of published limits on the charge finds more "
        "events close to these.",
        {"q_nu": "LZ WS2022: 1.5e-13, equivalent photons (arXiv:2207.05036, abstract)"},
    ),
)

UNREAD = """\
The tables of arXiv:1810.05606, arXiv:2205.09484 (charge radii with transitions, COHERENT and
Dresden-II), arXiv:2501.18550 (CONUS+ and COHERENT) and arXiv:2208.06415 (LZ and XENONnT by flavour)
could not be read here: of the pages only the abstracts are there, without numbers. Nothing is
compared with them. Radii are defined with alpha(0) here; with 2/3 m_W^2 sin^2 theta_W for the shift
of the weak charge they would be 10.9% smaller."""

CONVENTIONS = """\
Radii are in 1e-32 cm^2, charges in units of e, moments in Bohr magnetons. With tree-level weak
charges <r^2> is the total, which in the Standard Model is (-0.83, -0.48, -0.30)e-32 cm^2 for nu_e,
nu_mu, nu_tau; transition radii have no such part. `mu_nu` is hermitian (Dirac), `lambda_nu`
antisymmetric (Majorana); one transition alone is the same of both. The sign of a lone moment has no
say: where an interval has both signs, its upper end is the limit."""


def main() -> None:
    """Run what is missing, and write the page after each study."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--fits", type=Path, default=Path("results/electromagnetic"))
    parser.add_argument("--only", nargs="*", default=[study.name for study in STUDIES])
    chosen = parser.parse_args()
    rows = _read()
    for study in STUDIES:
        if study.name in chosen.only:
            rows[study.name] = _run(study, chosen.fits)
        _write(rows)


def _run(study: Study, folder: Path) -> list[dict[str, str]]:
    """Sample what is missing, and return the intervals of what passed."""

    def told(point: NamedFit) -> None:
        verdict = "passed" if point.fit.passed else point.fit.reason
        print(f"{study.name}: {point.name} {verdict}", flush=True)

    fits = bc.sample_couplings(
        [bc.experiment(name) for name in study.experiments],
        couplings=study.couplings,
        one_at_a_time=True,
        atoms="stepping",
        levels=(LEVEL,),
        seed=SEED,
        settings=SETTINGS,
        out=folder / study.name,
        on_point=told,
    )
    return [
        {
            "study": study.name,
            "coupling": name,
            "unit": named_coupling(name).unit,
            "low": f"{interval.low:.4g}",
            "high": f"{interval.high:.4g}",
            "branch_weight": f"{interval.branch_weight:.4g}",
            "at_bound": interval.ends.at_bound,
        }
        for name in fits.names
        for interval in fits.intervals(name, LEVEL)
    ]


def _read() -> Rows:
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


def page(rows: Rows) -> str:
    """Return the page of the studies that there are."""
    text = [
        "# Electromagnetic properties by flavour",
        "",
        f"Written by `validation/electromagnetic.py`; do not edit. bayes_cevns {bc.__version__}. "
        + " ".join((__doc__ or "").split("\n\n")[1].split()),
        "",
        f"Flat priors, {LEVEL:.0%} highest-density intervals, {SETTINGS.chains} x {SETTINGS.draws} "
        f"draws of each branch, seed {SEED}; an end in parentheses depends on the prior, whose "
        "bound the density reaches.",
        "",
        CONVENTIONS,
        "",
    ]
    missing = [study.name for study in STUDIES if study.name not in rows]
    if missing:
        text += [f"Not run: {', '.join(missing)}.", ""]
    for study in STUDIES:
        if study.name not in rows:
            continue
        text += [f"## {study.title}", "", study.text, ""]
        text += ["| coupling | unit | 90% | published |", "| :-- | :-- | :-- | :-- |"]
        for name in study.couplings:
            unit, published = named_coupling(name).unit, study.published.get(name, "")
            text.append(f"| `{name}` | {unit} | {_shown(rows[study.name], name)} | {published} |")
        text.append("")
    return "\n".join([*text, *_effective(), "## What there is to compare with", "", UNREAD, ""])


def _shown(rows: list[dict[str, str]], name: str) -> str:
    """Return the intervals of a coupling; an end that its prior decides is in parentheses."""
    parts = []
    for row in rows:
        if row["coupling"] == name:
            low, high = f"{float(row['low']):.3g}", f"{float(row['high']):.3g}"
            low = f"({low})" if row["at_bound"] in ("low", "both") else low
            high = f"({high})" if row["at_bound"] in ("high", "both") else high
            parts.append(f"[{low}, {high}]")
    return " + ".join(parts) or "failed its gate"


def _effective() -> list[str]:
    """Return the section of the effective moments of solar neutrinos."""
    energies = {"pp": 0.3, "7be": 0.8618, "8b": 8.0}
    names = (*("mu_nu_e", "mu_nu_mu", "mu_nu_tau"), *MOMENTS)
    lines = []
    for name in names:
        found = [
            float(solar_moment({name: 1.0}, [energy], propagation=Propagation(component=part))[0])
            for part, energy in energies.items()
        ]
        lines.append(f"| `{name}` | {' | '.join(f'{value:.4f}' for value in found)} |")
    heads = " | ".join(f"{part}, {energy:g} MeV" for part, energy in energies.items())
    return [
        "## Effective moment of solar neutrinos",
        "",
        "mu_eff per unit of one moment: mu_eff^2 = Tr[rho lambda^+ lambda] with the density matrix "
        "at the detector (Sun and Earth); of one flavour it is the probability.",
        "",
        f"| coupling | {heads} |",
        f"| :-- |{' --: |' * len(energies)}",
        *lines,
        "",
    ]


if __name__ == "__main__":
    main()
