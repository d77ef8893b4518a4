"""Solar neutrinos: published spectra, lines, and the total fluxes of the solar models."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from bayes_cevns.releases.columns import check_integral, csv_text, integral, read_rows
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

FOLDER = "theory/solar_spectra"
ORIGIN = "from the sources in data/solar/REFERENCE"

_BAHCALL_1997 = "Bahcall, Phys. Rev. C 56 (1997) 3391, doi:10.1103/PhysRevC.56.3391"
_BAHCALL_ULRICH = "Bahcall and Ulrich, Rev. Mod. Phys. 60 (1988) 297, doi:10.1103/RevModPhys.60.297"
_ONLINE = "the table that the authors put on line"


@dataclass(frozen=True)
class Shape:
    """Where a spectrum comes from: component, raw file, paper, origin of the raw table."""

    component: str
    raw: str
    paper: str
    origin: str
    tolerance: float = 1e-3


#: File that we write -> its origin.
SPECTRA = {
    "pp.csv": Shape("pp", "pp.csv", _BAHCALL_1997, f"{_ONLINE} (ppenergytab)"),
    "hep.csv": Shape("hep", "hep.csv", _BAHCALL_1997, f"{_ONLINE} (hepspectrum.dat)"),
    "13n.csv": Shape("13N", "13N.csv", _BAHCALL_ULRICH, f"{_ONLINE} (n13.dat)"),
    "15o.csv": Shape("15O", "15O.csv", _BAHCALL_ULRICH, f"{_ONLINE} (o15.dat)"),
    "17f.csv": Shape("17F", "17F.csv", _BAHCALL_ULRICH, f"{_ONLINE} (f17.dat)"),
    "8b_bahcall1996.csv": Shape(
        "8B",
        "8B_bahcall1996.csv",
        "Bahcall et al., Phys. Rev. C 54 (1996) 411, doi:10.1103/PhysRevC.54.411",
        f"{_ONLINE} (b8spectrum.txt), best estimate",
    ),
    "8b_winter2006.csv": Shape(
        "8B",
        "8B_winter2006.csv",
        "Winter et al., Phys. Rev. C 73 (2006) 025503, doi:10.1103/PhysRevC.73.025503",
        "the published table, per 1000 decays in the paper, zero above 15.2 MeV",
    ),
    "8b_ortiz2000.csv": Shape(
        "8B",
        "8B_ortiz2000.csv",
        "Ortiz et al., Phys. Rev. Lett. 85 (2000) 2909, doi:10.1103/PhysRevLett.85.2909",
        "digitised from a figure, zero above 14.3 MeV",
        tolerance=5e-3,  # a digitised curve
    ),
}

#: Components as the raw flux table names them, and as we do.
COMPONENTS = {name: name.lower() for name in ("pp", "pep", "hep", "7Be", "8B", "13N", "15O", "17F")}
#: Line as the raw table names it -> (our name, component).
LINES = {
    "pep": ("pep", "pep"),
    "7Be_gs": ("7be_ground", "7be"),
    "7Be_ex": ("7be_excited", "7be"),
}

#: Prefix of the raw model names that we keep -> their reference.
MODELS = {
    "B16_": "Vinyoles et al., Astrophys. J. 835 (2017) 202, arXiv:1611.09867",
    "B23_SF3_": "Herrera and Serenelli, doi:10.5281/zenodo.10822316",
}
#: 8B total flux of the three phases of SNO, 5.25 +- 0.16 (stat.) +0.11 -0.13 (syst.) x 1e6.
SNO_FLUX, SNO_ERROR = 5.25e6, 0.20e6
SNO_REFERENCE = "Aharmim et al. (SNO), Phys. Rev. C 88 (2013) 025501, arXiv:1109.0763"

_WIDTH = max(len(name) for name in SPECTRA) + 2
_SHAPE_LINES = "\n".join(
    f"  {name:{_WIDTH}}{shape.paper}:\n  {'':{_WIDTH}}{shape.origin}."
    for name, shape in SPECTRA.items()
)

REFERENCE = f"""\
Solar neutrinos

Sources
{_SHAPE_LINES}
  The tables of Winter and Ortiz were read in github.com/michelelucente/PEANUTS.
  fluxes.toml         B16: {MODELS["B16_"]}.
                      B23-SF3: {MODELS["B23_SF3_"]}.
                      SNO: {SNO_REFERENCE}.
  lines.csv           7Be: Bahcall, Phys. Rev. D 49 (1994) 3923, doi:10.1103/PhysRevD.49.3923;
                      pep: Q value of p e p -> d nu; branching of 7Be 89.7% and 10.3%.

Licence
  Numbers as published in the papers, which are to be cited; no licence is stated with the
  tables. PEANUTS is a program under GPL-3: nothing else of it was taken.

What was derived, and how (bayes_cevns.releases.solar)
  The spectra are energy in MeV and probability density per MeV, as produced in the Sun (nu_e
  only, no oscillation), without the columns of their shape uncertainties; values unchanged
  (Winter: divided by 1000), so that the trapezoid integral is one within 2e-5, for the
  digitised one of Ortiz within 0.5%. Only the energies and densities that were tabulated.
  The fluxes are total fluxes at 1 AU in 1/(cm2 s) with their relative standard deviation. For
  SNO, statistical and systematic errors were added in quadrature.
  The lines are sharp: their thermal width (about 1 keV) and shift (1.3 keV) are left out.

  The builder reads the spectra (rows that begin with energy and density), lines.csv (columns
  line, E_MeV, fraction) and total_fluxes.csv (columns model, pp, pep, ...; the relative errors
  of a model in the row <model>_fracerr) below theory/solar_spectra; inputs.toml has their
  digests.

Doubts
  The ground-state line of 7Be is 0.8618 MeV here, which is the mass difference of 7Be and 7Li;
  the head of the table of its thermal shape, and papers after it, say 0.8613 MeV.
  17F of B16-GS98 is 5.29e6, as in the paper; some copies of the table have 5.28e6.
  The table of Ortiz ends 2 MeV below the end point: unfit for recoils of xenon above 2 keV.

Check values
  Winter gives 1.038 times the CEvNS rate of Bahcall on xenon above 1 keV.
  Total fluxes: B16-GS98 8B 5.46e6 (12%), 7Be 4.93e9 (6%), pp 5.98e10 (0.6%); B16-AGSS09met 8B
  4.50e6 (12%); B23-SF3-GS98 8B 5.025e6 (12.6%); SNO 5.25e6 (3.8%).
"""


def build(releases_dir: Path) -> Product:
    """Build the spectra, the lines and the flux table from the raw copies of published tables.

    Raises
    ------
    DataError
        If an input is missing, damaged, or not a normalised spectrum.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    files = {name: _spectrum(raw, shape).encode() for name, shape in SPECTRA.items()}
    files["lines.csv"] = _lines(raw).encode()
    files["fluxes.toml"] = _fluxes(raw).encode()
    files["REFERENCE"] = REFERENCE.encode()
    return Product(files=files, inputs=raw.digests())


def _spectrum(raw: RawFolder, shape: Shape) -> str:
    rows = read_rows(raw, shape.raw, columns=2, what="energy, density")
    check_integral(
        raw,
        shape.raw,
        integral(rows),
        expected=1,
        tolerance=shape.tolerance,
        what="a spectrum",
    )
    comments = [
        f"Solar {shape.component} neutrino spectrum: energy in MeV, probability density per MeV.",
        f"{shape.paper}: {shape.origin}.",
        "Licence: none stated with the table; see REFERENCE.",
    ]
    return csv_text(comments, ["energy_mev", "density_per_mev"], rows)


def _records(raw: RawFolder, relative: str) -> list[dict[str, str]]:
    text = raw.read_text(relative, group=relative)
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def _lines(raw: RawFolder) -> str:
    """Return the CSV table of lines, one row per line."""
    relative = "lines.csv"
    try:
        found = {
            row["line"]: (float(row["E_MeV"]), float(row["fraction"]))
            for row in _records(raw, relative)
        }
        lines = [(*LINES[name], *found[name]) for name in LINES]
    except (KeyError, TypeError, ValueError) as error:
        expected = f"expected columns line, E_MeV, fraction with {', '.join(LINES)} ({error})"
        raise raw.error(relative, expected) from None
    for component in ("pep", "7be"):
        total = sum(fraction for _, each, _, fraction in lines if each == component)
        if not abs(total - 1) < 1e-9 or not all(0 < energy < 20 for _, _, energy, _ in lines):
            problem = f"expected energies in MeV and fractions that sum to 1, found {total:.6g}"
            raise raw.error(relative, problem)
    head = (
        "# Solar neutrino lines: energy in MeV and fraction of the component's flux; see REFERENCE."
    )
    rows = [f"{line},{component},{energy!r},{share!r}" for line, component, energy, share in lines]
    return "\n".join([head, "line,component,energy_mev,fraction", *rows, ""])


def _fluxes(raw: RawFolder) -> str:
    """Return the TOML table of total fluxes, one table of components per model."""
    relative = "total_fluxes.csv"
    try:
        table = {
            row["model"]: {ours: float(row[theirs]) for theirs, ours in COMPONENTS.items()}
            for row in _records(raw, relative)
            if row["model"].startswith(tuple(MODELS))
        }
        entries = [
            _entry(model.replace("_", "-").lower(), fluxes, table[f"{model}_fracerr"], reference)
            for prefix, reference in MODELS.items()
            for model, fluxes in table.items()
            if model.startswith(prefix) and not model.endswith("_fracerr")
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        names = ", ".join(COMPONENTS)
        raise raw.error(
            relative, f"expected columns model, {names} with '_fracerr' rows ({error})"
        ) from None
    values = [value for fluxes in table.values() for value in fluxes.values()]
    if "B16_GS98" not in table or not all(0 < value < math.inf for value in values):
        raise raw.error(relative, "expected positive fluxes, among them B16_GS98")
    sno_error = round(SNO_ERROR / SNO_FLUX, 4)
    entries.append(_entry("sno", {"8b": SNO_FLUX}, {"8b": sno_error}, SNO_REFERENCE))
    head = "# Total solar neutrino fluxes at 1 AU, all flavours, and their standard deviation.\n"
    return head + "".join(entries)


def _entry(name: str, fluxes: dict[str, float], errors: dict[str, float], reference: str) -> str:
    lines = [
        f"{each} = {{ per_cm2_s = {flux!r}, relative_uncertainty = {errors[each]!r} }}\n"
        for each, flux in fluxes.items()
    ]
    return f"\n# {reference}\n[{name}]\n{''.join(lines)}"
