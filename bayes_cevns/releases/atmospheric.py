"""Atmospheric neutrinos per flavour, and the diffuse supernova background."""

from __future__ import annotations

from pathlib import Path

from bayes_cevns.releases.columns import Rows, check_integral, csv_text, integral, read_rows
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

FOLDER = "theory/atm_dsnb"
ORIGIN = "from the sources in data/atmospheric/REFERENCE"

FLUKA = "Battistoni et al., Astropart. Phys. 23 (2005) 526, doi:10.1016/j.astropartphys.2005.03.006"
FOG = "O'Hare, Phys. Rev. Lett. 127 (2021) 251802, arXiv:2109.03116"
BEACOM = "Beacom, Annu. Rev. Nucl. Part. Sci. 60 (2010) 439, arXiv:1004.3311"

#: File that we write -> (raw file, site, total flux of the raw table in 1/(cm2 s)).
SITES = {
    "fluka_gran_sasso.csv": ("atm_fluka_lngs.csv", "Gran Sasso", 10.55),
    "fluka_kamioka.csv": ("atm_fluka_kamioka.csv", "Kamioka", 7.345),
}
FLAVOURS = ("nu_e", "anti_nu_e", "nu_mu", "anti_nu_mu")
_TOLERANCE = 0.005

DSNB = "dsnb_normalised_neutrinofog.csv"
#: Total flux of all flavours that belongs to the normalised table.
DSNB_TOTAL_PER_CM2_S = 85.7

REFERENCE = f"""\
Atmospheric neutrinos and the diffuse supernova background

Sources
  fluka_gran_sasso.csv  {FLUKA}:
  fluka_kamioka.csv     the FLUKA fluxes integrated over angles. Gran Sasso: read in
                        github.com/cajohare/NeutrinoFog (MIT), where the table was resampled
                        linearly onto 1000 energies. Kamioka: read in github.com/SNuDD/SNuDD.
  dsnb.csv              {FOG}
                        (github.com/cajohare/NeutrinoFog, MIT): three thermal spectra of 3, 5
                        and 8 MeV as in {BEACOM}.

Licence
  Numbers as published in the papers, which are to be cited. SNuDD is a program under GPL-3:
  nothing but the published numbers was taken of it.

What was derived, and how (bayes_cevns.releases.atmospheric)
  Atmospheric: energy in MeV and differential flux in 1/(cm2 s MeV) per flavour, integrated over
  the whole sky, as produced (without oscillation), values unchanged. Uncertainty about 25%. The
  tables end at 982 MeV (Gran Sasso) and 944 MeV (Kamioka): there is nothing above, which hardly
  matters for nuclear recoils, as the form factor cuts them. Kamioka: the unit was inferred from
  a comparison with Gran Sasso.
  Diffuse supernova background: energy in MeV and differential flux of all six flavours
  together, the normalised table times {DSNB_TOTAL_PER_CM2_S} 1/(cm2 s). Uncertainty about 50%.
  The table does not resolve flavours: the package divides it equally among the six.

  The builder reads atm_fluka_lngs.csv, atm_fluka_kamioka.csv (rows that begin with energy, nu_e,
  anti_nu_e, nu_mu, anti_nu_mu) and {DSNB} (energy, density) below
  theory/atm_dsnb; inputs.toml has their digests.

Check values
  Gran Sasso 1.841, 1.653, 3.522, 3.530 for nu_e, anti_nu_e, nu_mu, anti_nu_mu, in total
  10.55 1/(cm2 s); Kamioka in total 7.345 1/(cm2 s). nu_mu / nu_e is 1.7 to 2.1, as in a
  chain pi -> mu -> e.
  Diffuse supernova background {DSNB_TOTAL_PER_CM2_S} 1/(cm2 s).
"""


def build(releases_dir: Path) -> Product:
    """Build the fluxes from the raw copies of the published tables.

    Raises
    ------
    DataError
        If an input is missing, damaged, or has another total flux than recorded.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    files = {name: _site(raw, *source).encode() for name, source in SITES.items()}
    files["dsnb.csv"] = _supernovae(raw).encode()
    files["REFERENCE"] = REFERENCE.encode()
    return Product(files=files, inputs=raw.digests())


def _site(raw: RawFolder, relative: str, site: str, total: float) -> str:
    rows = read_rows(raw, relative, columns=5, what="energy, " + ", ".join(FLAVOURS))
    found = sum(integral(rows, column=index) for index in range(1, 5))
    check_integral(
        raw, relative, found, expected=total, tolerance=_TOLERANCE, what="the flux of all flavours"
    )
    comments = [
        f"Atmospheric neutrinos at {site}, all directions, without oscillation: energy in MeV,",
        f"flux in 1/(cm2 s MeV). {FLUKA}; see REFERENCE.",
    ]
    return csv_text(comments, ["energy_mev", *FLAVOURS], rows)


def _supernovae(raw: RawFolder) -> str:
    rows = read_rows(raw, DSNB, columns=2, what="energy, density")
    total = integral(rows)
    check_integral(raw, DSNB, total, expected=1, tolerance=1e-3, what="a spectrum")
    scaled: Rows = [
        (energy, float(f"{density * DSNB_TOTAL_PER_CM2_S / total:.6g}")) for energy, density in rows
    ]
    comments = [
        "Diffuse supernova background, all six flavours together: energy in MeV, flux in",
        f"1/(cm2 s MeV). {FOG}; see REFERENCE.",
    ]
    return csv_text(comments, ["energy_mev", "flux_per_cm2_s_mev"], scaled)
