"""Atmospheric neutrinos per flavour, and the diffuse supernova background."""

from __future__ import annotations

from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import Rows, check_integral, integral, read_rows

RAW = RawRelease("theory/atm_dsnb", "from the sources in data/atmospheric/REFERENCE")

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


@builder(RAW)
def build(raw: RawFolder) -> Files:
    """Build the fluxes from the raw copies of the published tables."""
    sites = {name: _site(raw, *source) for name, source in SITES.items()}
    return {**sites, "dsnb.csv": _supernovae(raw)}


def _site(raw: RawFolder, relative: str, site: str, total: float) -> str:
    rows = read_rows(raw, relative, "energy, " + ", ".join(FLAVOURS))
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
    rows = read_rows(raw, DSNB, "energy, density")
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
