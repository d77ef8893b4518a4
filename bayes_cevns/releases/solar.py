"""Solar neutrinos: published spectra, lines, and the total fluxes of the solar models."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import check_integral, integral, read_records, read_rows

RAW = RawRelease("theory/solar_spectra", "from the sources in data/solar/REFERENCE")

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


@builder(RAW)
def build(raw: RawFolder) -> Files:
    """Build the spectra, the lines and the flux table from the raw copies of published tables."""
    spectra = {name: _spectrum(raw, shape) for name, shape in SPECTRA.items()}
    return {**spectra, "lines.csv": _lines(raw), "fluxes.toml": _fluxes(raw)}


def _spectrum(raw: RawFolder, shape: Shape) -> str:
    rows = read_rows(raw, shape.raw, "energy, density")
    total = integral(rows)
    check_integral(raw, shape.raw, total, expected=1, tolerance=shape.tolerance, what="a spectrum")
    comments = [
        f"Solar {shape.component} neutrino spectrum: energy in MeV, probability density per MeV.",
        f"{shape.paper}: {shape.origin}.",
        "Licence: none stated with the table; see REFERENCE.",
    ]
    return csv_text(comments, ["energy_mev", "density_per_mev"], rows)


def _lines(raw: RawFolder) -> str:
    """Return the CSV table of lines, one row per line."""
    relative = "lines.csv"
    columns = ("line", "E_MeV", "fraction")
    with raw.parsing(relative, f"columns {', '.join(columns)} with {', '.join(LINES)}"):
        records = read_records(raw, relative, columns)
        found = {row["line"]: (float(row["E_MeV"]), float(row["fraction"])) for row in records}
        lines = [(*LINES[name], *found[name]) for name in LINES]
    for component in ("pep", "7be"):
        total = sum(fraction for _, each, _, fraction in lines if each == component)
        good = abs(total - 1) < 1e-9 and all(0 < energy < 20 for _, _, energy, _ in lines)
        what = f"energies in MeV and fractions that sum to 1, found {total:.6g}"
        raw.expect(relative, good, what)
    comment = (
        "Solar neutrino lines: energy in MeV and fraction of the component's flux; see REFERENCE."
    )
    return csv_text([comment], ["line", "component", "energy_mev", "fraction"], lines)


def _fluxes(raw: RawFolder) -> str:
    """Return the TOML table of total fluxes, one table of components per model."""
    relative = "total_fluxes.csv"
    with raw.parsing(relative, f"columns model, {', '.join(COMPONENTS)} with '_fracerr' rows"):
        table = {
            row["model"]: {ours: float(row[theirs]) for theirs, ours in COMPONENTS.items()}
            for row in read_records(raw, relative, [])
            if row["model"].startswith(tuple(MODELS))
        }
        entries = [
            _entry(model.replace("_", "-").lower(), fluxes, table[f"{model}_fracerr"], reference)
            for prefix, reference in MODELS.items()
            for model, fluxes in table.items()
            if model.startswith(prefix) and not model.endswith("_fracerr")
        ]
    values = [value for fluxes in table.values() for value in fluxes.values()]
    good = "B16_GS98" in table and all(0 < value < math.inf for value in values)
    raw.expect(relative, good, "positive fluxes, among them B16_GS98")
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
