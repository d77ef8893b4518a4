"""The low-energy electronic recoils of PandaX-4T's Run1 as one table of 29 bins of 1 keV."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from bayes_cevns.detectors import GaussianResolution
from bayes_cevns.releases.columns import read_rows
from bayes_cevns.releases.electronic_recoils import (
    Array,
    RecoilRun,
    netcdf,
    points_kev,
    tritium_spectrum,
    true_energy_response,
)
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

FOLDER: Final = "lz_pandax_digitised"
TITLE: Final = "PandaX-4T low-energy electronic recoils, Run1"
PAPER: Final = "arXiv:2408.07641"
ORIGIN: Final = "from https://github.com/SNuDD/SNuDD, snudd/data/exps"

#: Share of Run1 in the 1.54 t yr of arXiv:2408.00664 and arXiv:2408.07641; from memory, see
#: `REFERENCE`.
EXPOSURE_TONNE_YEAR: Final = 1.00
#: Bins 0-1, ..., 29-30 keV of the paper, of which the first is left out: see `REFERENCE`.
RELEASED_EDGES_KEV: Final = np.arange(0.0, 31.0)
EDGES_KEV: Final = RELEASED_EDGES_KEV[1:]
#: sigma in keV as a polynomial of the energy in keV: arXiv:2206.02339.
RESOLUTION: Final = (0.073, 0.173, -6.5e-3, 1.1e-4)
#: Above this energy the efficiency falls by a cut on the size of the signals.
PLATEAU_KEV: Final = 20.0
_NOTES: Final = {"title": TITLE, "paper": PAPER}
#: Largest difference of a digitised count from a whole number.
_ROUNDING: Final = 0.1

REFERENCE: Final = f"""\
{TITLE}

Source
  Histogram, best-fit background and efficiency of Run1 in {PAPER} (PandaX-4T, Exploring New Physics
  with PandaX-4T Low Energy Electronic Recoil Data; that it is this paper follows from the
  content), digitised in https://github.com/SNuDD/SNuDD, snudd/data/exps/pandaX/ER2024, commit
  11622ded104994959a649d85e263c2d9f933ea74. Licence of that repository: GPL-3.0.

What was derived, and how (bayes_cevns.releases.pandax4t_er)
  observed    run1_evts.csv, rounded to whole counts, in 29 bins of 1 keV from 1 to 30 keV. The
              bin from 0 to 1 keV is left out: no events and 0.8 expected, less than a Gaussian
              resolution puts there, which does not hold at threshold.
  published_background
              run1_bkg.csv, the total best fit, counts a bin. It holds solar neutrinos.
  exposure    1.00 t yr of the 1.54 t yr of Run0 and Run1. The total is in the abstracts; the share
              of Run1 is given from memory and was not checked against the papers' text.
  response    efficiency_ER_run1.csv is taken as the probability that a recoil of a true energy is
              in any bin. Above 20 keV, where it falls (half at 28.6 keV, while the best-fit
              background stays flat up to 30 keV, so that the cut is not on the energy of this
              histogram or is not in it), its plateau is used. Spread by a Gaussian of sigma =
              0.073 + 0.173 E - 6.5e-3 E^2 + 1.1e-4 E^3 (keV), which PandaX-4T gives for Run0
              (arXiv:2206.02339).
  solar       expected pp, 7Be, pep and CNO neutrinos of the Standard Model through `response`:
              fluxes of B16-GS98, LMA survival, free electrons above their binding energies.
  tritium     beta spectrum of tritium (end point 18.6 keV) through `response`, its size fitted to
              the published background beside a continuum linear in energy.
  background  published_background less solar and tritium, at seven slopes: +-5% at the ends of
              the range for one standard deviation (`tilt`).
  inputs.toml, and the attribute input_sha256 of response.nc, identify the raw files.

Left out: Run0 (arXiv:2206.02339)
  Its counts and the totals of its backgrounds are public, but no efficiency curve and no
  background per bin. Run1 has other selections (its efficiency reaches 0.93, that of Run0 0.81),
  and for the joint analysis both runs were processed anew (arXiv:2408.00664), so that the old
  counts do not belong to the new exposure. A Run0 with the efficiency of Run1 would be a guess
  exactly where a magnetic moment shows, at threshold.

Check values
  1431 events; published background 1438. Solar neutrinos 79, tritium 100.
"""


def build(releases_dir: Path) -> Product:
    """Build ``response.nc`` and its reference from the raw release.

    Raises
    ------
    DataError
        If an input is missing or damaged, or the solar neutrinos exceed the background.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    resolution = GaussianResolution(sigma_kev)
    curve = _table(raw, "efficiency_ER_run1.csv", "energy, efficiency")
    response = true_energy_response(RELEASED_EDGES_KEV, resolution, curve, last_kev=PLATEAU_KEV)
    run = RecoilRun(
        name="run1",
        exposure_tonne_year=EXPOSURE_TONNE_YEAR,
        edges_kev=EDGES_KEV,
        observed=_observed(raw)[1:],
        published=_histogram(raw, "run1_bkg.csv")[1:],
        response=response[:, 1:],
    )
    tritium = run.fold(tritium_spectrum(points_kev()))
    inputs = raw.digests()
    table = netcdf([replace(run, shapes={"tritium": tritium / tritium.sum()})], _NOTES, inputs)
    return Product(files={"response.nc": table, "REFERENCE": REFERENCE.encode()}, inputs=inputs)


def sigma_kev(energy_kev: Array) -> Array:
    """Return the energy resolution in keV, shape of `energy_kev`."""
    return np.asarray(np.polynomial.polynomial.polyval(energy_kev, RESOLUTION))


def _table(raw: RawFolder, file: str, what: str) -> Array:
    relative = f"pandaX/ER2024/{file}"
    return np.array(read_rows(raw, relative, columns=2, what=what, skip=1))


def _histogram(raw: RawFolder, file: str) -> Array:
    centre, counts = _table(raw, file, "energy, counts").T
    middle = 0.5 * (RELEASED_EDGES_KEV[:-1] + RELEASED_EDGES_KEV[1:])
    if centre.shape != middle.shape or not np.allclose(centre, middle):
        raise raw.error(f"pandaX/ER2024/{file}", "expected the 30 bins of 1 keV from 0 to 30 keV")
    return np.asarray(counts)


def _observed(raw: RawFolder) -> Array:
    """Return the digitised counts as the whole numbers that they were."""
    file = "run1_evts.csv"
    digitised = _histogram(raw, file)
    counts = np.round(digitised)
    if np.abs(digitised - counts).max() > _ROUNDING:
        raise raw.error(f"pandaX/ER2024/{file}", "expected nearly whole counts")
    return np.asarray(counts)
