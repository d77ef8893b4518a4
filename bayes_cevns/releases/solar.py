"""Solar 8B neutrinos: two published spectra and the total fluxes of the solar models."""

from __future__ import annotations

import csv
import math
from itertools import pairwise
from pathlib import Path

from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

FOLDER = "theory/solar_spectra"
ORIGIN = "from the sources in data/solar/REFERENCE"

#: File that we write -> (raw file, paper, origin of the raw table).
SPECTRA = {
    "8b_bahcall1996.csv": (
        "8B_bahcall1996.csv",
        "Bahcall et al., Phys. Rev. C 54 (1996) 411, doi:10.1103/PhysRevC.54.411",
        "the table that the authors put on line (b8spectrum.txt), best estimate",
    ),
    "8b_winter2006.csv": (
        "8B_winter2006.csv",
        "Winter et al., Phys. Rev. C 73 (2006) 025503, doi:10.1103/PhysRevC.73.025503",
        "the published table, per 1000 decays in the paper, zero above 15.2 MeV",
    ),
}

#: Prefix of the raw model names that we keep -> their reference.
MODELS = {
    "B16_": "Vinyoles et al., Astrophys. J. 835 (2017) 202, arXiv:1611.09867",
    "B23_SF3_": "Herrera and Serenelli, doi:10.5281/zenodo.10822316",
}
#: 8B total flux of the three phases of SNO, 5.25 +- 0.16 (stat.) +0.11 -0.13 (syst.) x 1e6.
SNO_FLUX, SNO_ERROR = 5.25e6, 0.20e6
SNO_REFERENCE = "Aharmim et al. (SNO), Phys. Rev. C 88 (2013) 025501, arXiv:1109.0763"

REFERENCE = f"""\
Solar 8B neutrinos

Sources
  8b_bahcall1996.csv  {SPECTRA["8b_bahcall1996.csv"][1]}:
                      {SPECTRA["8b_bahcall1996.csv"][2]}.
  8b_winter2006.csv   {SPECTRA["8b_winter2006.csv"][1]}:
                      {SPECTRA["8b_winter2006.csv"][2]};
                      read from the transcription in github.com/michelelucente/PEANUTS.
  fluxes.toml         B16: {MODELS["B16_"]}.
                      B23-SF3: {MODELS["B23_SF3_"]}.
                      SNO: {SNO_REFERENCE}.

Licence
  Numbers as published in the papers, which are to be cited; no licence is stated with the
  tables. PEANUTS, where Winter's numbers were read, is a program under GPL-3: nothing else of it
  was taken.

What was derived, and how (bayes_cevns.releases.solar)
  The spectra are energy in MeV and probability density per MeV, without the columns of their
  shape uncertainties; values unchanged (Winter: divided by 1000), so that the trapezoid
  integral is one within 2e-5. Only the energies and densities that were tabulated.
  The fluxes are the 8B column: total flux at 1 AU in 1/(cm2 s) and its relative standard
  deviation. For SNO, statistical and systematic errors were added in quadrature.

  The builder reads 8B_bahcall1996.csv and 8B_winter2006.csv (rows that begin with energy and
  density) and total_fluxes.csv (columns model and 8B; the relative error of a model in the row
  <model>_fracerr) below theory/solar_spectra; inputs.toml has their digests.

Check values
  Winter gives 1.038 times the CEvNS rate of Bahcall on xenon above 1 keV.
  Total fluxes: B16-GS98 5.46e6 (12%), B16-AGSS09met 4.50e6 (12%), SNO 5.25e6 (3.8%).
"""

_INTEGRAL_TOLERANCE = 1e-3


def build(releases_dir: Path) -> Product:
    """Build the spectra and the flux table from the raw copies of the published tables.

    Raises
    ------
    DataError
        If an input is missing, damaged, or not a normalised spectrum.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    files = {name: _spectrum(raw, *source).encode() for name, source in SPECTRA.items()}
    files["fluxes.toml"] = _fluxes(raw).encode()
    files["REFERENCE"] = REFERENCE.encode()
    return Product(files=files, inputs=raw.digests())


def _spectrum(raw: RawFolder, relative: str, paper: str, origin: str) -> str:
    text = raw.read_text(relative, group=relative)
    rows = [line.split(",") for line in text.splitlines() if line and not line.startswith("#")]
    try:
        points = [(float(row[0]), float(row[1])) for row in rows]
    except (ValueError, IndexError) as error:
        raise raw.error(relative, f"expected rows of energy, density ({error})") from None
    if not all(density >= 0 and math.isfinite(density) for _, density in points):
        raise raw.error(relative, "expected finite densities >= 0")
    if not all(low[0] < high[0] for low, high in pairwise(points)):
        raise raw.error(relative, "expected strictly increasing energies")
    integral = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))
    if not abs(integral - 1) <= _INTEGRAL_TOLERANCE:
        raise raw.error(relative, f"expected a spectrum of integral 1, found {integral:.6g}")
    head = [
        "# Solar 8B neutrino spectrum: energy in MeV, probability density per MeV.",
        f"# {paper}: {origin}.",
        "# Licence: none stated with the table; see REFERENCE.",
        "energy_mev,density_per_mev",
    ]
    return "\n".join([*head, *(f"{energy!r},{density!r}" for energy, density in points), ""])


def _fluxes(raw: RawFolder) -> str:
    """Return the TOML table of total 8B fluxes, one table of numbers per model."""
    relative = "total_fluxes.csv"
    text = raw.read_text(relative, group=relative)
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    try:
        boron8 = {row["model"]: float(row["8B"]) for row in rows}
        entries = [
            _entry(model.replace("_", "-"), flux, boron8[f"{model}_fracerr"], reference)
            for prefix, reference in MODELS.items()
            for model, flux in boron8.items()
            if model.startswith(prefix) and not model.endswith("_fracerr")
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise raw.error(
            relative, f"expected 'model' and '8B' columns with '_fracerr' rows ({error})"
        ) from None
    if "B16_GS98" not in boron8 or not all(0 < value < math.inf for value in boron8.values()):
        raise raw.error(relative, "expected positive fluxes, among them B16_GS98")
    entries.append(_entry("SNO", SNO_FLUX, round(SNO_ERROR / SNO_FLUX, 4), SNO_REFERENCE))
    head = "# Total solar 8B neutrino flux at 1 AU, all flavours, and its standard deviation.\n"
    return head + "".join(entries)


def _entry(name: str, flux: float, uncertainty: float, reference: str) -> str:
    return (
        f"\n# {reference}\n[{name}]\n"
        f"boron8_per_cm2_s = {flux!r}\nboron8_relative_uncertainty = {uncertainty!r}\n"
    )
